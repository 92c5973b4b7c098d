//! Copying one entry: from its drift to an outcome for each target.

use super::Shared;
use super::manifests::{Budget, Wanted, Written};
use super::recipient::Recipient;
use crate::failure::{Class, Failure, Side};
use crate::outcome::{Done, Outcome, Tally};
use crate::plan::{Drift, Entry, Pin, TargetEntry};
use crate::store::Reach;
use tokio::time::Instant;

impl Shared {
    /// Copies what is pending, and returns one outcome for each target, in their order.
    pub async fn copy(&self, entry: &Entry, reach: &dyn Reach) -> Vec<Outcome> {
        let started = Instant::now();
        let mut recipients: Vec<Option<Recipient>> = Vec::new();
        for target in &entry.targets {
            recipients.push(self.recipient(target, reach).await);
        }
        let living: Vec<&Recipient> = recipients.iter().flatten().filter(|r| r.lives()).collect();
        if let (Some(pin), false) = (&entry.pin, living.is_empty()) {
            tokio::select! {
                () = self.settle_entry(entry, pin, &living, reach) => {}
                () = self.stop.dropped() => living.iter().for_each(|r| r.fail(self.stop.failure())),
            }
        }
        let duration_ms = started.elapsed().as_millis() as u64;
        let outcome = |(target, recipient): (&TargetEntry, &Option<Recipient>)| match recipient {
            Some(recipient) => written(entry, target, recipient, duration_ms),
            None => untouched(target),
        };
        entry.targets.iter().zip(&recipients).map(outcome).collect()
    }

    /// The recipient for a target that is pending.
    async fn recipient(&self, target: &TargetEntry, reach: &dyn Reach) -> Option<Recipient> {
        if !target.drift.is_pending() {
            return None;
        }
        let opened = match self.stop.is_set() {
            true => Err(self.stop.failure()),
            false => reach.target(&target.reference.repository).await,
        };
        Some(match opened {
            Ok(writer) => Recipient::new(target.reference.clone(), Some(writer)),
            Err(failure) => {
                let recipient = Recipient::new(target.reference.clone(), None);
                recipient.fail(failure.on(Side::Target));
                recipient
            }
        })
    }

    async fn settle_entry(&self, entry: &Entry, pin: &Pin, recipients: &[&Recipient], reach: &dyn Reach) {
        match reach.source(&entry.source.repository).await {
            Ok(source) => {
                let budget = Budget::default();
                let wanted = Wanted {
                    digest: &pin.digest,
                    media_type: &pin.media_type,
                    written: Written::ByTag,
                    depth: 0,
                    budget: &budget,
                };
                self.settle_manifest(&*source, wanted, recipients).await;
            }
            Err(failure) => {
                let failure = failure.on(Side::Source);
                recipients.iter().for_each(|recipient| recipient.fail(failure.clone()));
            }
        }
    }
}

/// The outcome of a target that was worked for.
fn written(entry: &Entry, target: &TargetEntry, recipient: &Recipient, duration_ms: u64) -> Outcome {
    let before = target.drift.found();
    let (result, digest_after) = match (recipient.failure(), &target.drift) {
        (None, Drift::Absent) => (Done::Created, entry.pin.as_ref().map(|pin| &pin.digest)),
        (None, _) => (Done::Updated, entry.pin.as_ref().map(|pin| &pin.digest)),
        (Some(failure), _) => (failed(failure), before),
    };
    Outcome {
        result,
        digest_after: digest_after.cloned(),
        tally: recipient.tally(),
        attempts: recipient.attempts(),
        duration_ms,
    }
}

fn failed(failure: &Failure) -> Done {
    let failure = Box::new(failure.clone());
    match failure.code.class() {
        Class::Refused => Done::Refused(failure),
        Class::Deferred => Done::Deferred(failure),
        Class::Denied | Class::Missing | Class::Transient | Class::Corrupt | Class::Other => {
            Done::Failed(failure)
        }
    }
}

/// The outcome of a target that was left as it is.
fn untouched(target: &TargetEntry) -> Outcome {
    let result = match &target.drift {
        Drift::Refused { reason, .. } => Done::Refused(reason.failure(&target.reference)),
        Drift::Absent | Drift::Stale { .. } | Drift::Current { .. } => Done::Current,
    };
    Outcome {
        result,
        digest_after: target.drift.found().cloned(),
        tally: Tally::default(),
        attempts: 0,
        duration_ms: 0,
    }
}
