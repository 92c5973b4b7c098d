//! The images that most tests want, and what is put together from several of them.

use super::recipe::{descriptor, platform};
use super::{Blob, Format, Image, Layer, Manifest, Recipe};
use serde_json::{Value, json};

/// Bytes of a preset's layers before packing: small, but more than one read.
const LAYER_BYTES: usize = 3000;

/// An image for linux/amd64 with two layers.
pub fn one_platform(seed: u64, format: Format) -> Image {
    Recipe::new(seed)
        .format(format)
        .layer(Layer::files(seed, LAYER_BYTES))
        .layer(Layer::files(seed + 1000, LAYER_BYTES))
        .build()
}

/// An index for linux/amd64 and linux/arm64, which share their first layer; in OCI format also an
/// attestation with the platform unknown/unknown, as BuildKit makes it.
pub fn two_platforms(seed: u64, format: Format) -> Image {
    let base = Layer::files(seed, LAYER_BYTES);
    let build = |name: &str, layer_seed: u64| {
        Recipe::new(seed)
            .format(format)
            .platform(name)
            .layer(base.clone())
            .layer(Layer::files(layer_seed, LAYER_BYTES))
            .build()
    };
    let amd64 = build("linux/amd64", seed + 1000);
    let arm64 = build("linux/arm64", seed + 2000);
    match format {
        Format::Docker => index(format, &[amd64, arm64]),
        Format::Oci => {
            let attestation = attestation(&amd64);
            index(format, &[amd64, arm64, attestation])
        }
    }
}

/// An index of these images, in this order.
pub fn index(format: Format, images: &[Image]) -> Image {
    let entries: Vec<Value> = images.iter().map(|image| image.root().descriptor()).collect();
    let document = json!({
        "schemaVersion": 2,
        "mediaType": format.index_type(),
        "manifests": entries,
    });
    let mut manifests: Vec<Manifest> = Vec::new();
    for manifest in images.iter().flat_map(|image| &image.manifests) {
        if manifests.iter().all(|known| known.digest != manifest.digest) {
            manifests.push(manifest.clone());
        }
    }
    manifests.push(Manifest::new(format.index_type(), &document));
    let blobs = images.iter().flat_map(|image| image.blobs.clone()).collect();
    Image { manifests, blobs }
}

/// What BuildKit says about how `image` was built: an entry of the same index.
pub fn attestation(image: &Image) -> Image {
    let statement = json!({ "_type": "https://in-toto.io/Statement/v0.1", "subject": [], "predicate": {} });
    let layer = Blob::new(statement.to_string());
    let config = json!({
        "architecture": "unknown", "os": "unknown", "config": {},
        "rootfs": { "type": "layers", "diff_ids": [layer.digest] },
    });
    let config = Blob::new(config.to_string());
    let document = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
        "layers": [descriptor("application/vnd.in-toto+json", &layer)],
    });
    let mut manifest = Manifest::new("application/vnd.oci.image.manifest.v1+json", &document);
    manifest.platform = Some(platform("unknown/unknown"));
    manifest.annotations.insert("vnd.docker.reference.digest".to_owned(), image.digest());
    manifest.annotations.insert("vnd.docker.reference.type".to_owned(), "attestation-manifest".to_owned());
    let blobs = [layer, config].map(|blob| (blob.digest.clone(), blob)).into();
    Image { manifests: vec![manifest], blobs }
}

/// An artifact (a signature, a bill of materials) whose `subject` is `image`: a referrer of it.
/// The subject is not part of the artifact.
pub fn artifact(subject: &Image, artifact_type: &str, seed: u64) -> Image {
    let (empty, payload) = (Blob::new("{}"), Blob::new(format!("{{\"seed\":{seed}}}")));
    let mut target = subject.root().clone();
    (target.platform, target.annotations) = (None, std::collections::BTreeMap::new());
    let document = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactType": artifact_type,
        "config": descriptor("application/vnd.oci.empty.v1+json", &empty),
        "layers": [descriptor(artifact_type, &payload)],
        "subject": target.descriptor(),
    });
    let manifest = Manifest::new("application/vnd.oci.image.manifest.v1+json", &document);
    let blobs = [empty, payload].map(|blob| (blob.digest.clone(), blob)).into();
    Image { manifests: vec![manifest], blobs }
}
