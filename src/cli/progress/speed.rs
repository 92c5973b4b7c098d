//! How fast bytes move just now. Knows the clock of tokio only, which tests can stop.

use std::collections::VecDeque;
use tokio::time::{Duration, Instant};

/// How much of the past counts.
const WINDOW: Duration = Duration::from_secs(5);

/// The bytes per second of the last few seconds.
#[derive(Debug, Default)]
pub(super) struct Speed {
    seen: VecDeque<(Instant, u64)>,
}

impl Speed {
    /// Takes note of the bytes that have moved until `now`, and says how many a second that makes.
    pub(super) fn bytes_per_second(&mut self, now: Instant, bytes_done: u64) -> u64 {
        self.seen.push_back((now, bytes_done));
        // The last one outside of the window stays, so that the window is always covered.
        while self.seen.get(1).is_some_and(|(at, _)| now.duration_since(*at) >= WINDOW) {
            self.seen.pop_front();
        }
        let Some((start, before)) = self.seen.front() else { return 0 };
        let elapsed_ms = now.duration_since(*start).as_millis().max(1);
        let moved = u128::from(bytes_done.saturating_sub(*before));
        u64::try_from(moved * 1_000 / elapsed_ms).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_seconds_count() {
        let start = Instant::now();
        let mut speed = Speed::default();
        let mut at = |second, bytes| speed.bytes_per_second(start + Duration::from_secs(second), bytes);
        assert_eq!(at(0, 0), 0);
        assert_eq!(at(2, 2_000), 1_000);
        assert_eq!(at(4, 2_000), 500);
        assert_eq!(at(9, 2_000), 0);
        assert_eq!(at(10, 12_000), 10_000 / 6);
    }
}
