//! How many bytes a second go to and from one registry. Waits; moves nothing.

use bytes::Bytes;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Most bytes of an upload that are sent at once where bytes are limited: nobody else waits longer
/// than these take.
const SENT_BYTES_MAX: usize = 64 * 1024;
/// Unused time that may be made up for: clocks that wake a little late shall not cost throughput.
const SLACK: Duration = Duration::from_millis(50);

/// The pace of bodies in both directions together, one after another in the order in which they come.
#[derive(Debug)]
pub(super) struct Pace(Option<Limited>);

#[derive(Debug)]
struct Limited {
    bytes_per_second: NonZeroU32,
    /// When everything that passed until now has had its time.
    free_at: Mutex<Option<Instant>>,
}

impl Pace {
    /// No limit without a number.
    pub(super) fn new(bytes_per_second: Option<NonZeroU32>) -> Self {
        Self(bytes_per_second.map(|bytes_per_second| Limited { bytes_per_second, free_at: Mutex::default() }))
    }

    /// Waits until what passed before has had its time; then `bytes` pass, and others wait for them.
    pub(super) async fn pass(&self, bytes: usize) {
        if let Some(at) = self.passed(bytes) {
            tokio::time::sleep_until(at).await;
        }
    }

    /// Counts `bytes` that are there already. Whoever brought them brings no more before that moment.
    pub(super) fn passed(&self, bytes: usize) -> Option<Instant> {
        self.0.as_ref().map(|limited| limited.reserve(bytes))
    }

    /// `piece`, in parts that may be sent at once.
    pub(super) fn parts(&self, mut piece: Bytes) -> impl Iterator<Item = Bytes> + use<> {
        let most = if self.0.is_some() { SENT_BYTES_MAX } else { usize::MAX };
        std::iter::from_fn(move || {
            let length = piece.len().min(most);
            (length > 0).then(|| piece.split_to(length))
        })
    }
}

impl Limited {
    /// When `bytes` may pass.
    fn reserve(&self, bytes: usize) -> Instant {
        let takes = Duration::from_secs_f64(bytes as f64 / f64::from(self.bytes_per_second.get()));
        let now = Instant::now();
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock may be younger than the slack.
        let earliest = now.checked_sub(SLACK).unwrap_or(now);
        let start = free_at.map_or(now, |free_at| free_at.max(earliest));
        *free_at = Some(start + takes);
        start
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;

    fn pace(bytes_per_second: u32) -> Pace {
        Pace::new(NonZeroU32::new(bytes_per_second))
    }

    /// The bytes that passed within `span`, when `streams` pass pieces of `piece_bytes` without pause.
    async fn passed_in(span: Duration, bytes_per_second: u32, streams: usize, piece_bytes: usize) -> u64 {
        let (pace, start) = (pace(bytes_per_second), Instant::now());
        let streams = (0..streams).map(|_| async {
            let mut passed = 0;
            while start.elapsed() < span {
                pace.pass(piece_bytes).await;
                passed += piece_bytes as u64;
            }
            passed
        });
        join_all(streams).await.iter().sum()
    }

    #[tokio::test(start_paused = true)]
    async fn however_many_pass_pieces_of_whatever_size_the_rate_is_kept_and_used() {
        const MIB: u32 = 1 << 20;
        for (streams, piece_bytes) in [(1, 8 << 10), (1, 400 << 10), (16, 8 << 10), (16, 400 << 10)] {
            let passed = passed_in(Duration::from_secs(60), MIB, streams, piece_bytes).await;
            let due = u64::from(MIB) * 60;
            // The first waited for nobody, and each may have begun another when the time was over.
            let more = ((streams + 1) * piece_bytes) as u64 + u64::from(MIB) / 10;
            assert!((due..=due + more).contains(&passed), "{streams} × {piece_bytes}: {passed} of {due}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_not_made_up_for_by_a_burst() {
        let pace = pace(1000);
        pace.pass(1000).await;
        tokio::time::sleep(Duration::from_secs(3600)).await;
        let start = Instant::now();
        for _ in 0..10 {
            pace.pass(1000).await;
        }
        assert!(start.elapsed() >= Duration::from_millis(8900), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_nothing_waits_and_nothing_is_parted() {
        let (pace, start) = (Pace::new(None), Instant::now());
        pace.pass(usize::MAX).await;
        assert_eq!(start.elapsed(), Duration::ZERO);
        assert_eq!(pace.parts(Bytes::from(vec![0; 1 << 20])).count(), 1);
        assert_eq!(pace.parts(Bytes::new()).count(), 0);
    }

    #[test]
    fn a_large_piece_is_sent_in_parts_that_are_the_piece_together() {
        let piece: Bytes = (0..=255).cycle().take(150_000).collect::<Vec<u8>>().into();
        let parts: Vec<Bytes> = pace(1).parts(piece.clone()).collect();
        assert_eq!(parts.iter().map(Bytes::len).collect::<Vec<_>>(), [65536, 65536, 18928]);
        assert_eq!(parts.concat(), piece);
    }
}
