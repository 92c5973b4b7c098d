//! Places on this disk as stores: what those of every kind have in common.

use super::{Reader, Writer};
use crate::failure::Fallible;
use crate::oci::LayoutName;
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
}

/// A place, opened once per run for writing and shared by its repositories.
pub trait WritePlace: Send + Sync {
    /// One repository, for writing as well.
    fn writer(&self, name: Option<LayoutName>) -> Arc<dyn Writer>;
}
