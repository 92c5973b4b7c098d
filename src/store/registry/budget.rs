//! How many requests are made again: a registry in trouble is not asked more because it is. Decides
//! only; time is an argument.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// For each request that was served, so much of one may be made again. Where a part f of all requests
/// fails, each costs f / (1 - f) others until it is served: half of one is enough up to a third. A fifth,
/// as balancers have it, would end at a sixth; they have another server to ask, and we have not.
const PER_SERVED: f64 = 0.5;
/// So many may be made again whatever was served,
const FLOOR: f64 = 10.0;
/// in this time.
const FLOOR_SPAN: Duration = Duration::from_secs(10);
/// The most that is saved up: a storm at the end of a long run shall not find the purse of all of it.
const SAVED_MAX: f64 = 100.0;

/// What may be spent on requests to one host that are made again.
#[derive(Debug)]
pub(super) struct Budget(Mutex<Purse>);

#[derive(Debug)]
struct Purse {
    left: f64,
    /// When the floor was last looked at.
    at: Option<Instant>,
}

impl Default for Budget {
    fn default() -> Self {
        Self(Mutex::new(Purse { left: FLOOR, at: None }))
    }
}

impl Budget {
    /// Notes that a request was served.
    pub(super) fn served(&self) {
        let mut purse = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        purse.left = (purse.left + PER_SERVED).min(SAVED_MAX);
    }

    /// Whether one more request may be made again now; it is spent.
    pub(super) fn spend(&self, now: Instant) -> bool {
        let mut purse = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let since = purse.at.map_or(Duration::ZERO, |then| now.saturating_duration_since(then));
        purse.at = Some(now);
        if purse.left < FLOOR {
            let grown = since.as_secs_f64() * FLOOR / FLOOR_SPAN.as_secs_f64();
            purse.left = (purse.left + grown).min(FLOOR);
        }
        let is_enough = purse.left >= 1.0;
        purse.left -= f64::from(u8::from(is_enough));
        is_enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// How many of `asked` are allowed at one moment.
    fn allowed(budget: &Budget, asked: u32, now: Instant) -> usize {
        (0..asked).filter(|_| budget.spend(now)).count()
    }

    #[test]
    fn where_nothing_is_served_one_a_second_is_made_again_whatever_fails() {
        let (budget, start) = (Budget::default(), Instant::now());
        assert_eq!(allowed(&budget, 64, start), 10);
        let later: usize = (1..=60).map(|n| allowed(&budget, 64, start + n * SECOND)).sum();
        assert_eq!(later, 60);
        assert_eq!(allowed(&budget, 64, start + 3600 * SECOND), 10, "an hour of silence saves up no more");
    }

    #[test]
    fn what_is_served_pays_for_half_as_many_and_for_no_storm() {
        let (budget, start) = (Budget::default(), Instant::now());
        allowed(&budget, 64, start);
        (0..20).for_each(|_| budget.served());
        assert_eq!(allowed(&budget, 64, start), 10);
        (0..10_000).for_each(|_| budget.served());
        assert_eq!(allowed(&budget, 10_000, start), 100);
    }

    /// A hundred requests a second for a minute, of which so many of a hundred fail: how many of those were
    /// made again, and how many were not.
    fn stormy(percent: u32) -> (u32, u32) {
        let (budget, start) = (Budget::default(), Instant::now());
        let mut random = fastrand::Rng::with_seed(7);
        let (mut again, mut denied) = (0, 0);
        for n in 0..6000 {
            match random.u32(..100) < percent {
                true if budget.spend(start + n * SECOND / 100) => again += 1,
                true => denied += 1,
                false => budget.served(),
            }
        }
        (again, denied)
    }

    #[test]
    fn three_failures_in_ten_are_all_made_up_for_and_nine_in_ten_are_not() {
        for percent in [1, 10, 30] {
            assert_eq!(stormy(percent).1, 0, "{percent} %");
        }
        let (again, denied) = stormy(90);
        // The floor of the beginning and of a minute, and half of a tenth.
        assert!(again <= 10 + 60 + 350 && denied > 4500, "{again} made again, {denied} not");
    }
}
