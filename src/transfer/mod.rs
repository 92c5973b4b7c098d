//! Transfer: from entries to outcomes. The only room that writes to a store.

mod blobs;
mod bringing;
mod deposit;
mod entry;
#[cfg(test)]
mod laws;
mod ledger;
mod links;
mod manifests;
mod measured;
mod mending;
mod patience;
mod pump;
mod queue;
mod recipient;
mod referrers;
mod repairing;
mod sighting;
mod stop;
mod tagging;
mod writing;

pub use repairing::Broken;
pub use sighting::{Care, Sighting};
pub use stop::{Stop, StopCause};

use crate::meter::Meter;
use crate::oci::{Digest, Repository, StoreKey};
use ledger::Ledger;
use links::Links;
use manifests::MORE_CHILDREN_AT_ONCE;
use queue::Queue;
use std::sync::Arc;
use tagging::Waiting;
use tokio::sync::Semaphore;

/// What all copies of one run share.
pub struct Shared {
    blobs: Ledger<(StoreKey, Digest)>,
    manifests: Ledger<(Repository, Digest)>,
    links: Links,
    waiting: Waiting,
    queue: Queue,
    more_children: Semaphore,
    meter: Arc<Meter>,
    stop: Stop,
}

impl Shared {
    /// For one run.
    pub fn new(meter: Arc<Meter>, stop: Stop) -> Self {
        Self {
            blobs: Ledger::new(),
            manifests: Ledger::new(),
            links: Links::default(),
            waiting: Waiting::default(),
            queue: Queue::default(),
            more_children: Semaphore::new(MORE_CHILDREN_AT_ONCE),
            meter,
            stop,
        }
    }

    /// Takes note that a target has a blob, which somebody has looked at.
    pub fn holds(&self, repository: &Repository, blob: &Digest) {
        self.blobs.note((repository.store(), blob.clone()), repository);
    }
}
