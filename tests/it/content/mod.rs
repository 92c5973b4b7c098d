//! Content that is no plain image: charts, modules, attestations, artifacts, and whatever else registries
//! hold. All of it is carried as it is, byte for byte.

mod artifacts;
mod carried;
mod charts;
mod debian;

mod indexes;
mod odd;
mod sha512;

use crate::bed::images::{Blob, Image, Manifest};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// How a manifest points at a blob.
fn pointer(media_type: &str, blob: &Blob) -> Value {
    json!({ "mediaType": media_type, "digest": blob.digest, "size": blob.size_bytes })
}

/// A manifest with this config and these layers, and whatever else it says.
fn manifest(config: (&str, &Blob), layers: &[(&str, &Blob)], more: Value) -> Image {
    let mut document = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": pointer(config.0, config.1),
        "layers": layers.iter().map(|(media_type, blob)| pointer(media_type, blob)).collect::<Vec<_>>(),
    });
    if let (Value::Object(document), Value::Object(more)) = (&mut document, more) {
        document.extend(more);
    }
    let blobs = layers.iter().map(|(_, blob)| *blob).chain([config.1]);
    image(Manifest::new(MANIFEST, &document), blobs)
}

/// A manifest with the blobs that it reaches.
fn image<'a>(manifest: Manifest, blobs: impl IntoIterator<Item = &'a Blob>) -> Image {
    let blobs: BTreeMap<_, _> = blobs.into_iter().map(|blob| (blob.digest.clone(), blob.clone())).collect();
    Image { manifests: vec![manifest], blobs }
}

/// The blob of an empty config. OCI image-spec, manifest.md, "Guidance for an Empty Descriptor".
fn empty() -> Blob {
    Blob::new("{}")
}
