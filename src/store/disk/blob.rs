//! Blobs as files: streamed piece by piece. Never holds more than the piece in hand.

use super::fault::Act;
use super::files::{Opened, open_plain};
use super::stored::{damaged, missing};
use crate::failure::Fallible;
use crate::oci::Descriptor;
use crate::store::BlobStream;
use bytes::Bytes;
use futures::stream::{self, StreamExt};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

/// How much is read at once, in bytes.
const PIECE_BYTES: u64 = 256 * 1024;

/// A blob that is being read.
struct Reading {
    path: PathBuf,
    file: File,
    left_bytes: u64,
    act: Act,
}

/// Opens the blob in the file at `path` from `start` on; its size is checked now, and its bytes by whoever takes them.
pub(in crate::store) fn open(
    path: PathBuf,
    blob: &Descriptor,
    start: u64,
    act: &Act,
) -> Fallible<BlobStream> {
    let (file, size_bytes) = match open_plain(&path).map_err(|e| act.io("open", &path, &e))? {
        Opened::File(file, size_bytes) => (file, size_bytes),
        Opened::Absent => return Err(missing(&path, act)),
        Opened::Irregular(what) => return Err(act.irregular(&path, what)),
    };
    if size_bytes != blob.size_bytes {
        let why = format!("it has {size_bytes} bytes instead of {}", blob.size_bytes);
        return Err(damaged(&path, &why, act));
    }
    read((path, file), (0, size_bytes), start, act)
}

/// The bytes of a blob from `start` on that lies `at` a place in an open file and is `size_bytes` long.
pub(in crate::store) fn read(
    (path, mut file): (PathBuf, File),
    (at, size_bytes): (u64, u64),
    start: u64,
    act: &Act,
) -> Fallible<BlobStream> {
    let start = start.min(size_bytes);
    file.seek(SeekFrom::Start(at + start)).map_err(|e| act.io("read", &path, &e))?;
    let reading = Reading { path, file, left_bytes: size_bytes - start, act: act.clone() };
    Ok(stream::try_unfold(reading, next_piece).boxed())
}

async fn next_piece(reading: Reading) -> Fallible<Option<(Bytes, Reading)>> {
    if reading.left_bytes == 0 {
        return Ok(None);
    }
    let act = reading.act.clone();
    act.blocking(|_| reading.piece().map(Some)).await
}

impl Reading {
    fn piece(mut self) -> Fallible<(Bytes, Self)> {
        let wanted = self.left_bytes.min(PIECE_BYTES);
        let mut piece = Vec::with_capacity(usize::try_from(wanted).unwrap_or_default());
        let read = (&self.file).take(wanted).read_to_end(&mut piece);
        read.map_err(|e| self.act.io("read", &self.path, &e))?;
        if piece.len() as u64 != wanted {
            return Err(damaged(&self.path, "it became shorter while it was read", &self.act));
        }
        self.left_bytes -= wanted;
        Ok((piece.into(), self))
    }
}
