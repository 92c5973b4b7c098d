//! Outcomes: what became of one target of an entry. Plain values, no I/O.

use crate::failure::{Class, Failure};
use crate::oci::{Descriptor, Digest};
use std::ops::AddAssign;

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
    /// The tag named another manifest before, or what it names was broken and is whole again.
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
    /// Blobs and manifests that the target showed and did not have whole, and now has.
    pub repaired: u64,
    /// Referrers that the target lacked and now has.
    pub referrers_copied: u64,
}

impl From<Box<Failure>> for Done {
    /// What a failure amounts to, by its class.
    fn from(failure: Box<Failure>) -> Self {
        match failure.code.class() {
            Class::Refused => Self::Refused(failure),
            Class::Deferred => Self::Deferred(failure),
            Class::Denied | Class::Missing | Class::Transient | Class::Corrupt | Class::Other => {
                Self::Failed(failure)
            }
        }
    }
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

/// Content of an image, by what it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Content {
    /// A manifest or an index.
    Manifest(Digest),
    /// A blob.
    Blob(Digest),
}

/// Content at a target that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Damage {
    /// What it is.
    pub content: Content,
    /// Whether it is gone, or not what it must be.
    pub loss: Loss,
    /// What is wrong with it, in words that may be foreign.
    pub why: String,
}

/// How content at a target is not as it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    /// The target says that it is not there.
    Absent,
    /// The target shows it, and it cannot be had, or is something else.
    Broken,
}

/// What a deep look found of one image at one target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// What is broken; nothing where the image is whole.
    pub damages: Vec<Damage>,
    /// What is whole of an image that is not, each with all that it reaches; of one that is, only where
    /// everything is to be told.
    pub sound: Vec<Content>,
    /// The manifests that are as they must be, and reach what is broken.
    pub torn: Vec<Digest>,
}

impl Content {
    /// Whether it is the manifest of this digest.
    pub fn is_manifest(&self, digest: &Digest) -> bool {
        matches!(self, Self::Manifest(own) if own == digest)
    }

    /// The digest that it has.
    pub fn digest(&self) -> &Digest {
        match self {
            Self::Manifest(digest) | Self::Blob(digest) => digest,
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        let Self {
            blobs_copied,
            blobs_mounted,
            blobs_present,
            manifests_put,
            bytes_copied,
            bytes_mounted,
            bytes_present,
            repaired,
            referrers_copied,
        } = other;
        self.blobs_copied += blobs_copied;
        self.blobs_mounted += blobs_mounted;
        self.blobs_present += blobs_present;
        self.manifests_put += manifests_put;
        self.bytes_copied += bytes_copied;
        self.bytes_mounted += bytes_mounted;
        self.bytes_present += bytes_present;
        self.repaired += repaired;
        self.referrers_copied += referrers_copied;
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
