//! Settling a blob: held, mounted or copied, for all recipients of an entry at once.

use super::Shared;
use super::ledger::{Claim, Promise};
use super::pump::{Broken, pump};
use super::queue::{Beginning, Wish};
use super::recipient::Recipient;
use crate::failure::{Failure, Fallible, Side};
use crate::oci::{Descriptor, Digest, Repository, StoreKey};
use crate::store::backoff::wait_before_retry;
use crate::store::{Begun, Reader, Upload};
use futures::future::join_all;
use std::collections::BTreeMap;

/// A recipient whose turn it is to bring the blob.
struct Bringer<'a> {
    recipient: &'a Recipient,
    promise: Promise<(StoreKey, Digest)>,
    elsewhere: Option<Repository>,
}

/// A recipient that did not get the blob.
struct Missed<'a> {
    bringer: Bringer<'a>,
    failure: Box<Failure>,
    again: Again,
}

/// Whether bringing a blob again may help where the failure is one that passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    /// The bytes broke off on their way.
    MayHelp,
    /// The very request was made as often as it is worth.
    Exhausted,
}

/// A recipient and the upload that was begun for it.
type Uploading<'a> = (Bringer<'a>, Box<dyn Upload>);

impl Shared {
    /// Makes `blob` present at every recipient that lives.
    pub(super) async fn settle_blob(
        &self,
        source: &dyn Reader,
        blob: &Descriptor,
        recipients: &[&Recipient],
    ) {
        let mut open: Vec<&Recipient> = recipients.to_vec();
        loop {
            open.retain(|recipient| recipient.lives());
            let wanted = open.iter().map(|r| (r.blob_key(&blob.digest), r.repository().clone()));
            let claims = self.blobs.claim(wanted);
            let mut bringers = Vec::new();
            let mut changes = Vec::new();
            let mut waiting = Vec::new();
            for (recipient, claim) in open.into_iter().zip(claims) {
                match claim {
                    Claim::Held => recipient.count(|tally| tally.present(blob)),
                    Claim::Yours { promise, elsewhere } => {
                        bringers.push(Bringer { recipient, promise, elsewhere });
                    }
                    Claim::Wait(change) => {
                        changes.push(change);
                        waiting.push(recipient);
                    }
                }
            }
            // Promises are kept before anybody is waited for: see the ledger.
            self.bring(source, blob, bringers).await;
            if waiting.is_empty() {
                return;
            }
            if let Err(stopped) = self.stop.or(join_all(changes)).await {
                waiting.iter().for_each(|recipient| recipient.fail(stopped.clone()));
            }
            open = waiting;
        }
    }

    /// Tries until every bringer has the blob or has failed.
    async fn bring(&self, source: &dyn Reader, blob: &Descriptor, mut bringers: Vec<Bringer<'_>>) {
        let mut attempt = 1;
        while !bringers.is_empty() {
            let followers = bringers.iter().map(|bringer| bringer.promise.followers()).collect();
            let wish = Wish { size_bytes: blob.size_bytes, followers };
            let place = match self.stop.or(self.queue.begin(source.repository().store(), wish)).await {
                Ok(place) => place,
                Err(stopped) => {
                    bringers.iter().for_each(|bringer| bringer.recipient.fail(stopped.clone()));
                    return;
                }
            };
            bringers.iter().for_each(|bringer| bringer.recipient.attempted(attempt));
            // Large, and needed only by those that have a place.
            let failed = Box::pin(self.bring_once(source, blob, bringers, attempt, place)).await;
            let mut pause = None;
            bringers = Vec::new();
            for Missed { bringer, failure, again } in failed {
                match (again, wait_before_retry(attempt, &failure, fastrand::f64())) {
                    (Again::MayHelp, Some(wait)) => {
                        tracing::debug!(attempt, %failure, blob = blob.digest.short(), "bringing the blob again");
                        pause = pause.max(Some(wait));
                        bringers.push(bringer);
                    }
                    _ => bringer.recipient.fail(failure),
                }
            }
            attempt += 1;
            if let Some(pause) = pause {
                // Ending early is noticed above.
                let _ = self.stop.or(tokio::time::sleep(pause)).await;
            }
        }
    }

    /// One attempt for all of them; returns those that failed.
    async fn bring_once<'a>(
        &self,
        source: &dyn Reader,
        blob: &Descriptor,
        bringers: Vec<Bringer<'a>>,
        attempt: u32,
        place: Beginning,
    ) -> Vec<Missed<'a>> {
        let mut beginnings = Vec::new();
        for bringer in bringers {
            beginnings.push(bringer.begin(blob));
        }
        let mut failed = Vec::new();
        let mut uploading: Vec<Uploading<'a>> = Vec::new();
        for (bringer, begun) in join_all(beginnings).await {
            match begun {
                Ok(Begun::Present) => bringer.settle(|tally| tally.present(blob)),
                Ok(Begun::Mounted) => bringer.settle(|tally| tally.mounted(blob)),
                Ok(Begun::Upload(upload)) => uploading.push((bringer, upload)),
                Err(failure) => {
                    let failure = failure.on(Side::Target);
                    failed.push(Missed { bringer, failure, again: Again::Exhausted });
                }
            }
        }
        if attempt == 1 && !uploading.is_empty() {
            self.meter.expect_bytes(blob.size_bytes);
        }
        if uploading.is_empty() {
            return failed;
        }
        let _moving = match self.stop.or(place.moving()).await {
            Ok(moving) => moving,
            Err(failure) => {
                let missed =
                    |(bringer, _)| Missed { bringer, failure: failure.clone(), again: Again::Exhausted };
                failed.extend(uploading.into_iter().map(missed));
                return failed;
            }
        };
        let mut rounds = rounds(uploading).into_iter();
        while let Some(round) = rounds.next() {
            let (bringers, uploads): (Vec<_>, Vec<_>) = round.into_iter().unzip();
            let _in_flight = self.meter.blob();
            match pump(source, blob, uploads, &self.meter, &self.stop).await {
                Ok(results) => failed.extend(settle_all(blob, bringers, results)),
                // What one round cannot get, the next would not get either.
                Err(broken) => {
                    let (failure, again) = match broken {
                        Broken::Refused(failure) => (failure, Again::Exhausted),
                        Broken::During(failure) => (failure, Again::MayHelp),
                    };
                    let others = rounds.by_ref().flatten().map(|(bringer, _)| bringer);
                    for bringer in bringers.into_iter().chain(others) {
                        failed.push(Missed { bringer, failure: failure.clone(), again });
                    }
                }
            }
        }
        failed
    }
}

/// Parts uploads into rounds in which no store occurs twice, each in one order for the whole run.
///
/// A pump takes places at the stores in that order. One that took two at the same store could wait
/// for its second place while others wait for theirs, and hold the first, for ever.
fn rounds(uploading: Vec<Uploading<'_>>) -> Vec<Vec<Uploading<'_>>> {
    let mut by_store: BTreeMap<StoreKey, Vec<Uploading<'_>>> = BTreeMap::new();
    for uploading in uploading {
        by_store.entry(uploading.0.recipient.repository().store()).or_default().push(uploading);
    }
    let mut rounds: Vec<Vec<Uploading<'_>>> = Vec::new();
    for uploads in by_store.into_values() {
        for (number, uploading) in uploads.into_iter().enumerate() {
            match rounds.get_mut(number) {
                Some(round) => round.push(uploading),
                None => rounds.push(vec![uploading]),
            }
        }
    }
    rounds
}

fn settle_all<'a>(
    blob: &Descriptor,
    bringers: Vec<Bringer<'a>>,
    results: Vec<Fallible<()>>,
) -> Vec<Missed<'a>> {
    let mut failed = Vec::new();
    for (bringer, result) in bringers.into_iter().zip(results) {
        match result {
            Ok(()) => bringer.settle(|tally| tally.copied(blob)),
            Err(failure) => {
                failed.push(Missed { bringer, failure: failure.on(Side::Target), again: Again::MayHelp });
            }
        }
    }
    failed
}

impl Bringer<'_> {
    async fn begin(self, blob: &Descriptor) -> (Self, Fallible<Begun>) {
        let begun = match self.recipient.writer() {
            Ok(writer) => writer.begin(blob, self.elsewhere.as_ref()).await,
            Err(failure) => Err(failure),
        };
        (self, begun)
    }

    fn settle(self, count: impl FnOnce(&mut crate::outcome::Tally)) {
        self.recipient.count(count);
        self.promise.settle();
    }
}
