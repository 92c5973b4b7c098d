//! An image as a value: its manifests, children first, and the blobs that they reach.

use super::Blob;
use crate::bed::digest::sha256;
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One manifest with everything that it reaches.
#[derive(Debug, Clone)]
pub struct Image {
    /// Children before their parents; the last one is the image itself.
    pub manifests: Vec<Manifest>,
    /// Every config and every layer, by digest.
    pub blobs: BTreeMap<String, Blob>,
}

/// A manifest, its bytes and what an index says about it.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// Its media type.
    pub media_type: String,
    /// `sha256:…`
    pub digest: String,
    /// The document.
    pub bytes: Bytes,
    /// The `platform` of its descriptor in an index.
    pub platform: Option<Value>,
    /// The `annotations` of its descriptor in an index.
    pub annotations: BTreeMap<String, String>,
}

impl Manifest {
    /// A manifest with this document.
    pub fn new(media_type: &str, document: &Value) -> Self {
        let bytes = serde_json::to_vec_pretty(document).expect("a JSON value can be written");
        Self {
            media_type: media_type.to_owned(),
            digest: sha256(&bytes),
            bytes: bytes.into(),
            platform: None,
            annotations: BTreeMap::new(),
        }
    }

    /// How an index or a `subject` points at it.
    pub fn descriptor(&self) -> Value {
        let mut descriptor = json!({
            "mediaType": self.media_type,
            "digest": self.digest,
            "size": self.bytes.len(),
        });
        if let Some(platform) = &self.platform {
            descriptor["platform"] = platform.clone();
        }
        if !self.annotations.is_empty() {
            descriptor["annotations"] = json!(self.annotations);
        }
        descriptor
    }

    /// The document, parsed.
    pub fn document(&self) -> Value {
        serde_json::from_slice(&self.bytes).expect("the bed builds JSON")
    }
}

impl Image {
    /// The manifest that a tag of this image names.
    pub fn root(&self) -> &Manifest {
        self.manifests.last().expect("an image has a manifest")
    }

    /// The digest that a tag of this image names.
    pub fn digest(&self) -> String {
        self.root().digest.clone()
    }

    /// The manifests below the root.
    pub fn children(&self) -> &[Manifest] {
        self.manifests.split_last().map_or(&[], |(_, children)| children)
    }

    /// Bytes of all blobs, each counted once.
    pub fn blobs_bytes(&self) -> u64 {
        self.blobs.values().map(|blob| blob.size_bytes).sum()
    }
}
