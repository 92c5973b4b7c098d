//! The image of a directory, for reading.

use super::image::ImageDirectory;
use crate::failure::{Code, Fallible, Operation};
use crate::oci::{At, Descriptor, Place, PlaceKind, RawManifest, Repository, Tag, is_of_referrers};
use crate::store::disk::blob;
use crate::store::disk::fault::Act;
use crate::store::{BlobStream, Head, Reader};
use async_trait::async_trait;
use std::sync::Arc;

/// What a directory without tags lists: the tag that is meant where none is written.
const LISTED: &str = "latest";

/// The directory as the one repository that it is.
#[derive(Clone)]
pub(super) struct DirectoryReader {
    repository: Repository,
    pub(super) directory: Arc<ImageDirectory>,
}

impl DirectoryReader {
    pub(super) fn new(directory: &Arc<ImageDirectory>) -> Self {
        let place = Place { kind: PlaceKind::Directory, path: directory.root().to_owned() };
        Self { repository: Repository::Local { place, name: None }, directory: Arc::clone(directory) }
    }

    pub(super) fn act(&self, operation: Operation) -> Act {
        Act::new(&self.repository, operation)
    }

    fn manifest_now(&self, at: &At, act: &Act) -> Fallible<Option<RawManifest>> {
        match at {
            // Tags of signatures and lists say which image they are about: not this one.
            At::Tag(tag) if is_of_referrers(tag) => Ok(None),
            At::Tag(_) => self.directory.image(None, act),
            At::Digest(digest) => self.directory.manifest_of(digest, act),
        }
    }

    /// What is damaged is taken as absent, so that it is written again.
    fn head_now(&self, at: &At, act: &Act) -> Fallible<Option<Head>> {
        match self.manifest_now(at, act) {
            Ok(found) => Ok(found.map(|RawManifest { media_type, digest, bytes }| Head {
                digest,
                media_type,
                size_bytes: Some(bytes.len() as u64),
            })),
            Err(failure) if failure.code == Code::Corrupt => {
                tracing::warn!(%failure, "taken as absent");
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }
}

#[async_trait]
impl Reader for DirectoryReader {
    fn repository(&self) -> &Repository {
        &self.repository
    }

    async fn tags(&self) -> Fallible<Option<Vec<Tag>>> {
        let this = self.clone();
        let there = move |act: &Act| Ok(this.directory.image(None, act)?.map(drop));
        let there = self.act(Operation::TagList).blocking(there).await?;
        Ok(there.map(|()| LISTED.parse().into_iter().collect()))
    }

    async fn head(&self, at: &At) -> Fallible<Option<Head>> {
        let (this, at) = (self.clone(), at.clone());
        self.act(Operation::ManifestHead).blocking(move |act| this.head_now(&at, act)).await
    }

    async fn manifest(&self, at: &At) -> Fallible<Option<RawManifest>> {
        let (this, at) = (self.clone(), at.clone());
        self.act(Operation::ManifestGet).blocking(move |act| this.manifest_now(&at, act)).await
    }

    async fn blob(&self, blob: &Descriptor, start: u64) -> Fallible<BlobStream> {
        let (path, blob) = (self.directory.blob(&blob.digest), blob.clone());
        let open = move |act: &Act| blob::open(path, &blob, start, act);
        self.act(Operation::BlobGet).blocking(open).await
    }
}
