//! A repository that is made when its registry says that it is not there.

use super::{Creations, Place};
use crate::failure::{Failure, Fallible};
use crate::oci::{At, Descriptor, Digest, RawManifest, Repository, Tag};
use crate::store::registry::account::Account;
use crate::store::registry::repository::RegistryRepository;
use crate::store::{
    Begun, BlobStream, Condition, Costs, Depth, Head, Listed, ListedReferrers, Reader, Subject, Writer,
};
use async_trait::async_trait;
use std::sync::Arc;

/// A repository that may not be there, and how it is made.
pub(in crate::store::registry) struct Prepared {
    pub(in crate::store::registry) inner: RegistryRepository,
    pub(in crate::store::registry) creations: Arc<Creations>,
    /// Where repositories are made: the registry itself, or an API beside it.
    pub(in crate::store::registry) api: Arc<Account>,
}

impl Prepared {
    /// Makes the repository where a failure says that it is not there; else hands the failure back.
    async fn make(&self, failure: Box<Failure>) -> Fallible<()> {
        self.creations.after(failure, &self.place()).await
    }

    /// What was read; nothing, where a failure is about what is not there.
    async fn read<T>(&self, read: Fallible<T>, nothing: T) -> Fallible<T> {
        match read {
            Err(failure) => self.creations.absent(failure, &self.place()).await.map(|()| nothing),
            read => read,
        }
    }

    fn place(&self) -> Place<'_> {
        Place::of_path(&self.inner.account, &self.api, &self.inner.path)
    }
}

#[async_trait]
impl Reader for Prepared {
    fn repository(&self) -> &Repository {
        self.inner.repository()
    }

    async fn tags(&self) -> Fallible<Option<Vec<Tag>>> {
        self.read(self.inner.tags().await, None).await
    }

    async fn list(&self, pages_max: usize) -> Fallible<Listed> {
        self.read(self.inner.list(pages_max).await, Listed::Nowhere).await
    }

    async fn pushed(&self) -> Fallible<Option<Vec<Tag>>> {
        self.inner.pushed().await
    }

    fn costs(&self) -> Costs {
        self.inner.costs()
    }

    async fn head(&self, at: &At) -> Fallible<Option<Head>> {
        self.read(self.inner.head(at).await, None).await
    }

    async fn manifest(&self, at: &At) -> Fallible<Option<RawManifest>> {
        self.read(self.inner.manifest(at).await, None).await
    }

    async fn list_after(&self, last: &Tag) -> Fallible<Listed> {
        self.inner.list_after(last).await
    }

    async fn referrers(&self, subject: &Digest) -> Fallible<ListedReferrers> {
        self.inner.referrers(subject).await
    }

    async fn blob(&self, blob: &Descriptor, start: u64) -> Fallible<BlobStream> {
        self.inner.blob(blob, start).await
    }

    async fn look_at(&self, blob: &Descriptor, depth: Depth) -> Fallible<Condition> {
        self.inner.look_at(blob, depth).await
    }
}

#[async_trait]
impl Writer for Prepared {
    async fn begin(&self, blob: &Descriptor, elsewhere: Option<&Repository>) -> Fallible<Begun> {
        match self.inner.begin(blob, elsewhere).await {
            Err(failure) => {
                self.make(failure).await?;
                self.inner.begin(blob, elsewhere).await
            }
            begun => begun,
        }
    }

    async fn begin_anew(&self, blob: &Descriptor) -> Fallible<Begun> {
        match self.inner.begin_anew(blob).await {
            Err(failure) => {
                self.make(failure).await?;
                self.inner.begin_anew(blob).await
            }
            begun => begun,
        }
    }

    async fn put_manifest(&self, at: &At, manifest: &RawManifest) -> Fallible<Subject> {
        match self.inner.put_manifest(at, manifest).await {
            Err(failure) => {
                self.make(failure).await?;
                self.inner.put_manifest(at, manifest).await
            }
            put => put,
        }
    }
    fn tags_together(&self) -> Option<usize> {
        self.inner.tags_together()
    }

    async fn put_tagged(&self, tags: &[Tag], manifest: &RawManifest) -> Fallible<Vec<Tag>> {
        match self.inner.put_tagged(tags, manifest).await {
            Err(failure) => {
                self.make(failure).await?;
                self.inner.put_tagged(tags, manifest).await
            }
            put => put,
        }
    }
}
