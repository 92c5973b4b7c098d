//! Asking a repository, and counting what it takes.

use super::fallback;
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{At, Digest, RawManifest, Referrer, Repository, Tag};
use crate::store::{Head, Listed, ListedReferrers, Reader};
use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

/// A repository, and how many requests were made to it.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) reader: &'a dyn Reader,
    requests: &'a AtomicU64,
}

impl<'a> Asking<'a> {
    pub(super) fn new(reader: &'a dyn Reader, requests: &'a AtomicU64) -> Self {
        Self { reader, requests }
    }

    /// The same count, of another repository.
    pub(super) fn at(self, reader: &'a dyn Reader) -> Self {
        Self { reader, ..self }
    }

    /// Files are read without requests.
    fn count(&self, requests: u64) {
        if let Repository::Registry { .. } = self.reader.repository() {
            self.requests.fetch_add(requests, Ordering::Relaxed);
        }
    }

    pub(super) async fn list(&self, pages_max: usize) -> Fallible<Listed> {
        self.count(1);
        self.reader.list(pages_max).await
    }

    pub(super) async fn list_after(&self, last: &Tag) -> Fallible<Listed> {
        self.count(1);
        self.reader.list_after(last).await
    }

    pub(super) async fn head(&self, at: &At) -> Fallible<Option<Head>> {
        self.count(1);
        self.reader.head(at).await
    }

    pub(super) async fn manifest(&self, at: &At) -> Fallible<Option<RawManifest>> {
        self.count(1);
        self.reader.manifest(at).await
    }

    /// The same where it was read before, and is on the shelf.
    pub(super) async fn manifest_at_hand(&self, digest: &Digest) -> Fallible<Option<RawManifest>> {
        self.reader.manifest(&At::Digest(digest.clone())).await
    }

    /// The referrers that the tag of `subject` lists; none where it is no list of them. `children` are those
    /// of the subject, where that is known.
    pub(super) async fn by_tag(
        &self,
        subject: &Digest,
        tag: &Tag,
        children: &HashSet<Digest>,
    ) -> Fallible<Option<Vec<Referrer>>> {
        let Some(raw) = self.manifest(&At::Tag(tag.clone())).await? else { return Ok(None) };
        fallback::worth(&raw, subject, children).map_err(|error| {
            let message = format!("the list of referrers under the tag {tag} cannot be read: {error}");
            Failure::new(Code::Protocol, self.reader.repository(), Operation::ReferrerList, message)
        })
    }

    pub(super) async fn referrers(&self, subject: &Digest) -> Fallible<ListedReferrers> {
        let listed = self.reader.referrers(subject).await?;
        self.count(listed.requests);
        Ok(listed)
    }
}
