//! Bodies of answers. A blob goes out frame by frame, and its last piece only when its bytes are right.

use super::pulse::Moving;
use crate::oci::{Digest, Hasher};
use crate::report::escape::foreign;
use crate::store::BlobStream;
use bytes::Bytes;
use futures::StreamExt as _;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::collections::HashSet;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use tokio::sync::OwnedSemaphorePermit;

/// How much goes to the connection at once, in bytes: between two looks at a connection, one has to go.
const FRAME_BYTES: usize = 64 * 1024;

/// The body of an answer.
pub(super) enum Body {
    /// No bytes.
    Nothing,
    /// A document, until it is sent.
    Text(Option<Bytes>),
    /// Bytes of a blob.
    Blob(Box<BlobBody>),
}

/// Bytes of a blob that are on their way.
pub(super) struct BlobBody {
    pub(super) pieces: BlobStream,
    /// How many bytes are still to come from `pieces`.
    pub(super) left_bytes: u64,
    /// What came and is not sent.
    pub(super) piece: Bytes,
    /// None where only a part is sent, or the blob was found right before.
    pub(super) proof: Option<Proof>,
    /// Says that something moves.
    pub(super) moving: Moving,
    /// The place among those that are on their way.
    pub(super) _place: OwnedSemaphorePermit,
}

/// What shows that the bytes are right.
pub(super) struct Proof {
    digest: Digest,
    hasher: Option<Hasher>,
    proven: Arc<Proven>,
}

/// The blobs whose bytes were right when they last went out whole. Each is hashed once while it is served:
/// clients hash what they get, and hashing costs as much as sending.
#[derive(Default)]
pub(super) struct Proven(Mutex<HashSet<Digest>>);

impl Proven {
    /// What has to be shown of a blob that goes out whole; none where that was done.
    pub(super) fn proof(self: &Arc<Self>, digest: &Digest) -> Option<Proof> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(digest);
        let hasher = Some(digest.hasher());
        (!known).then(|| Proof { digest: digest.clone(), hasher, proven: Arc::clone(self) })
    }
}

impl Proof {
    /// Takes the next piece.
    fn update(&mut self, piece: &[u8]) {
        if let Some(hasher) = &mut self.hasher {
            hasher.update(piece);
        }
    }

    /// Whether all pieces together are the blob.
    fn holds(&mut self) -> bool {
        let right = self.hasher.take().is_some_and(|hasher| hasher.finish() == self.digest);
        if right {
            self.proven.0.lock().unwrap_or_else(PoisonError::into_inner).insert(self.digest.clone());
        }
        right
    }
}

impl BlobBody {
    fn poll(&mut self, task: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        while self.piece.is_empty() {
            if self.left_bytes == 0 {
                return Poll::Ready(None);
            }
            let mut piece = match ready!(self.pieces.poll_next_unpin(task)) {
                Some(Ok(piece)) => piece,
                Some(Err(failure)) => return Poll::Ready(Some(Err(broken(&failure.to_string())))),
                None => return Poll::Ready(Some(Err(broken("a blob ended before its end")))),
            };
            piece.truncate(usize::try_from(self.left_bytes).unwrap_or(usize::MAX));
            self.left_bytes -= piece.len() as u64;
            if let Some(proof) = &mut self.proof {
                proof.update(&piece);
                // The last piece is held back until everything is right: nobody takes what is not whole.
                if self.left_bytes == 0 && !proof.holds() {
                    let why = format!("the bytes of the blob {} do not have its digest", proof.digest);
                    return Poll::Ready(Some(Err(broken(&why))));
                }
            }
            self.piece = piece;
        }
        self.moving.moved();
        Poll::Ready(Some(Ok(self.piece.split_to(self.piece.len().min(FRAME_BYTES)))))
    }
}

/// Says why a body breaks off; who asked sees that it did.
fn broken(why: &str) -> io::Error {
    tracing::error!("an answer broke off: {}", foreign(why));
    io::Error::other("the blob cannot be read to its end")
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let next = match self.get_mut() {
            Self::Nothing => None,
            Self::Text(text) => text.take().map(Ok),
            Self::Blob(blob) => ready!(blob.poll(task)),
        };
        Poll::Ready(next.map(|bytes| bytes.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.left_bytes() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left_bytes())
    }
}

impl Body {
    fn left_bytes(&self) -> u64 {
        match self {
            Self::Nothing => 0,
            Self::Text(text) => text.as_ref().map_or(0, |text| text.len() as u64),
            Self::Blob(blob) => blob.left_bytes + blob.piece.len() as u64,
        }
    }
}
