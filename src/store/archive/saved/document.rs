//! `manifest.json` of what `docker save` writes, and the manifests and the index that are made of it. No I/O.

use crate::oci::{Descriptor, Digest, MediaType, Object, Reference, Repository};
use serde::Deserialize;
use serde_json::json;

/// Largest `manifest.json` in bytes: room for some ten thousand images.
pub(super) const DOCUMENT_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Largest config of an image in bytes; the same that manifests may have.
pub(super) const CONFIG_BYTES_MAX: u64 = crate::store::MANIFEST_BYTES_MAX;
/// Most images of one archive. Each has a manifest that is kept in memory.
const IMAGES_MAX: usize = 10_000;
/// Most layers of one image. Docker itself takes no more than 128.
const LAYERS_MAX: usize = 10_000;

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const CONFIG: &str = "application/vnd.docker.container.image.v1+json";
const LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar";
const GZIPPED: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";

/// An image as `manifest.json` tells it: members by their names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SavedImage {
    /// The member that is its config.
    pub(super) config: String,
    /// What it is called, `name:tag` in docker's short words.
    #[serde(default)]
    pub(super) repo_tags: Option<Vec<String>>,
    /// The members that are its layers, the lowest first.
    #[serde(default)]
    pub(super) layers: Option<Vec<String>>,
}

/// How the bytes of a layer lie in the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// As they are.
    Plain,
    /// Compressed with gzip, as some tools write them.
    Gzip,
}

/// The images in `manifest.json`, or why it cannot be used.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<SavedImage>, String> {
    let images: Vec<Object<SavedImage>> = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    if images.len() > IMAGES_MAX {
        return Err(format!("it has more than {IMAGES_MAX} images"));
    }
    Ok(images.into_iter().map(|Object(image)| image).collect())
}

impl SavedImage {
    /// The names of its layers.
    pub(super) fn layers(&self) -> &[String] {
        self.layers.as_deref().unwrap_or_default()
    }

    /// What it is called, in full; and what is no name.
    pub(super) fn names(&self) -> (Vec<Reference>, Vec<&str>) {
        let (mut names, mut illegal) = (Vec::new(), Vec::new());
        for text in self.repo_tags.iter().flatten() {
            match text.parse::<Reference>() {
                Ok(
                    name @ Reference { repository: Repository::Registry { .. }, tag: Some(_), digest: None },
                ) => {
                    names.push(name);
                }
                _ => illegal.push(text.as_str()),
            }
        }
        (names, illegal)
    }
}

/// The digests of an image's layers when they are not compressed, as its config tells them.
pub(super) fn diff_ids(config: &[u8]) -> Result<Vec<Digest>, String> {
    #[derive(Deserialize)]
    struct Config {
        rootfs: Object<Rootfs>,
    }
    #[derive(Deserialize)]
    struct Rootfs {
        #[serde(default)]
        diff_ids: Option<Vec<Digest>>,
    }
    let Object(Config { rootfs: Object(rootfs) }) =
        serde_json::from_slice(config).map_err(|e| e.to_string())?;
    let diff_ids = rootfs.diff_ids.unwrap_or_default();
    match diff_ids.len() > LAYERS_MAX {
        true => Err(format!("it has more than {LAYERS_MAX} layers")),
        false => Ok(diff_ids),
    }
}

/// The manifest of an image: always the same bytes for the same config and layers.
pub(super) fn manifest(config: (&Digest, u64), layers: &[(Digest, u64, Packing)]) -> String {
    let layers = layers.iter().map(|(digest, size_bytes, packing)| {
        let media_type = match packing {
            Packing::Plain => LAYER,
            Packing::Gzip => GZIPPED,
        };
        json!({ "mediaType": media_type, "size": size_bytes, "digest": digest })
    });
    json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": { "mediaType": CONFIG, "size": config.1, "digest": config.0 },
        "layers": layers.collect::<Vec<_>>(),
    })
    .to_string()
}

/// What the manifests are.
pub(super) fn manifest_type() -> Result<MediaType, String> {
    MANIFEST.parse()
}

/// An `index.json` as Docker 25 would write it: each name once in full and once as a bare tag. An image
/// alone that has no name is `latest`.
pub(super) fn index(images: &[(Vec<Reference>, Descriptor)]) -> String {
    let mut entries = Vec::new();
    let alone = images.len() == 1;
    for (names, manifest) in images {
        let entry = |annotations: serde_json::Value| {
            json!({
                "mediaType": manifest.media_type, "digest": manifest.digest, "size": manifest.size_bytes,
                "annotations": annotations,
            })
        };
        for name in names {
            let bare = name.tag.as_ref().map(ToString::to_string);
            entries.push(entry(json!({
                "org.opencontainers.image.ref.name": bare, "io.containerd.image.name": name.to_string(),
            })));
        }
        if names.is_empty() {
            entries.push(entry(match alone {
                true => json!({ "org.opencontainers.image.ref.name": "latest" }),
                false => json!({}),
            }));
        }
    }
    json!({ "schemaVersion": 2, "manifests": entries }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_dockers_short_ones() {
        let text = r#"[{"Config":"c.json","RepoTags":["alpine:3.20","localhost/a:b","a/b@sha256:00","<none>:<none>"],"Layers":null},
                      {"Config":"d.json"}]"#;
        let images = read(text.as_bytes()).expect("a document");
        let (names, illegal) = images[0].names();
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["docker.io/library/alpine:3.20", "localhost/a:b"]);
        assert_eq!(illegal, ["a/b@sha256:00", "<none>:<none>"]);
        assert!(images[1].names().0.is_empty() && images[1].layers().is_empty());
        for wrong in ["{}", "[1]", r#"[["c.json",null,null]]"#, r#"[{"Layers":[]}]"#] {
            assert!(read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_same_image_has_the_same_manifest_always() {
        let (config, layer) = (Digest::of(b"{}"), Digest::of(b"layer"));
        let text = manifest((&config, 2), &[(layer.clone(), 5, Packing::Plain), (layer, 5, Packing::Gzip)]);
        insta::assert_snapshot!(text);
    }
}
