//! Objects of a cluster, as far as they name images.

use super::kinds::{KINDS, Kind, POD};
use crate::harvest::{Container, Labels, Workload};
use serde::Deserialize;

/// Phases of pods that run no more.
const ENDED: [&str; 2] = ["Succeeded", "Failed"];

/// A page of a list.
#[derive(Deserialize)]
pub(super) struct Page {
    #[serde(default)]
    pub(super) metadata: PageMeta,
    pub(super) items: Option<Vec<Object>>,
}

#[derive(Deserialize, Default)]
pub(super) struct PageMeta {
    /// What the next page is asked for by.
    #[serde(rename = "continue")]
    pub(super) next: Option<String>,
}

/// A pod, or what makes pods.
#[derive(Deserialize)]
pub(super) struct Object {
    #[serde(default)]
    metadata: Meta,
    #[serde(default)]
    spec: Spec,
    #[serde(default)]
    status: Running,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Meta {
    name: String,
    namespace: Option<String>,
    labels: Option<Labels>,
    owner_references: Option<Vec<Owner>>,
}

#[derive(Deserialize)]
struct Owner {
    #[serde(default)]
    kind: String,
    controller: Option<bool>,
}

/// What is wanted, of a pod or of what makes them.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    containers: Option<Vec<Named>>,
    init_containers: Option<Vec<Named>>,
    ephemeral_containers: Option<Vec<Named>>,
    volumes: Option<Vec<Volume>>,
    template: Option<Box<Template>>,
    job_template: Option<Box<Template>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Template {
    metadata: Meta,
    spec: Spec,
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    name: String,
    image: Option<String>,
}

#[derive(Deserialize)]
struct Volume {
    #[serde(default)]
    name: String,
    image: Option<VolumeImage>,
}

#[derive(Deserialize)]
struct VolumeImage {
    reference: Option<String>,
}

/// What runs.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Running {
    phase: Option<String>,
    container_statuses: Option<Vec<RunningContainer>>,
    init_container_statuses: Option<Vec<RunningContainer>>,
    ephemeral_container_statuses: Option<Vec<RunningContainer>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RunningContainer {
    #[serde(default)]
    name: String,
    #[serde(rename = "imageID")]
    image_id: Option<String>,
}

impl Object {
    /// The workload that it is. None for pods that have ended, and for what was made by a workload that is
    /// listed itself: it has the images of today or of the past, and those of today are known.
    pub(super) fn workload(self, kind: &Kind) -> Option<Workload> {
        let Self { metadata, spec, status } = self;
        let owners = metadata.owner_references.iter().flatten();
        let is_listed = |owner: &Owner| {
            owner.controller == Some(true) && KINDS.iter().any(|kind| kind.name == owner.kind)
        };
        let is_made = kind.name != POD && owners.clone().any(is_listed);
        let is_over = status.phase.as_deref().is_some_and(|phase| ENDED.contains(&phase));
        if is_made || is_over {
            return None;
        }
        let mut labels: Vec<Labels> = metadata.labels.into_iter().collect();
        let mut containers = Vec::new();
        spec.collect(&mut labels, &mut containers);
        let running =
            [status.container_statuses, status.init_container_statuses, status.ephemeral_container_statuses];
        for RunningContainer { name, image_id } in running.into_iter().flatten().flatten() {
            if let Some(container) = containers.iter_mut().find(|container| container.name == name) {
                container.image_id = image_id;
            }
        }
        let Meta { name, namespace, .. } = metadata;
        let kind = kind.name.to_owned();
        (!containers.is_empty()).then_some(Workload { kind, namespace, name, labels, containers })
    }
}

impl Spec {
    fn collect(self, labels: &mut Vec<Labels>, found: &mut Vec<Container>) {
        let Self { containers, init_containers, ephemeral_containers, volumes, template, job_template } =
            self;
        for Named { name, image } in
            [containers, init_containers, ephemeral_containers].into_iter().flatten().flatten()
        {
            // The cluster puts it in when a pod is made.
            let Some(image) = image.filter(|image| !image.is_empty()) else { continue };
            found.push(Container { name, image, ..Container::default() });
        }
        for Volume { name, image } in volumes.into_iter().flatten() {
            if let Some(image) = image.and_then(|image| image.reference) {
                found.push(Container { name: format!("volume {name}"), image, ..Container::default() });
            }
        }
        for Template { metadata, spec } in [template, job_template].into_iter().flatten().map(|it| *it) {
            labels.extend(metadata.labels);
            spec.collect(labels, found);
        }
    }
}
