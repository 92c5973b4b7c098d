//! Entries: a mapping with its drift.

use super::Drift;
use crate::failure::Failure;
use crate::oci::{Digest, MediaType, Reference, Tag};

/// One source image, and what each of its targets has of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name of the rule.
    pub mirror: String,
    /// The line of the rule in the spec, from 1.
    pub spec_line: Option<u32>,
    /// The source tag.
    pub source: Reference,
    /// What the source tag names; none where an immutable tag made the question needless.
    pub pin: Option<Pin>,
    /// How the target tag differs from the source tag.
    pub rename: Option<Rename>,
    /// One for each target of the rule.
    pub targets: Vec<TargetEntry>,
}

/// The content that a source tag named when it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The digest of the manifest.
    pub digest: Digest,
    /// What it is.
    pub media_type: MediaType,
}

/// One target tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetEntry {
    /// The target tag.
    pub reference: Reference,
    /// What it has.
    pub drift: Drift,
}

/// A tag that gets another name at the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// What renamed it.
    pub by: RenamedBy,
    /// The source tag.
    pub from: Tag,
    /// The target tag; of several, the first that differs.
    pub to: Tag,
}

/// What gives a tag another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenamedBy {
    /// The `rename` key of a rule.
    Pattern,
    /// The filter of a rule.
    Filter {
        /// Its name.
        name: String,
    },
    /// The target that was named on the command line.
    CommandLine,
}

/// A mapping that could not be resolved or observed: what was asked for, and what went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    /// The name of the rule.
    pub mirror: String,
    /// The line of the rule in the spec, from 1.
    pub spec_line: Option<u32>,
    /// The source: one image, or the repository whose tags could not be listed.
    pub source: Reference,
    /// The target that could not be observed; none when the source is to blame.
    pub target: Option<Reference>,
    /// What went wrong.
    pub failure: Failure,
}
