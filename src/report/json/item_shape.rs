//! The shape of one item of a report, as serde and JSON Schema see it.

use crate::failure::{Class, Code};
use schemars::JsonSchema;
use serde::Serialize;

/// One target tag, or one mapping that could not be resolved or observed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item {
    /// The same in every run, for the same rule, source and target: 16 hexadecimal digits.
    pub(super) id: String,
    /// The name of the rule under `mirrors`.
    pub(super) mirror: String,
    /// Where the rule stands; null for a single image without a spec.
    pub(super) spec_location: Option<SpecLocation>,
    /// The source image.
    pub(super) source: Source,
    /// The target tag; null when the source is to blame.
    pub(super) target: Option<Target>,
    /// How the target tag compared with the source; null when that was not found out.
    pub(super) drift: Option<Drift>,
    /// What became of it; null in `plan` and `check` for what would be written.
    pub(super) outcome: Option<Outcome>,
    /// How the target tag differs from the source tag; null when it does not.
    pub(super) rename: Option<Rename>,
    /// The platforms that were copied, as `os/architecture[/variant]`; null for all that the source has.
    pub(super) platforms: Option<Vec<String>>,
    /// Whether the target tag names the very manifest that the source tag named; null when one of
    /// them is not known.
    pub(super) digest_preserved: Option<bool>,
    /// The referrers of the image; null when they were not asked for.
    pub(super) referrers: Option<Referrers>,
    /// How the blobs came to the target.
    pub(super) blobs: Blobs,
    /// How content came to the target, in bytes of blobs.
    pub(super) bytes: Bytes,
    /// How many blobs and manifests the target showed and did not have whole, and now has.
    pub(super) repaired: u64,
    /// How often content was tried, from 1; 0 when nothing was to be done.
    pub(super) attempts: u32,
    /// Wall time in milliseconds.
    pub(super) duration_ms: u64,
    /// What was refused, deferred or went wrong; null when all is well.
    pub(super) error: Option<Error>,
}

/// A place in the spec.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct SpecLocation {
    /// The path of the spec as it was given.
    pub(super) path: String,
    /// The line, from 1.
    pub(super) line: u32,
}

/// A source image.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Source {
    /// Its reference.
    pub(super) reference: String,
    /// The digest that it named; null when that was not asked.
    pub(super) digest: Option<String>,
    /// The media type of that manifest; null together with `digest`.
    pub(super) media_type: Option<String>,
    /// The digest that it named at the end of the run; null when that was not asked.
    pub(super) digest_after: Option<String>,
}

/// A target tag.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Target {
    /// Its reference.
    pub(super) reference: String,
    /// The digest that it named before; null when it was absent or not asked.
    pub(super) digest_before: Option<String>,
    /// The digest that it names afterwards; null when that is not known, and for what is pending.
    pub(super) digest_after: Option<String>,
}

/// How a target tag compared with the source.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Drift {
    /// The target had no such tag.
    Absent,
    /// It named another manifest.
    Stale,
    /// It was as it shall be.
    Current,
    /// It named what it shall name, and referrers of that were missing.
    Incomplete,
    /// It was not to be touched.
    Refused,
}

/// What became of a target tag.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Outcome {
    /// The tag is new.
    Created,
    /// The tag named another manifest before, or what it names was repaired.
    Updated,
    /// The tag is as it shall be.
    Current,
    /// It was not touched, by policy or because a plan went stale; or it was written, and somebody else
    /// wrote it since.
    Refused,
    /// It is left for the next run.
    Deferred,
    /// It went wrong.
    Failed,
}

/// A tag that gets another name at the target.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rename {
    /// What renamed it: `pattern` is the `rename` key of the rule, `filter` its filter.
    pub(super) by: String,
    /// The name of the filter; null unless `by` is `filter`.
    pub(super) filter: Option<String>,
    /// The source tag.
    pub(super) from: String,
    /// The target tag.
    pub(super) to: String,
}

/// Signatures, attestations and the like that refer to an image.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Referrers {
    /// How many the source has.
    pub(super) found: u64,
    /// How many were copied.
    pub(super) copied: u64,
    /// How many the target did not have when it was looked at.
    pub(super) lacking: u64,
    /// How many speak about what is mirrored in another form, and stay behind.
    pub(super) left_behind: u64,
}

/// How the blobs came to a target.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Blobs {
    /// Blobs that were uploaded.
    pub(super) copied: u64,
    /// Blobs that were mounted from another repository of the target registry.
    pub(super) mounted: u64,
    /// Blobs that were there.
    pub(super) present: u64,
}

/// What was refused, deferred or went wrong.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct Error {
    /// What it was, as a code that keeps its meaning.
    pub(super) code: Code,
    /// The kind of failure, which decides the exit code.
    pub(super) class: Class,
    /// What happened, in one sentence. The wording may change.
    pub(super) message: String,
    /// The answer of the registry; null when no request was made.
    pub(super) http: Option<Http>,
    /// Which credential was used, without its secret.
    pub(super) credential: Option<String>,
    /// What can be done about it.
    pub(super) hint: Option<String>,
    /// Whether the same may succeed when it is tried again.
    pub(super) retryable: bool,
}

/// What a registry answered.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Http {
    /// The method of the request.
    pub(super) method: String,
    /// The URL without query, fragment and user.
    pub(super) url: String,
    /// The status of the answer; null when none came.
    pub(super) status: Option<u16>,
    /// The code in the registry's own error document, such as `MANIFEST_UNKNOWN`.
    pub(super) registry_code: Option<String>,
}

/// How content came to a target, in bytes of blobs.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bytes {
    /// Bytes that were uploaded.
    pub(super) copied: u64,
    /// Bytes that were mounted from another repository of the target registry.
    pub(super) mounted: u64,
    /// Bytes that were there.
    pub(super) reused: u64,
}
