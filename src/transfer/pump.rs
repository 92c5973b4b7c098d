//! The pump: one blob from its source to any number of uploads at once, hashed on the way. Holds
//! two pieces at a time, and never lets wrong bytes be committed.

use super::Stop;
use super::measured::Measured;
use crate::failure::{Failure, Side};
use crate::meter::Meter;
use crate::oci::Descriptor;
use crate::store::{Reader, Upload};
use bytes::Bytes;
use futures::StreamExt as _;
use futures::future::join_all;

/// An upload, until it fails.
type Slot = Result<Box<dyn Upload>, Box<Left>>;

/// An upload that failed, and what is needed to go on with it.
pub(super) struct Left {
    pub(super) failure: Box<Failure>,
    pub(super) upload: Box<dyn Upload>,
    /// What had been seen of the blob then: at least what the upload was given.
    pub(super) measured: Measured,
}

/// Where in a blob a pump begins.
pub(super) struct Start {
    /// The first byte that the uploads want.
    offset: u64,
    /// What was seen of the bytes before it, or of fewer.
    measured: Measured,
}

/// Why a pump ended before anything was committed.
#[derive(Debug)]
pub(super) enum Broken {
    /// The source was asked for the blob as often as that is worth, and did not begin to send it.
    Refused(Box<Failure>),
    /// What it sent broke off or was wrong, or the run is to end.
    During(Box<Failure>),
}

impl From<Box<Failure>> for Broken {
    fn from(failure: Box<Failure>) -> Self {
        Self::During(failure)
    }
}

impl Start {
    /// With the first byte.
    pub(super) fn beginning(blob: &Descriptor) -> Self {
        Self { offset: 0, measured: Measured::new(blob) }
    }

    /// With the byte at `offset`, for an upload that has those before it. They are the ones that
    /// `measured` has seen: from its last mark on they are read once more, hashed, and not sent.
    pub(super) fn at(offset: u64, measured: &Measured) -> Self {
        Self { offset, measured: measured.back_to(offset) }
    }

    /// The part of the piece that was seen last which the uploads want.
    fn wanted(&self, mut piece: Bytes) -> Bytes {
        let start = self.measured.bytes() - piece.len() as u64;
        let skipped = usize::try_from(self.offset.saturating_sub(start)).unwrap_or(usize::MAX);
        piece.split_off(skipped.min(piece.len()))
    }
}

/// Streams `blob` into all `uploads`, at the pace of the slowest, and commits what is whole.
///
/// An upload that fails drops out without hurting the others. The results have the order of
/// `uploads`, which must be one order for the whole run, with no store twice: places at the targets
/// are taken in it.
///
/// # Errors
/// The source failed or had other bytes than it must have; nothing was committed then.
pub(super) async fn pump(
    source: &dyn Reader,
    blob: &Descriptor,
    uploads: Vec<Box<dyn Upload>>,
    mut start: Start,
    meter: &Meter,
    stop: &Stop,
) -> Result<Vec<Result<(), Box<Left>>>, Broken> {
    let mut slots = open(uploads, &start.measured).await;
    if let Err(broken) = fill(source, blob, &mut slots, &mut start, meter, stop).await {
        if stop.is_set() {
            give_back(slots.into_iter().flatten()).await;
        }
        return Err(broken);
    }
    let measured = &start.measured;
    let commit = |slot: Slot| async move {
        let mut upload = slot?;
        match upload.commit().await {
            Ok(()) => Ok(()),
            Err(failure) => Err(left(failure, upload, measured)),
        }
    };
    Ok(join_all(slots.into_iter().map(commit)).await)
}

/// Streams into `slots` until the blob is whole in those that live, or none of them does.
async fn fill(
    source: &dyn Reader,
    blob: &Descriptor,
    slots: &mut Vec<Slot>,
    start: &mut Start,
    meter: &Meter,
    stop: &Stop,
) -> Result<(), Broken> {
    let nobody_lives = |slots: &[Slot]| slots.iter().all(Result::is_err);
    if nobody_lives(slots) {
        return Ok(());
    }
    // The last piece waits here until length and digest are known to be right.
    let mut held_back = None;
    if start.measured.bytes() < blob.size_bytes {
        let begun = stop.or(source.blob(blob, start.measured.bytes())).await?;
        let mut pieces = begun.map_err(|failure| Broken::Refused(failure.on(Side::Source)))?;
        while let Some(piece) = stop.or(pieces.next()).await? {
            let piece = piece.map_err(|failure| failure.on(Side::Source))?;
            start.measured.take(&piece, source)?;
            meter.bytes_moved(piece.len() as u64);
            let piece = start.wanted(piece);
            if piece.is_empty() {
                // It must not push the last real piece out of its place.
                continue;
            }
            if let Some(earlier) = held_back.replace(piece) {
                stop.or(write(slots, &earlier, &start.measured)).await?;
            }
            if nobody_lives(slots) {
                return Ok(());
            }
        }
    }
    start.measured.check(source)?;
    if let Some(last) = held_back {
        write(slots, &last, &start.measured).await;
    }
    Ok(())
}

/// Takes uploads back from their stores, so that nothing of them stays there.
pub(super) async fn give_back(uploads: impl IntoIterator<Item = Box<dyn Upload>>) {
    join_all(uploads.into_iter().map(|upload| upload.give_back())).await;
}

/// Opens the uploads one after another: whoever waits for a place at one target holds places only
/// at targets that come before it.
async fn open(uploads: Vec<Box<dyn Upload>>, measured: &Measured) -> Vec<Slot> {
    let mut slots = Vec::with_capacity(uploads.len());
    for mut upload in uploads {
        slots.push(match upload.open().await {
            Ok(()) => Ok(upload),
            Err(failure) => Err(left(failure, upload, measured)),
        });
    }
    slots
}

/// Hands a piece to all that live. The uploads stay where they are when this is dropped halfway.
async fn write(slots: &mut Vec<Slot>, piece: &Bytes, measured: &Measured) {
    let mut writing = Vec::new();
    for slot in slots.iter_mut() {
        writing.push(async move {
            match slot {
                Ok(upload) => upload.write(piece.clone()).await.err(),
                Err(_) => None,
            }
        });
    }
    let failures = join_all(writing).await;
    let written = slots.drain(..).zip(failures).map(|(slot, failure)| match (slot, failure) {
        (Ok(upload), Some(failure)) => Err(left(failure, upload, measured)),
        (slot, _) => slot,
    });
    *slots = written.collect();
}

fn left(failure: Box<Failure>, upload: Box<dyn Upload>, measured: &Measured) -> Box<Left> {
    Box::new(Left { failure, upload, measured: measured.clone() })
}

#[cfg(test)]
mod tests;
