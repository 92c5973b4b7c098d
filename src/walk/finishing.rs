//! The end of what appears as a whole: archives get their names when all is in them.

use crate::outcome::Done;
use crate::report::Settled;
use crate::store::Reach;

/// Ends the places that were written. Where one cannot be ended, nothing that was written to it is there: that
/// is the failure of every target in it that was written.
pub async fn finish(entries: &mut [Settled], reach: &dyn Reach) {
    for (store, failure) in reach.finish().await {
        for settled in entries.iter_mut() {
            let targets = settled.entry.targets.iter().zip(&mut settled.outcomes);
            let lost = targets.filter(|(target, _)| target.reference.repository.store() == store);
            for outcome in lost.filter_map(|(_, outcome)| outcome.as_mut()) {
                if matches!(outcome.result, Done::Created | Done::Updated) {
                    outcome.result = Done::from(failure.clone().on(crate::failure::Side::Target));
                    outcome.digest_after = None;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Code, Failure, Fallible, Operation};
    use crate::oci::{Repository, StoreKey};
    use crate::outcome::{Outcome, Tally};
    use crate::plan::Drift;
    use crate::plan::sample::{digest, entry, reference};
    use crate::store::{Reader, Writer};
    use async_trait::async_trait;
    use std::sync::Arc;

    /// Stores of which one cannot be ended.
    struct Broken(StoreKey);

    impl Broken {
        fn failure(&self) -> Box<Failure> {
            Failure::new(Code::TargetFull, &self.0, Operation::ManifestPut, "there is no room")
        }
    }

    #[async_trait]
    impl Reach for Broken {
        async fn source(&self, _repository: &Repository) -> Fallible<Arc<dyn Reader>> {
            Err(self.failure())
        }

        async fn target(&self, _repository: &Repository) -> Fallible<Arc<dyn Writer>> {
            Err(self.failure())
        }

        async fn finish(&self) -> Vec<(StoreKey, Box<Failure>)> {
            vec![(self.0.clone(), self.failure())]
        }
    }

    fn outcome(result: Done) -> Option<Outcome> {
        let digest_after = Some(digest("new"));
        Some(Outcome { result, digest_after, tally: Tally::default(), attempts: 1, duration_ms: 1 })
    }

    #[tokio::test]
    async fn what_was_written_to_a_place_that_could_not_be_ended_has_failed() {
        let absent = || Drift::Absent;
        let targets =
            ["oci-archive:a.tar//x:1", "oci-archive:a.tar//y:1", "oci-archive:b.tar//x:1", "r.test/x:1"];
        let targets = targets.map(|target| (target, absent()));
        let outcomes = [Done::Created, Done::Current, Done::Created, Done::Created].map(outcome);
        let mut entries = [Settled::new(entry("m", 1, "r.test/a:1", &targets), outcomes.into())];
        let store = reference(targets[0].0).repository.store();
        finish(&mut entries, &Broken(store)).await;
        let failed = entries[0].outcomes.iter().flatten().map(|outcome| outcome.result.failure().is_some());
        assert_eq!(failed.collect::<Vec<_>>(), [true, false, false, false], "what was there before is there");
        let lost = entries[0].outcomes[0].as_ref().expect("an outcome");
        assert_eq!(lost.digest_after, None);
        assert_eq!(lost.result.failure().map(|failure| failure.code), Some(Code::TargetFull));
    }
}
