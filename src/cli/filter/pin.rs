//! `crossdock filter pin`: works out the digests of filters, and writes them into the spec.

use super::flags::PinArguments;
use super::stopped::Stopped;
use crate::cli::ending::replace_whole;
use crate::cli::given;
use crate::cli::setting::Setting;
use crate::components;
use crate::oci::{Digest, Reference};
use crate::report::Exit;
use crate::report::escape::foreign;
use crate::spec::{FilterDeclaration, FilterSource, Pin, Pinnable, Pinned, Spec};
use crate::stores::ReadStores;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Pins the filters of the spec, or those that are named.
pub(super) async fn pin(setting: &Setting, arguments: PinArguments) -> Exit {
    pinned(setting, arguments).await.unwrap_or_else(|stopped| stopped.end(setting))
}

async fn pinned(setting: &Setting, PinArguments { names, check }: PinArguments) -> Result<Exit, Stopped> {
    let (path, text) = given::read(setting)?;
    let pinnable = given::load_to_pin(setting, &path, &text)?;
    let names = chosen(&path, &pinnable.spec, names)?;
    setting.start_deadline()?;
    let stores = ReadStores::new(Some(&pinnable.spec), setting.credential_places());
    let pins = setting.stop.or(components::pins(&pinnable.spec, &names, &stores)).await??;
    let Pinned { text: written, changed } = pinnable
        .write(&text, &pins, &|name| setting.spec_variable(name))
        .map_err(|error| Stopped::invalid(format!("{}: {error}", path.display())))?;
    setting.print(&told(&pinnable, &pins, &changed, trust(check)));
    let (count, of) = (changed.len(), pins.len());
    let filters = if of == 1 { "filter" } else { "filters" };
    let path_shown = foreign(path.display().to_string());
    if changed.is_empty() {
        setting.print(&format!("{path_shown}: {of} {filters}, nothing to change.\n"));
        return Ok(Exit::Ok);
    }
    if check {
        setting.print(&format!(
            "{path_shown}: {count} of {of} {filters} to pin; `crossdock filter pin` does it.\n"
        ));
        return Ok(Exit::Drift);
    }
    replace(setting, &path, &text, &written)?;
    setting.print(&format!("{path_shown}: {count} of {of} {filters} pinned.\n"));
    Ok(Exit::Ok)
}

/// The filters that are meant: all of them, or those that are named.
fn chosen(path: &Path, spec: &Spec, names: Vec<String>) -> Result<BTreeSet<String>, Stopped> {
    let declared = || spec.filters.keys().cloned();
    if names.is_empty() {
        return Ok(declared().collect());
    }
    match names.iter().find(|name| !spec.filters.contains_key(*name)) {
        None => Ok(names.into_iter().collect()),
        Some(unknown) => {
            let known: Vec<String> = declared().collect();
            let known = match known.as_slice() {
                [] => "it declares none".to_owned(),
                known => format!("it declares {}", known.join(", ")),
            };
            Err(Stopped::invalid(format!("{} has no filter {unknown}; {known}", path.display())))
        }
    }
}

/// Writes the spec, unless somebody else did meanwhile.
fn replace(setting: &Setting, path: &Path, before: &str, after: &str) -> Result<(), Stopped> {
    if given::read(setting)?.1 != before {
        let path = path.display();
        return Err(Stopped::Unwritten(format!(
            "{path} was changed meanwhile, and is left alone: run again"
        )));
    }
    replace_whole(path, after.as_bytes())
        .map_err(|why| Stopped::Unwritten(format!("the spec {} cannot be written: {why}", path.display())))
}

/// What is said of what had no pin and comes from elsewhere.
fn trust(check: bool) -> &'static str {
    match check {
        true => "has no pin: what is there now would be trusted from then on",
        false => "had no pin: what is there now is trusted from here on",
    }
}

/// One line for each filter: what pins it, and what did before.
fn told(
    pinnable: &Pinnable,
    pins: &BTreeMap<String, Pin>,
    changed: &BTreeSet<String>,
    trust: &str,
) -> String {
    let mut text = String::new();
    for (name, pin) in pins {
        let Some(declaration) = pinnable.spec.filters.get(name) else { continue };
        let sign = match (changed.contains(name), &declaration.sha256) {
            (false, _) => '=',
            (true, None) => '+',
            (true, Some(_)) => '~',
        };
        text.push_str(&format!("{sign} {}  {}\n", foreign(name), digests(declaration, pin)));
        if is_trusted_now(declaration) && changed.contains(name) {
            let place = foreign(declaration.wasm.to_string());
            text.push_str(&format!("    {place} {trust}\n"));
        }
    }
    text
}

/// The digests, and in front of each what it replaces.
fn digests(declaration: &FilterDeclaration, pin: &Pin) -> String {
    let shown = |label: &str, before: Option<&Digest>, after: &Digest| match before {
        Some(before) if before != after => format!("{label} {} -> {}", before.hex(), after.hex()),
        _ => format!("{label} {}", after.hex()),
    };
    let component = shown("sha256", declaration.sha256.as_ref(), &pin.sha256);
    match (&declaration.wasm, &pin.manifest) {
        (FilterSource::Oci(Reference { digest, .. }), Some(manifest)) => {
            format!("{component}, {}", shown("manifest", digest.as_ref(), manifest))
        }
        _ => component,
    }
}

/// Whether nothing said until now what comes from there.
fn is_trusted_now(FilterDeclaration { wasm, sha256, .. }: &FilterDeclaration) -> bool {
    sha256.is_none()
        && match wasm {
            FilterSource::Path(_) => false,
            FilterSource::Https(_) => true,
            FilterSource::Oci(reference) => reference.digest.is_none(),
        }
}
