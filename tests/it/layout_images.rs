//! Small images for layouts, and a check of a whole layout that knows nothing of our reader.

use bytes::Bytes;
use crossdock::oci::{At, Descriptor, Digest, MediaType, RawManifest, Tag};
use crossdock::store::{Begun, Writer};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// A tag to ask by.
pub fn at(tag: &str) -> At {
    At::Tag(tag.parse().expect("a tag"))
}

/// The descriptor of a manifest, with a platform as an index has it.
pub fn described(manifest: &RawManifest, architecture: &str) -> Value {
    json!({
        "mediaType": manifest.media_type, "digest": manifest.digest, "size": manifest.bytes.len(),
        "platform": { "os": "linux", "architecture": architecture },
    })
}

/// An index of manifests that are there.
pub fn index(manifests: &[Value]) -> RawManifest {
    let document = json!({ "schemaVersion": 2, "mediaType": MediaType::oci_index(), "manifests": manifests });
    RawManifest::new(MediaType::oci_index(), document.to_string().into(), None)
}

/// Writes a blob unless it is there.
pub async fn put_blob(writer: &Arc<dyn Writer>, media_type: &str, bytes: &[u8]) -> Descriptor {
    let media_type = media_type.parse().expect("a media type");
    let blob = Descriptor::new(media_type, Digest::of(bytes), bytes.len() as u64);
    if let Begun::Upload(mut upload) = writer.begin(&blob, None).await.expect("begins") {
        upload.open().await.expect("opens");
        for piece in bytes.chunks(16 * 1024) {
            upload.write(Bytes::copy_from_slice(piece)).await.expect("room");
        }
        upload.commit().await.expect("right bytes");
    }
    blob
}

/// Writes an image with one layer, under a tag or by its digest.
pub async fn put_image(
    writer: &Arc<dyn Writer>,
    tag: Option<&str>,
    architecture: &str,
    layer: &[u8],
) -> RawManifest {
    let config = json!({
        "architecture": architecture, "os": "linux", "config": {},
        "rootfs": { "type": "layers", "diff_ids": [Digest::of(layer)] },
    });
    let config = config.to_string();
    let config = put_blob(writer, "application/vnd.oci.image.config.v1+json", config.as_bytes()).await;
    let layer = put_blob(writer, "application/vnd.oci.image.layer.v1.tar", layer).await;
    let document = json!({
        "schemaVersion": 2, "mediaType": MediaType::oci_manifest(), "config": config, "layers": [layer],
    });
    let manifest = RawManifest::new(MediaType::oci_manifest(), document.to_string().into(), None);
    let by_digest = At::Digest(manifest.digest.clone());
    writer.put_manifest(&tag.map_or(by_digest, at), &manifest).await.expect("complete");
    manifest
}

/// The tags as text.
pub fn texts(tags: Option<Vec<Tag>>) -> BTreeSet<String> {
    tags.unwrap_or_default().iter().map(ToString::to_string).collect()
}

/// Checks that `index.json` is whole and that everything it reaches is there with the right bytes.
pub fn assert_whole(layout: &Path) {
    let text = fs::read(layout.join("index.json")).expect("index.json is there");
    let index: Value = serde_json::from_slice(&text).expect("index.json is whole");
    reach(layout, &index);
}

fn reach(layout: &Path, document: &Value) {
    for field in ["manifests", "layers", "config"] {
        let children = match &document[field] {
            Value::Array(children) => children.clone(),
            Value::Object(_) => vec![document[field].clone()],
            _ => Vec::new(),
        };
        for child in children {
            let digest: Digest = serde_json::from_value(child["digest"].clone()).expect("a digest");
            let path = layout.join("blobs").join(digest.algorithm()).join(digest.hex());
            let bytes = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            assert!(digest.matches(&bytes), "{digest}");
            assert_eq!(child["size"], json!(bytes.len()), "{digest}");
            if child["mediaType"]
                .as_str()
                .is_some_and(|m| m.ends_with("index.v1+json") || m.ends_with("manifest.v1+json"))
            {
                reach(layout, &serde_json::from_slice(&bytes).expect("a document"));
            }
        }
    }
}
