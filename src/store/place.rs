//! Places on this disk as stores: what those of every kind have in common.

use super::{Reader, Writer};
use crate::failure::{Code, Failure, Fallible, Operation};
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
    /// it. The bytes are not looked at.
    ///
    /// # Errors
    /// The place cannot be read.
    async fn blob_size(&self, blob: &Digest) -> Fallible<Option<u64>> {
        let message = "such a place does not tell how long its blobs are";
        Err(Failure::new(Code::NotYet, blob, Operation::BlobHead, message))
    }
}

/// A place, opened once per run for writing and shared by its repositories.
pub trait WritePlace: Send + Sync {
    /// One repository, for writing as well.
    fn writer(&self, name: Option<LayoutName>) -> Arc<dyn Writer>;
}
