//! One repository in the data of a registry, for reading.

use super::folder::Folder;
use crate::failure::{Code, Fallible, Operation};
use crate::oci::{At, Descriptor, Digest, Place, PlaceKind, RawManifest, Repository, RepositoryPath, Tag};
use crate::store::disk::blob;
use crate::store::disk::fault::Act;
use crate::store::disk::stored::missing;
use crate::store::{BlobStream, Head, Reader};
use async_trait::async_trait;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

/// A repository: it has what it links to, as a registry sees it too.
#[derive(Clone)]
pub(super) struct DataReader {
    repository: Repository,
    pub(super) path: RepositoryPath,
    pub(super) folder: Arc<Folder>,
}

impl DataReader {
    /// `place` is where the data lies, as it was written by whoever asked.
    pub(super) fn new(folder: &Arc<Folder>, place: &Path, path: RepositoryPath) -> Self {
        let place = Place { kind: PlaceKind::RegistryData, path: place.to_owned() };
        let repository = Repository::Local { place, name: path.as_str().parse().ok() };
        Self { repository, path, folder: Arc::clone(folder) }
    }

    pub(super) fn act(&self, operation: Operation) -> Act {
        Act::new(&self.repository, operation)
    }

    /// The digest that is meant; none when there is no such tag.
    fn digest(&self, at: &At, act: &Act) -> Fallible<Option<Digest>> {
        match at {
            At::Tag(tag) => self.folder.link(&self.folder.paths.tag(&self.path, tag).current(), act),
            At::Digest(digest) => Ok(Some(digest.clone())),
        }
    }

    fn manifest_now(&self, at: &At, act: &Act) -> Fallible<Option<RawManifest>> {
        let Some(digest) = self.digest(at, act)? else { return Ok(None) };
        match (self.folder.manifest(&self.path, &digest, act)?, at) {
            (None, At::Tag(_)) => Err(missing(&self.folder.paths.revision(&self.path, &digest), act)),
            (found, _) => Ok(found),
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
            Err(failure) if matches!(failure.code, Code::Corrupt | Code::NotFound) => {
                tracing::warn!(%failure, "taken as absent");
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    fn tags_now(&self, act: &Act) -> Fallible<Option<Vec<Tag>>> {
        let directory = self.folder.paths.tags(&self.path);
        self.folder.refuse_links(&directory.join("any"), act)?;
        let entries = match fs::read_dir(&directory) {
            Ok(entries) => entries,
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
            Err(e) => return Err(act.io("read", &directory, &e)),
        };
        let mut tags = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|e| act.io("read", &directory, &e))?;
            let Some(tag) = entry.file_name().to_str().and_then(|name| name.parse::<Tag>().ok()) else {
                tracing::warn!(directory = ?entry.path(), "this is no tag, and is skipped");
                continue;
            };
            let current = self.folder.paths.tag(&self.path, &tag).current();
            // Without it, the tag was begun and never finished.
            if self.folder.size_of(&current, act)?.is_some() {
                tags.push(tag);
            }
        }
        tags.sort();
        Ok(Some(tags))
    }

    fn open_blob(&self, blob: &Descriptor, start: u64, act: &Act) -> Fallible<BlobStream> {
        let link = self.folder.paths.layer(&self.path, &blob.digest);
        let Some(digest) = self.folder.link(&link, act)? else { return Err(missing(&link, act)) };
        let path = self.folder.paths.data(&digest);
        self.folder.refuse_links(&path, act)?;
        blob::open(path, blob, start, act)
    }
}

#[async_trait]
impl Reader for DataReader {
    fn repository(&self) -> &Repository {
        &self.repository
    }

    async fn tags(&self) -> Fallible<Option<Vec<Tag>>> {
        let this = self.clone();
        self.act(Operation::TagList).blocking(move |act| this.tags_now(act)).await
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
        self.act(Operation::BlobGet).blocking(move |act| this.open_blob(&blob, start, act)).await
    }
}
