//! Sources seen from the open side of a gap: nobody sees the targets from there, so they count as empty.

use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{Area, At, Descriptor, RawManifest, Repository, Tag};
use crate::store::{BlobStream, Head, Reader, Sight};
use async_trait::async_trait;
use std::sync::Arc;

/// Sees sources as they are, and nothing of any target.
pub struct Afar(Arc<dyn Sight>);

/// A repository of which nothing is seen.
pub(super) struct Nowhere(pub(super) Repository);

impl Afar {
    /// Sees the sources that `sight` sees.
    pub fn new(sight: Arc<dyn Sight>) -> Self {
        Self(sight)
    }
}

#[async_trait]
impl Sight for Afar {
    async fn source(&self, repository: &Repository) -> Fallible<Arc<dyn Reader>> {
        self.0.source(repository).await
    }

    async fn target(&self, repository: &Repository) -> Fallible<Arc<dyn Reader>> {
        Ok(Arc::new(Nowhere(repository.clone())))
    }

    async fn catalog(&self, area: &Area) -> Fallible<Vec<String>> {
        self.0.catalog(area).await
    }
}

#[async_trait]
impl Reader for Nowhere {
    fn repository(&self) -> &Repository {
        &self.0
    }

    async fn tags(&self) -> Fallible<Option<Vec<Tag>>> {
        Ok(None)
    }

    async fn head(&self, _: &At) -> Fallible<Option<Head>> {
        Ok(None)
    }

    async fn manifest(&self, _: &At) -> Fallible<Option<RawManifest>> {
        Ok(None)
    }

    async fn blob(&self, blob: &Descriptor, _: u64) -> Fallible<BlobStream> {
        let message = format!("{} was looked for where nothing is", blob.digest);
        Err(Failure::new(Code::Internal, &self.0, Operation::BlobGet, message)
            .hint("please report this as a bug"))
    }
}
