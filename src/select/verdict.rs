//! Verdicts: what became of one source tag, and why. Plain values.

use super::Pattern;
use crate::oci::Tag;
use serde::Serialize;
use std::fmt;

/// What became of one source tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The source tag.
    pub tag: Tag,
    /// What became of it.
    pub decision: Decision,
}

/// What becomes of a source tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is mirrored.
    Taken {
        /// Its name at the target.
        target: Tag,
        /// What took it, for people: "`1.*` in `include` matches".
        because: String,
        /// The `match` of the rename that gave the name; none where no rename matched.
        renamed_by: Option<String>,
    },
    /// It is left out.
    Dropped {
        /// What left it out.
        stage: Stage,
        /// Why, for people: "it is not a version".
        reason: String,
    },
    /// It was taken, and the name that a rename made of it is not a tag. The rule is refused.
    Invalid {
        /// The name that it would have.
        would_be: String,
        /// Why that cannot be.
        why: String,
    },
}

/// The stages that can leave a tag out, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// No pattern of `include` matches.
    Include,
    /// A pattern of `exclude` matches.
    Exclude,
    /// Not a version of the range.
    Semver,
    /// Not one of the newest versions.
    Newest,
    /// Not one of those that were pushed last.
    LastPushed,
    /// The filter of the rule, which is asked last and not here.
    Filter,
}

pub(super) const IS_PRERELEASE: &str = "it is a pre-release, and `prerelease: true` is not set";

/// What stands behind a digest in a tag is about an image, and goes with it.
pub(super) const IS_OF_REFERRERS: &str =
    "it belongs to a digest, whose image brings it along; only a tag that is spelled out is taken by itself";

pub(super) fn taken(tag: &Tag, by: Option<&Pattern>) -> Verdict {
    let because = match by {
        Some(pattern) => format!("`{pattern}` in `include` matches"),
        None => "every tag is included".to_owned(),
    };
    let decision = Decision::Taken { target: tag.clone(), because, renamed_by: None };
    Verdict { tag: tag.clone(), decision }
}

pub(super) fn dropped(tag: &Tag, stage: Stage, reason: impl Into<String>) -> Verdict {
    Verdict { tag: tag.clone(), decision: Decision::Dropped { stage, reason: reason.into() } }
}

impl Verdict {
    /// The name at the target, when the tag is taken.
    pub fn target(&self) -> Option<&Tag> {
        match &self.decision {
            Decision::Taken { target, .. } => Some(target),
            Decision::Dropped { .. } | Decision::Invalid { .. } => None,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Include => "include",
            Self::Exclude => "exclude",
            Self::Semver => "semver",
            Self::Newest => "newest",
            Self::LastPushed => "last_pushed",
            Self::Filter => "filter",
        })
    }
}

/// One line for people, as `crossdock explain` prints it.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tag = &self.tag;
        match &self.decision {
            Decision::Taken { target, because, renamed_by: None } if target == tag => {
                write!(f, "{tag}: taken, {because}")
            }
            Decision::Taken { target, because, renamed_by } => {
                write!(f, "{tag}: taken, {because}; renamed to {target}")?;
                match renamed_by {
                    Some(rename) => write!(f, " by `{rename}`"),
                    None => Ok(()),
                }
            }
            Decision::Dropped { stage, reason } => write!(f, "{tag}: dropped by {stage}, {reason}"),
            Decision::Invalid { would_be, why } => write!(f, "{tag}: invalid as {would_be:?}, {why}"),
        }
    }
}
