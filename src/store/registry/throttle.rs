//! How hard a registry is driven: requests at once, requests a second, and pauses that it asks for.

use super::settings::Limits;
use crate::failure::Operation;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Requests at once to a registry for which the spec sets nothing.
const CONCURRENT_REQUESTS_DEFAULT: u32 = 16;

/// The throttle of one registry, shared by everything that speaks to it.
#[derive(Debug)]
pub(super) struct Throttle {
    rate: Option<DefaultDirectRateLimiter>,
    requests: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
    paused_until: Mutex<Option<Instant>>,
}

/// What a request is for, as far as queueing is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// What is there: lists of tags, HEADs and GETs of manifests.
    Look,
    /// The bytes of a blob, or of a file, on their way out.
    Body,
    /// Whether a blob is there, and the beginning of its upload.
    Begin,
    /// The bytes of a blob on their way in: waits for the pump, which waits for the source.
    Upload,
    /// Manifests on their way in.
    Write,
}

impl Lane {
    /// The lane of an operation.
    pub(super) fn of(operation: Operation) -> Self {
        match operation {
            Operation::BlobGet | Operation::Download => Self::Body,
            Operation::BlobHead | Operation::UploadStart => Self::Begin,
            Operation::BlobPut => Self::Upload,
            Operation::ManifestPut => Self::Write,
            _ => Self::Look,
        }
    }
}

/// The right to have one request under way; given back when dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _request: OwnedSemaphorePermit,
    _upload: Option<OwnedSemaphorePermit>,
}

impl Throttle {
    pub(super) fn new(limits: &Limits) -> Self {
        let concurrent = limits.concurrent_requests.map_or(CONCURRENT_REQUESTS_DEFAULT, u32::from) as usize;
        // An upload holds its turn while it waits for the source's turn. When source and target are
        // one registry, uploads alone could take every turn and wait for each other for ever; so
        // one turn is always left for requests that wait for nobody.
        let uploads = concurrent.saturating_sub(1).max(1);
        let requests = concurrent.max(2);
        Self {
            rate: limits.requests_per_second.map(|n| RateLimiter::direct(Quota::per_second(n))),
            requests: Arc::new(Semaphore::new(requests)),
            uploads: Arc::new(Semaphore::new(uploads)),
            paused_until: Mutex::new(None),
        }
    }

    /// Waits until a request may start.
    pub(super) async fn turn(&self, lane: Lane) -> Turn {
        let upload = match lane {
            Lane::Upload => Some(acquire(&self.uploads).await),
            _ => None,
        };
        let request = acquire(&self.requests).await;
        self.pace().await;
        Turn { _request: request, _upload: upload }
    }

    /// Waits until whoever has a turn may make another request with it: an upload of several requests
    /// keeps its turn between them, or uploads to several registries could wait in a circle.
    pub(super) async fn pace(&self) {
        self.wait_for_rate().await;
        self.wait_for_pause().await;
    }

    /// Holds every request to this registry back for `pause`, or longer where that is so already;
    /// returns by how much the pause grew.
    pub(super) fn pause(&self, pause: Duration) -> Duration {
        let now = Instant::now();
        let mut paused_until = self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        let before = paused_until.map_or(now, |until| until.max(now));
        let until = before.max(now + pause);
        *paused_until = Some(until);
        until - before
    }

    async fn wait_for_rate(&self) {
        let Some(rate) = &self.rate else { return };
        while let Err(not_until) = rate.check() {
            tokio::time::sleep(not_until.wait_time_from(DefaultClock::default().now())).await;
        }
    }

    async fn wait_for_pause(&self) {
        loop {
            let until = *self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
            match until {
                Some(until) if until > Instant::now() => tokio::time::sleep_until(until).await,
                _ => return,
            }
        }
    }
}

async fn acquire(semaphore: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    match semaphore.clone().acquire_owned().await {
        Ok(permit) => permit,
        Err(_closed) => unreachable!("the semaphores of a throttle are never closed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    fn throttle(concurrent: u32) -> Throttle {
        Throttle::new(&Limits { concurrent_requests: NonZeroU32::new(concurrent), ..Limits::default() })
    }

    #[tokio::test]
    async fn uploads_never_take_the_last_turn() {
        for concurrent in [1, 2, 5] {
            let throttle = throttle(concurrent);
            let mut held = Vec::new();
            while let Ok(turn) = tokio::time::timeout(Duration::ZERO, throttle.turn(Lane::Upload)).await {
                held.push(turn);
            }
            assert_eq!(held.len() as u32, (concurrent - 1).max(1));
            let short = tokio::time::timeout(Duration::ZERO, throttle.turn(Lane::Look)).await;
            assert!(short.is_ok(), "{concurrent} at once leave a turn for a short request");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_everybody_back_and_the_longer_one_wins() {
        let throttle = throttle(4);
        let start = Instant::now();
        assert_eq!(throttle.pause(Duration::from_secs(7)), Duration::from_secs(7));
        assert_eq!(throttle.pause(Duration::from_secs(2)), Duration::ZERO);
        throttle.turn(Lane::Look).await;
        assert!(start.elapsed() >= Duration::from_secs(7));
    }
}
