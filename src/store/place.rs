//! Places on this disk as stores: what those of every kind have in common.

use super::{BlobStream, Reader, Writer};
use crate::failure::Fallible;
use crate::oci::{Descriptor, Digest, LayoutName};
use async_trait::async_trait;
use std::sync::Arc;

/// A place, opened once per run for reading and shared by its repositories.
#[async_trait]
pub trait ReadPlace: Send + Sync {
    /// One repository: that of the bare tags, or one that is named in the place.
    fn reader(&self, name: Option<LayoutName>) -> Arc<dyn Reader>;

    /// The names of its repositories, sorted.
    ///
    /// # Errors
    /// The place cannot be read.
    async fn names(&self) -> Fallible<Vec<String>>;

    /// The manifests that the place lists by themselves, under a name or under none, in its order: where
    /// whoever looks for all that is in it begins, beside the tags. What they reach is not among them.
    ///
    /// # Errors
    /// The place cannot be read.
    async fn listed(&self) -> Fallible<Vec<Descriptor>> {
        Ok(Vec::new())
    }

    /// How long the content with this digest is, in bytes, whatever it is; none where the place does not have
    /// it, in whichever repository. The bytes are not looked at.
    ///
    /// # Errors
    /// The place cannot be read.
    async fn blob_size(&self, blob: &Digest) -> Fallible<Option<u64>>;

    /// The bytes of a blob from `start` on, in whichever repository it is. Not verified.
    ///
    /// # Errors
    /// It is not there, or not as long as `blob` says; the place cannot be read.
    async fn blob(&self, blob: &Descriptor, start: u64) -> Fallible<BlobStream> {
        self.reader(None).blob(blob, start).await
    }
}

/// A place, opened once per run for writing and shared by its repositories.
#[async_trait]
pub trait WritePlace: Send + Sync {
    /// One repository, for writing as well.
    fn writer(&self, name: Option<LayoutName>) -> Arc<dyn Writer>;

    /// Ends what was written, where that appears as a whole: called once, when all entries are done.
    ///
    /// # Errors
    /// It cannot be ended; then nothing that was written since the place was opened is there.
    async fn finish(&self) -> Fallible<()> {
        Ok(())
    }
}
