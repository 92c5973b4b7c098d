//! Drift: what one target has, compared with what the source has.

use crate::failure::{Code, Failure, Operation, Side};
use crate::oci::{Digest, Reference};
use std::fmt;

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
    /// The target tag names the manifest that it shall name, and referrers of that are missing.
    Incomplete {
        /// The manifest that it names.
        found: Digest,
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
    /// The source tag is gone, or names another manifest than when the plan was made.
    SourceMoved,
    /// The target tag names another manifest than when the plan was made.
    TargetMoved,
    /// A gate of the rule does not let the image through.
    Gate {
        /// Which.
        gate: Gate,
        /// Why, in one sentence.
        why: String,
    },
}

/// What an image has to pass before it is mirrored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// `require`: it has referrers of these types.
    Require,
    /// `max_size`: it has no more bytes.
    MaxSize,
    /// `min_age`: it was made so long ago.
    MinAge,
    /// `deny`: nobody named it.
    Deny,
    /// A tag with a digest in `tags`: it names that.
    Pin,
}

impl Gate {
    /// The key of the rule.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Require => "require",
            Self::MaxSize => "max_size",
            Self::MinAge => "min_age",
            Self::Deny => "deny",
            Self::Pin => "tags",
        }
    }
}

impl Drift {
    /// Whether something is to be written.
    pub fn is_pending(&self) -> bool {
        matches!(self, Self::Absent | Self::Stale { .. } | Self::Incomplete { .. })
    }

    /// The mark in a printed plan.
    pub fn mark(&self) -> char {
        match self {
            Self::Absent => '+',
            Self::Stale { .. } | Self::Incomplete { .. } => '~',
            Self::Current { .. } => '=',
            Self::Refused { .. } => '!',
        }
    }

    /// The digest that the target tag names now, where it is known.
    pub fn found(&self) -> Option<&Digest> {
        match self {
            Self::Absent => None,
            Self::Stale { found } | Self::Incomplete { found } => Some(found),
            Self::Current { found } | Self::Refused { found, .. } => found.as_ref(),
        }
    }
}

impl RefusalReason {
    /// The refusal of `target` as a failure, so that a plan and a run tell it in the same words.
    pub fn failure(&self, target: &Reference) -> Box<Failure> {
        let (code, hint) = match self {
            Self::Collision { .. } => {
                (Code::Refused, "rename one of the two in the spec, or leave its tag out")
            }
            Self::Exists => {
                (Code::Refused, "delete the target tag, or set `on_existing` to `overwrite` or `keep`")
            }
            Self::SourceMoved => (Code::SourceMoved, "make a new plan"),
            Self::TargetMoved => (Code::TargetMoved, "make a new plan"),
            Self::Gate { gate: Gate::Pin, .. } => {
                (Code::SourceMoved, "look at what is there now, and pin that in the spec if it is right")
            }
            Self::Gate { .. } => {
                (Code::Refused, "change the rule if the image shall be mirrored all the same")
            }
        };
        let message = self.to_string();
        Failure::new(code, &target.repository, Operation::Compare, message).on(Side::Target).hint(hint)
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Collision { other } => write!(f, "{other} would write the same target tag"),
            Self::Exists => f.write_str("the target tag names another manifest, and `on_existing` is `fail`"),
            Self::SourceMoved => f.write_str("the source tag has moved or gone since the plan was made"),
            Self::TargetMoved => f.write_str("the target tag has moved since the plan was made"),
            Self::Gate { gate, why } => write!(f, "`{}`: {why}", gate.as_str()),
        }
    }
}
