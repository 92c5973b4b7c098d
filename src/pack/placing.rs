//! Placing: the transfer to a bundle, in which every blob has its place already.

use super::afar::Nowhere;
use super::draft::Cursor;
use super::draft::Draft;
use super::fault::{blocking, fail, io};
use super::memory::Memory;
use crate::failure::{Code, Fallible};
use crate::oci::{At, Descriptor, RawManifest, Repository};
use crate::store::{Begun, Reach, Reader, Sight, Subject, Upload, Writer, reads_by};
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::Arc;

/// Opens sources as they are, and the bundle whatever the target is called.
pub struct Placer {
    sources: Arc<dyn Sight>,
    memory: Arc<Memory>,
    draft: Arc<Draft>,
}

struct Placing {
    nowhere: Nowhere,
    draft: Arc<Draft>,
}

/// A blob on its way to its place.
struct Placed {
    draft: Arc<Draft>,
    blob: Descriptor,
    /// Where its next byte goes; none before it was opened, and after a failure.
    cursor: Option<Cursor>,
    written_bytes: u64,
}

impl Placer {
    /// Brings what `sources` have into `draft`; their manifests were read before, and are in `memory`.
    pub fn new(sources: Arc<dyn Sight>, memory: Arc<Memory>, draft: Arc<Draft>) -> Self {
        Self { sources, memory, draft }
    }
}

#[async_trait]
impl Reach for Placer {
    async fn source(&self, repository: &Repository) -> Fallible<Arc<dyn Reader>> {
        Ok(self.memory.before(self.sources.source(repository).await?))
    }

    async fn target(&self, repository: &Repository) -> Fallible<Arc<dyn Writer>> {
        let (nowhere, draft) = (Nowhere(repository.clone()), Arc::clone(&self.draft));
        Ok(Arc::new(Placing { nowhere, draft }))
    }
}

reads_by!(Placing, nowhere);

#[async_trait]
impl Writer for Placing {
    async fn begin(&self, blob: &Descriptor, _: Option<&Repository>) -> Fallible<Begun> {
        // A manifest, a blob that is left out, or one that an earlier run brought.
        match self.draft.has(&blob.digest) {
            true => Ok(Begun::Present),
            false => self.begin_anew(blob).await,
        }
    }

    async fn begin_anew(&self, blob: &Descriptor) -> Fallible<Begun> {
        let (draft, blob) = (Arc::clone(&self.draft), blob.clone());
        Ok(Begun::Upload(Box::new(Placed { draft, blob, cursor: None, written_bytes: 0 })))
    }

    async fn put_manifest(&self, _: &At, _: &RawManifest) -> Fallible<Subject> {
        // All of them are in the bundle since it was begun.
        Ok(Subject::Listed)
    }
}

#[async_trait]
impl Upload for Placed {
    async fn open(&mut self) -> Fallible<()> {
        self.cursor = Some(self.draft.place(&self.blob)?);
        Ok(())
    }

    async fn write(&mut self, piece: Bytes) -> Fallible<()> {
        let path = self.draft.path();
        let wrong = |why| fail(Code::Internal, path, format!("{}: {why}", self.blob.digest));
        let mut cursor = self.cursor.take().ok_or_else(|| wrong("written to before it was opened"))?;
        self.written_bytes += piece.len() as u64;
        if self.written_bytes > self.blob.size_bytes {
            return Err(wrong("more bytes than it has a place for"));
        }
        let written = blocking(path, move || match cursor.write_all(&piece) {
            Ok(()) => Ok(cursor),
            Err(error) => Err(io("write", cursor.path(), &error)),
        });
        self.cursor = Some(written.await?);
        Ok(())
    }

    async fn commit(&mut self) -> Fallible<()> {
        if self.written_bytes != self.blob.size_bytes {
            let message = format!("{}: only {} bytes came", self.blob.digest, self.written_bytes);
            return Err(fail(Code::Internal, self.draft.path(), message));
        }
        self.draft.note(&self.blob.digest);
        Ok(())
    }
}
