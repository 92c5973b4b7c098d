//! Drift: what one target has, compared with what the source has.

use crate::failure::{Code, Failure, Operation};
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
    /// The source tag names another manifest than when the plan was made.
    SourceMoved {
        /// What it names now; none when it is gone.
        found: Option<Digest>,
    },
    /// The target tag names another manifest than when the plan was made.
    TargetMoved,
}

impl RefusalReason {
    /// The refusal as a failure of `target`, for outcomes and reports.
    pub fn failure(&self, target: &Reference) -> Box<Failure> {
        let (code, message, hint) = match self {
            Self::Collision { other } => (
                Code::Refused,
                format!("{other} would write the same target tag"),
                "let one of the rules rename, exclude the tag, or write elsewhere",
            ),
            Self::Exists => (
                Code::Refused,
                "the target tag names another image, and `on_existing` is `fail`".to_owned(),
                "set `on_existing: overwrite` or `keep`, or remove the tag at the target",
            ),
            Self::SourceMoved { found: Some(found) } => (
                Code::SourceMoved,
                format!("the source tag has moved since the plan was made, to {found}"),
                "make a new plan",
            ),
            Self::SourceMoved { found: None } => (
                Code::SourceMoved,
                "the source tag is gone since the plan was made".to_owned(),
                "make a new plan",
            ),
            Self::TargetMoved => (
                Code::TargetMoved,
                "the target tag has moved since the plan was made".to_owned(),
                "make a new plan",
            ),
        };
        Failure::new(code, target, Operation::Compare, message).hint(hint)
    }
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
