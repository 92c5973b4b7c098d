//! What an answer teaches about how a registry takes blobs: from one way to send them to the next.
//! Decides only.

use super::strategy::Strategy;

const MIB: u64 = 1 << 20;
/// Bytes of a chunk where nothing better is known: below the limits of the proxies that limit bodies,
/// and large enough that the round trip of each costs little.
pub(super) const CHUNK_BYTES: u64 = 8 * MIB;
/// Chunks are not made shorter than this: what limits bodies to less would refuse manifests too.
pub(super) const CHUNK_BYTES_MIN: u64 = MIB;
/// A connection that breaks after fewer bytes than this says nothing about a limit.
pub(super) const BREAK_BYTES_MIN: u64 = MIB;
/// So often the PUT of one blob breaks before it is blamed on its length.
pub(super) const BREAKS_MAX: u32 = 3;

/// A request with bytes of a blob that failed, as far as it can teach.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lesson<'a> {
    /// How the bytes were sent.
    pub(super) strategy: Strategy,
    /// The status of the answer; none where there was none.
    pub(super) status: Option<u16>,
    /// The code in the error document.
    pub(super) code: Option<&'a str>,
    /// The message beside it.
    pub(super) message: &'a str,
    /// Length of the blob.
    pub(super) size_bytes: u64,
    /// How often the PUT of this very blob broke after many bytes and without an answer, now included.
    pub(super) breaks: u32,
    /// Why it was sent like that.
    pub(super) reason: Reason,
}

/// Why blobs are sent to a registry in the way that they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// It is documented, or another way was refused.
    Known,
    /// Connections broke, which may have been chance.
    Guessed,
}

/// What kind of refusal an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// The body is too long.
    TooLarge,
    /// The body is too long, and is not the length of a chunk that counts: GHCR says so for every PATCH
    /// of more than 4 MiB, and takes a PUT of any length.
    ChunkTooLarge,
    /// Something about how the length is told.
    Length,
    /// The registry does not know this way.
    Unsupported,
    /// Everything arrived, and is not what was sent.
    Garbled,
    /// Any other answer that will be the same next time.
    Refused,
    /// No answer, several times at many bytes.
    Broken,
}

impl Lesson<'_> {
    fn refusal(&self) -> Option<Refusal> {
        let lost = matches!(self.code, Some("BLOB_UPLOAD_UNKNOWN" | "BLOB_UPLOAD_INVALID"));
        Some(match (self.status, self.code) {
            (None, _) if self.breaks >= BREAKS_MAX => Refusal::Broken,
            (None, _) => return None,
            (Some(413), _) => Refusal::TooLarge,
            (Some(416), _) if self.message.contains("too large") => Refusal::ChunkTooLarge,
            (Some(411), _) | (_, Some("CONTENT_LENGTH_INVALID" | "SIZE_INVALID")) => Refusal::Length,
            // Old Artifactory answers a PUT with bytes by 404 BLOB_UNKNOWN.
            (Some(405 | 501), _) | (_, Some("UNSUPPORTED")) | (Some(404), Some("BLOB_UNKNOWN")) => {
                Refusal::Unsupported
            }
            (_, Some("DIGEST_INVALID")) => Refusal::Garbled,
            (Some(401 | 403 | 404 | 408 | 416 | 425 | 429 | 499), _) => return None,
            (Some(400..=499), _) if !lost => Refusal::Refused,
            _ => return None,
        })
    }

    /// The ways that may do better, the best first.
    fn ways(&self) -> Vec<Strategy> {
        use Refusal::{Broken, ChunkTooLarge, Garbled, Length, Refused, TooLarge, Unsupported};
        let Some(refusal) = self.refusal() else { return Vec::new() };
        let chunks = |below_bytes| Strategy::Chunks { chunk_bytes: chunk_below(below_bytes) };
        match (self.strategy, refusal) {
            (Strategy::Put, TooLarge | ChunkTooLarge | Length | Broken)
            | (Strategy::Stream, TooLarge | ChunkTooLarge | Length) => vec![chunks(self.size_bytes)],
            (Strategy::Put, Unsupported) => vec![Strategy::Stream, chunks(self.size_bytes)],
            (Strategy::Stream, Unsupported) => vec![Strategy::Put],
            (Strategy::Chunks { chunk_bytes }, TooLarge) => vec![chunks(chunk_bytes)],
            (Strategy::Chunks { chunk_bytes }, ChunkTooLarge) => vec![Strategy::Put, chunks(chunk_bytes)],
            (Strategy::Chunks { .. }, Length | Unsupported) => vec![Strategy::Put, Strategy::Stream],
            // Registries are known that keep the last of several PATCHes only.
            (Strategy::Chunks { .. }, Garbled) => vec![Strategy::Put],
            // What was only tried shall never make a blob fail.
            (Strategy::Chunks { .. }, Refused) if self.reason == Reason::Guessed => vec![Strategy::Put],
            (_, Garbled | Refused | Broken) => Vec::new(),
        }
    }

    /// The way to send blobs from now on; none when this teaches nothing. What is in `refused` is not
    /// gone back to, so that learning ends.
    pub(super) fn next(&self, refused: &[Strategy]) -> Option<Strategy> {
        let shorter = |way: &Strategy| match (self.strategy, way) {
            (Strategy::Chunks { chunk_bytes }, Strategy::Chunks { chunk_bytes: next }) => *next < chunk_bytes,
            (_, Strategy::Chunks { chunk_bytes }) => *chunk_bytes < self.size_bytes,
            _ => true,
        };
        self.ways().into_iter().filter(shorter).find(|way| *way != self.strategy && !refused.contains(way))
    }
}

/// The length of chunks for what was refused with `bytes`: a power of two that is half as long or less.
fn chunk_below(bytes: u64) -> u64 {
    let half = (bytes / 2).max(1);
    (1 << half.ilog2()).clamp(CHUNK_BYTES_MIN, CHUNK_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUT: Strategy = Strategy::Put;
    const STREAM: Strategy = Strategy::Stream;

    const fn chunks(mib: u64) -> Strategy {
        Strategy::Chunks { chunk_bytes: mib * MIB }
    }

    fn lesson<'a>(strategy: Strategy, status: u16, code: &'a str, mib: u64) -> Lesson<'a> {
        let code = Some(code).filter(|code| !code.is_empty());
        let (status, message, reason) = (Some(status), "no", Reason::Known);
        Lesson { strategy, status, code, message, size_bytes: mib * MIB, breaks: 0, reason }
    }

    #[test]
    fn each_answer_teaches_one_way_or_nothing() {
        let rows: [(Strategy, u16, &str, u64, Option<Strategy>); 32] = [
            // A proxy or a registry that limits bodies.
            (PUT, 413, "", 100, Some(chunks(8))),
            (PUT, 413, "SIZE_INVALID", 5, Some(chunks(2))),
            (PUT, 413, "", 2, Some(chunks(1))),
            (PUT, 413, "", 1, None),
            (PUT, 413, "", 0, None),
            (chunks(8), 413, "", 100, Some(chunks(4))),
            (chunks(16), 413, "", 100, Some(chunks(8))),
            (chunks(2), 413, "", 100, Some(chunks(1))),
            (chunks(1), 413, "", 100, None),
            (STREAM, 413, "", 100, Some(chunks(8))),
            // ACR, and others that mind the length.
            (PUT, 400, "CONTENT_LENGTH_INVALID", 100, Some(chunks(8))),
            (PUT, 411, "", 100, Some(chunks(8))),
            (chunks(8), 400, "CONTENT_LENGTH_INVALID", 100, Some(PUT)),
            // Old Artifactory, and others that take no bytes with the PUT.
            (PUT, 404, "BLOB_UNKNOWN", 100, Some(STREAM)),
            (PUT, 405, "", 100, Some(STREAM)),
            (PUT, 501, "", 100, Some(STREAM)),
            (PUT, 400, "UNSUPPORTED", 100, Some(STREAM)),
            // Those that take no PATCH.
            (STREAM, 405, "", 100, Some(PUT)),
            (chunks(8), 405, "UNSUPPORTED", 100, Some(PUT)),
            // Those that mix PATCHes up.
            (chunks(8), 400, "DIGEST_INVALID", 100, Some(PUT)),
            // What teaches nothing: rights, pauses, errors, sessions that were lost, wrong offsets.
            (PUT, 400, "DIGEST_INVALID", 100, None),
            (PUT, 400, "", 100, None),
            (PUT, 401, "UNAUTHORIZED", 100, None),
            (PUT, 403, "DENIED", 100, None),
            (PUT, 404, "BLOB_UPLOAD_UNKNOWN", 100, None),
            (PUT, 415, "", 100, None),
            (PUT, 416, "", 100, None),
            (PUT, 429, "TOOMANYREQUESTS", 100, None),
            (PUT, 500, "UNKNOWN", 100, None),
            (chunks(8), 400, "", 100, None),
            (chunks(8), 416, "", 100, None),
            (chunks(8), 503, "", 100, None),
        ];
        for (strategy, status, code, mib, next) in rows {
            let found = lesson(strategy, status, code, mib).next(&[]);
            assert_eq!(found, next, "{strategy:?} {status} {code} {mib} MiB");
        }
    }

    #[test]
    fn a_registry_that_limits_patches_only_gets_puts_again() {
        let message = "the request body is too large and exceeds the maximum permissible limit of 4.00MiB";
        let lesson = Lesson { message, ..lesson(chunks(8), 416, "REQUESTED_RANGE_NOT_SATISFIABLE", 100) };
        assert_eq!(lesson.next(&[]), Some(PUT));
        assert_eq!(lesson.next(&[PUT]), Some(chunks(4)));
    }

    #[test]
    fn connections_that_break_teach_when_it_is_one_blob_again_and_again() {
        let broken = |strategy, breaks| Lesson { status: None, breaks, ..lesson(strategy, 0, "", 100) };
        assert_eq!(broken(PUT, BREAKS_MAX - 1).next(&[]), None);
        assert_eq!(broken(PUT, BREAKS_MAX).next(&[]), Some(chunks(8)));
        assert_eq!(broken(chunks(8), BREAKS_MAX).next(&[]), None);
        assert_eq!(broken(PUT, BREAKS_MAX).next(&[chunks(8)]), None, "it was refused");
    }

    #[test]
    fn what_was_only_tried_is_left_at_the_first_refusal() {
        let refused = lesson(chunks(8), 400, "", 100);
        assert_eq!(refused.next(&[]), None);
        assert_eq!(Lesson { reason: Reason::Guessed, ..refused }.next(&[]), Some(PUT));
        let lost = Lesson { reason: Reason::Guessed, ..lesson(chunks(8), 400, "BLOB_UPLOAD_INVALID", 100) };
        assert_eq!(lost.next(&[]), None);
    }

    #[test]
    fn learning_ends_whatever_a_registry_answers() {
        for (status, code) in [(413, ""), (405, ""), (400, "CONTENT_LENGTH_INVALID"), (400, "DIGEST_INVALID")]
        {
            for first in [PUT, STREAM, chunks(16)] {
                let (mut strategy, mut refused) = (first, Vec::new());
                while let Some(next) = lesson(strategy, status, code, 100).next(&refused) {
                    refused.push(std::mem::replace(&mut strategy, next));
                    assert!(refused.len() <= 6, "{status} {code}: {refused:?}");
                }
            }
        }
    }
}
