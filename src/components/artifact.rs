//! A filter in a registry: what its manifest must be like, and which layer is the component.

use super::{LoadError, file};
use crate::filter::COMPONENT_BYTES_MAX;
use crate::oci::{Descriptor, MediaType, RawManifest};
use serde::Deserialize;

/// What the layer with a component is called; the first is what we write, the others are older.
const LAYER_TYPES: [&str; 3] = [
    "application/wasm",
    "application/vnd.wasm.content.layer.v1+wasm",
    "application/vnd.module.wasm.content.layer.v1+wasm",
];

/// What is read of the manifest here. Whatever its config is, it says nothing that is needed.
#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    layers: Vec<Descriptor>,
}

/// The one layer of the artifact `raw`, which lies at `place`, for the filter `name`.
///
/// # Errors
/// It is no artifact with exactly one layer of WebAssembly, or the layer is too large.
pub(super) fn layer(name: &str, place: &str, raw: &RawManifest) -> Result<Descriptor, LoadError> {
    let refuse = |why: String, hint: &str| Err(LoadError::source(name, format!("{place} {why}"), hint));
    const PUSH: &str = "push the component with `crossdock filter push`";
    if raw.media_type.is_index() {
        return refuse("is an index of several manifests, not one filter".to_owned(), PUSH);
    }
    if raw.media_type != MediaType::oci_manifest() {
        return refuse(format!("is {}, not an OCI image manifest", raw.media_type), PUSH);
    }
    if let Err(why) = raw.parse() {
        return refuse(format!("is no filter: {why}"), PUSH);
    }
    let Ok(Document { layers }) = serde_json::from_slice(&raw.bytes) else {
        return refuse("is no filter: its layers cannot be read".to_owned(), PUSH);
    };
    let [layer] = layers.as_slice() else {
        let count = layers.len();
        return refuse(format!("has {count} layers, and a filter is exactly one"), PUSH);
    };
    if !LAYER_TYPES.contains(&layer.media_type.as_str()) {
        let why = format!("has a layer of {}, not of {}", layer.media_type, LAYER_TYPES[0]);
        return refuse(why, "name the artifact of a filter; an image is none");
    }
    match layer.size_bytes {
        bytes if bytes > COMPONENT_BYTES_MAX => Err(file::too_large(name, place, bytes)),
        _ => Ok(layer.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use serde_json::{Value, json};

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn descriptor(media_type: &str, size: u64) -> Value {
        json!({ "mediaType": media_type, "digest": DIGEST, "size": size })
    }

    fn told(media_type: &str, document: &Value) -> String {
        let bytes = Bytes::from(document.to_string());
        let raw = RawManifest::new(media_type.parse().expect("a media type"), bytes, None);
        match layer("calver", "r.test/f:1", &raw) {
            Ok(layer) => layer.media_type.to_string(),
            Err(error) => error.to_string(),
        }
    }

    fn image(layers: &[Value]) -> Value {
        json!({ "schemaVersion": 2, "config": descriptor("any/config", 2), "layers": layers })
    }

    #[test]
    fn every_name_that_the_layer_has_had_is_read_and_any_config() {
        for media_type in LAYER_TYPES {
            let document = image(&[descriptor(media_type, 9)]);
            assert_eq!(told("application/vnd.oci.image.manifest.v1+json", &document), media_type);
        }
    }

    #[test]
    fn what_is_not_one_layer_of_webassembly_is_refused() {
        let oci = "application/vnd.oci.image.manifest.v1+json";
        let wasm = || descriptor(LAYER_TYPES[0], 9);
        let large = descriptor(LAYER_TYPES[0], COMPONENT_BYTES_MAX + 1);
        let tar = descriptor("application/vnd.oci.image.layer.v1.tar+gzip", 9);
        let index = json!({ "schemaVersion": 2, "manifests": [descriptor(oci, 9)] });
        insta::assert_snapshot!(
            [
                told(oci, &image(&[wasm(), wasm()])),
                told(oci, &image(&[])),
                told(oci, &image(&[tar])),
                told(oci, &image(&[large])),
                told(oci, &json!([])),
                told(oci, &index),
                told("application/vnd.oci.image.index.v1+json", &index),
                told("application/vnd.docker.distribution.manifest.v2+json", &image(&[wasm()])),
            ]
            .join("\n")
        );
    }
}
