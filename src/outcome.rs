//! Outcomes: what became of one target of an entry. Plain values, no I/O.

use crate::failure::Failure;
use crate::oci::{Descriptor, Digest};

/// What became of one target of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What was done.
    pub result: Done,
    /// What the target tag names afterwards, where it is known.
    pub digest_after: Option<Digest>,
    /// What moved.
    pub tally: Tally,
    /// How often content was tried, from 1; 0 when nothing was to be done.
    pub attempts: u32,
    /// Wall time in milliseconds.
    pub duration_ms: u64,
}

/// What was done for one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// The tag is new.
    Created,
    /// The tag named another manifest before.
    Updated,
    /// Nothing was to be done.
    Current,
    /// Not touched, by policy or because a plan went stale.
    Refused(Box<Failure>),
    /// Not done for want of time; run again to go on.
    Deferred(Box<Failure>),
    /// It went wrong.
    Failed(Box<Failure>),
}

/// How content came to a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Blobs that were uploaded.
    pub blobs_copied: u64,
    /// Blobs that were mounted from another repository of the target registry.
    pub blobs_mounted: u64,
    /// Blobs that were there.
    pub blobs_present: u64,
    /// Manifests that were written, child manifests included.
    pub manifests_put: u64,
    /// Bytes of the blobs that were uploaded.
    pub bytes_copied: u64,
    /// Bytes of the blobs that were mounted.
    pub bytes_mounted: u64,
    /// Bytes of the blobs that were there.
    pub bytes_present: u64,
}

impl Done {
    /// What stood in the way, if anything.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Created | Self::Updated | Self::Current => None,
            Self::Refused(failure) | Self::Deferred(failure) | Self::Failed(failure) => Some(failure),
        }
    }
}

impl Tally {
    /// Counts a blob that was uploaded.
    pub fn copied(&mut self, blob: &Descriptor) {
        self.blobs_copied += 1;
        self.bytes_copied += blob.size_bytes;
    }

    /// Counts a blob that was mounted.
    pub fn mounted(&mut self, blob: &Descriptor) {
        self.blobs_mounted += 1;
        self.bytes_mounted += blob.size_bytes;
    }

    /// Counts a blob that was there.
    pub fn present(&mut self, blob: &Descriptor) {
        self.blobs_present += 1;
        self.bytes_present += blob.size_bytes;
    }
}
