//! One repository of a layout, for reading.

use super::blob;
use super::directory::Directory;
use super::disk::plain_size;
use super::entry::{Name, Pointer};
use super::fault::Act;
use super::stored::{damaged, media_type_of, missing, read_manifest, too_large};
use crate::failure::{Code, Fallible, Operation};
use crate::oci::{At, Descriptor, Digest, LayoutName, Place, RawManifest, Repository, Tag};
use crate::store::{BlobStream, Head, MANIFEST_BYTES_MAX, Reader};
use async_trait::async_trait;
use std::sync::Arc;

/// A repository in a layout. Blobs, and manifests asked for by digest, are those of the whole
/// layout: they are shared by its repositories.
#[derive(Clone)]
pub(super) struct LayoutReader {
    repository: Repository,
    name: Option<LayoutName>,
    directory: Arc<Directory>,
}

impl LayoutReader {
    pub(super) fn new(directory: &Arc<Directory>, name: Option<LayoutName>) -> Self {
        let root = directory.paths.root().to_owned();
        let repository = Repository::Local { place: Place::layout(root), name: name.clone() };
        Self { repository, name, directory: Arc::clone(directory) }
    }

    pub(super) fn act(&self, operation: Operation) -> Act {
        Act::new(&self.repository, operation)
    }

    pub(super) fn named(&self, tag: &Tag) -> Name {
        Name { repository: self.name.clone(), tag: tag.clone() }
    }

    /// What `index.json` says; none also when it says nothing of it.
    fn pointer(&self, at: &At, act: &Act) -> Fallible<Option<Pointer>> {
        let Some(index) = self.directory.index(act)? else { return Ok(None) };
        let found = match at {
            At::Tag(tag) => index.tag(&self.named(tag)),
            At::Digest(digest) => Ok(index.digest(digest)),
        };
        found.map(Option::<&Pointer>::cloned).map_err(|why| {
            let message = format!("{} cannot be used: {why}", self.directory.paths.index().display());
            act.fail(Code::Protocol, message).hint(
                "repair that file; where several repositories use one tag, name one: `oci:DIRECTORY//NAME`",
            )
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
        let path = self.directory.paths.blob(&digest);
        let found = plain_size(&path).map_err(|e| act.io("look at", &path, &e))?;
        if found == Some(size_bytes) {
            return Ok(Some(Head { digest, media_type, size_bytes: Some(size_bytes) }));
        }
        tracing::warn!(file = %path.display(), ?found, size_bytes, "a manifest is named but damaged or gone");
        Ok(None)
    }

    fn manifest_now(&self, at: &At, act: &Act) -> Fallible<Option<RawManifest>> {
        let (Pointer { media_type, digest, size_bytes }, at) = match (self.pointer(at, act)?, at) {
            (Some(pointer), at) => (pointer, at),
            (None, At::Tag(_)) => return Ok(None),
            (None, At::Digest(digest)) => return self.unlisted(digest, act),
        };
        let path = self.directory.paths.blob(&digest);
        if size_bytes > MANIFEST_BYTES_MAX {
            return Err(too_large(&path, act));
        }
        let bytes = read_manifest(&self.directory.paths, &digest, act)?.ok_or_else(|| missing(&path, act))?;
        if bytes.len() as u64 != size_bytes {
            let why = format!("it has {} bytes, but {size_bytes} in index.json for `{at}`", bytes.len());
            return Err(damaged(&path, &why, act));
        }
        Ok(Some(RawManifest { media_type, digest, bytes }))
    }

    /// A manifest that has no entry in `index.json`: the child of an index.
    fn unlisted(&self, digest: &Digest, act: &Act) -> Fallible<Option<RawManifest>> {
        let Some(bytes) = read_manifest(&self.directory.paths, digest, act)? else { return Ok(None) };
        let media_type = media_type_of(&bytes);
        Ok(media_type.map(|media_type| RawManifest { media_type, digest: digest.clone(), bytes }))
    }
}

#[async_trait]
impl Reader for LayoutReader {
    fn repository(&self) -> &Repository {
        &self.repository
    }

    async fn tags(&self) -> Fallible<Option<Vec<Tag>>> {
        let this = self.clone();
        let tags = move |act: &Act| Ok(this.directory.index(act)?.and_then(|index| index.tags(&this.name)));
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

    async fn blob(&self, blob: &Descriptor, start: u64) -> Fallible<BlobStream> {
        let (this, blob) = (self.clone(), blob.clone());
        let open = move |act: &Act| blob::open(&this.directory.paths, &blob, start, act);
        self.act(Operation::BlobGet).blocking(open).await
    }
}
