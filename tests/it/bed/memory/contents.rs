//! What a memory registry holds. Knows no HTTP.

use crate::bed::images::{Blob, Image};
use bytes::Bytes;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Everything in a registry.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) blobs: BTreeMap<String, Blob>,
    pub(super) repositories: BTreeMap<String, Repository>,
    tags_ever: u64,
}

/// One repository.
#[derive(Debug, Default)]
pub(super) struct Repository {
    /// Digests of the blobs that were uploaded to or mounted into it.
    pub(super) blobs: BTreeSet<String>,
    pub(super) manifests: BTreeMap<String, StoredManifest>,
    pub(super) tags: BTreeMap<String, StoredTag>,
}

/// A manifest as it was put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredManifest {
    /// Its media type.
    pub media_type: String,
    /// The document.
    pub bytes: Bytes,
}

/// What a tag names, and how many tags were written before.
#[derive(Debug)]
pub(super) struct StoredTag {
    pub(super) digest: String,
    pub(super) age: u64,
}

/// What a manifest reaches directly.
#[derive(Debug, Default)]
pub(super) struct Reached {
    pub(super) manifests: Vec<String>,
    pub(super) blobs: Vec<String>,
}

impl Contents {
    /// The repository, made when it is not there.
    pub(super) fn repository(&mut self, name: &str) -> &mut Repository {
        self.repositories.entry(name.to_owned()).or_default()
    }

    /// The blob, when the repository has it.
    pub(super) fn blob_in(&self, name: &str, digest: &str) -> Option<&Blob> {
        self.repositories.get(name)?.blobs.get(digest)?;
        self.blobs.get(digest)
    }

    /// The digest and the manifest that a tag or a digest names.
    pub(super) fn manifest_at(&self, name: &str, at: &str) -> Option<(String, &StoredManifest)> {
        let repository = self.repositories.get(name)?;
        let digest = repository.tags.get(at).map_or(at, |tag| &tag.digest);
        Some((digest.to_owned(), repository.manifests.get(digest)?))
    }

    /// Stores a blob and puts it into a repository.
    pub(super) fn put_blob(&mut self, name: &str, blob: Blob) {
        self.repository(name).blobs.insert(blob.digest.clone());
        self.blobs.insert(blob.digest.clone(), blob);
    }

    /// Lets a tag name a digest.
    pub(super) fn put_tag(&mut self, name: &str, tag: &str, digest: &str) {
        self.tags_ever += 1;
        let stored = StoredTag { digest: digest.to_owned(), age: self.tags_ever };
        self.repository(name).tags.insert(tag.to_owned(), stored);
    }

    /// Puts an image and its tags in place, without a request.
    pub(super) fn seed(&mut self, image: &Image, name: &str, tags: &[&str]) {
        for blob in image.blobs.values() {
            self.put_blob(name, blob.clone());
        }
        for manifest in &image.manifests {
            let (media_type, bytes) = (manifest.media_type.clone(), manifest.bytes.clone());
            let stored = StoredManifest { media_type, bytes };
            self.repository(name).manifests.insert(manifest.digest.clone(), stored);
        }
        for tag in tags {
            self.put_tag(name, tag, &image.digest());
        }
    }

    /// What a manifest reaches that its repository does not hold.
    pub(super) fn absent(&self, name: &str, document: &Value) -> Vec<String> {
        let repository = self.repositories.get(name);
        let reached = Reached::of(document);
        let manifests =
            reached.manifests.into_iter().filter(|d| repository.is_none_or(|r| !r.manifests.contains_key(d)));
        let blobs = reached.blobs.into_iter().filter(|d| repository.is_none_or(|r| !r.blobs.contains(d)));
        manifests.chain(blobs).collect()
    }
}

impl Reached {
    /// Reads what a manifest points at. Layers that may not be distributed are left out.
    pub(super) fn of(document: &Value) -> Self {
        let digests = |key: &str| -> Vec<String> {
            let entries = match &document[key] {
                Value::Array(entries) => entries.as_slice(),
                Value::Object(_) => std::slice::from_ref(&document[key]),
                _ => &[],
            };
            let stays = |entry: &&Value| {
                let media_type = entry["mediaType"].as_str().unwrap_or_default();
                !media_type.contains("nondistributable") && !media_type.contains(".foreign.")
            };
            let digest = |entry: &Value| entry["digest"].as_str().map(str::to_owned);
            entries.iter().filter(stays).filter_map(digest).collect()
        };
        let blobs = ["config", "layers", "blobs"].into_iter().flat_map(digests).collect();
        Self { manifests: digests("manifests"), blobs }
    }
}
