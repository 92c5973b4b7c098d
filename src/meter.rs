//! The meter: what a run has found, moved and finished so far. Counters only: whoever works adds to
//! them, whoever displays samples them, and neither waits for the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Counters of one run. All are monotonic but the number of blobs in flight.
///
/// They are for display: `Relaxed`, so one sample may be torn between two counters.
#[derive(Debug, Default)]
pub struct Meter {
    entries_found: AtomicU64,
    entries_done: AtomicU64,
    discovery_finished: AtomicBool,
    bytes_expected: AtomicU64,
    bytes_done: AtomicU64,
    blobs_in_flight: AtomicU64,
}

/// What a meter showed at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sample {
    /// Entries that were found.
    pub entries_found: u64,
    /// Entries with an outcome for each of their targets.
    pub entries_done: u64,
    /// Whether more may be found.
    pub discovery: Discovery,
    /// Bytes of the blobs that are known to need copying, each once however many targets take it; 0
    /// where nobody counts that.
    pub bytes_expected: u64,
    /// Bytes of those blobs that came from a source; those of a blob that was tried again come again.
    pub bytes_done: u64,
    /// Blobs that are on their way.
    pub blobs_in_flight: u64,
}

/// Whether a run still looks for entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Discovery {
    /// More may be found.
    #[default]
    Running,
    /// Everything is found.
    Finished,
}

/// One blob on its way; it has arrived, or has been given up, when this is dropped.
#[derive(Debug)]
pub struct InFlight(Arc<Meter>);

impl Meter {
    /// A meter at zero.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// One more entry was found.
    pub fn entry_found(&self) {
        self.entries_found.fetch_add(1, Ordering::Relaxed);
    }

    /// One more entry has an outcome for each of its targets.
    pub fn entry_done(&self) {
        self.entries_done.fetch_add(1, Ordering::Relaxed);
    }

    /// Nothing more will be found.
    pub fn discovery_finished(&self) {
        self.discovery_finished.store(true, Ordering::Relaxed);
    }

    /// A blob of `bytes` needs copying.
    pub fn expect_bytes(&self, bytes: u64) {
        self.bytes_expected.fetch_add(bytes, Ordering::Relaxed);
    }

    /// `bytes` more of a blob came from a source, and went to every target that wants them.
    pub fn bytes_moved(&self, bytes: u64) {
        self.bytes_done.fetch_add(bytes, Ordering::Relaxed);
    }

    /// One more blob is on its way, until what is returned is dropped.
    pub fn blob(self: &Arc<Self>) -> InFlight {
        self.blobs_in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(self))
    }

    /// What it shows now.
    pub fn sample(&self) -> Sample {
        let discovery = match self.discovery_finished.load(Ordering::Relaxed) {
            true => Discovery::Finished,
            false => Discovery::Running,
        };
        // Done before found, so that no sample has more done than found.
        let entries_done = self.entries_done.load(Ordering::Relaxed);
        Sample {
            entries_found: self.entries_found.load(Ordering::Relaxed).max(entries_done),
            entries_done,
            discovery,
            bytes_expected: self.bytes_expected.load(Ordering::Relaxed),
            bytes_done: self.bytes_done.load(Ordering::Relaxed),
            blobs_in_flight: self.blobs_in_flight.load(Ordering::Relaxed),
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.blobs_in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_shows_what_was_added() {
        let meter = Meter::new();
        meter.entry_found();
        meter.entry_found();
        meter.entry_done();
        meter.expect_bytes(10);
        meter.bytes_moved(4);
        let (one, other) = (meter.blob(), meter.blob());
        drop(one);
        let expected = Sample {
            entries_found: 2,
            entries_done: 1,
            discovery: Discovery::Running,
            bytes_expected: 10,
            bytes_done: 4,
            blobs_in_flight: 1,
        };
        assert_eq!(meter.sample(), expected);
        drop(other);
        meter.discovery_finished();
        let expected = Sample { discovery: Discovery::Finished, blobs_in_flight: 0, ..expected };
        assert_eq!(meter.sample(), expected);
    }
}
