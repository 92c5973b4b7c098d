//! What passes between a run and a filter, as plain values: what a filter is asked, and what it
//! answered, checked.

use crate::oci::{Digest, MediaType, Platform, RepositoryPath, Tag};
use std::collections::BTreeMap;

/// The facts that a filter asks for. What it does not ask for stays empty and costs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needs {
    /// Digest and media type of each tag.
    pub digest: bool,
    /// The platforms of each image.
    pub platforms: bool,
    /// The annotations of each manifest or index.
    pub annotations: bool,
    /// Labels and time of creation, from the config of the first platform.
    pub config: bool,
    /// The time at which the run started.
    pub now: bool,
}

/// One call: all the tags of one source repository that passed the declarative rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The source repository.
    pub source: Named,
    /// Where the images go when the filter says nothing else.
    pub target: Named,
    /// Sorted bytewise by tag, no tag twice.
    pub images: Vec<Image>,
    /// The time at which the run started, in seconds since 1970-01-01T00:00:00Z; none unless it is
    /// needed.
    pub now: Option<i64>,
}

/// A repository as a filter sees it: `ghcr.io` and `acme/web`, or `oci:DIRECTORY` and the name in
/// the layout, which may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The registry, or the layout.
    pub registry: String,
    /// The path in it.
    pub path: String,
}

/// One tag of the source, with the facts that were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The tag.
    pub tag: Tag,
    /// The digest of the manifest or index that it names.
    pub digest: Option<Digest>,
    /// What that is.
    pub media_type: Option<MediaType>,
    /// Sorted; without those of attestations (`unknown/unknown`).
    pub platforms: Vec<Platform>,
    /// The annotations of the manifest or index.
    pub annotations: BTreeMap<String, String>,
    /// The labels in the config of the first platform.
    pub labels: BTreeMap<String, String>,
    /// When the image was made, in seconds since 1970-01-01T00:00:00Z.
    pub created: Option<i64>,
}

/// What a filter answered, checked: one decision for each image, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The decisions.
    pub decisions: Vec<Decision>,
    /// What it logged, in order; cut at the limits.
    pub log: Vec<Line>,
    /// What the call used.
    pub used: Measured,
}

/// What becomes of one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is mirrored under its own tag.
    Keep,
    /// It is not mirrored. The reason is foreign text of bounded length.
    Drop(Option<String>),
    /// It is mirrored under these names: at least one, all different.
    Rename(Vec<Destination>),
}

/// One name that an image gets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Destination {
    /// What follows the path of the target repository: `alpine` for `mirror/nginx/alpine` where the
    /// target is `mirror/nginx`; none for the target itself.
    pub below: Option<RepositoryPath>,
    /// The tag.
    pub tag: Tag,
}

/// What a call used. The same on every machine for the same component and input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measured {
    /// Units of work: about one for each WASM instruction.
    pub fuel: u64,
    /// The most linear memory that it had, in bytes.
    pub memory_bytes: u64,
}

/// One message of a filter. Foreign text: escape it before it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// How much it matters.
    pub level: Level,
    /// What it says.
    pub message: String,
}

/// How much a message matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For the author of the filter.
    Debug,
    /// For the curious; what a filter prints to stdout or stderr, too.
    Info,
    /// For whoever runs it.
    Warn,
}

impl Image {
    /// A tag without facts.
    pub fn plain(tag: Tag) -> Self {
        Self {
            tag,
            digest: None,
            media_type: None,
            platforms: Vec::new(),
            annotations: BTreeMap::new(),
            labels: BTreeMap::new(),
            created: None,
        }
    }
}
