//! Bringing a blob to those whose turn it is: begun, pumped, tried again, and gone on with.

use super::Shared;
use super::ledger::{Promise, Way};
use super::patience::Patience;
use super::pump::{Broken, Left, Start, give_back, pump};
use super::queue::{Beginning, Wish};
use super::recipient::Recipient;
use crate::failure::{Failure, Fallible, Side, Tried};
use crate::oci::{Descriptor, Digest, StoreKey};
use crate::outcome::Tally;
use crate::store::{Begun, Outlook, Reader, Resumed, Upload};
use futures::future::join_all;
use std::collections::BTreeMap;
use std::time::Duration;

/// A recipient whose turn it is to bring the blob.
pub(super) struct Bringer<'a> {
    recipient: &'a Recipient,
    promise: Promise<(StoreKey, Digest)>,
    way: Way,
    patience: Patience,
    /// An upload that failed, until it is known what is left of it.
    left: Option<Box<Left>>,
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

/// Uploads that take the same bytes.
struct Round<'a> {
    start: Start,
    uploading: Vec<Uploading<'a>>,
}

impl Shared {
    /// Tries until every bringer has the blob or has failed.
    pub(super) async fn bring(&self, source: &dyn Reader, blob: &Descriptor, mut bringers: Vec<Bringer<'_>>) {
        let mut expected = false;
        while !bringers.is_empty() {
            let followers = bringers.iter().map(|bringer| bringer.promise.followers()).collect();
            let wish = Wish { size_bytes: blob.size_bytes, followers };
            let place = match self.stop.or(self.queue.begin(source.repository().store(), wish)).await {
                Ok(place) => place,
                Err(stopped) => {
                    bringers.iter().for_each(|bringer| bringer.recipient.fail(stopped.clone()));
                    give_back(bringers.into_iter().filter_map(|bringer| Some(bringer.left?.upload))).await;
                    return;
                }
            };
            bringers.iter().for_each(|bringer| bringer.recipient.attempted(bringer.patience.attempt()));
            let (rounds, mut missed) = begin_all(blob, bringers).await;
            if !expected && !rounds.is_empty() {
                self.meter.expect_bytes(blob.size_bytes);
                expected = true;
            }
            // Large, and needed only by those that have a place.
            missed.extend(Box::pin(self.pump_all(source, blob, rounds, &place)).await);
            drop(place);
            let mut pause = Duration::ZERO;
            bringers = Vec::new();
            for missed in missed {
                if let Some((wait, bringer)) = missed.next(blob) {
                    pause = pause.max(wait);
                    bringers.push(bringer);
                }
            }
            if !pause.is_zero() {
                // Ending early is noticed above.
                let _ = self.stop.or(tokio::time::sleep(pause)).await;
            }
        }
    }

    /// Pumps round after round; returns those that failed.
    async fn pump_all<'a>(
        &self,
        source: &dyn Reader,
        blob: &Descriptor,
        rounds: Vec<Round<'a>>,
        place: &Beginning,
    ) -> Vec<Missed<'a>> {
        let mut failed = Vec::new();
        if rounds.is_empty() {
            return failed;
        }
        let _moving = match self.stop.or(place.moving()).await {
            Ok(moving) => moving,
            Err(failure) => {
                let uploading = rounds.into_iter().flat_map(|round| round.uploading);
                let (bringers, uploads): (Vec<_>, Vec<_>) = uploading.unzip();
                give_back(uploads).await;
                let missed = |bringer| Missed { bringer, failure: failure.clone(), again: Again::Exhausted };
                return bringers.into_iter().map(missed).collect();
            }
        };
        let mut rounds = rounds.into_iter();
        while let Some(Round { start, uploading }) = rounds.next() {
            let (bringers, uploads): (Vec<_>, Vec<_>) = uploading.into_iter().unzip();
            let _in_flight = self.meter.blob();
            match pump(source, blob, uploads, start, &self.meter, &self.stop).await {
                Ok(results) => {
                    for (bringer, result) in bringers.into_iter().zip(results) {
                        match result {
                            Ok(()) => bringer.settle(|tally| tally.copied(blob)),
                            Err(left) => failed.push(Missed::left(bringer, left)),
                        }
                    }
                }
                // What one round cannot get, the next would not get either.
                Err(broken) => {
                    let (failure, again) = match broken {
                        Broken::Refused(failure) => (failure, Again::Exhausted),
                        Broken::During(failure) if failure.tried == Tried::Enough => {
                            (failure, Again::Exhausted)
                        }
                        Broken::During(failure) => (failure, Again::MayHelp),
                    };
                    let others = rounds.by_ref().flat_map(|round| round.uploading);
                    let (others, unused): (Vec<_>, Vec<_>) = others.unzip();
                    if self.stop.is_set() {
                        give_back(unused).await;
                    }
                    for bringer in bringers.into_iter().chain(others) {
                        failed.push(Missed { bringer, failure: failure.clone(), again });
                    }
                }
            }
        }
        failed
    }
}

/// Begins the blob for all, or goes on with what is left of their uploads; returns the rounds that are
/// to be pumped, and those that failed.
async fn begin_all<'a>(blob: &Descriptor, bringers: Vec<Bringer<'a>>) -> (Vec<Round<'a>>, Vec<Missed<'a>>) {
    let mut failed = Vec::new();
    let (mut fresh, mut going_on) = (Vec::new(), Vec::new());
    for (bringer, begun) in join_all(bringers.into_iter().map(|bringer| bringer.begin(blob))).await {
        match begun {
            Ok(Opening::Settled(count)) => bringer.settle(|tally| count(tally, blob)),
            Ok(Opening::Upload(upload)) => fresh.push((bringer, upload)),
            // Alone: nobody else wants the blob from this byte on, and nobody else shall wait for it.
            Ok(Opening::Rest(start, upload)) => {
                going_on.push(Round { start: *start, uploading: vec![(bringer, upload)] });
            }
            Err(failure) => {
                let failure = failure.on(Side::Target);
                failed.push(Missed { bringer, failure, again: Again::Exhausted });
            }
        }
    }
    let rounds = parted(fresh).into_iter();
    let rounds = rounds.map(|uploading| Round { start: Start::beginning(blob), uploading });
    (rounds.chain(going_on).collect(), failed)
}

/// Parts uploads into rounds in which no store occurs twice, each in one order for the whole run.
///
/// A pump takes places at the stores in that order. One that took two at the same store could wait
/// for its second place while others wait for theirs, and hold the first, for ever.
fn parted(uploading: Vec<Uploading<'_>>) -> Vec<Vec<Uploading<'_>>> {
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

/// What an attempt begins with.
enum Opening {
    /// Nothing is to be done but to count it.
    Settled(fn(&mut Tally, &Descriptor)),
    /// All bytes are wanted.
    Upload(Box<dyn Upload>),
    /// The upload of an attempt before goes on.
    Rest(Box<Start>, Box<dyn Upload>),
}

impl<'a> Missed<'a> {
    fn left(mut bringer: Bringer<'a>, left: Box<Left>) -> Self {
        let failure = left.failure.clone().on(Side::Target);
        bringer.left = Some(left);
        Self { bringer, failure, again: Again::MayHelp }
    }

    /// The bringer, and how long to wait before it tries again. One for which that is not worth it has
    /// failed.
    fn next(self, blob: &Descriptor) -> Option<(Duration, Bringer<'a>)> {
        let Self { mut bringer, failure, again } = self;
        let outlook =
            bringer.left.as_ref().map_or(Outlook::Later { kept_bytes: 0 }, |left| left.upload.outlook());
        let wait = match again {
            Again::MayHelp => bringer.patience.failed(&failure, outlook, fastrand::f64()),
            Again::Exhausted => None,
        };
        match wait {
            Some(wait) => {
                let attempt = bringer.patience.attempt();
                tracing::debug!(attempt, %failure, blob = blob.digest.short(), "bringing the blob again");
                Some((wait, bringer))
            }
            None => {
                bringer.recipient.fail(failure);
                None
            }
        }
    }
}

impl<'a> Bringer<'a> {
    pub(super) fn new(recipient: &'a Recipient, promise: Promise<(StoreKey, Digest)>, way: Way) -> Self {
        Self { recipient, promise, way, patience: Patience::default(), left: None }
    }

    /// Goes on with what is left of the upload before, or begins the blob.
    async fn begin(mut self, blob: &Descriptor) -> (Self, Fallible<Opening>) {
        let beginning = match self.left.take() {
            Some(left) => resume(self.recipient, blob, &self.way, *left).await,
            None => begin_anew(self.recipient, blob, &self.way).await,
        };
        (self, beginning)
    }

    fn settle(self, count: impl FnOnce(&mut Tally)) {
        self.recipient.count(count);
        self.promise.settle();
    }
}

async fn resume(recipient: &Recipient, blob: &Descriptor, way: &Way, left: Left) -> Fallible<Opening> {
    let Left { mut upload, measured, .. } = left;
    match upload.resume().await? {
        Resumed::Present => Ok(Opening::Settled(Tally::present)),
        Resumed::At(offset) => {
            tracing::debug!(offset, blob = blob.digest.short(), "going on with the upload");
            Ok(Opening::Rest(Box::new(Start::at(offset, &measured)), upload))
        }
        Resumed::Lost => {
            drop(upload);
            begin_anew(recipient, blob, way).await
        }
    }
}

async fn begin_anew(recipient: &Recipient, blob: &Descriptor, way: &Way) -> Fallible<Opening> {
    let writer = recipient.writer()?;
    let begun = match way {
        Way::Any { elsewhere } => writer.begin(blob, elsewhere.as_ref()).await?,
        Way::Bytes => writer.begin_anew(blob).await?,
    };
    Ok(match begun {
        Begun::Present => Opening::Settled(Tally::present),
        Begun::Mounted => Opening::Settled(Tally::mounted),
        Begun::Upload(upload) => Opening::Upload(upload),
    })
}
