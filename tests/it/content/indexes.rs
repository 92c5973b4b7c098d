//! Indexes: in indexes, of attestations, of artifacts, and of what is no manifest at all.

use super::{INDEX, artifacts, image};
use crate::bed::images::{Blob, Format, Image, Layer, Manifest, attestation, index, one_platform};
use serde_json::{Value, json};

/// An index in an index in an index, with an image on each level.
pub fn nested() -> Image {
    let inner = index(Format::Oci, &[one_platform(31, Format::Oci)]);
    let middle = index(Format::Oci, &[inner, one_platform(32, Format::Docker)]);
    index(Format::Oci, &[one_platform(33, Format::Oci), middle])
}

/// What BuildKit writes: two platforms, and what it says about each in-toto, with the platform
/// unknown/unknown.
pub fn attested() -> Image {
    let parts: Vec<Image> = [41, 42].map(|seed| one_platform(seed, Format::Oci)).to_vec();
    let about: Vec<Image> = parts.iter().map(attestation).collect();
    index(Format::Oci, &[parts, about].concat())
}

/// An image with a bill of materials beside it in one index, which says its own type.
pub fn with_artifact() -> Image {
    let mut bill = artifacts::typed();
    bill.manifests[0].annotations.insert("org.example.kind".to_owned(), "sbom".to_owned());
    let both = index(Format::Oci, &[one_platform(51, Format::Oci), one_platform(52, Format::Docker), bill]);
    let mut document = both.root().document();
    document["artifactType"] = json!("application/vnd.example.bundle");
    replace_root(both, &document)
}

/// What BuildKit keeps of its cache: an index that lists layers, and a config, which are blobs.
pub fn cache() -> Image {
    let layers = [Layer::files(61, 300).blob, Layer::files(62, 300).blob];
    let config = Blob::new(json!({ "layers": [{ "blob": layers[0].digest, "parent": -1 }] }).to_string());
    let entry = |media_type: &str, blob: &Blob| super::pointer(media_type, blob);
    let mut entries: Vec<Value> = layers
        .iter()
        .map(|layer| entry("application/vnd.docker.image.rootfs.diff.tar.gzip", layer))
        .collect();
    entries.push(entry("application/vnd.buildkit.cacheconfig.v0", &config));
    let document = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": entries });
    image(Manifest::new(INDEX, &document), layers.iter().chain([&config]))
}

/// An index of nothing.
pub fn nothing() -> Image {
    let document = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [] });
    image(Manifest::new(INDEX, &document), [])
}

fn replace_root(mut whole: Image, document: &Value) -> Image {
    whole.manifests.pop();
    whole.manifests.push(Manifest::new(INDEX, document));
    whole
}
