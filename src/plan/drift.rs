//! Drift: what one target has, compared with what the source has.

use crate::oci::{Digest, Reference};

/// What one target tag holds, compared with the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drift {
    /// The target has no such tag.
    Absent,
    /// The target tag names another manifest.
    Stale {
        /// The manifest that it names now.
        found: Digest,
    },
    /// The target tag names the manifest that it shall name, or the spec says to keep what is there.
    Current {
        /// The manifest that it names; none where an immutable tag was found in a list of tags.
        found: Option<Digest>,
    },
    /// It will not be touched.
    Refused {
        /// The manifest that it names now, if that was asked.
        found: Option<Digest>,
        /// Why.
        reason: RefusalReason,
    },
}

/// Why a target tag is not touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefusalReason {
    /// Another source would write the same target tag.
    Collision {
        /// The other source.
        other: Reference,
    },
    /// `on_existing: fail`, and the target tag names another manifest.
    Exists,
    /// The tag is declared immutable, is there, and names another manifest.
    Immutable,
}

impl Drift {
    /// Whether something is to be written.
    pub fn is_pending(&self) -> bool {
        matches!(self, Self::Absent | Self::Stale { .. })
    }

    /// The mark in a printed plan.
    pub fn mark(&self) -> char {
        match self {
            Self::Absent => '+',
            Self::Stale { .. } => '~',
            Self::Current { .. } => '=',
            Self::Refused { .. } => '!',
        }
    }

    /// The digest that the target tag names now, where it is known.
    pub fn found(&self) -> Option<&Digest> {
        match self {
            Self::Absent => None,
            Self::Stale { found } => Some(found),
            Self::Current { found } | Self::Refused { found, .. } => found.as_ref(),
        }
    }
}
