//! Filters that are ready to decide: fetched, compiled once for all who name the same bytes, and
//! prepared with their configurations.

use super::fetch::{at, fetch};
use super::{Fetched, LoadError, pin, pull};
use crate::filter::{Cache, Component, Fault, Filter, FilterError, Limits};
use crate::oci::Digest;
use crate::spec::{FilterDeclaration, FilterLimits, FilterSource, Pin, Spec};
use crate::store::Download;
use futures::future::{BoxFuture, FutureExt as _};
use futures::{StreamExt as _, stream};
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

/// The filters that some rules name, by name.
pub type Filters = BTreeMap<String, Filter>;

/// Filters that are fetched at once: each is held in memory meanwhile.
const FETCHES_AT_ONCE: usize = 4;

/// Components by digest. Locked while one is compiled: the compiler takes every core by itself, and
/// up to 355 MiB.
type Compiled = Mutex<BTreeMap<Digest, Result<Component, Box<FilterError>>>>;

/// What is done for a name.
type Named<'a, T> = (&'a String, BoxFuture<'a, Result<T, LoadError>>);

/// Fetches, compiles and prepares the filters that are in `names`, all at once. The same bytes are
/// compiled once, however many filters they are.
///
/// # Errors
/// As [`fetch`]; or one does not keep to the contract, or refuses its configuration. Of several
/// errors, that of the first name.
pub async fn load(
    spec: &Spec,
    names: &BTreeSet<String>,
    stores: &dyn Download,
    cache: Option<&Cache>,
) -> Result<Filters, LoadError> {
    let compiled = Compiled::default();
    let mut loading = Vec::new();
    for name in names {
        loading.push((name, one(spec, name, stores, cache, &compiled).boxed()));
    }
    all(loading).await
}

/// The digests of the filters in `names`, without compiling any. A file is read; of what is
/// elsewhere its pin tells, and where there is only the digest of a manifest, that manifest.
///
/// # Errors
/// As [`fetch`].
pub async fn digests(
    spec: &Spec,
    names: &BTreeSet<String>,
    stores: &dyn Download,
) -> Result<BTreeMap<String, Digest>, LoadError> {
    let mut looking = Vec::new();
    for name in names {
        looking.push((name, digest(spec, name, stores).boxed()));
    }
    all(looking).await
}

/// What would pin the filters in `names`, as [`pin`] tells of one.
///
/// # Errors
/// As [`pin`].
pub async fn pins(
    spec: &Spec,
    names: &BTreeSet<String>,
    stores: &dyn Download,
) -> Result<BTreeMap<String, Pin>, LoadError> {
    let mut looking = Vec::new();
    for name in names {
        looking.push((name, async move { pin(name, declared(spec, name)?, stores).await }.boxed()));
    }
    all(looking).await
}

/// Works for several names at once; of the errors, that of the first name is told.
async fn all<T>(work: Vec<Named<'_, T>>) -> Result<BTreeMap<String, T>, LoadError> {
    let mut working = Vec::new();
    for (name, work) in work {
        working.push(async move { (name.clone(), work.await) }.boxed());
    }
    let done: BTreeMap<_, _> = stream::iter(working).buffer_unordered(FETCHES_AT_ONCE).collect().await;
    done.into_iter().map(|(name, done)| Ok((name, done?))).collect()
}

async fn one(
    spec: &Spec,
    name: &str,
    stores: &dyn Download,
    cache: Option<&Cache>,
    compiled: &Compiled,
) -> Result<Filter, LoadError> {
    let declaration = declared(spec, name)?;
    let Fetched { bytes, digest, .. } = fetch(name, declaration, stores).await?;
    let component = compile(name, bytes, digest, cache, compiled).await?;
    let (config, limits) = (declaration.config.clone(), limits(declaration.limits));
    Ok(blocking(name, move || Filter::new(&component, &config, limits)).await?)
}

async fn digest(spec: &Spec, name: &str, stores: &dyn Download) -> Result<Digest, LoadError> {
    let declaration = declared(spec, name)?;
    match (&declaration.wasm, &declaration.sha256) {
        (FilterSource::Https(_) | FilterSource::Oci(_), Some(pin)) => return Ok(pin.clone()),
        (FilterSource::Oci(reference), None) => {
            let layer = pull::find(name, reference, &at(name, reference)?, stores).await?.layer.digest;
            if layer.algorithm() == "sha256" {
                return Ok(layer);
            }
        }
        _ => {}
    }
    Ok(fetch(name, declaration, stores).await?.digest)
}

fn declared<'a>(spec: &'a Spec, name: &str) -> Result<&'a FilterDeclaration, LoadError> {
    spec.filters.get(name).ok_or_else(|| {
        LoadError::source(name, "the spec does not declare it".to_owned(), "declare it under `filters`")
    })
}

/// Compiles the bytes, unless the same bytes were compiled before.
async fn compile(
    name: &str,
    bytes: Vec<u8>,
    digest: Digest,
    cache: Option<&Cache>,
    compiled: &Compiled,
) -> Result<Component, Box<FilterError>> {
    let mut compiled = compiled.lock().await;
    if let Some(known) = compiled.get(&digest) {
        return match known {
            Ok(component) => Ok(component.named(name)),
            Err(error) => Err(Box::new(FilterError { filter: name.to_owned(), ..(**error).clone() })),
        };
    }
    let (called, cache) = (name.to_owned(), cache.cloned());
    let component = blocking(name, move || Component::new(&called, &bytes, cache.as_ref())).await;
    compiled.insert(digest, component.clone());
    component
}

/// Runs what blocks; a panic in it is a mistake of ours.
async fn blocking<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> Result<T, Box<FilterError>> + Send + 'static,
) -> Result<T, Box<FilterError>> {
    spawn_blocking(work).await.unwrap_or_else(|_| {
        Err(Box::new(FilterError {
            filter: name.to_owned(),
            fault: Fault::Internal,
            message: "work on it ended in a mistake of ours".to_owned(),
            hint: Some("please report this, with the message that was printed".to_owned()),
            blamed: None,
            log: Vec::new(),
        }))
    })
}

fn limits(FilterLimits { memory_mib, fuel_per_image }: FilterLimits) -> Limits {
    Limits { memory_bytes_max: u64::from(memory_mib) << 20, fuel_for_an_image: u64::from(fuel_per_image) }
}

#[cfg(test)]
mod tests {
    use super::*;
    fn sendable<T: Send>(_: T) {}
    #[expect(dead_code, reason = "it is enough that it compiles")]
    fn both_can_be_spawned(spec: &Spec, names: &BTreeSet<String>, stores: &dyn Download) {
        sendable(load(spec, names, stores, None));
        sendable(digests(spec, names, stores));
    }
}
