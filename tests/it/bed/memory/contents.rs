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
    /// Each tag that was written, with its repository and what it named then.
    pub(super) tagged: Vec<(String, String, String)>,
    /// How many of `tagged` were written before the requests were forgotten.
    tagged_before: usize,
    /// Each tag that was read since it was written last, with its repository.
    read: BTreeSet<(String, String)>,
}

/// What a repository holds, by names and digests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holding {
    /// Digests of the blobs, of which none is lost.
    pub blobs: BTreeSet<String>,
    /// Digests of the manifests.
    pub manifests: BTreeSet<String>,
    /// Each tag with the digest that it names.
    pub tags: BTreeMap<String, String>,
}

/// One repository.
#[derive(Debug, Default)]
pub(super) struct Repository {
    /// Digests of the blobs that were uploaded to or mounted into it.
    pub(super) blobs: BTreeSet<String>,
    pub(super) manifests: BTreeMap<String, StoredManifest>,
    pub(super) tags: BTreeMap<String, StoredTag>,
    /// Digests of `blobs` whose bytes are gone, which the registry does not know.
    holes: BTreeMap<String, Noticed>,
}

/// When a registry finds out that it lost the bytes of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noticed {
    /// Only when they are asked for.
    ByReaders,
    /// Also when a manifest names it, which is refused with 400 `MANIFEST_BLOB_UNKNOWN`.
    ByManifests,
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

    /// The blob, when the repository has it, or believes so.
    pub(super) fn blob_in(&self, name: &str, digest: &str) -> Option<&Blob> {
        self.repositories.get(name)?.blobs.get(digest)?;
        self.blobs.get(digest)
    }

    /// When it shows that the repository lost the bytes of the blob; none when it did not.
    pub(super) fn hole(&self, name: &str, digest: &str) -> Option<Noticed> {
        self.repositories.get(name)?.holes.get(digest).copied()
    }

    /// Loses the bytes of a blob without knowing it.
    pub(super) fn lose(&mut self, name: &str, digest: &str, noticed: Noticed) {
        self.repository(name).holes.insert(digest.to_owned(), noticed);
    }

    /// Lets a repository have what another one has; bytes that are lost there are lost here, too.
    pub(super) fn mount(&mut self, name: &str, from: &str, digest: &str) {
        let hole = self.hole(from, digest);
        let repository = self.repository(name);
        repository.blobs.insert(digest.to_owned());
        match hole {
            Some(noticed) => repository.holes.insert(digest.to_owned(), noticed),
            None => repository.holes.remove(digest),
        };
    }

    /// The digest and the manifest that a tag or a digest names.
    pub(super) fn manifest_at(&self, name: &str, at: &str) -> Option<(String, &StoredManifest)> {
        let repository = self.repositories.get(name)?;
        let digest = repository.tags.get(at).map_or(at, |tag| &tag.digest);
        Some((digest.to_owned(), repository.manifests.get(digest)?))
    }

    /// Stores a blob and puts it into a repository.
    pub(super) fn put_blob(&mut self, name: &str, blob: Blob) {
        let repository = self.repository(name);
        repository.blobs.insert(blob.digest.clone());
        repository.holes.remove(&blob.digest);
        self.blobs.insert(blob.digest.clone(), blob);
    }

    /// Lets a tag name a digest.
    pub(super) fn put_tag(&mut self, name: &str, tag: &str, digest: &str) {
        self.tagged.push((name.to_owned(), tag.to_owned(), digest.to_owned()));
        self.read.remove(&(name.to_owned(), tag.to_owned()));
        let stored = StoredTag { digest: digest.to_owned(), age: self.tagged.len() as u64 };
        self.repository(name).tags.insert(tag.to_owned(), stored);
    }

    /// Notes that somebody read a tag, whether it was there or not.
    pub(super) fn note_read(&mut self, name: &str, tag: &str) {
        self.read.insert((name.to_owned(), tag.to_owned()));
    }

    /// Whether somebody read the tag since it was written.
    pub(super) fn looked_at(&self, name: &str, tag: &str) -> bool {
        self.read.contains(&(name.to_owned(), tag.to_owned()))
    }

    /// Each tag of a repository that was written since the requests were forgotten, with what it named.
    pub(super) fn tagged_lately(&self, name: &str) -> impl Iterator<Item = (&str, &str)> {
        let written = self.tagged[self.tagged_before..].iter();
        written.filter(move |(own, ..)| own == name).map(|(_, tag, digest)| (tag.as_str(), digest.as_str()))
    }

    /// Begins a new run.
    pub(super) fn forget_requests(&mut self) {
        self.tagged_before = self.tagged.len();
        self.read.clear();
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
        self.tagged_before = self.tagged.len();
    }

    /// What every repository holds.
    pub(super) fn holdings(&self) -> BTreeMap<String, Holding> {
        let holding = |(name, repository): (&String, &Repository)| {
            let blobs = repository.blobs.iter().filter(|digest| !repository.holes.contains_key(*digest));
            let tags = repository.tags.iter().map(|(tag, stored)| (tag.clone(), stored.digest.clone()));
            let manifests = repository.manifests.keys().cloned().collect();
            (name.clone(), Holding { blobs: blobs.cloned().collect(), manifests, tags: tags.collect() })
        };
        self.repositories.iter().map(holding).collect()
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

    /// The blobs of a manifest that its repository finds lost when it is put.
    pub(super) fn noticed(&self, name: &str, document: &Value) -> Vec<String> {
        let blobs = Reached::of(document).blobs.into_iter();
        blobs.filter(|digest| self.hole(name, digest) == Some(Noticed::ByManifests)).collect()
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
        // What an index lists and is no manifest is a blob, as in BuildKit's caches.
        let is_manifest = |digest: &String| {
            let entries = document["manifests"].as_array().into_iter().flatten();
            let mut own = entries.filter(|entry| entry["digest"] == **digest);
            own.any(|entry| {
                let media_type = entry["mediaType"].as_str().unwrap_or_default();
                media_type.contains(".manifest.") || media_type.contains(".index.")
            })
        };
        let (manifests, others): (Vec<_>, Vec<_>) = digests("manifests").into_iter().partition(is_manifest);
        let blobs = ["config", "layers", "blobs"].into_iter().flat_map(digests).chain(others).collect();
        Self { manifests, blobs }
    }
}
