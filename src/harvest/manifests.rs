//! Objects of Kubernetes: pods, whatever has a template for them, lists of them, and resources of others as
//! far as they name images in shapes that are known.

use super::gathering::{Gathered, Sheet};
use super::migration;
use super::workload::{Container, Labels, Workload};
use crate::spec::{Part, PartKind};

/// Lists whose entries name an image: of pods, of Tekton and Argo, of the Operator Lifecycle Manager.
const LISTS: [&str; 6] =
    ["containers", "initContainers", "ephemeralContainers", "steps", "sidecars", "relatedImages"];
/// Mappings that name an image: of Argo and Tekton.
const MAPPINGS: [&str; 3] = ["container", "script", "stepTemplate"];
/// Lists of what runs in a pod.
const RUNNING: [&str; 3] = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"];
/// Where the labels are of what a workload makes.
const TEMPLATES: [&[&str]; 2] = [&["template"], &["jobTemplate", "spec", "template"]];

/// Reads a document that is an object, or a list of them; whether it is one.
pub(super) fn object(part: Part<'_>, sheet: &Sheet<'_>, gathered: &mut Gathered) -> bool {
    let (Some(kind), Some(version)) = (part.get("kind").text(), part.get("apiVersion").text()) else {
        return false;
    };
    of_kind(part, kind, version, sheet, gathered);
    true
}

fn of_kind(part: Part<'_>, kind: &str, version: &str, sheet: &Sheet<'_>, gathered: &mut Gathered) {
    let items = part.get("items");
    if let (Some(of), PartKind::List) = (kind.strip_suffix("List"), items.kind()) {
        for item in items.items() {
            // What a list of one kind has does not say again what it is.
            let kind = item.get("kind").text().unwrap_or(of);
            let version = item.get("apiVersion").text().unwrap_or(version);
            of_kind(item, kind, version, sheet, gathered);
        }
        return;
    }
    let group = version.split_once('/').map_or("", |(group, _)| group);
    match (group, kind) {
        // Its schema has keys that are called so, and no images.
        ("apiextensions.k8s.io", _) => {}
        ("kustomize.config.k8s.io", _) => {
            let message =
                "a kustomization is not built here: `kustomize build DIRECTORY | crossdock harvest files -`";
            gathered.left_out(sheet.at(part), message);
        }
        (migration::GROUP, _) => migration::read(part, version, sheet, gathered),
        _ => workload(part, kind, sheet, gathered),
    }
}

fn workload(part: Part<'_>, kind: &str, sheet: &Sheet<'_>, gathered: &mut Gathered) {
    let metadata = part.get("metadata");
    let of_templates = TEMPLATES.iter().map(|path| {
        path.iter().fold(part.get("spec"), |part, key| part.get(key)).get("metadata").get("labels")
    });
    let labels = std::iter::once(metadata.get("labels")).chain(of_templates).map(labels);
    let mut found = Vec::new();
    let mut path = Vec::new();
    for entry in part.entries().iter().filter(|entry| !["metadata", "status"].contains(&entry.key)) {
        path.push(entry.key);
        walk(entry.value, &mut path, sheet, &mut found, gathered);
        path.pop();
    }
    for container in &mut found {
        container.image_id = RUNNING.iter().find_map(|key| {
            let statuses = part.get("status").get(key).items();
            let of = statuses.into_iter().find(|of| of.get("name").text() == Some(&container.name))?;
            of.get("imageID").text().map(str::to_owned)
        });
    }
    if !found.is_empty() {
        gathered.workloads.push(Workload {
            kind: kind.to_owned(),
            namespace: metadata.get("namespace").text().map(str::to_owned),
            name: metadata.get("name").text().unwrap_or_default().to_owned(),
            labels: labels.filter(|labels| !labels.is_empty()).collect(),
            containers: found,
        });
    }
}

/// Labels that are texts.
pub(super) fn labels(part: Part<'_>) -> Labels {
    let pair = |entry: &crate::spec::Entry<'_>| Some((entry.key.to_owned(), entry.value.text()?.to_owned()));
    part.entries().iter().filter_map(pair).collect()
}

/// Looks for images below a value, which is at `path` in its object.
fn walk<'a>(
    part: Part<'a>,
    path: &mut Vec<&'a str>,
    sheet: &Sheet<'_>,
    found: &mut Vec<Container>,
    gathered: &mut Gathered,
) {
    for item in part.items() {
        walk(item, path, sheet, found, gathered);
    }
    for entry in part.entries() {
        let (key, value) = (entry.key, entry.value);
        if key == "image"
            && let Some(image) = image(value, path)
        {
            let name = part.get("name").text().unwrap_or_default();
            found.push(Container {
                name: name.to_owned(),
                image,
                image_id: None,
                site: Some(sheet.at(value)),
            });
        } else if key == "image" && value.kind() == PartKind::Text {
            let message = format!("`image` at `{}` is in no shape that is known", path.join("."));
            gathered.left_out(sheet.at(value), message);
        } else {
            path.push(key);
            walk(value, path, sheet, found, gathered);
            path.pop();
        }
    }
}

/// The image that the value of a key `image` names, where what it is in has a shape that is known.
fn image(value: Part<'_>, path: &[&str]) -> Option<String> {
    let parent = path.last().copied().unwrap_or_default();
    let is_known = LISTS.contains(&parent) || MAPPINGS.contains(&parent) || *path == ["spec"];
    match value.kind() {
        PartKind::Text if is_known => value.text().map(str::to_owned),
        // An image as a volume.
        PartKind::Mapping if parent == "volumes" => value.get("reference").text().map(str::to_owned),
        PartKind::Mapping => parts(value),
        _ => None,
    }
}

/// An image in its parts, as values of charts have it.
fn parts(value: Part<'_>) -> Option<String> {
    let text = |key: &str| value.get(key).text().filter(|text| !text.is_empty());
    let mut image = text("repository")?.to_owned();
    if let Some(registry) = text("registry") {
        image = format!("{registry}/{image}");
    }
    if let Some(tag) = text("tag") {
        image = format!("{image}:{tag}");
    }
    if let Some(digest) = text("digest") {
        image = format!("{image}@{digest}");
    }
    Some(image)
}
