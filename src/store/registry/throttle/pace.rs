//! A pace: the least distance between the starts of requests. Decides only; time is an argument.

use std::time::Duration;
use tokio::time::Instant;

/// Whoever starts no later than this after the moment that was due counts as in time: timers are late by
/// a millisecond or two, and that shall not slow the pace.
const IN_TIME: Duration = Duration::from_millis(10);

/// So many requests in a second, evenly spread.
#[derive(Debug)]
pub(super) struct Pace {
    distance: Duration,
    /// When the last one was to start.
    last: Option<Instant>,
}

impl Pace {
    /// `rate` requests in a second; more than none.
    pub(super) fn per_second(rate: f64) -> Self {
        let mut pace = Self { distance: Duration::ZERO, last: None };
        pace.change(rate);
        pace
    }

    /// Another rate, from the last request on.
    pub(super) fn change(&mut self, rate: f64) {
        self.distance = Duration::try_from_secs_f64(rate.recip()).unwrap_or_default();
    }

    /// When the next request may start; none when it may at once.
    pub(super) fn due(&self) -> Option<Instant> {
        self.last.map(|last| last + self.distance)
    }

    /// Notes that a request starts.
    pub(super) fn started(&mut self, now: Instant) {
        let in_time = |due: &Instant| now.duration_since(*due) <= IN_TIME;
        self.last = Some(self.due().filter(in_time).unwrap_or(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many start within `window`, when timers are `late`.
    fn starts(pace: &mut Pace, begin: Instant, window: Duration, late: Duration) -> u32 {
        let (mut now, mut starts) = (begin, 0);
        while now < begin + window {
            pace.started(now);
            starts += 1;
            now = now.max(pace.due().expect("one started") + late);
        }
        starts
    }

    #[test]
    fn requests_are_spread_and_late_timers_do_not_slow_them() {
        let second = Duration::from_secs(1);
        for (rate, late_ms, least, most) in [
            (10.0, 0, 10, 10),
            (10.0, 3, 10, 10),
            (1000.0, 0, 1000, 1000),
            (1000.0, 2, 990, 1010),
            (0.5, 0, 1, 1),
        ] {
            let mut pace = Pace::per_second(rate);
            let starts = starts(&mut pace, Instant::now(), second, Duration::from_millis(late_ms));
            assert!((least..=most).contains(&starts), "{rate} {late_ms}: {starts}");
        }
    }

    #[test]
    fn a_rest_is_not_made_up_for() {
        let mut pace = Pace::per_second(10.0);
        let begin = Instant::now();
        pace.started(begin);
        let later = begin + Duration::from_secs(60);
        pace.started(later);
        assert!(pace.due().is_some_and(|due| due == later + Duration::from_millis(100)));
    }
}
