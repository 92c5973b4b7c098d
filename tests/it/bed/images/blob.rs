//! Blobs and layers: real gzipped tar archives, or synthetic bytes of any length.

use super::synthetic::{Synthetic, noise};
use crate::bed::digest::sha256;
use bytes::Bytes;
use flate2::{Compression, GzBuilder};
use std::io::Write as _;

/// Content that lies under `/blobs/`.
#[derive(Debug, Clone)]
pub struct Blob {
    /// `sha256:…`
    pub digest: String,
    /// Length in bytes.
    pub size_bytes: u64,
    /// The bytes.
    pub bytes: BlobBytes,
}

/// Where the bytes of a blob are.
#[derive(Debug, Clone)]
pub enum BlobBytes {
    /// In memory.
    Held(Bytes),
    /// Nowhere: made while they are read.
    Made(Synthetic),
    /// They were hashed on arrival and thrown away: only length and digest are known.
    Forgotten,
}

/// A layer of an image.
#[derive(Debug, Clone)]
pub struct Layer {
    /// The blob: the archive as it is stored.
    pub blob: Blob,
    /// The digest of the archive before it was compressed.
    pub diff_id: String,
}

impl Blob {
    /// A blob of these bytes.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self { digest: sha256(&bytes), size_bytes: bytes.len() as u64, bytes: BlobBytes::Held(bytes) }
    }

    /// A blob whose bytes are made while they are read; reads them once for the digest.
    pub fn synthetic(seed: u64, size_bytes: u64) -> Self {
        let made = Synthetic::new(seed, size_bytes);
        Self { digest: made.digest(), size_bytes, bytes: BlobBytes::Made(made) }
    }

    /// At most one block of bytes, from `offset` on and not beyond `end`; none when forgotten.
    pub fn piece(&self, offset: u64, end: u64) -> Option<Bytes> {
        match &self.bytes {
            BlobBytes::Made(made) => Some(made.piece(offset, end)),
            BlobBytes::Held(bytes) => {
                let at = |position: u64| usize::try_from(position).expect("in memory").min(bytes.len());
                let stop = end.min(offset.saturating_add(64 * 1024));
                Some(bytes.slice(at(offset)..at(stop).max(at(offset))))
            }
            BlobBytes::Forgotten => None,
        }
    }
}

impl Layer {
    /// A gzipped tar archive with one file of about `size_bytes` bytes that do not compress.
    pub fn files(seed: u64, size_bytes: usize) -> Self {
        let mut archive = tar::Builder::new(Vec::new());
        let content = noise(seed, size_bytes);
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        archive
            .append_data(&mut header, format!("usr/share/seed-{seed}"), content.as_slice())
            .expect("writing to memory works");
        Self::packed(&archive.into_inner().expect("writing to memory works"))
    }

    /// A tar archive, gzipped.
    pub fn packed(plain: &[u8]) -> Self {
        let mut packed = GzBuilder::new().mtime(0).write(Vec::new(), Compression::fast());
        packed.write_all(plain).expect("writing to memory works");
        let packed = packed.finish().expect("writing to memory works");
        Self { blob: Blob::new(packed), diff_id: sha256(plain) }
    }

    /// Synthetic bytes: no archive, so no program can unpack it, but of any length.
    pub fn synthetic(seed: u64, size_bytes: u64) -> Self {
        let blob = Blob::synthetic(seed, size_bytes);
        Self { diff_id: blob.digest.clone(), blob }
    }
}
