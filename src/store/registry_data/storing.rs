//! Writing content and links into the data of a registry. Every file is whole when it gets its name.

use super::folder::{Folder, is_served_as};
use super::paths::TagPaths;
use crate::failure::{Code, Fallible};
use crate::oci::{At, Descriptor, Digest, RawManifest, RepositoryPath, Tag};
use crate::store::MANIFEST_BYTES_MAX;
use crate::store::disk::closure::{Holdings, confirm};
use crate::store::disk::fault::Act;
use crate::store::disk::files::make_directories;
use crate::store::disk::session::{Draft, Session};
use bytes::Bytes;
use std::path::Path;
use std::sync::Arc;

/// What the writers of the data of one registry share.
pub(super) struct Storing {
    pub(super) folder: Arc<Folder>,
    pub(super) session: Arc<Session>,
}

/// How a blob is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// The repository has it.
    Linked,
    /// The repository had not, and has it now: its bytes were there.
    LinkedNow,
    /// Its bytes are not there.
    Absent,
}

impl Storing {
    /// Makes a blob present where its bytes are there, whole as far as their length tells.
    pub(super) fn link_blob(
        &self,
        repository: &RepositoryPath,
        blob: &Descriptor,
        act: &Act,
    ) -> Fallible<Presence> {
        let link = self.folder.paths.layer(repository, &blob.digest);
        let there = match self.folder.follow(&link, act) {
            // A link that cannot be read is written again.
            Err(failure) if failure.code == Code::Corrupt => None,
            there => there?,
        };
        if there.is_some_and(|(_, size_bytes)| size_bytes == blob.size_bytes) {
            return Ok(Presence::Linked);
        }
        let data = self.folder.paths.data(&blob.digest);
        match self.folder.size_of(&data, act)? {
            Some(size_bytes) if size_bytes == blob.size_bytes => {}
            Some(found) => {
                tracing::warn!(file = %data.display(), found, expected = blob.size_bytes, "replacing a damaged blob");
                return Ok(Presence::Absent);
            }
            None => return Ok(Presence::Absent),
        }
        self.write_link(&link, &blob.digest, act)?;
        Ok(Presence::LinkedNow)
    }

    /// Gives a finished blob its name, and links it.
    pub(super) fn place_blob(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
        draft: Draft,
        act: &Act,
    ) -> Fallible<()> {
        self.place(draft, &self.folder.paths.data(digest), act)?;
        self.write_link(&self.folder.paths.layer(repository, digest), digest, act)
    }

    /// Stores a manifest, after everything that it reaches was found; with its tag, where it has one.
    pub(super) fn store(
        &self,
        repository: &RepositoryPath,
        at: &At,
        manifest: &RawManifest,
        act: &Act,
    ) -> Fallible<()> {
        let RawManifest { media_type, digest, bytes } = manifest;
        if bytes.len() as u64 > MANIFEST_BYTES_MAX {
            return Err(act.fail(Code::LimitExceeded, format!("{digest} is too large for a manifest")));
        }
        let asked = match at {
            At::Digest(asked) => asked,
            At::Tag(_) => digest,
        };
        if asked != digest || !digest.matches(bytes) {
            return Err(act.fail(Code::Corrupt, format!("the bytes given for {asked} have another digest")));
        }
        if !is_served_as(bytes, media_type) {
            let message = format!("a registry would not serve {digest} as {media_type}");
            return Err(act
                .fail(Code::UnsupportedManifest, message)
                .hint("registries of CNCF distribution know images and indexes of OCI and Docker only"));
        }
        confirm(&InRepository { folder: &self.folder, repository }, manifest, act)?;
        self.store_revision(repository, manifest, act)?;
        match at {
            At::Tag(tag) => self.write_tag(repository, tag, digest, act),
            At::Digest(_) => Ok(()),
        }
    }

    fn store_revision(&self, repository: &RepositoryPath, manifest: &RawManifest, act: &Act) -> Fallible<()> {
        let RawManifest { media_type: _, digest, bytes } = manifest;
        match self.folder.manifest_bytes(repository, digest, act) {
            Ok(Some(_)) => return Ok(()),
            Ok(None) => {}
            // Whatever is wrong with what is there, the right bytes take its place.
            Err(failure) => tracing::warn!(%failure, "replacing a damaged manifest"),
        }
        self.write(&self.folder.paths.data(digest), bytes, act)?;
        self.write_link(&self.folder.paths.revision(repository, digest), digest, act)
    }

    /// What a tag names now is written last. A tag that is new appears with all that it has, because a
    /// registry lists its directory whatever is in it.
    fn write_tag(&self, repository: &RepositoryPath, tag: &Tag, digest: &Digest, act: &Act) -> Fallible<()> {
        let paths = self.folder.paths.tag(repository, tag);
        let now = match self.folder.link(&paths.current(), act) {
            Err(failure) if failure.code == Code::Corrupt => None,
            now => now?,
        };
        if now.as_ref() == Some(digest) {
            return Ok(());
        }
        if now.is_none() && !paths.0.exists() {
            let tags = self.folder.paths.tags(repository);
            self.make_directories(&tags, act)?;
            let write = |directory: &Path| {
                let new = TagPaths(directory.to_owned());
                [new.entry(digest), new.current()]
                    .map(|path| (path, digest.as_str().as_bytes().to_vec()))
                    .to_vec()
            };
            let placed = self.session.place_directory(&paths.0, write);
            if placed.map_err(|e| act.io("write", &paths.0, &e))? {
                return Ok(());
            }
        }
        self.write_link(&paths.entry(digest), digest, act)?;
        self.write_link(&paths.current(), digest, act)
    }

    fn write_link(&self, path: &Path, digest: &Digest, act: &Act) -> Fallible<()> {
        self.write(path, digest.as_str().as_bytes(), act)
    }

    fn write(&self, path: &Path, bytes: &[u8], act: &Act) -> Fallible<()> {
        let write = || {
            let mut draft = self.session.draft()?;
            draft.write_all(bytes)?;
            Ok(draft)
        };
        let draft = write().map_err(|e| act.io("write", path, &e))?;
        self.place(draft, path, act)
    }

    fn place(&self, draft: Draft, path: &Path, act: &Act) -> Fallible<()> {
        if let Some(directory) = path.parent() {
            self.make_directories(directory, act)?;
        }
        draft.place(path).map(drop).map_err(|e| act.io("write", path, &e))
    }

    fn make_directories(&self, path: &Path, act: &Act) -> Fallible<()> {
        self.folder.refuse_links(&path.join("any"), act)?;
        make_directories(self.folder.paths.root(), path).map_err(|e| act.io("create", path, &e))
    }
}

/// What one repository has: the bytes of another are nothing that it could serve.
struct InRepository<'a> {
    folder: &'a Folder,
    repository: &'a RepositoryPath,
}

impl Holdings for InRepository<'_> {
    const NAME: &'static str = "the repository";

    fn size_of(&self, digest: &Digest, act: &Act) -> Fallible<Option<u64>> {
        let Self { folder, repository } = self;
        for link in [folder.paths.layer(repository, digest), folder.paths.revision(repository, digest)] {
            if let Some((_, size_bytes)) = folder.follow(&link, act)? {
                return Ok(Some(size_bytes));
            }
        }
        Ok(None)
    }

    fn manifest(&self, digest: &Digest, act: &Act) -> Fallible<Option<Bytes>> {
        self.folder.manifest_bytes(self.repository, digest, act)
    }
}
