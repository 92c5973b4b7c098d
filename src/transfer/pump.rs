//! The pump: one blob from its source to any number of uploads at once, hashed on the way. Holds
//! two pieces at a time, and never lets wrong bytes be committed.

use super::Stop;
use crate::failure::{Code, Failure, Fallible, Operation, Side};
use crate::meter::Meter;
use crate::oci::{Descriptor, Hasher};
use crate::store::{Reader, Upload};
use bytes::Bytes;
use futures::StreamExt as _;
use futures::future::join_all;

/// An upload, until it fails.
type Slot = Fallible<Box<dyn Upload>>;

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
    meter: &Meter,
    stop: &Stop,
) -> Result<Vec<Fallible<()>>, Broken> {
    let mut slots = open(uploads).await;
    let mut measured = Measured::new(blob);
    // The last piece waits here until length and digest are known to be right.
    let mut held_back = None;
    if blob.size_bytes > 0 && slots.iter().any(Result::is_ok) {
        let mut pieces =
            source.blob(blob, 0).await.map_err(|failure| Broken::Refused(failure.on(Side::Source)))?;
        while let Some(piece) = stop.or(pieces.next()).await? {
            let piece = piece.map_err(|failure| failure.on(Side::Source))?;
            if piece.is_empty() {
                // It must not push the last real piece out of its place.
                continue;
            }
            measured.take(&piece, source)?;
            meter.bytes_moved(piece.len() as u64);
            if let Some(earlier) = held_back.replace(piece) {
                write(&mut slots, &earlier).await;
            }
            if slots.iter().all(Result::is_err) {
                return Ok(slots.into_iter().map(|slot| slot.map(drop)).collect());
            }
        }
    }
    measured.check(source)?;
    if let Some(last) = held_back {
        write(&mut slots, &last).await;
    }
    let commit = |slot: Slot| async move { slot?.commit().await };
    Ok(join_all(slots.into_iter().map(commit)).await)
}

/// Opens the uploads one after another: whoever waits for a place at one target holds places only
/// at targets that come before it.
async fn open(uploads: Vec<Box<dyn Upload>>) -> Vec<Slot> {
    let mut slots = Vec::with_capacity(uploads.len());
    for mut upload in uploads {
        let opened = upload.open().await;
        slots.push(opened.map(|()| upload));
    }
    slots
}

async fn write(slots: &mut [Slot], piece: &Bytes) {
    join_all(slots.iter_mut().map(|slot| async move {
        if let Ok(upload) = slot
            && let Err(failure) = upload.write(piece.clone()).await
        {
            *slot = Err(failure);
        }
    }))
    .await;
}

/// What has been seen of a blob so far.
struct Measured<'a> {
    blob: &'a Descriptor,
    hasher: Hasher,
    bytes: u64,
}

impl<'a> Measured<'a> {
    fn new(blob: &'a Descriptor) -> Self {
        Self { blob, hasher: blob.digest.hasher(), bytes: 0 }
    }

    fn take(&mut self, piece: &[u8], source: &dyn Reader) -> Fallible<()> {
        self.hasher.update(piece);
        self.bytes += piece.len() as u64;
        match self.bytes > self.blob.size_bytes {
            true => Err(self.corrupt(source, "more bytes came than the manifest says")),
            false => Ok(()),
        }
    }

    fn check(self, source: &dyn Reader) -> Fallible<()> {
        if self.bytes < self.blob.size_bytes {
            // A connection that was cut looks like this too: worth another try.
            let message = format!("only {} of {} bytes came", self.bytes, self.blob.size_bytes);
            return Err(self.failure(Code::Network, source, message));
        }
        let found = self.hasher.clone().finish();
        match found == self.blob.digest {
            true => Ok(()),
            false => Err(self.corrupt(source, &format!("the bytes have the digest {found}"))),
        }
    }

    fn corrupt(&self, source: &dyn Reader, why: &str) -> Box<Failure> {
        self.failure(
            Code::Corrupt,
            source,
            format!("blob {} is not what it must be: {why}", self.blob.digest),
        )
    }

    fn failure(&self, code: Code, source: &dyn Reader, message: String) -> Box<Failure> {
        Failure::new(code, source.repository(), Operation::BlobGet, message).on(Side::Source)
    }
}
