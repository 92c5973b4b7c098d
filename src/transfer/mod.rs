//! Transfer: from entries to outcomes. The only room that writes to a store.

mod blobs;
mod deposit;
mod entry;
mod ledger;
mod manifests;
mod pump;
mod queue;
mod recipient;
mod stop;

pub use stop::{Stop, StopCause};

use crate::meter::Meter;
use crate::oci::{Digest, Repository, StoreKey};
use ledger::Ledger;
use queue::Queue;
use std::sync::Arc;

/// What all copies of one run share.
pub struct Shared {
    blobs: Ledger<(StoreKey, Digest)>,
    manifests: Ledger<(Repository, Digest)>,
    queue: Queue,
    meter: Arc<Meter>,
    stop: Stop,
}

impl Shared {
    /// For one run.
    pub fn new(meter: Arc<Meter>, stop: Stop) -> Self {
        Self { blobs: Ledger::new(), manifests: Ledger::new(), queue: Queue::default(), meter, stop }
    }
}
