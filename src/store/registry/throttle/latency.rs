//! What the time until an answer tells of a registry. Decides only.
//!
//! It is weak evidence: when our own machine is busy, every answer seems late. So it first keeps a
//! window from growing, and cuts it only where something waits for a second and more.

use std::time::Duration;

/// Smoothed over about so many answers.
const SMOOTHED_OVER: u32 = 8;
/// The lowest is forgotten by this part of itself with each answer: routes and registries change.
const FORGOTTEN_PART: u32 = 1024;
/// Late is what takes so many times the lowest,
const LATE_TIMES: u32 = 3;
/// and this more, which is what a machine with two busy cores adds.
const LATE_MORE: Duration = Duration::from_millis(5);
/// Very late is what takes so many times the lowest,
const VERY_LATE_TIMES: u32 = 5;
/// and this more: more than a busy machine adds.
const VERY_LATE_MORE: Duration = Duration::from_secs(1);

/// How long answers take.
#[derive(Debug, Default)]
pub(super) struct Latency {
    lowest: Option<Duration>,
    recent: Option<Duration>,
}

/// What late answers are evidence of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strain {
    None,
    /// Enough not to ask for more at once.
    Some,
    /// Enough to ask for less at once.
    Strong,
}

impl Latency {
    /// Takes one answer into account.
    pub(super) fn note(&mut self, latency: Duration) -> Strain {
        let lowest = self.lowest.map_or(latency, |lowest| latency.min(lowest + lowest / FORGOTTEN_PART));
        let recent = self
            .recent
            .map_or(latency, |recent| (recent * (SMOOTHED_OVER - 1)).saturating_add(latency) / SMOOTHED_OVER);
        (self.lowest, self.recent) = (Some(lowest), Some(recent));
        if recent > lowest * VERY_LATE_TIMES + VERY_LATE_MORE {
            Strain::Strong
        } else if recent > lowest * LATE_TIMES + LATE_MORE {
            Strain::Some
        } else {
            Strain::None
        }
    }

    /// Begins to look anew: what follows shall be judged by itself.
    pub(super) fn forget_recent(&mut self) {
        self.recent = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strain(lowest_ms: u64, then_ms: u64) -> Strain {
        let mut latency = Latency::default();
        latency.note(Duration::from_millis(lowest_ms));
        (0..100).map(|_| latency.note(Duration::from_millis(then_ms))).last().expect("it was noted")
    }

    #[test]
    fn only_what_is_late_by_far_is_evidence() {
        assert_eq!(strain(0, 4), Strain::None, "a busy machine on loopback");
        assert_eq!(strain(20, 60), Strain::None);
        assert_eq!(strain(20, 90), Strain::Some);
        assert_eq!(strain(1, 900), Strain::Some, "a machine that is very busy");
        assert_eq!(strain(20, 1200), Strain::Strong);
        assert_eq!(strain(2000, 2000), Strain::None, "a registry that is always slow");
    }

    #[test]
    fn one_answer_that_is_late_changes_nothing() {
        let mut latency = Latency::default();
        let strains = (0..10).map(|_| latency.note(Duration::from_millis(20)));
        assert_eq!(strains.last(), Some(Strain::None));
        assert_eq!(latency.note(Duration::from_millis(200)), Strain::None);
    }

    #[test]
    fn a_way_that_has_become_longer_is_taken_for_normal_in_the_end() {
        let mut latency = Latency::default();
        latency.note(Duration::from_millis(10));
        let strains = (0..4000).map(|_| latency.note(Duration::from_millis(100)));
        assert_eq!(strains.last(), Some(Strain::None));
    }
}
