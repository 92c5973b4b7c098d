//! Stopping early: by a signal or a deadline, in two steps. Only says so; those who work obey.

use crate::failure::{Code, Failure, Fallible, Operation};
use std::sync::{Arc, OnceLock};
use tokio_util::sync::CancellationToken;

/// Why a run ends before its work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopCause {
    /// SIGINT, usually Ctrl-C.
    Interrupted,
    /// SIGTERM, usually the CI.
    Terminated,
    /// `--deadline` came.
    Deadline,
}

/// Tells everybody who holds a clone that the run is to end.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    cause: Arc<OnceLock<StopCause>>,
    soon: CancellationToken,
    now: CancellationToken,
}

impl Stop {
    /// Nothing new is begun; manifests that are on their way may arrive, blobs are cut off.
    pub fn soon(&self, cause: StopCause) {
        // The first cause is the one that is reported.
        let _ = self.cause.set(cause);
        self.soon.cancel();
    }

    /// Everything is dropped where it is.
    pub fn now(&self) {
        self.now.cancel();
    }

    /// Why the run is to end, if it is.
    pub fn cause(&self) -> Option<StopCause> {
        self.cause.get().copied()
    }

    /// Whether the run is to end.
    pub fn is_set(&self) -> bool {
        self.soon.is_cancelled()
    }

    /// Waits until nothing more is to be looked for. After a deadline that is later than for copies:
    /// looking costs little, and what is left shall be named.
    pub async fn discovery_ends(&self) {
        self.soon.cancelled().await;
        if self.cause() == Some(StopCause::Deadline) {
            self.dropped().await;
        }
    }

    /// Waits until the run is to end.
    pub async fn asked(&self) {
        self.soon.cancelled().await;
    }

    /// Waits until everything is to be dropped.
    pub async fn dropped(&self) {
        self.now.cancelled().await;
    }

    /// The result of `work`, unless the run is to end first.
    pub async fn or<T>(&self, work: impl Future<Output = T>) -> Fallible<T> {
        tokio::select! {
            biased;
            () = self.soon.cancelled() => Err(self.failure()),
            done = work => Ok(done),
        }
    }

    /// The failure of whatever is not done any more.
    pub(super) fn failure(&self) -> Box<Failure> {
        let (code, message) = match self.cause() {
            Some(StopCause::Deadline) => (Code::Deadline, "the deadline came first"),
            _ => (Code::Cancelled, "stopped by a signal"),
        };
        Failure::new(code, "run", Operation::Stop, message)
            .hint("run again to go on: what was copied is kept")
    }
}
