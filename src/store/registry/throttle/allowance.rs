//! What a registry says that it will still take in the present minute or so. Decides only; time is an
//! argument.

use crate::store::backoff::RETRY_AFTER_MAX;
use std::time::Duration;
use tokio::time::Instant;

/// Headers of an answer: `ratelimit-limit: 100;w=60`, `ratelimit-remaining: 76;w=60`,
/// `ratelimit-reset: 12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store::registry) struct Announced {
    /// Requests in one window, where that was said.
    pub(in crate::store::registry) limit: Option<u64>,
    /// Requests that are left of them.
    pub(in crate::store::registry) remaining: u64,
    /// How long a window lasts, where that was said.
    pub(in crate::store::registry) window: Option<Duration>,
    /// How long the present one still lasts, where that was said.
    pub(in crate::store::registry) reset: Option<Duration>,
}

/// How many requests may still start before a moment, and how many after it.
#[derive(Debug)]
pub(super) struct Allowance {
    left: u64,
    renewed_at: Instant,
    renewed_by: u64,
    every: Duration,
}

impl Announced {
    /// Whether this is about hours, and not about what is waited for.
    pub(in crate::store::registry) fn is_quota(&self) -> bool {
        self.window.or(self.reset).is_some_and(|lasts| lasts > RETRY_AFTER_MAX)
    }
}

impl Allowance {
    /// What an answer announced while `out` other requests were under way, which the registry may not
    /// have counted yet; none where it is about hours, or says too little.
    pub(super) fn new(announced: Announced, out: u64, now: Instant) -> Option<Self> {
        if announced.is_quota() {
            return None;
        }
        let Announced { limit, remaining, window, reset } = announced;
        let left = remaining.saturating_sub(out);
        let most = limit.unwrap_or(1).max(1);
        let (after, renewed_by, every) = match (reset, window) {
            (Some(reset), window) => (reset, most, window.unwrap_or(reset)),
            // When the window began is not known: one more with each part of it is never too many.
            (None, Some(window)) => {
                let part = window / u32::try_from(most).unwrap_or(u32::MAX);
                (part, 1, part)
            }
            (None, None) => return None,
        };
        Some(Self { left, renewed_at: now + after, renewed_by, every })
    }

    /// When the next request may start; none when it may at once.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        (self.left == 0 && now < self.renewed_at).then_some(self.renewed_at)
    }

    /// Notes that a request starts.
    pub(super) fn started(&mut self, now: Instant) {
        if now >= self.renewed_at {
            self.left = self.left.max(self.renewed_by);
            self.renewed_at = now + self.every;
        }
        self.left = self.left.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn announced(remaining: u64, window_seconds: u64, reset_seconds: Option<u64>) -> Announced {
        let (window, reset) = (Some(window_seconds), reset_seconds);
        let [window, reset] = [window, reset].map(|seconds| seconds.map(Duration::from_secs));
        Announced { limit: Some(60), remaining, window, reset }
    }

    /// How many start at once, and when the next may.
    fn start_all(allowance: &mut Allowance, now: Instant) -> (u32, Duration) {
        for started in 0..1000 {
            if let Some(due) = allowance.due(now) {
                return (started, due - now);
            }
            allowance.started(now);
        }
        (1000, Duration::ZERO)
    }

    #[test]
    fn what_is_left_is_used_and_then_the_next_window_is_waited_for() {
        let now = Instant::now();
        let mut allowance = Allowance::new(announced(10, 60, Some(20)), 4, now).expect("a short window");
        assert_eq!(start_all(&mut allowance, now), (6, 20 * SECOND), "four may not be counted yet");
        assert_eq!(start_all(&mut allowance, now + 20 * SECOND), (60, 60 * SECOND));
    }

    #[test]
    fn without_the_end_of_the_window_it_is_used_part_by_part() {
        let now = Instant::now();
        let mut allowance = Allowance::new(announced(0, 60, None), 0, now).expect("a short window");
        assert_eq!(start_all(&mut allowance, now), (0, SECOND));
        assert_eq!(start_all(&mut allowance, now + SECOND), (1, SECOND));
        assert_eq!(start_all(&mut allowance, now + 2 * SECOND), (1, SECOND));
    }

    #[test]
    fn what_is_about_hours_holds_nobody_back() {
        let now = Instant::now();
        assert!(Allowance::new(announced(0, 21_600, None), 0, now).is_none());
        assert!(Allowance::new(announced(0, 21_600, Some(5)), 0, now).is_none());
        let nothing = Announced { limit: Some(9), remaining: 0, window: None, reset: None };
        assert!(Allowance::new(nothing, 0, now).is_none());
    }
}
