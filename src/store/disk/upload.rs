//! One blob on its way onto this disk: hashed while it is written, named only when it is right.

use super::fault::Act;
use super::session::{Draft, Session};
use crate::failure::{Code, Fallible};
use crate::oci::{Descriptor, Hasher};
use crate::store::Upload;
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::Arc;

/// What a store does with a finished file: gives it its name.
pub(in crate::store) type Placing = Arc<dyn Fn(Draft, &Act) -> Fallible<()> + Send + Sync>;

/// A blob whose bytes are being written.
pub(in crate::store) struct DiskUpload {
    blob: Descriptor,
    session: Arc<Session>,
    placing: Placing,
    act: Act,
    /// What was written; none before the first byte, and after a failure.
    written: Option<Written>,
}

struct Written {
    draft: Draft,
    hasher: Hasher,
    bytes: u64,
}

impl DiskUpload {
    pub(in crate::store) fn new(
        blob: &Descriptor,
        session: &Arc<Session>,
        placing: Placing,
        act: Act,
    ) -> Self {
        Self { blob: blob.clone(), session: Arc::clone(session), placing, act, written: None }
    }

    fn take(&mut self) -> Fallible<Written> {
        let message = "a blob was written to before it was opened, or after it failed";
        self.written.take().ok_or_else(|| self.act.fail(Code::Internal, message))
    }
}

#[async_trait]
impl Upload for DiskUpload {
    async fn open(&mut self) -> Fallible<()> {
        let (session, blob) = (Arc::clone(&self.session), self.blob.clone());
        let start = move |act: &Act| {
            let draft = session.draft().map_err(|e| act.io("create a file in", session.directory(), &e))?;
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
        let (placing, blob) = (Arc::clone(&self.placing), self.blob.clone());
        let place = move |act: &Act| {
            if bytes != blob.size_bytes {
                return Err(wrong(&blob, &format!("only {bytes} bytes"), act));
            }
            let digest = hasher.finish();
            if digest != blob.digest {
                return Err(wrong(&blob, &format!("the digest {digest}"), act));
            }
            placing(draft, act)
        };
        self.act.blocking(place).await
    }
}

/// The bytes that came are not those of the blob.
pub(in crate::store) fn wrong(blob: &Descriptor, what: &str, act: &Act) -> Box<crate::failure::Failure> {
    let Descriptor { digest, size_bytes, .. } = blob;
    act.fail(Code::Corrupt, format!("{digest} ({size_bytes} bytes) came with {what}, and was not kept"))
        .hint("run again; if it stays, what the source holds is damaged")
}
