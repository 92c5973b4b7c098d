//! Recipients: the targets of one entry while it is copied. One that fails leaves the others alone.

use super::sighting::Expected;
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{Digest, Reference, Repository, StoreKey};
use crate::outcome::Tally;
use crate::store::Writer;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// One target tag of the entry that is being copied.
pub(super) struct Recipient {
    pub(super) reference: Reference,
    /// What the tag has to name for it to be written; none where anything may be written over.
    pub(super) expected: Option<Expected>,
    writer: Option<Arc<dyn Writer>>,
    failure: OnceLock<Box<Failure>>,
    tally: Mutex<Tally>,
    attempts: AtomicU32,
    /// What the tag was found to name when it was looked at again.
    now: OnceLock<Option<Digest>>,
    by_others: OnceLock<()>,
    /// Set when another one's PUT wrote the tag.
    pub(super) written_together: Arc<OnceLock<()>>,
}

impl Recipient {
    pub(super) fn new(
        reference: Reference,
        writer: Option<Arc<dyn Writer>>,
        expected: Option<Expected>,
    ) -> Self {
        Self {
            reference,
            expected,
            writer,
            failure: OnceLock::new(),
            tally: Mutex::default(),
            attempts: AtomicU32::new(1),
            now: OnceLock::new(),
            by_others: OnceLock::new(),
            written_together: Arc::default(),
        }
    }

    pub(super) fn repository(&self) -> &Repository {
        &self.reference.repository
    }

    /// The target's repository, open for writing.
    pub(super) fn writer(&self) -> Fallible<&dyn Writer> {
        self.writer.as_deref().ok_or_else(|| {
            Failure::new(Code::Internal, self.repository(), Operation::Open, "the target was not opened")
        })
    }

    /// The key of a blob in the ledger: shared by the repositories of one store.
    pub(super) fn blob_key(&self, digest: &Digest) -> (StoreKey, Digest) {
        (self.repository().store(), digest.clone())
    }

    /// Whether it is still worth working for.
    pub(super) fn lives(&self) -> bool {
        self.failure.get().is_none()
    }

    /// Whether the tag was written together with another one.
    pub(super) fn is_written_together(&self) -> bool {
        self.written_together.get().is_some()
    }

    /// Ends the work for this target. The first failure is the one that is reported.
    pub(super) fn fail(&self, failure: Box<Failure>) {
        let _ = self.failure.set(failure);
    }

    pub(super) fn failure(&self) -> Option<&Failure> {
        self.failure.get().map(|failure| &**failure)
    }

    /// Notes what the tag names now, which is not what it shall name.
    pub(super) fn names_now(&self, now: Option<Digest>) {
        let _ = self.now.set(now);
    }

    /// What the tag was found to name when it was looked at again, if it was and had moved.
    pub(super) fn found_now(&self) -> Option<&Option<Digest>> {
        self.now.get()
    }

    /// Notes that the tag names what it shall name, and that somebody else wrote it.
    pub(super) fn was_written_by_others(&self) {
        let _ = self.by_others.set(());
    }

    pub(super) fn is_written_by_others(&self) -> bool {
        self.by_others.get().is_some()
    }

    pub(super) fn count(&self, add: impl FnOnce(&mut Tally)) {
        add(&mut self.tally.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn tally(&self) -> Tally {
        *self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of the highest attempt at any of its content.
    pub(super) fn attempted(&self, attempt: u32) {
        self.attempts.fetch_max(attempt, Ordering::Relaxed);
    }

    pub(super) fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed)
    }
}
