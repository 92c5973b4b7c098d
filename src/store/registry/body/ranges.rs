//! Several parts of one large blob at once, handed on in order: for registries that are slow on each
//! single connection. What is read ahead has one limit for a whole registry.

use super::wanted::Wanted;
use super::{Body, Origin};
use crate::failure::{Code, Failure, Fallible};
use crate::store::registry::times::IDLE;
use bytes::{Bytes, BytesMut};
use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;

/// Bytes of one part. The requests for it take a few round trips, during which its connection is idle:
/// a short part would give away what it is for.
const PART_BYTES: u64 = 4 << 20;
/// Blobs below this length come in one piece: they would be over before it helps.
const BLOB_BYTES_MIN: u64 = 16 << 20;
/// What is read ahead lies in buffers of so many bytes. Pieces as they come would each hold on to a
/// buffer of the connection, which is often half empty.
const BUFFER_BYTES: usize = 256 * 1024;
/// Most parts that are read ahead at one registry, for all blobs together: 32 MiB of memory.
const AHEAD_MAX: usize = 8;

/// How blobs of one registry are parted.
#[derive(Debug)]
pub(in crate::store::registry) struct Ranges {
    at_once: usize,
    room: Arc<Semaphore>,
}

impl Ranges {
    /// So many parts of a blob at once; none means the whole.
    pub(in crate::store::registry) fn new(at_once: Option<NonZeroU32>) -> Self {
        let at_once = at_once.map_or(1, |at_once| at_once.get() as usize);
        Self { at_once, room: Arc::new(Semaphore::new(AHEAD_MAX)) }
    }

    /// Whether what is wanted is worth parting.
    pub(super) fn help(&self, wanted: &Wanted) -> bool {
        self.at_once > 1 && wanted.end - wanted.start >= BLOB_BYTES_MIN
    }
}

/// A blob of which several parts are on their way.
pub(super) struct Parted {
    origin: Origin,
    /// The part whose turn it is.
    front: Front,
    /// Those after it, in order.
    ahead: VecDeque<Ahead>,
    /// What nobody was asked for yet.
    rest: Wanted,
    fetching: JoinSet<()>,
}

/// The part whose turn it is.
enum Front {
    /// It comes at the pace of whoever reads.
    Direct(Box<Body>),
    /// It was read ahead, or is about to be.
    Ahead(Ahead),
}

/// A part that is read without waiting for whoever reads the blob.
struct Ahead {
    pieces: mpsc::UnboundedReceiver<Fallible<Bytes>>,
    /// Given back when the part has been handed on.
    _room: OwnedSemaphorePermit,
}

impl Parted {
    /// # Errors
    /// As for a blob that comes in one piece.
    pub(super) async fn begin(origin: Origin, wanted: Wanted) -> Fallible<Self> {
        let mut rest = wanted;
        let body = match Body::begin(origin.clone(), next_part(&mut rest)).await {
            Ok(mut body) if body.is_whole() => {
                // Ranges are unknown here: the blob comes in one piece.
                (body.rest.end, rest.start) = (wanted.end, wanted.end);
                body
            }
            Err(failure) if failure.http.as_ref().and_then(|http| http.status) == Some(416) => {
                rest.start = wanted.end;
                Body::begin(origin.clone(), wanted).await?
            }
            body => body?,
        };
        let (front, ahead) = (Front::Direct(Box::new(body)), VecDeque::new());
        Ok(Self { origin, front, ahead, rest, fetching: JoinSet::new() })
    }

    /// The next piece; none when everything has come.
    pub(super) async fn next(&mut self) -> Fallible<Option<Bytes>> {
        loop {
            self.read_ahead();
            let piece = match &mut self.front {
                Front::Direct(body) => body.next().await?,
                Front::Ahead(ahead) => self.origin.in_time(ahead.pieces.recv()).await?.transpose()?,
            };
            if piece.is_some() {
                return Ok(piece);
            }
            self.front = match self.ahead.pop_front() {
                Some(ahead) => Front::Ahead(ahead),
                // There was no room to read ahead: what is left comes in one piece.
                None if self.rest.start < self.rest.end => {
                    let body = Body::begin(self.origin.clone(), self.rest);
                    self.rest.start = self.rest.end;
                    Front::Direct(Box::new(self.origin.in_time(body).await??))
                }
                None => return Ok(None),
            };
        }
    }

    /// Begins parts while there are any, and room for them.
    fn read_ahead(&mut self) {
        while self.fetching.try_join_next().is_some() {}
        let ranges = &self.origin.account.host.ranges;
        while self.rest.start < self.rest.end && self.ahead.len() + 1 < ranges.at_once {
            let Ok(room) = ranges.room.clone().try_acquire_owned() else { return };
            let (hand_on, pieces) = mpsc::unbounded_channel();
            self.fetching.spawn(fetch(self.origin.clone(), next_part(&mut self.rest), hand_on));
            self.ahead.push_back(Ahead { pieces, _room: room });
        }
    }
}

/// Takes the next part off what is left.
fn next_part(rest: &mut Wanted) -> Wanted {
    let end = rest.end.min(rest.start + PART_BYTES);
    let part = Wanted { end, ..*rest };
    rest.start = end;
    part
}

/// Reads a part into memory: a channel without a bound, which the length of the part bounds.
async fn fetch(origin: Origin, part: Wanted, hand_on: mpsc::UnboundedSender<Fallible<Bytes>>) {
    let read = async {
        let mut body = Body::begin(origin.clone(), part).await?;
        if body.is_whole() {
            return Err(origin.failure(Code::Network, "the server keeps to ranges only at times"));
        }
        let mut buffer = BytesMut::new();
        while let Some(piece) = body.next().await? {
            if buffer.len() + piece.len() > BUFFER_BYTES && !buffer.is_empty() {
                // Nobody takes it when the blob is not read any more; this ends with it.
                let _ = hand_on.send(Ok(std::mem::take(&mut buffer).freeze()));
            }
            if buffer.capacity() == 0 {
                buffer.reserve(BUFFER_BYTES);
            }
            buffer.extend_from_slice(&piece);
        }
        let _ = hand_on.send(Ok(buffer.freeze()));
        Ok(())
    };
    if let Err(failure) = read.await {
        let _ = hand_on.send(Err(failure));
    }
}

impl Origin {
    fn failure(&self, code: Code, message: &str) -> Box<Failure> {
        self.account.asked(self.call.operation, &self.call.method, &self.call.url).failure(code, message)
    }

    /// An upload waits meanwhile: it is better begun again than kept waiting for ever.
    async fn in_time<T>(&self, coming: impl Future<Output = T>) -> Fallible<T> {
        let still = |_| self.failure(Code::Timeout, "a part of the blob did not come in time");
        tokio::time::timeout(IDLE, coming).await.map_err(still)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_each_other_without_gap_to_the_very_end() {
        let mut rest = Wanted { start: 3, end: 2 * PART_BYTES + 4, size_bytes: 2 * PART_BYTES + 4 };
        let mut parts = Vec::new();
        while rest.start < rest.end {
            let part = next_part(&mut rest);
            parts.push((part.start, part.end));
        }
        let ends = [3 + PART_BYTES, 3 + 2 * PART_BYTES];
        assert_eq!(parts, [(3, ends[0]), (ends[0], ends[1]), (ends[1], 2 * PART_BYTES + 4)]);
    }

    #[test]
    fn only_large_blobs_are_parted_and_only_where_it_is_asked_for() {
        let wanted = |bytes| Wanted { start: 0, end: bytes, size_bytes: bytes };
        assert!(!Ranges::new(None).help(&wanted(BLOB_BYTES_MIN)));
        assert!(!Ranges::new(NonZeroU32::new(1)).help(&wanted(BLOB_BYTES_MIN)));
        let four = Ranges::new(NonZeroU32::new(4));
        assert!(four.help(&wanted(BLOB_BYTES_MIN)) && !four.help(&wanted(BLOB_BYTES_MIN - 1)));
    }
}
