//! What was read of the sources: each manifest is fetched once for a bundle, however often it is looked at.

use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{At, Descriptor, Digest, RawManifest, Repository, Tag};
use crate::store::{BlobStream, Costs, Head, Listed, ListedReferrers, Reader};
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Most bytes of manifests that are kept for one bundle: some hundred thousand images. All of them are in
/// memory until the bundle is whole.
const MANIFEST_BYTES_MAX: usize = 512 << 20;

/// The manifests of a bundle, by where they were read.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    manifests: HashMap<(Repository, Digest), RawManifest>,
    bytes: usize,
}

/// A source whose manifests are remembered.
struct Remembered {
    memory: Arc<Memory>,
    reader: Arc<dyn Reader>,
}

impl Memory {
    /// `reader`, but what it was asked for by digest is asked for once.
    pub fn before(self: &Arc<Self>, reader: Arc<dyn Reader>) -> Arc<dyn Reader> {
        Arc::new(Remembered { memory: Arc::clone(self), reader })
    }

    fn find(&self, repository: &Repository, digest: &Digest) -> Option<RawManifest> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.manifests.get(&(repository.clone(), digest.clone())).cloned()
    }

    fn keep(&self, repository: &Repository, raw: &RawManifest) -> Fallible<()> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.manifests.insert((repository.clone(), raw.digest.clone()), raw.clone()).is_none() {
            kept.bytes += raw.bytes.len();
        }
        match kept.bytes <= MANIFEST_BYTES_MAX {
            true => Ok(()),
            false => {
                let limit = MANIFEST_BYTES_MAX >> 20;
                let message = format!("the manifests of one bundle have more than {limit} MiB");
                Err(Failure::new(Code::LimitExceeded, repository, Operation::ManifestGet, message)
                    .hint("make several bundles, each of some rules: --only"))
            }
        }
    }
}

#[async_trait]
impl Reader for Remembered {
    fn repository(&self) -> &Repository {
        self.reader.repository()
    }

    async fn tags(&self) -> Fallible<Option<Vec<Tag>>> {
        self.reader.tags().await
    }

    async fn list(&self, pages_max: usize) -> Fallible<Listed> {
        self.reader.list(pages_max).await
    }

    async fn list_after(&self, last: &Tag) -> Fallible<Listed> {
        self.reader.list_after(last).await
    }

    fn costs(&self) -> Costs {
        self.reader.costs()
    }

    fn leaves_out(&self, manifest: &Digest) -> bool {
        self.reader.leaves_out(manifest)
    }

    async fn head(&self, at: &At) -> Fallible<Option<Head>> {
        self.reader.head(at).await
    }

    async fn manifest(&self, at: &At) -> Fallible<Option<RawManifest>> {
        if let At::Digest(digest) = at
            && let Some(raw) = self.memory.find(self.repository(), digest)
        {
            return Ok(Some(raw));
        }
        let raw = self.reader.manifest(at).await?;
        if let Some(raw) = &raw {
            self.memory.keep(self.repository(), raw)?;
        }
        Ok(raw)
    }

    async fn referrers(&self, subject: &Digest) -> Fallible<ListedReferrers> {
        self.reader.referrers(subject).await
    }

    async fn blob(&self, blob: &Descriptor, start: u64) -> Fallible<BlobStream> {
        self.reader.blob(blob, start).await
    }
}
