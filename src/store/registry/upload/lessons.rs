//! How one registry takes blobs: what is documented, and what it taught in this run.

use super::learn::{BREAK_BYTES_MIN, Lesson, Reason};
use super::strategy::Strategy;
use crate::failure::Failure;
use crate::oci::{Descriptor, Digest};
use crate::store::registry::profile::Uploads;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Most blobs of which it is noted how often they broke.
const BROKEN_MAX: usize = 256;

/// What is known of how a registry takes blobs.
#[derive(Debug)]
pub(in crate::store::registry) struct Lessons(Mutex<Known>);

#[derive(Debug)]
struct Known {
    uploads: Uploads,
    reason: Reason,
    refused: Vec<Strategy>,
    /// How often the PUT of a blob broke.
    broken: HashMap<Digest, u32>,
}

impl Lessons {
    /// What is documented.
    pub(in crate::store::registry) fn new(uploads: Uploads) -> Self {
        let (refused, broken) = (Vec::new(), HashMap::new());
        Self(Mutex::new(Known { uploads, reason: Reason::Known, refused, broken }))
    }

    /// How a blob of `size_bytes` is sent now.
    pub(super) fn strategy(&self, size_bytes: u64) -> Strategy {
        Strategy::of(self.known().uploads, size_bytes)
    }

    /// Learns from a request with `sent_bytes` of a blob, sent by `strategy`, that failed. Returns how
    /// it is sent next, when that is another way.
    pub(super) fn learn(
        &self,
        strategy: Strategy,
        blob: &Descriptor,
        sent_bytes: u64,
        failure: &Failure,
    ) -> Option<Strategy> {
        let mut known = self.known();
        let http = failure.http.as_ref();
        let status = http.and_then(|http| http.status);
        let breaks = match (status, strategy) {
            (None, Strategy::Put) if sent_bytes >= BREAK_BYTES_MIN => known.broke(&blob.digest),
            _ => 0,
        };
        let lesson = Lesson {
            strategy,
            status,
            code: http.and_then(|http| http.registry_code.as_deref()),
            message: &failure.message,
            size_bytes: blob.size_bytes,
            breaks,
            reason: known.reason,
        };
        let next = lesson.next(&known.refused)?;
        let now = Strategy::of(known.uploads, blob.size_bytes);
        if now != strategy {
            // Another blob was faster to learn it.
            return Some(now);
        }
        known.reason = match status {
            Some(_) => {
                known.refused.push(strategy);
                Reason::Known
            }
            None => Reason::Guessed,
        };
        known.uploads = next.uploads();
        tracing::debug!(repository = failure.repository, ?strategy, ?next, %failure, "blobs are sent otherwise");
        Some(next)
    }

    /// A poisoned lock is taken all the same: nothing that holds it stops half-way.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn broke(&mut self, digest: &Digest) -> u32 {
        if self.broken.len() >= BROKEN_MAX && !self.broken.contains_key(digest) {
            return 0;
        }
        let breaks = self.broken.entry(digest.clone()).or_default();
        *breaks += 1;
        *breaks
    }
}

#[cfg(test)]
mod tests {
    use super::super::learn::BREAKS_MAX;
    use super::*;
    use crate::failure::{Code, HttpFacts, Operation};

    const MIB: u64 = 1 << 20;
    const CHUNKS: Strategy = Strategy::Chunks { chunk_bytes: 8 * MIB };

    fn blob(content: &[u8], mib: u64) -> Descriptor {
        let media_type = "application/octet-stream".parse().expect("a media type");
        Descriptor::new(media_type, Digest::of(content), mib * MIB)
    }

    fn failure(status: Option<u16>) -> Box<Failure> {
        let mut failure = Failure::new(Code::Protocol, "r.test/a", Operation::BlobPut, "no");
        let (method, url) = ("PUT".to_owned(), "https://r.test".to_owned());
        failure.http = Some(HttpFacts { method, url, status, registry_code: None });
        failure
    }

    #[test]
    fn what_one_blob_learns_all_know() {
        let lessons = Lessons::new(Uploads::Put);
        let (large, small) = (blob(b"large", 100), blob(b"small", 8));
        assert_eq!(lessons.learn(Strategy::Put, &large, MIB, &failure(Some(413))), Some(CHUNKS));
        assert_eq!(lessons.strategy(large.size_bytes), CHUNKS);
        assert_eq!(lessons.strategy(small.size_bytes), Strategy::Put);
        // One that was under way at the same time.
        assert_eq!(lessons.learn(Strategy::Put, &large, 0, &failure(Some(413))), Some(CHUNKS));
        assert_eq!(lessons.strategy(large.size_bytes), CHUNKS, "it was learnt once");
        assert_eq!(lessons.learn(CHUNKS, &large, 0, &failure(Some(403))), None);
    }

    #[test]
    fn a_smaller_blob_that_is_refused_too_makes_chunks_smaller() {
        let lessons = Lessons::new(Uploads::Put);
        lessons.learn(Strategy::Put, &blob(b"large", 100), MIB, &failure(Some(413)));
        let small = blob(b"small", 4);
        let learnt = lessons.learn(Strategy::Put, &small, MIB, &failure(Some(413)));
        assert_eq!(learnt, Some(Strategy::Chunks { chunk_bytes: 2 * MIB }));
        assert_eq!(lessons.strategy(100 * MIB), Strategy::Chunks { chunk_bytes: 2 * MIB });
    }

    #[test]
    fn breaks_of_different_blobs_are_chance_and_those_of_one_are_not() {
        let lessons = Lessons::new(Uploads::Put);
        for content in 0..2 * BREAKS_MAX {
            let blob = blob(&content.to_le_bytes(), 100);
            assert_eq!(lessons.learn(Strategy::Put, &blob, 50 * MIB, &failure(None)), None);
        }
        let again = blob(&0u32.to_le_bytes(), 100);
        assert_eq!(lessons.learn(Strategy::Put, &again, MIB - 1, &failure(None)), None, "too few bytes");
        assert_eq!(lessons.learn(Strategy::Put, &again, MIB, &failure(None)), None);
        assert_eq!(lessons.learn(Strategy::Put, &again, MIB, &failure(None)), Some(CHUNKS));
        // It was a guess, and one refusal ends it.
        assert_eq!(lessons.learn(CHUNKS, &again, MIB, &failure(Some(422))), Some(Strategy::Put));
        assert_eq!(lessons.learn(Strategy::Put, &again, MIB, &failure(None)), None, "not guessed again");
    }
}
