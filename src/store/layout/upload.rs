//! One blob on its way into a layout: hashed while it is written, named only when it is right.

use super::fault::Act;
use super::paths::Paths;
use super::session::{Draft, Session};
use crate::failure::{Code, Fallible};
use crate::oci::{Descriptor, Hasher};
use crate::store::Upload;
use async_trait::async_trait;
use bytes::Bytes;
use std::fs;
use std::io::ErrorKind;
use std::sync::Arc;

/// A blob whose bytes are being written.
pub(super) struct LayoutUpload {
    paths: Paths,
    blob: Descriptor,
    session: Arc<Session>,
    act: Act,
    /// What was written; none before the first byte, and after a failure.
    written: Option<Written>,
}

struct Written {
    draft: Draft,
    hasher: Hasher,
    bytes: u64,
}

impl LayoutUpload {
    pub(super) fn new(paths: &Paths, blob: &Descriptor, session: &Arc<Session>, act: Act) -> Self {
        let (paths, blob, session) = (paths.clone(), blob.clone(), Arc::clone(session));
        Self { paths, blob, session, act, written: None }
    }

    fn take(&mut self) -> Fallible<Written> {
        let message = "a blob was written to before it was opened, or after it failed";
        self.written.take().ok_or_else(|| self.act.fail(Code::Internal, message))
    }
}

#[async_trait]
impl Upload for LayoutUpload {
    async fn open(&mut self) -> Fallible<()> {
        let (session, blob, paths) = (Arc::clone(&self.session), self.blob.clone(), self.paths.clone());
        let start = move |act: &Act| {
            let draft = session.draft().map_err(|e| act.io("create a file in", &paths.drafts(), &e))?;
            Ok(Written { draft, hasher: blob.digest.hasher(), bytes: 0 })
        };
        self.written = Some(self.act.blocking(start).await?);
        Ok(())
    }

    async fn write(&mut self, piece: Bytes) -> Fallible<()> {
        let mut written = self.take()?;
        let blob = self.blob.clone();
        let write = move |act: &Act| {
            written.bytes += piece.len() as u64;
            if written.bytes > blob.size_bytes {
                return Err(wrong(&blob, "more bytes than it may have", act));
            }
            written.hasher.update(&piece);
            let done = written.draft.write_all(&piece);
            done.map_err(|e| act.io("write", written.draft.path(), &e))?;
            Ok(written)
        };
        self.written = Some(self.act.blocking(write).await?);
        Ok(())
    }

    async fn commit(&mut self) -> Fallible<()> {
        let Written { draft, hasher, bytes } = self.take()?;
        let (paths, blob) = (self.paths.clone(), self.blob.clone());
        let place = move |act: &Act| {
            if bytes != blob.size_bytes {
                return Err(wrong(&blob, &format!("only {bytes} bytes"), act));
            }
            let digest = hasher.finish();
            if digest != blob.digest {
                return Err(wrong(&blob, &format!("the digest {digest}"), act));
            }
            place(&paths, &blob.digest, draft, act)
        };
        self.act.blocking(place).await
    }
}

/// Gives a finished file the name of its digest.
pub(super) fn place(paths: &Paths, digest: &crate::oci::Digest, draft: Draft, act: &Act) -> Fallible<()> {
    let (shelf, path) = (paths.shelf(digest.algorithm()), paths.blob(digest));
    match fs::create_dir(&shelf) {
        Ok(()) => super::disk::sync_directory(&paths.blobs()).map_err(|e| act.io("write", &shelf, &e))?,
        Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
        Err(e) => return Err(act.io("create", &shelf, &e)),
    }
    draft.place(&path).map(drop).map_err(|e| act.io("write", &path, &e))
}

fn wrong(blob: &Descriptor, what: &str, act: &Act) -> Box<crate::failure::Failure> {
    let Descriptor { digest, size_bytes, .. } = blob;
    act.fail(Code::Corrupt, format!("{digest} ({size_bytes} bytes) came with {what}, and was not kept"))
        .hint("run again; if it stays, what the source holds is damaged")
}
