//! Copying one entry: from its drift to an outcome for each target.

use super::Shared;
use super::manifests::{Budget, Wanted, Written};
use super::recipient::{Image, Recipient};
use super::sighting::{Equal, Expected, Sighting};
use crate::failure::{Code, Failure, Fallible, Operation, Side};
use crate::oci::{At, Reference};
use crate::outcome::{Done, Outcome, Tally};
use crate::plan::{Drift, Entry, Pin, TargetEntry};
use crate::store::{Formed, Reach, Reader};
use std::sync::Arc;
use tokio::time::Instant;

impl Shared {
    /// Copies what is pending, and returns one outcome for each target, in their order.
    /// `sighting` is of the targets.
    pub async fn copy(&self, entry: &Entry, sighting: Sighting, reach: &dyn Reach) -> Vec<Outcome> {
        let started = Instant::now();
        let mut recipients: Vec<Option<Recipient>> = Vec::new();
        for target in &entry.targets {
            recipients.push(self.recipient(target, sighting, reach).await);
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
    async fn recipient(
        &self,
        target: &TargetEntry,
        sighting: Sighting,
        reach: &dyn Reach,
    ) -> Option<Recipient> {
        if !target.drift.is_pending() {
            return None;
        }
        let found = target.drift.found().cloned();
        let expected = Some(Expected { found, sighting, equal: Equal::Kept });
        let mut recipient = self.open(&target.reference, expected, reach).await;
        recipient.lacks.clone_from(&target.lacks);
        if matches!(target.drift, Drift::Incomplete { .. }) {
            recipient.image = Image::IsThere;
        }
        Some(recipient)
    }

    /// A recipient with its target open; one whose target cannot be opened has failed.
    pub(super) async fn open(
        &self,
        reference: &Reference,
        expected: Option<Expected>,
        reach: &dyn Reach,
    ) -> Recipient {
        let opened = match self.stop.is_set() {
            true => Err(self.stop.failure()),
            false => reach.target(&reference.repository).await,
        };
        match opened {
            Ok(writer) => Recipient::new(reference.clone(), Some(writer), expected),
            Err(failure) => {
                let recipient = Recipient::new(reference.clone(), None, expected);
                recipient.fail(failure.on(Side::Target));
                recipient
            }
        }
    }

    /// Makes what `pin` names present at the tags of `recipients`.
    pub(super) async fn settle_entry(
        &self,
        entry: &Entry,
        pin: &Pin,
        recipients: &[&Recipient],
        reach: &dyn Reach,
    ) {
        match source(entry, pin, reach).await {
            Ok(source) => self.settle_image(&*source, pin, recipients).await,
            Err(failure) => {
                let failure = failure.on(Side::Source);
                recipients.iter().for_each(|recipient| recipient.fail(failure.clone()));
            }
        }
    }

    /// The image, then what speaks about it, and last the tags of those that lacked some of that.
    async fn settle_image(&self, source: &dyn Reader, pin: &Pin, recipients: &[&Recipient]) {
        let written = |written, budget| Wanted {
            digest: &pin.digest,
            media_type: &pin.media_type,
            written,
            depth: 0,
            budget,
        };
        let (budget, last) = (Budget::default(), Budget::default());
        let comes = |recipient: &&&Recipient| recipient.image == Image::Comes;
        let coming: Vec<&Recipient> = recipients.iter().filter(comes).copied().collect();
        self.settle_manifest(source, written(Written::ByTagWhereAlone, &budget), &coming).await;
        let lacks = |recipient: &&&Recipient| recipient.lives() && !recipient.lacks.is_empty();
        let lacking: Vec<&Recipient> = recipients.iter().filter(lacks).copied().collect();
        self.settle_referrers(source, &lacking, &budget).await;
        let tagged: Vec<&Recipient> = lacking.iter().filter(comes).copied().collect();
        self.settle_manifest(source, written(Written::ByTag, &last), &tagged).await;
    }
}

/// Where an entry is read: its source, with what is made of it.
async fn source(entry: &Entry, pin: &Pin, reach: &dyn Reach) -> Fallible<Arc<dyn Reader>> {
    let source = reach.source(&entry.source.repository).await?;
    let Some(origin) = &pin.origin else { return Ok(source) };
    let at = At::Digest(origin.digest.clone());
    let gone = |code: Code, message: String| {
        Failure::new(code, &entry.source, Operation::ManifestGet, message).hint("make a new plan")
    };
    let formed = Formed::make(&*source, &at, &origin.form).await?;
    let formed =
        formed.ok_or_else(|| gone(Code::NotFound, format!("{} is not there (any more)", origin.digest)))?;
    match formed.root.digest == pin.digest {
        true => Ok(formed.before(source)),
        false => {
            let message = format!("{} becomes another manifest than was planned", origin.digest);
            Err(gone(Code::Refused, message))
        }
    }
}

/// The outcome of a target that was worked for.
fn written(entry: &Entry, target: &TargetEntry, recipient: &Recipient, duration_ms: u64) -> Outcome {
    let before = target.drift.found();
    let (result, digest_after) = match (recipient.failure(), &target.drift) {
        (None, _) if recipient.is_written_by_others() => {
            (Done::Current, entry.pin.as_ref().map(|pin| &pin.digest))
        }
        (None, Drift::Absent) => (Done::Created, entry.pin.as_ref().map(|pin| &pin.digest)),
        (None, _) => (Done::Updated, entry.pin.as_ref().map(|pin| &pin.digest)),
        (Some(failure), _) => {
            (Done::from(Box::new(failure.clone())), recipient.found_now().map_or(before, Option::as_ref))
        }
    };
    Outcome {
        result,
        digest_after: digest_after.cloned(),
        tally: recipient.tally(),
        attempts: recipient.attempts(),
        duration_ms,
    }
}

/// The outcome of a target that was left as it is.
fn untouched(target: &TargetEntry) -> Outcome {
    let result = match &target.drift {
        Drift::Refused { reason, .. } => Done::Refused(reason.failure(&target.reference)),
        Drift::Absent | Drift::Stale { .. } | Drift::Incomplete { .. } | Drift::Current { .. } => {
            Done::Current
        }
    };
    Outcome {
        result,
        digest_after: target.drift.found().cloned(),
        tally: Tally::default(),
        attempts: 0,
        duration_ms: 0,
    }
}
