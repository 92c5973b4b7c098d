//! One repository of an archive, for writing as well.

use super::contents::Growing;
use super::docker::is_loaded;
use super::upload::ArchiveUpload;
use crate::failure::{Code, Fallible, Operation};
use crate::oci::{At, Descriptor, LayoutName, PlaceKind, RawManifest, Repository, is_of_referrers};
use crate::store::disk::closure::confirm;
use crate::store::disk::fault::Act;
use crate::store::layout::contents::Contents;
use crate::store::layout::entry::{Name, Pointer};
use crate::store::layout::reader::LayoutReader;
use crate::store::{Begun, MANIFEST_BYTES_MAX, Subject, Writer, reads_by};
use async_trait::async_trait;
use std::sync::Arc;

/// A repository in an archive that can be written.
pub(super) struct ArchiveWriter {
    reader: LayoutReader<Growing>,
    name: Option<LayoutName>,
    growing: Arc<Growing>,
}

impl ArchiveWriter {
    pub(super) fn new(growing: &Arc<Growing>, name: Option<LayoutName>) -> Self {
        let reader = LayoutReader::new(growing, name.clone());
        Self { reader, name, growing: Arc::clone(growing) }
    }
}

impl Growing {
    /// Stores a manifest, after everything that it reaches was found; with its tag, where it has one.
    fn store(
        &self,
        repository: Option<LayoutName>,
        at: &At,
        manifest: &RawManifest,
        act: &Act,
    ) -> Fallible<()> {
        let RawManifest { media_type, digest, bytes } = manifest;
        let size_bytes = bytes.len() as u64;
        if size_bytes > MANIFEST_BYTES_MAX {
            return Err(act.fail(Code::LimitExceeded, format!("{digest} is too large for a manifest")));
        }
        if matches!(at, At::Digest(asked) if asked != digest) || !digest.matches(bytes) {
            return Err(act.fail(Code::Corrupt, format!("the bytes given for {at} have another digest")));
        }
        let name = match at {
            At::Tag(tag) => Some(Name { repository, tag: tag.clone() }),
            At::Digest(_) => None,
        };
        self.refuse_many_platforms(name.as_ref(), manifest, act)?;
        confirm(self, manifest, act)?;
        // Whatever is wrong with what is there, the right bytes take its place.
        let is_there = matches!(Contents::manifest(self, digest, act), Ok(Some(_)));
        self.write(act, |partial| {
            if !is_there {
                partial.add_blob(digest, bytes, act)?;
            }
            let Some(name) = name else { return Ok(()) };
            let pointer = Pointer { media_type: media_type.clone(), digest: digest.clone(), size_bytes };
            if partial.index.says(&name, &pointer) {
                return Ok(());
            }
            let set = Arc::make_mut(&mut partial.index).set(&name, &pointer);
            set.map_err(|e| act.fail(Code::Internal, format!("index.json: {e}")))?;
            partial.is_new = true;
            Ok(())
        })
    }

    /// `docker load` takes images, and an index is many.
    fn refuse_many_platforms(&self, name: Option<&Name>, manifest: &RawManifest, act: &Act) -> Fallible<()> {
        let Some(name) = name.filter(|_| self.place.kind == PlaceKind::DockerArchive) else { return Ok(()) };
        if is_loaded(name, &manifest.media_type) || is_of_referrers(&name.tag) {
            return Ok(());
        }
        let message = format!(
            "`docker load` takes images of one platform, and {} is an index of several",
            manifest.digest
        );
        Err(act.fail(Code::UnsupportedManifest, message).hint(
            "choose one with `platforms: [linux/amd64]` and `index: single`, or write an `oci-archive:`",
        ))
    }
}

reads_by!(ArchiveWriter, reader);

#[async_trait]
impl Writer for ArchiveWriter {
    /// Where else the store has the blob does not matter: all repositories of an archive share it.
    async fn begin(&self, blob: &Descriptor, _elsewhere: Option<&Repository>) -> Fallible<Begun> {
        let (growing, wanted) = (Arc::clone(&self.growing), blob.clone());
        let look = move |act: &Act| growing.size_bytes(&wanted.digest, act);
        let found = self.reader.act(Operation::UploadStart).blocking(look).await?;
        match found == Some(blob.size_bytes) {
            true => Ok(Begun::Present),
            false => self.begin_anew(blob).await,
        }
    }

    async fn begin_anew(&self, blob: &Descriptor) -> Fallible<Begun> {
        let act = self.reader.act(Operation::BlobPut);
        Ok(Begun::Upload(Box::new(ArchiveUpload::new(&self.growing, blob, act))))
    }

    async fn put_manifest(&self, at: &At, manifest: &RawManifest) -> Fallible<Subject> {
        let (growing, name) = (Arc::clone(&self.growing), self.name.clone());
        let (at, manifest) = (at.clone(), manifest.clone());
        let store = move |act: &Act| growing.store(name, &at, &manifest, act);
        self.reader.act(Operation::ManifestPut).blocking(store).await?;
        Ok(Subject::Untold)
    }
}
