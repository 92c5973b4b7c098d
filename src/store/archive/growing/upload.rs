//! One blob on its way into an archive: hashed while it is written, a member only when it is right.

use super::contents::Growing;
use super::regions::Region;
use crate::failure::{Code, Fallible};
use crate::oci::{Descriptor, Hasher};
use crate::store::Upload;
use crate::store::disk::fault::Act;
use crate::store::disk::upload::wrong;
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::Arc;

/// A blob whose bytes are being written to the place that it keeps.
pub(super) struct ArchiveUpload {
    growing: Arc<Growing>,
    blob: Descriptor,
    act: Act,
    /// What was written; none before the first byte, and after a failure.
    written: Option<Written>,
}

struct Written {
    place: Reserved,
    hasher: Hasher,
    bytes: u64,
}

/// A region that is given back unless it is kept.
struct Reserved {
    growing: Arc<Growing>,
    region: Option<Region>,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if let (Some(region), Some(partial)) = (self.region, &mut *self.growing.partial()) {
            partial.release(region);
        }
    }
}

impl ArchiveUpload {
    pub(super) fn new(growing: &Arc<Growing>, blob: &Descriptor, act: Act) -> Self {
        Self { growing: Arc::clone(growing), blob: blob.clone(), act, written: None }
    }

    fn take(&mut self) -> Fallible<Written> {
        let message = "a blob was written to before it was opened, or after it failed";
        self.written.take().ok_or_else(|| self.act.fail(Code::Internal, message))
    }
}

#[async_trait]
impl Upload for ArchiveUpload {
    async fn open(&mut self) -> Fallible<()> {
        let (growing, blob) = (Arc::clone(&self.growing), self.blob.clone());
        let start = move |act: &Act| {
            let region = growing.write(act, |partial| partial.reserve(&blob.digest, blob.size_bytes, act))?;
            let place = Reserved { growing, region: Some(region) };
            Ok(Written { place, hasher: blob.digest.hasher(), bytes: 0 })
        };
        self.written = Some(self.act.blocking(start).await?);
        Ok(())
    }

    async fn write(&mut self, piece: Bytes) -> Fallible<()> {
        let mut written = self.take()?;
        let blob = self.blob.clone();
        let write = move |act: &Act| {
            let at = written.bytes;
            written.bytes += piece.len() as u64;
            if written.bytes > blob.size_bytes {
                return Err(wrong(&blob, "more bytes than it may have", act));
            }
            written.hasher.update(&piece);
            if let Some(region) = written.place.region {
                let growing = &written.place.growing;
                growing.write(act, |partial| partial.write_at(region.content_at() + at, &piece, act))?;
            }
            Ok(written)
        };
        self.written = Some(self.act.blocking(write).await?);
        Ok(())
    }

    async fn commit(&mut self) -> Fallible<()> {
        let Written { mut place, hasher, bytes } = self.take()?;
        let blob = self.blob.clone();
        let keep = move |act: &Act| {
            if bytes != blob.size_bytes {
                return Err(wrong(&blob, &format!("only {bytes} bytes"), act));
            }
            let digest = hasher.finish();
            if digest != blob.digest {
                return Err(wrong(&blob, &format!("the digest {digest}"), act));
            }
            match place.region.take() {
                Some(region) => place.growing.write(act, |partial| partial.keep(&blob.digest, region, act)),
                None => Ok(()),
            }
        };
        self.act.blocking(keep).await
    }
}
