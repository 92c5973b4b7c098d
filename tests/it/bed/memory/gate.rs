//! A gate that holds requests until the test opens it.

use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How long a test waits for requests to arrive before it fails.
const ARRIVALS_WAIT_MAX: Duration = Duration::from_secs(30);

/// Holds requests; clones are the same gate.
#[derive(Debug, Clone)]
pub struct Gate {
    open: watch::Sender<bool>,
    arrived: watch::Sender<usize>,
}

impl Gate {
    /// A closed gate.
    pub fn closed() -> Self {
        Self { open: watch::Sender::new(false), arrived: watch::Sender::new(0) }
    }

    /// Lets everybody through, now and later.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    /// How many requests arrived so far.
    pub fn arrived(&self) -> usize {
        *self.arrived.borrow()
    }

    /// Blocks until `count` requests arrived in all; fails the test when they do not.
    pub fn wait_for(&self, count: usize) {
        let started = Instant::now();
        while self.arrived() < count {
            let arrived = self.arrived();
            assert!(started.elapsed() < ARRIVALS_WAIT_MAX, "{arrived} of {count} requests came to the gate");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    pub(super) async fn pass(&self) {
        self.arrived.send_modify(|arrived| *arrived += 1);
        let waiting = self.open.subscribe().wait_for(|open| *open).await.is_ok();
        assert!(waiting, "the gate holds its own sender");
    }
}
