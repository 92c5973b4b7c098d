//! One repository of a layout, for reading.

use super::contents::{Contents, Fault};
use super::entry::{Name, Pointer};
use crate::failure::{Code, Fallible, Operation};
use crate::oci::{At, Descriptor, Digest, LayoutName, PlaceKind, RawManifest, Repository, Tag};
use crate::store::disk::fault::Act;
use crate::store::disk::stored::media_type_of;
use crate::store::{BlobStream, Head, ListedReferrers, MANIFEST_BYTES_MAX, Reader};
use async_trait::async_trait;
use std::sync::Arc;

/// A repository in a layout. Blobs, and manifests asked for by digest, are those of the whole
/// layout: they are shared by its repositories.
pub(in crate::store) struct LayoutReader<C> {
    repository: Repository,
    name: Option<LayoutName>,
    contents: Arc<C>,
}

impl<C> Clone for LayoutReader<C> {
    fn clone(&self) -> Self {
        let (repository, name) = (self.repository.clone(), self.name.clone());
        Self { repository, name, contents: Arc::clone(&self.contents) }
    }
}

impl<C: Contents> LayoutReader<C> {
    pub(in crate::store) fn new(contents: &Arc<C>, name: Option<LayoutName>) -> Self {
        let repository = Repository::Local { place: contents.place(), name: name.clone() };
        Self { repository, name, contents: Arc::clone(contents) }
    }

    pub(in crate::store) fn act(&self, operation: Operation) -> Act {
        Act::new(&self.repository, operation)
    }

    pub(super) fn named(&self, tag: &Tag) -> Name {
        Name { repository: self.name.clone(), tag: tag.clone() }
    }

    /// What `index.json` says; none also when it says nothing of it.
    fn pointer(&self, at: &At, act: &Act) -> Fallible<Option<Pointer>> {
        let Some(index) = self.contents.index(act)? else { return Ok(None) };
        let found = match at {
            At::Tag(tag) => index.tag(&self.named(tag)),
            At::Digest(digest) => Ok(index.digest(digest)),
        };
        found.map(Option::<&Pointer>::cloned).map_err(|why| {
            let message = format!("{} cannot be used: {why}", self.contents.index_name());
            act.fail(Code::Protocol, message).hint(match self.contents.place().kind {
                PlaceKind::Layout => "repair that file; where several repositories use one tag, name one: `oci:DIRECTORY//NAME`",
                _ => "where several repositories use one tag, name one: `oci-archive:FILE//NAME`",
            })
        })
    }

    fn head_now(&self, at: &At, act: &Act) -> Fallible<Option<Head>> {
        match (self.pointer(at, act)?, at) {
            (Some(pointer), _) => self.head_of(pointer, act),
            (None, At::Tag(_)) => Ok(None),
            (None, At::Digest(digest)) => match self.unlisted(digest, act) {
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
            },
        }
    }

    /// Only looks whether the file is there: what `index.json` says is enough for the rest.
    fn head_of(&self, pointer: Pointer, act: &Act) -> Fallible<Option<Head>> {
        let Pointer { media_type, digest, size_bytes } = pointer;
        let found = self.contents.size_bytes(&digest, act)?;
        if found == Some(size_bytes) {
            return Ok(Some(Head { digest, media_type, size_bytes: Some(size_bytes) }));
        }
        tracing::warn!(place = %self.repository, %digest, ?found, size_bytes, "a manifest is named but damaged or gone");
        Ok(None)
    }

    fn manifest_now(&self, at: &At, act: &Act) -> Fallible<Option<RawManifest>> {
        let (Pointer { media_type, digest, size_bytes }, at) = match (self.pointer(at, act)?, at) {
            (Some(pointer), at) => (pointer, at),
            (None, At::Tag(_)) => return Ok(None),
            (None, At::Digest(digest)) => return self.unlisted(digest, act),
        };
        if size_bytes > MANIFEST_BYTES_MAX {
            return Err(self.contents.blame(&digest, Fault::TooLarge, act));
        }
        let bytes = self.contents.manifest(&digest, act)?;
        let bytes = bytes.ok_or_else(|| self.contents.blame(&digest, Fault::Missing, act))?;
        if bytes.len() as u64 != size_bytes {
            let why = format!("it has {} bytes, but {size_bytes} in index.json for `{at}`", bytes.len());
            return Err(self.contents.blame(&digest, Fault::Damaged(&why), act));
        }
        Ok(Some(RawManifest { media_type, digest, bytes }))
    }

    /// A manifest that has no entry in `index.json`: the child of an index.
    fn unlisted(&self, digest: &Digest, act: &Act) -> Fallible<Option<RawManifest>> {
        let Some(bytes) = self.contents.manifest(digest, act)? else { return Ok(None) };
        let media_type = media_type_of(&bytes);
        Ok(media_type.map(|media_type| RawManifest { media_type, digest: digest.clone(), bytes }))
    }
}

#[async_trait]
impl<C: Contents> Reader for LayoutReader<C> {
    fn repository(&self) -> &Repository {
        &self.repository
    }

    async fn tags(&self) -> Fallible<Option<Vec<Tag>>> {
        let this = self.clone();
        let tags = move |act: &Act| Ok(this.contents.index(act)?.and_then(|index| index.tags(&this.name)));
        self.act(Operation::TagList).blocking(tags).await
    }

    async fn head(&self, at: &At) -> Fallible<Option<Head>> {
        let (this, at) = (self.clone(), at.clone());
        self.act(Operation::ManifestHead).blocking(move |act| this.head_now(&at, act)).await
    }

    async fn manifest(&self, at: &At) -> Fallible<Option<RawManifest>> {
        let (this, at) = (self.clone(), at.clone());
        self.act(Operation::ManifestGet).blocking(move |act| this.manifest_now(&at, act)).await
    }

    async fn referrers(&self, subject: &Digest) -> Fallible<ListedReferrers> {
        let (this, subject) = (self.clone(), subject.clone());
        let find = move |act: &Act| this.contents.referrers(&subject, act);
        let list = self.act(Operation::ReferrerList).blocking(find).await?;
        Ok(ListedReferrers { list, requests: 0 })
    }

    async fn blob(&self, blob: &Descriptor, start: u64) -> Fallible<BlobStream> {
        let (this, blob) = (self.clone(), blob.clone());
        let open = move |act: &Act| this.contents.blob(&blob, start, act);
        self.act(Operation::BlobGet).blocking(open).await
    }
}
