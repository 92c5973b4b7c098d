//! `manifest.json` for `docker load`: which members are the config and the layers of each image. No I/O.

use super::partial::member_of;
use crate::oci::{Descriptor, Digest, MediaType, Object, is_of_referrers};
use crate::store::layout::entry::Name;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// What configs of images are, and not of other artifacts.
const CONFIGS: [&str; 2] =
    ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

#[derive(Deserialize)]
struct Image {
    config: Object<Descriptor>,
    layers: Vec<Object<Descriptor>>,
}

/// Images by the digests of their manifests: their names, and the bytes of the manifest.
pub(super) type Images = BTreeMap<Digest, (Vec<Name>, Vec<u8>)>;

/// Whether a tag with this manifest is one that `docker load` is told of.
pub(super) fn is_loaded(name: &Name, media_type: &MediaType) -> bool {
    media_type.is_manifest() && !media_type.is_index() && !is_of_referrers(&name.tag)
}

/// The document for images with their names, by their manifests; what is no image is left out.
pub(super) fn document(images: &Images) -> String {
    let entries: Vec<_> = images.values().filter_map(|(names, manifest)| entry(names, manifest)).collect();
    json!(entries).to_string()
}

fn entry(names: &[Name], manifest: &[u8]) -> Option<serde_json::Value> {
    let Object(Image { config: Object(config), layers }) = serde_json::from_slice(manifest).ok()?;
    if !CONFIGS.contains(&config.media_type.as_str()) {
        return None;
    }
    let layers: Vec<String> = layers.iter().map(|Object(layer)| member_of(&layer.digest)).collect();
    // A bare tag names nothing to docker.
    let names = names.iter().filter(|name| name.repository.is_some());
    let tags: Vec<String> = names.map(Name::text).collect();
    Some(json!({ "Config": member_of(&config.digest), "RepoTags": tags, "Layers": layers }))
}
