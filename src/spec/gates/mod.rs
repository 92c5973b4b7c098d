//! Gates: what a rule asks of an image before it is mirrored. Plain values, and how they are written.

mod age;
mod size;

pub use age::{AGE_SECONDS_MAX, Age, AgeError};
pub use size::{Size, SizeError};

use crate::oci::{Digest, Tag};
use crate::select::{Pattern, PatternSet};
use std::collections::BTreeSet;

/// What an image has to pass before it is mirrored; `require` has its own key. The default lets all through.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gates {
    /// The most bytes that the blobs of the image may have.
    pub max_size: Option<Size>,
    /// How long ago it must have been made.
    pub min_age: Option<Age>,
    /// What is not let through whatever else it is.
    pub deny: Denied,
}

/// Images that are not let through.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Denied {
    /// By the digest of any manifest that would be mirrored.
    pub digests: BTreeSet<Digest>,
    /// By their tags at the source.
    pub tags: PatternSet,
}

impl Gates {
    /// Whether every image passes.
    pub fn let_all_through(&self) -> bool {
        *self == Self::default()
    }
}

impl Denied {
    /// The pattern that denies a source tag.
    pub fn tag(&self, tag: &Tag) -> Option<&Pattern> {
        self.tags.matching(tag)
    }
}
