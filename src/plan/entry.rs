//! Entries: a mapping with its drift.

use super::Drift;
use crate::failure::Failure;
use crate::form::Form;
use crate::oci::{Digest, MediaType, Reference, Referrer, Tag};

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
    /// What speaks about the image at the source and is mirrored with it, sorted; none where nobody asked.
    pub referrers: Option<Vec<Referrer>>,
    /// One for each target of the rule.
    pub targets: Vec<TargetEntry>,
}

/// The manifest that is mirrored: what a source tag named when it was asked, or what takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The digest of the manifest.
    pub digest: Digest,
    /// What it is.
    pub media_type: MediaType,
    /// What it is made of, where the rule wants another form than the source has.
    pub origin: Option<Origin>,
}

/// What a source has, and the form in which it is mirrored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The digest of the manifest at the source.
    pub digest: Digest,
    /// What that is.
    pub media_type: MediaType,
    /// How much of it is mirrored, and as what.
    pub form: Form,
    /// How many manifests speak at the source about what is mirrored in another form, and stay behind; 0
    /// where nobody asked.
    pub left_behind: u64,
}

impl Pin {
    /// The digest that the source tag named.
    pub fn at_source(&self) -> &Digest {
        self.origin.as_ref().map_or(&self.digest, |origin| &origin.digest)
    }

    /// How many manifests speak about what the source has, and not about what is mirrored.
    pub fn left_behind(&self) -> u64 {
        self.origin.as_ref().map_or(0, |origin| origin.left_behind)
    }

    /// The media type of what the source tag named.
    pub fn type_at_source(&self) -> &MediaType {
        self.origin.as_ref().map_or(&self.media_type, |origin| &origin.media_type)
    }
}

/// One target tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetEntry {
    /// The target tag.
    pub reference: Reference,
    /// What it has.
    pub drift: Drift,
    /// The referrers of the image that it does not have, sorted: each after its subject.
    pub lacks: Vec<Referrer>,
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
