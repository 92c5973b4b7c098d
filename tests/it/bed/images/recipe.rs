//! How an image for one platform is built: format, platform, layers, labels.

use super::{Blob, Image, Layer, Manifest};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Whose media types an image has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// OCI image manifests and indexes.
    Oci,
    /// Docker's image manifest version 2, schema 2, and manifest lists.
    Docker,
}

/// An image for one platform, before it is built.
#[derive(Debug, Clone)]
pub struct Recipe {
    seed: u64,
    format: Format,
    platform: String,
    layers: Vec<Layer>,
    annotations: BTreeMap<String, String>,
    labels: BTreeMap<String, String>,
    created: Option<String>,
}

impl Recipe {
    /// An OCI image for linux/amd64 without layers.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            format: Format::Oci,
            platform: "linux/amd64".to_owned(),
            layers: Vec::new(),
            annotations: BTreeMap::new(),
            labels: BTreeMap::new(),
            created: Some("1970-01-01T00:00:00Z".to_owned()),
        }
    }

    /// Whose media types it has.
    pub fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// `os/architecture` or `os/architecture/variant`.
    pub fn platform(mut self, platform: &str) -> Self {
        platform.clone_into(&mut self.platform);
        self
    }

    /// Adds a layer; a layer that several images are given is shared by them.
    pub fn layer(mut self, layer: Layer) -> Self {
        self.layers.push(layer);
        self
    }

    /// Adds an annotation to the manifest.
    pub fn annotation(mut self, key: &str, value: &str) -> Self {
        self.annotations.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Adds a label to the config.
    pub fn label(mut self, key: &str, value: &str) -> Self {
        self.labels.insert(key.to_owned(), value.to_owned());
        self
    }

    /// When its config says that it was made, in RFC 3339; none where it does not say so.
    pub fn created(mut self, at: Option<&str>) -> Self {
        self.created = at.map(str::to_owned);
        self
    }

    /// Builds it.
    pub fn build(self) -> Image {
        let platform = platform(&self.platform);
        let config = Blob::new(self.config(&platform).to_string());
        let (manifest_type, config_type, layer_type) = self.format.image_types();
        let layers: Vec<Value> =
            self.layers.iter().map(|layer| descriptor(layer_type, &layer.blob)).collect();
        let mut document = json!({
            "schemaVersion": 2,
            "mediaType": manifest_type,
            "config": descriptor(config_type, &config),
            "layers": layers,
        });
        if !self.annotations.is_empty() {
            document["annotations"] = json!(self.annotations);
        }
        let mut manifest = Manifest::new(manifest_type, &document);
        manifest.platform = Some(platform);
        let blobs = self.layers.into_iter().map(|layer| layer.blob).chain([config]);
        let blobs = blobs.map(|blob| (blob.digest.clone(), blob)).collect();
        Image { manifests: vec![manifest], blobs }
    }

    /// The config blob. OCI image-spec, config.md.
    fn config(&self, platform: &Value) -> Value {
        let diff_ids: Vec<&str> = self.layers.iter().map(|layer| layer.diff_id.as_str()).collect();
        let history: Vec<Value> = (0..diff_ids.len())
            .map(|number| json!({ "created": "1970-01-01T00:00:00Z", "created_by": format!("layer {number}") }))
            .collect();
        let mut config = platform.clone();
        if let Some(created) = &self.created {
            config["created"] = json!(created);
        }
        config["config"] = json!({ "Env": [format!("SEED={}", self.seed)], "Labels": self.labels });
        config["rootfs"] = json!({ "type": "layers", "diff_ids": diff_ids });
        config["history"] = json!(history);
        config
    }
}

impl Format {
    /// The media types of a manifest, its config and its layers.
    fn image_types(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Oci => (
                "application/vnd.oci.image.manifest.v1+json",
                "application/vnd.oci.image.config.v1+json",
                "application/vnd.oci.image.layer.v1.tar+gzip",
            ),
            Self::Docker => (
                "application/vnd.docker.distribution.manifest.v2+json",
                "application/vnd.docker.container.image.v1+json",
                "application/vnd.docker.image.rootfs.diff.tar.gzip",
            ),
        }
    }

    /// The media type of an image's manifest.
    pub fn manifest_type(self) -> &'static str {
        self.image_types().0
    }

    /// The media type of an index.
    pub fn index_type(self) -> &'static str {
        match self {
            Self::Oci => "application/vnd.oci.image.index.v1+json",
            Self::Docker => "application/vnd.docker.distribution.manifest.list.v2+json",
        }
    }
}

/// How a manifest points at a blob.
pub(super) fn descriptor(media_type: &str, blob: &Blob) -> Value {
    json!({ "mediaType": media_type, "digest": blob.digest, "size": blob.size_bytes })
}

/// `os/architecture[/variant]` as JSON.
pub(super) fn platform(text: &str) -> Value {
    let mut parts = text.split('/');
    let mut part = || parts.next().unwrap_or("unknown");
    let mut platform = json!({ "os": part(), "architecture": part() });
    if let Some(variant) = parts.next() {
        platform["variant"] = json!(variant);
    }
    platform
}
