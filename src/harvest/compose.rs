//! Compose files: the images of services. What a service builds is told, and so is what a variable leaves
//! open.

use super::dockerfile;
use super::gathering::{Gathered, Sheet};
use super::interpolation::{Escape, interpolate};
use super::workload::{Container, Workload};
use crate::spec::{Entry, Part, PartKind};

/// How an image is named among the contexts of a build.
const CONTEXT: &str = "docker-image://";

/// Reads a document that is a compose file; whether it is one.
pub(super) fn compose(root: Part<'_>, sheet: &Sheet<'_>, gathered: &mut Gathered) -> bool {
    let services = root.get("services");
    let entries = services.entries();
    if entries.is_empty() || entries.iter().any(|entry| entry.value.kind() != PartKind::Mapping) {
        return false;
    }
    for entry in root.entries().iter().filter(|entry| entry.key == "include") {
        let message = "files that are included are not read: name them, too";
        gathered.left_out(sheet.site(entry.place), message);
    }
    for entry in &entries {
        let containers = service(entry, services, sheet, gathered);
        if !containers.is_empty() {
            let (kind, name) = ("service".to_owned(), entry.key.to_owned());
            gathered.workloads.push(Workload { kind, name, containers, ..Workload::default() });
        }
    }
    true
}

fn service(
    entry: &Entry<'_>,
    services: Part<'_>,
    sheet: &Sheet<'_>,
    gathered: &mut Gathered,
) -> Vec<Container> {
    let (name, service) = (entry.key, entry.value);
    let mut found = Vec::new();
    let build = service.get("build");
    let is_built = build.kind() != PartKind::Nothing;
    let image = service.get("image");
    if let Some(text) = image.text() {
        let known = said(text, image, sheet, gathered);
        if is_built && known.is_some() {
            let message = format!("`{text}` is built by the service `{name}`: it has to be in its registry");
            gathered.changed(sheet.at(image), message);
        }
        let site = Some(sheet.at(image));
        let container = |image| Container { image, site: site.clone(), ..Container::default() };
        found.extend(known.map(container));
    } else if is_built {
        gathered
            .left_out(sheet.site(entry.place), format!("the service `{name}` is built, and has no image"));
    } else if service.get("extends").kind() == PartKind::Nothing {
        gathered.left_out(sheet.site(entry.place), format!("the service `{name}` has no image"));
    } else {
        extended(entry, services, sheet, gathered);
    }
    for context in build.get("additional_contexts").entries() {
        let image = context.value.text().and_then(|text| text.strip_prefix(CONTEXT));
        if let Some(image) = image.and_then(|text| said(text, context.value, sheet, gathered)) {
            let site = Some(sheet.at(context.value));
            found.push(Container { name: "build".to_owned(), image, site, ..Container::default() });
        }
    }
    let inline = build.get("dockerfile_inline");
    if let Some(text) = inline.text() {
        // Lines of a text in YAML have no places of their own.
        let at = |_| sheet.at(inline);
        let given = |name: &str| build.get("args").get(name).text().map(str::to_owned);
        for workload in dockerfile::read(text, &given, &at, gathered) {
            let built = workload.containers.into_iter();
            found.extend(built.map(|container| Container { name: workload.kind.clone(), ..container }));
        }
    }
    found
}

/// A service that has what another one has. One of the same file is found there.
fn extended(entry: &Entry<'_>, services: Part<'_>, sheet: &Sheet<'_>, gathered: &mut Gathered) {
    let extends = entry.value.get("extends");
    let of = extends.get("service").text().or(extends.text()).unwrap_or_default();
    if let Some(file) = extends.get("file").text() {
        let message =
            format!("the service `{}` has the image of `{of}` in {file}: name that file, too", entry.key);
        gathered.left_out(sheet.at(extends), message);
    } else if services.get(of).kind() == PartKind::Nothing {
        let message = format!("the service `{}` extends `{of}`, which is not there", entry.key);
        gathered.left_out(sheet.at(extends), message);
    }
}

/// A text with its variables put in; none, and a note, where one of them is not known.
fn said(text: &str, part: Part<'_>, sheet: &Sheet<'_>, gathered: &mut Gathered) -> Option<String> {
    match interpolate(text, Escape::Doubled, &|name| sheet.sources.ambient(name)) {
        Ok(text) => Some(text),
        Err(missing) => {
            let message = format!("the image `{text}`: {}", missing.words());
            gathered.left_out(sheet.at(part), message);
            None
        }
    }
}
