//! One repository of a layout, for writing as well. Never deletes a blob.

use super::directory::Directory;
use super::entry::Pointer;
use super::paths::Paths;
use super::reader::LayoutReader;
use super::tagging::Tagging;
use crate::failure::{Code, Fallible, Operation};
use crate::oci::{At, Descriptor, Digest, LayoutName, RawManifest, Repository};
use crate::store::disk::closure::{Holdings, confirm};
use crate::store::disk::fault::Act;
use crate::store::disk::files::{plain_size, sync_directory};
use crate::store::disk::session::{Draft, Session};
use crate::store::disk::stored::read_manifest;
use crate::store::disk::upload::DiskUpload;
use crate::store::{Begun, MANIFEST_BYTES_MAX, Subject, Writer, reads_by};
use async_trait::async_trait;
use bytes::Bytes;
use std::fs;
use std::io::ErrorKind;
use std::sync::Arc;

/// What the writers of one layout share.
pub(super) struct Writing {
    pub(super) directory: Arc<Directory>,
    pub(super) session: Arc<Session>,
    pub(super) tagging: Arc<Tagging>,
}

/// A repository in a layout that can be written.
pub(super) struct LayoutWriter {
    reader: LayoutReader<Directory>,
    writing: Arc<Writing>,
}

impl LayoutWriter {
    pub(super) fn new(writing: &Arc<Writing>, name: Option<LayoutName>) -> Self {
        let reader = LayoutReader::new(&writing.directory, name);
        Self { reader, writing: Arc::clone(writing) }
    }
}

impl Writing {
    /// Whether a blob is there whole, as far as its length tells.
    fn has(&self, blob: &Descriptor, act: &Act) -> Fallible<bool> {
        let path = self.directory.paths.blob(&blob.digest);
        let found = plain_size(&path).map_err(|e| act.io("look at", &path, &e))?;
        if let Some(found) = found.filter(|found| *found != blob.size_bytes) {
            tracing::warn!(file = %path.display(), found, expected = blob.size_bytes, "replacing a damaged blob");
        }
        Ok(found == Some(blob.size_bytes))
    }

    /// Stores the bytes of a manifest, after everything that it reaches was found.
    fn store(&self, at: &At, manifest: &RawManifest, act: &Act) -> Fallible<()> {
        let RawManifest { media_type: _, digest, bytes } = manifest;
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
        confirm(&self.directory.paths, manifest, act)?;
        let path = self.directory.paths.blob(digest);
        match read_manifest(&path, digest, act) {
            Ok(Some(_)) => return Ok(()),
            Ok(None) => {}
            // Whatever is wrong with what is there, the right bytes take its place.
            Err(failure) => tracing::warn!(%failure, "replacing a damaged manifest"),
        }
        let write = || {
            let mut draft = self.session.draft()?;
            draft.write_all(bytes)?;
            Ok(draft)
        };
        let draft = write().map_err(|e| act.io("write", &path, &e))?;
        place(&self.directory.paths, digest, draft, act)
    }
}

/// All repositories of a layout share what it holds.
impl Holdings for Paths {
    const NAME: &'static str = "the layout";

    fn size_of(&self, digest: &Digest, act: &Act) -> Fallible<Option<u64>> {
        let path = self.blob(digest);
        plain_size(&path).map_err(|e| act.io("look at", &path, &e))
    }

    fn manifest(&self, digest: &Digest, act: &Act) -> Fallible<Option<Bytes>> {
        read_manifest(&self.blob(digest), digest, act)
    }
}

/// Gives a finished file the name of its digest.
pub(super) fn place(paths: &Paths, digest: &Digest, draft: Draft, act: &Act) -> Fallible<()> {
    let (shelf, path) = (paths.shelf(digest.algorithm()), paths.blob(digest));
    match fs::create_dir(&shelf) {
        Ok(()) => sync_directory(&paths.blobs()).map_err(|e| act.io("write", &shelf, &e))?,
        Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
        Err(e) => return Err(act.io("create", &shelf, &e)),
    }
    draft.place(&path).map(drop).map_err(|e| act.io("write", &path, &e))
}

reads_by!(LayoutWriter, reader);

#[async_trait]
impl Writer for LayoutWriter {
    /// Where else the store has the blob does not matter: all repositories of a layout share it.
    async fn begin(&self, blob: &Descriptor, _elsewhere: Option<&Repository>) -> Fallible<Begun> {
        let (writing, wanted) = (Arc::clone(&self.writing), blob.clone());
        let look = move |act: &Act| writing.has(&wanted, act);
        if self.reader.act(Operation::UploadStart).blocking(look).await? {
            return Ok(Begun::Present);
        }
        self.begin_anew(blob).await
    }

    async fn begin_anew(&self, blob: &Descriptor) -> Fallible<Begun> {
        let Writing { directory, session, tagging: _ } = &*self.writing;
        let (paths, digest) = (directory.paths.clone(), blob.digest.clone());
        let placing = Arc::new(move |draft: Draft, act: &Act| place(&paths, &digest, draft, act));
        let act = self.reader.act(Operation::BlobPut);
        Ok(Begun::Upload(Box::new(DiskUpload::new(blob, session, placing, act))))
    }

    async fn put_manifest(&self, at: &At, manifest: &RawManifest) -> Fallible<Subject> {
        let act = self.reader.act(Operation::ManifestPut);
        let (writing, asked, given) = (Arc::clone(&self.writing), at.clone(), manifest.clone());
        act.blocking(move |act| writing.store(&asked, &given, act)).await?;
        let At::Tag(tag) = at else { return Ok(Subject::Untold) };
        let RawManifest { media_type, digest, bytes } = manifest;
        let pointer = Pointer {
            media_type: media_type.clone(),
            digest: digest.clone(),
            size_bytes: bytes.len() as u64,
        };
        self.writing.tagging.set(self.reader.named(tag), pointer, act).await?;
        Ok(Subject::Untold)
    }
}
