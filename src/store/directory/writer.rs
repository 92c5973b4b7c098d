//! The image of a directory, for writing as well.

use super::image::ImageDirectory;
use super::reader::DirectoryReader;
use crate::failure::{Code, Fallible, Operation};
use crate::oci::{At, Descriptor, RawManifest, Repository, is_of_referrers};
use crate::store::disk::closure::confirm;
use crate::store::disk::fault::Act;
use crate::store::disk::files::plain_size;
use crate::store::disk::session::{Draft, Session};
use crate::store::disk::stored::media_type_of;
use crate::store::disk::upload::DiskUpload;
use crate::store::{Begun, MANIFEST_BYTES_MAX, Subject, Writer, reads_by};
use async_trait::async_trait;
use std::path::Path;
use std::sync::Arc;

/// The directory of an image that can be written.
pub(super) struct DirectoryWriter {
    pub(super) reader: DirectoryReader,
    pub(super) storing: Arc<Storing>,
}

/// What writes into one directory.
pub(super) struct Storing {
    pub(super) directory: Arc<ImageDirectory>,
    pub(super) session: Arc<Session>,
}

impl Storing {
    fn store(&self, at: &At, manifest: &RawManifest, act: &Act) -> Fallible<()> {
        let RawManifest { media_type, digest, bytes } = manifest;
        if bytes.len() as u64 > MANIFEST_BYTES_MAX {
            return Err(act.fail(Code::LimitExceeded, format!("{digest} is too large for a manifest")));
        }
        if matches!(at, At::Digest(asked) if asked != digest) || !digest.matches(bytes) {
            return Err(act.fail(Code::Corrupt, format!("the bytes given for {at} have another digest")));
        }
        if media_type_of(bytes).as_ref() != Some(media_type) {
            let message =
                format!("{digest} does not say that it is {media_type}, and a directory cannot either");
            return Err(act.fail(Code::UnsupportedManifest, message).hint("use a layout, `oci:DIRECTORY`"));
        }
        confirm(&*self.directory, manifest, act)?;
        match at {
            At::Tag(tag) if is_of_referrers(tag) => Err(act
                .fail(Code::UnsupportedManifest, format!("the directory of one image has no place for the tag {tag}"))
                .hint("leave signatures and the like out with `referrers: none`, or use a layout, `oci:DIRECTORY`")),
            At::Tag(_) => self.write(&self.directory.top(), bytes, act),
            At::Digest(_) => self.write(&self.directory.child(digest), bytes, act),
        }
    }

    /// Whether a blob is there whole, as far as its length tells.
    fn has(&self, blob: &Descriptor, act: &Act) -> Fallible<bool> {
        let path = self.directory.blob(&blob.digest);
        let found = plain_size(&path).map_err(|e| act.io("look at", &path, &e))?;
        Ok(found == Some(blob.size_bytes))
    }

    pub(super) fn write(&self, path: &Path, bytes: &[u8], act: &Act) -> Fallible<()> {
        let write = || {
            let mut draft = self.session.draft()?;
            draft.write_all(bytes)?;
            draft.place(path).map(drop)
        };
        write().map_err(|e| act.io("write", path, &e))
    }
}

reads_by!(DirectoryWriter, reader);

#[async_trait]
impl Writer for DirectoryWriter {
    async fn begin(&self, blob: &Descriptor, _elsewhere: Option<&Repository>) -> Fallible<Begun> {
        let (storing, wanted) = (Arc::clone(&self.storing), blob.clone());
        let look = move |act: &Act| storing.has(&wanted, act);
        if self.reader.act(Operation::UploadStart).blocking(look).await? {
            return Ok(Begun::Present);
        }
        self.begin_anew(blob).await
    }

    async fn begin_anew(&self, blob: &Descriptor) -> Fallible<Begun> {
        let path = self.storing.directory.blob(&blob.digest);
        let placing = Arc::new(move |draft: Draft, act: &Act| {
            draft.place(&path).map(drop).map_err(|e| act.io("write", &path, &e))
        });
        let act = self.reader.act(Operation::BlobPut);
        Ok(Begun::Upload(Box::new(DiskUpload::new(blob, &self.storing.session, placing, act))))
    }

    async fn put_manifest(&self, at: &At, manifest: &RawManifest) -> Fallible<Subject> {
        let (storing, at, manifest) = (Arc::clone(&self.storing), at.clone(), manifest.clone());
        let store = move |act: &Act| storing.store(&at, &manifest, act);
        self.reader.act(Operation::ManifestPut).blocking(store).await?;
        Ok(Subject::Untold)
    }
}
