//! The plan as one value: sorted, countable, comparable. Never asks anybody anything.

use super::{Drift, Dropped, Entry, FilterRequests, Unresolved};
use std::cmp::Ordering;

/// Everything that one run would do. The same answers of the same registries give the same plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    entries: Vec<Entry>,
    unresolved: Vec<Unresolved>,
    dropped: Vec<Dropped>,
    filter_requests: FilterRequests,
    referrer_requests: u64,
    cost: Option<Cost>,
}

/// What carrying a plan out costs at most: what is at the target already is not subtracted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// The length of all blobs in bytes, each counted once for each target store.
    pub bytes_max: u64,
    /// How many blobs that are.
    pub blobs: u64,
    /// How many manifests, child manifests included.
    pub manifests: u64,
}

/// How many target tags stand how. Unresolved mappings count as failed, one each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Tags that the target does not have.
    pub create: u64,
    /// Tags that name another manifest.
    pub update: u64,
    /// Tags that are as they shall be.
    pub current: u64,
    /// Tags that will not be touched.
    pub refused: u64,
    /// Mappings that could not be resolved or observed.
    pub failed: u64,
}

impl Plan {
    /// A plan of what was found, in whatever order it was found.
    ///
    /// It is put in the order of the rules in the spec, then of the source references.
    pub fn new(mut entries: Vec<Entry>, mut unresolved: Vec<Unresolved>) -> Self {
        entries.sort_by(Entry::in_spec_order);
        unresolved.sort_by(Unresolved::in_spec_order);
        Self { entries, unresolved, ..Self::default() }
    }

    /// Says what filters left out, in whatever order, and what it cost to let them decide.
    pub fn with_filtered(mut self, mut dropped: Vec<Dropped>, requests: FilterRequests) -> Self {
        dropped.sort_by(Dropped::in_spec_order);
        self.dropped = dropped;
        self.filter_requests = requests;
        self
    }

    /// Says how many requests it took to find out about referrers.
    pub fn with_referrer_requests(mut self, requests: u64) -> Self {
        self.referrer_requests = requests;
        self
    }

    /// Says what it costs to carry the plan out.
    pub fn with_cost(mut self, cost: Cost) -> Self {
        self.cost = Some(cost);
        self
    }

    /// The entries, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What could not be resolved or observed, in order.
    pub fn unresolved(&self) -> &[Unresolved] {
        &self.unresolved
    }

    /// What filters left out, in order.
    pub fn dropped(&self) -> &[Dropped] {
        &self.dropped
    }

    /// What it cost to let filters decide.
    pub fn filter_requests(&self) -> FilterRequests {
        self.filter_requests
    }

    /// How many requests it took to find out about referrers.
    pub fn referrer_requests(&self) -> u64 {
        self.referrer_requests
    }

    /// What it costs, where somebody has worked it out.
    pub fn cost(&self) -> Option<Cost> {
        self.cost
    }

    /// Gives the entries away, for whoever carries them out.
    pub fn into_entries(self) -> Vec<Entry> {
        self.entries
    }

    /// How many target tags stand how.
    pub fn counts(&self) -> Counts {
        Counts::of(&self.entries, &self.unresolved)
    }
}

impl Counts {
    /// Counts each target tag of the entries and each unresolved mapping.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>, unresolved: &[Unresolved]) -> Self {
        let mut counts = Self { failed: unresolved.len() as u64, ..Self::default() };
        for target in entries.into_iter().flat_map(|entry| &entry.targets) {
            *match target.drift {
                Drift::Absent => &mut counts.create,
                Drift::Stale { .. } | Drift::Incomplete { .. } => &mut counts.update,
                Drift::Current { .. } => &mut counts.current,
                Drift::Refused { .. } => &mut counts.refused,
            } += 1;
        }
        counts
    }

    /// How many target tags would be written.
    pub fn pending(&self) -> u64 {
        self.create + self.update
    }
}

impl Entry {
    /// The order of plans and reports: by line in the spec, rule, source, first target.
    pub fn in_spec_order(&self, other: &Self) -> Ordering {
        let key = |entry: &Self| entry.targets.first().map(|target| target.reference.clone());
        (self.spec_line, &self.mirror, &self.source)
            .cmp(&(other.spec_line, &other.mirror, &other.source))
            .then_with(|| key(self).cmp(&key(other)))
    }
}

impl Unresolved {
    /// The order of plans and reports: by line in the spec, rule, source, target.
    pub fn in_spec_order(&self, other: &Self) -> Ordering {
        (self.spec_line, &self.mirror, &self.source, &self.target, self.failure.code).cmp(&(
            other.spec_line,
            &other.mirror,
            &other.source,
            &other.target,
            other.failure.code,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::sample;
    use proptest::prelude::*;

    #[test]
    fn every_target_tag_is_counted_once_and_unresolved_mappings_as_failed() {
        let counts = sample::plan().counts();
        assert_eq!(counts, Counts { create: 3, update: 2, current: 1, refused: 3, failed: 2 });
        assert_eq!(counts.pending(), 5);
    }

    proptest! {
        #[test]
        fn the_order_of_discovery_does_not_show(
            entries in Just(sample::plan().entries).prop_shuffle(),
            unresolved in Just(sample::plan().unresolved).prop_shuffle(),
            dropped in Just(sample::plan().dropped).prop_shuffle(),
        ) {
            let plan = Plan::new(entries, unresolved).with_filtered(dropped, sample::plan().filter_requests);
            let plan = plan.with_referrer_requests(sample::plan().referrer_requests);
            prop_assert_eq!(plan, Plan { cost: None, ..sample::plan() });
        }
    }
}
