//! Gathering: the transfer to targets that take every manifest and say of every blob that they have it. What
//! they were given is what a bundle is made of; no blob moves.

use super::afar::Nowhere;
use super::memory::Memory;
use crate::failure::{Code, Failure, Fallible, Operation, Side};
use crate::oci::{At, Descriptor, Digest, Object, RawManifest, Repository, StoreKey};
use crate::store::{Begun, Reach, Reader, Sight, Subject, Writer, reads_by};
use async_trait::async_trait;
use bytes::Bytes;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// What entries are made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gathered {
    /// The manifests.
    pub manifests: BTreeMap<Digest, Bytes>,
    /// The blobs that manifests name as their config.
    pub configs: BTreeSet<Digest>,
    /// All blobs, with their lengths in bytes and the stores that they go to.
    pub blobs: BTreeMap<Digest, (u64, BTreeSet<StoreKey>)>,
}

/// Opens sources as they are, and targets that only take note.
pub struct Gatherer {
    sources: Arc<dyn Sight>,
    memory: Arc<Memory>,
    gathered: Arc<Mutex<Gathered>>,
}

/// A target that only takes note.
struct Noting {
    nowhere: Nowhere,
    gathered: Arc<Mutex<Gathered>>,
}

impl Gatherer {
    /// Has nothing yet.
    pub fn new(sources: Arc<dyn Sight>, memory: Arc<Memory>) -> Self {
        Self { sources, memory, gathered: Arc::default() }
    }

    /// What was gathered so far.
    pub fn gathered(&self) -> Gathered {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Reach for Gatherer {
    async fn source(&self, repository: &Repository) -> Fallible<Arc<dyn Reader>> {
        Ok(self.memory.before(self.sources.source(repository).await?))
    }

    async fn target(&self, repository: &Repository) -> Fallible<Arc<dyn Writer>> {
        let (nowhere, gathered) = (Nowhere(repository.clone()), Arc::clone(&self.gathered));
        Ok(Arc::new(Noting { nowhere, gathered }))
    }
}

impl Noting {
    fn note(&self, blob: &Descriptor) -> Fallible<Begun> {
        let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || (blob.size_bytes, BTreeSet::new());
        let (size_bytes, stores) = gathered.blobs.entry(blob.digest.clone()).or_insert_with(fresh);
        stores.insert(self.nowhere.0.store());
        match *size_bytes == blob.size_bytes {
            true => Ok(Begun::Present),
            false => {
                let message = format!(
                    "manifests disagree about the length of {}: {size_bytes} or {} bytes",
                    blob.digest, blob.size_bytes
                );
                Err(Failure::new(Code::Corrupt, &self.nowhere.0, Operation::ManifestGet, message)
                    .on(Side::Source)
                    .hint("one of the images is damaged: leave it out"))
            }
        }
    }
}

reads_by!(Noting, nowhere);

#[async_trait]
impl Writer for Noting {
    async fn begin(&self, blob: &Descriptor, _: Option<&Repository>) -> Fallible<Begun> {
        self.note(blob)
    }

    async fn begin_anew(&self, blob: &Descriptor) -> Fallible<Begun> {
        self.note(blob)
    }

    async fn put_manifest(&self, _: &At, manifest: &RawManifest) -> Fallible<Subject> {
        let config = config_of(manifest);
        let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.configs.extend(config);
        gathered.manifests.insert(manifest.digest.clone(), manifest.bytes.clone());
        // Whoever reads the bundle finds it in the index.
        Ok(Subject::Listed)
    }
}

/// What a manifest names as its config. It was read before, and is what it must be.
fn config_of(manifest: &RawManifest) -> Option<Digest> {
    #[derive(Deserialize)]
    struct Shape {
        config: Option<Object<Descriptor>>,
    }
    let shape: Shape = serde_json::from_slice(&manifest.bytes).ok()?;
    shape.config.map(|Object(config)| config.digest)
}
