//! `crossdock filter push`: puts a component into a registry, as an artifact that others read too.

use super::flags::PushArguments;
use super::stopped::Stopped;
use super::subject;
use crate::cli::given;
use crate::cli::setting::Setting;
use crate::components::{Artifact, Style};
use crate::filter::{COMPONENT_BYTES_MAX, Component};
use crate::oci::{At, Digest, Reference, Repository};
use crate::report::Exit;
use crate::report::escape::foreign;
use crate::spec::Spec;
use crate::store::Reach as _;
use crate::stores::WriteStores;
use crate::transfer::Shared;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Pushes a component that keeps to the contract, and prints the lines for the spec.
pub(super) async fn push(setting: &Setting, arguments: PushArguments) -> Exit {
    pushed(setting, arguments).await.unwrap_or_else(|stopped| stopped.end(setting))
}

async fn pushed(setting: &Setting, arguments: PushArguments) -> Result<Exit, Stopped> {
    let PushArguments { file, reference, compat, annotations } = arguments;
    let target = target(&reference)?;
    let annotations = distinct(annotations)?;
    let spec = spec(setting)?;
    setting.start_deadline()?;
    let name = file.display().to_string();
    let hint = format!("a component has at most {} MiB", COMPONENT_BYTES_MAX >> 20);
    let bytes = subject::read(&file, COMPONENT_BYTES_MAX, "the component", &hint)?;
    let (component, bytes) = subject::blocking(setting, move || {
        Component::new(&name, &bytes, None).map(|component| (component, bytes))
    })
    .await??;
    let inspection = component.inspection();
    let style = if compat { Style::Compatible } else { Style::Wasm };
    let artifact = Artifact::new(bytes, inspection, style, &annotations, target.repository.clone())?;
    let stores = WriteStores::new(spec.as_ref(), setting.credential_places());
    let said = put(setting, &artifact, &target, &stores).await?;
    setting.screen.line(&foreign(&said));
    setting.print(&lines(&target, &artifact.manifest.digest, &inspection.digest));
    Ok(Exit::Ok)
}

/// Where it goes; `oci://` may stand in front, as it does in a spec.
fn target(text: &str) -> Result<Reference, Stopped> {
    let refuse = |why: &str| Err(Stopped::invalid(format!("the reference {text}: {why}")));
    match text.strip_prefix("oci://").unwrap_or(text).parse::<Reference>() {
        Ok(Reference { digest: Some(_), .. }) => {
            refuse("the digest is what comes of pushing; name a tag instead")
        }
        Ok(Reference { repository: Repository::Local { .. }, .. }) => {
            refuse("a filter is pushed to a registry; write registry/repository:tag")
        }
        Ok(Reference { tag: None, .. }) => refuse("name a tag: registry/repository:tag"),
        Ok(target) => Ok(target),
        Err(why) => refuse(&why.to_string()),
    }
}

fn distinct(annotations: Vec<(String, String)>) -> Result<BTreeMap<String, String>, Stopped> {
    let mut distinct = BTreeMap::new();
    for (key, value) in annotations {
        if distinct.contains_key(&key) {
            return Err(Stopped::invalid(format!("the annotation {key} is given twice")));
        }
        distinct.insert(key, value);
    }
    Ok(distinct)
}

/// The spec that is named, for what it says about registries. Its filters may lack the very pins that
/// come of this.
fn spec(setting: &Setting) -> Result<Option<Spec>, Stopped> {
    if setting.spec_path().is_none() {
        return Ok(None);
    }
    let (path, text) = given::read(setting)?;
    Ok(Some(given::load_to_pin(setting, &path, &text)?.spec))
}

/// Puts the artifact where it is not yet, and tells what was done.
async fn put(
    setting: &Setting,
    artifact: &Artifact,
    target: &Reference,
    stores: &WriteStores,
) -> Result<String, Stopped> {
    let writer = setting.stop.or(stores.target(&target.repository)).await??;
    let manifest = &artifact.manifest;
    let before = match &target.tag {
        Some(tag) => setting.stop.or(writer.head(&At::Tag(tag.clone()))).await??,
        None => None,
    };
    let before = before.map(|head| head.digest);
    if before.as_ref() == Some(&manifest.digest) {
        return Ok(format!("{target} is this filter already; nothing was written"));
    }
    let shared = Shared::new(Arc::clone(&setting.meter), setting.stop.clone());
    shared.deposit(artifact, manifest, target.clone(), writer).await?;
    Ok(match before {
        None => format!("{target} is new"),
        Some(before) => format!("{target} was moved from {before}"),
    })
}

/// The lines of the spec that name and pin what was pushed.
fn lines(target: &Reference, manifest: &Digest, component: &Digest) -> String {
    format!("wasm: oci://{target}@{manifest}\nsha256: {}\n", component.hex())
}
