//! The shape of a verification, as serde and JSON Schema see it: what is published and only grows.

use crate::report::json::{Error, SpecLocation, Tool};
use schemars::JsonSchema;
use serde::Serialize;

/// What comparing targets with their sources found, graph by graph. Minor versions of the format add keys
/// and values; readers skip what they do not know. Times are UTC by RFC 3339; nothing in it is secret.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "Crossdock verification")]
pub(super) struct Verification {
    /// The version of this format, `major.minor`.
    pub(super) schema_version: String,
    /// Always `crossdock.verification`.
    pub(super) kind: String,
    /// The program that ran.
    pub(super) tool: Tool,
    /// The run itself.
    pub(super) run: RunFacts,
    /// How closely blobs were looked at. Manifests are fetched and hashed in any case.
    pub(super) depth: Depth,
    /// The exit code of the program.
    pub(super) exit_code: u8,
    /// How many target tags ended how. A mapping that could not be resolved or observed counts once.
    pub(super) counts: Counts,
    /// How many pieces of images were found how, each counted once for each target repository.
    pub(super) pieces: Pieces,
    /// One for each target tag, in the order of the rules in the spec, then of the sources; after them, one
    /// for each mapping that could not be resolved or observed.
    pub(super) images: Vec<Image>,
}

/// One run.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunFacts {
    /// What tells this run from others; its report has the same.
    pub(super) id: String,
    /// When it started.
    pub(super) started_at: String,
    /// When it ended.
    pub(super) finished_at: String,
}

/// How closely blobs were looked at.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Depth {
    /// The target was asked for each by HEAD, and said how long it is. A layout is read anyway.
    Head,
    /// The first byte of each had to come, too.
    Fetch,
    /// All bytes of each were read and hashed.
    Bytes,
}

/// How many target tags ended how.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Counts {
    /// Target tags that name what they shall name, with all that it reaches and all its referrers.
    pub(super) same: u64,
    /// Target tags that name something else, or lack referrers.
    pub(super) differs: u64,
    /// Target tags that are not there.
    pub(super) missing: u64,
    /// Target tags that name what they shall name, and do not have all of it whole.
    pub(super) damaged: u64,
    /// Target tags and mappings of which nothing can be said.
    pub(super) unknown: u64,
}

/// How many pieces of images were found how.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pieces {
    /// Manifests and indexes, those of referrers included.
    pub(super) manifests: Tally,
    /// Blobs, those of referrers included.
    pub(super) blobs: Tally,
    /// Referrers, by whether the target tells of them.
    pub(super) referrers: Tally,
}

/// How many pieces of one kind were found how.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tally {
    /// Those that are as at the source.
    pub(super) same: u64,
    /// Those in whose place there is something else; only referrers with a tag of their own.
    pub(super) differs: u64,
    /// Those that the target does not have.
    pub(super) missing: u64,
    /// Those that the target shows, and that are not what they must be.
    pub(super) damaged: u64,
}

/// One target tag, compared with its source.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Image {
    /// The name of the rule; `copy` for a single image.
    pub(super) mirror: String,
    /// Where the rule is; null for a single image.
    pub(super) spec_location: Option<SpecLocation>,
    /// What was compared with.
    pub(super) source: Source,
    /// What was compared; null when the source is to blame that there is nothing.
    pub(super) target: Option<Target>,
    /// What came of it.
    pub(super) result: Agreement,
    /// Whether the target tag shall name the very manifest that the source names; false where the rule wants
    /// another form, null where that is not known.
    pub(super) digest_preserved: Option<bool>,
    /// Everything that the image reaches which the target tag shall name, the image itself first.
    pub(super) pieces: Vec<Piece>,
    /// What speaks about the image; null when nobody asked for it.
    pub(super) referrers: Option<Vec<Referrer>>,
    /// What was damaged, refused or went wrong.
    pub(super) error: Option<Error>,
}

/// A source image.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Source {
    /// The reference.
    pub(super) reference: String,
    /// The digest that it names; null when it was not found out.
    pub(super) digest: Option<String>,
}

/// A target tag.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Target {
    /// The reference.
    pub(super) reference: String,
    /// The digest that it names; null when it is not there, or was not found out.
    pub(super) digest: Option<String>,
    /// The digest that it shall name: that of the source, or of what the rule makes of it.
    pub(super) expected: Option<String>,
}

/// What comparing found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Agreement {
    /// It is as at the source.
    Same,
    /// There is something else in its place; of an image also: some of its referrers are not there.
    Differs,
    /// The target does not have it.
    Missing,
    /// The target shows it, and it is not what it must be; of an image also: of what it reaches.
    Damaged,
    /// Nothing can be said of it; only of an image, whose `error` says why.
    Unknown,
}

/// A manifest or a blob.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Piece {
    /// What it is.
    pub(super) kind: Kind,
    /// Its digest.
    pub(super) digest: String,
    /// Whether the target has it.
    pub(super) result: Agreement,
    /// What is wrong with it, in words that may change; null when nothing is.
    pub(super) why: Option<String>,
}

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Kind {
    /// A manifest or an index.
    Manifest,
    /// A blob.
    Blob,
}

/// A manifest that speaks about an image.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Referrer {
    /// Its digest.
    pub(super) digest: String,
    /// What it speaks about: the image, one of its manifests, or another referrer.
    pub(super) subject: String,
    /// Its media type.
    pub(super) media_type: String,
    /// What it is about its subject; null where that is not known.
    pub(super) artifact_type: Option<String>,
    /// The tag by which it is found, where it has one of its own, as cosign gives them; else null.
    pub(super) tag: Option<String>,
    /// Whether the target tells of it, and has it whole.
    pub(super) result: Agreement,
    /// Everything that it reaches, itself first.
    pub(super) pieces: Vec<Piece>,
}
