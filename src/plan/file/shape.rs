//! The shape of a saved plan, as serde and JSON Schema see it. Holds text; `read` makes sense of it.

use super::lacking::Lacking;
use super::made::Made;
use crate::failure::{Code, Operation, Side};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A plan of crossdock: which manifest goes to which target tag. Made by `crossdock plan -o`,
/// carried out by `crossdock apply`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "Crossdock plan")]
pub(super) struct File {
    /// The version of this format, `major.minor`. A crossdock reads no newer version than its own.
    pub(super) schema_version: String,
    /// Always `crossdock.plan`.
    pub(super) kind: String,
    /// The program that made the plan.
    pub(super) tool: Tool,
    /// The spec that the plan was made from; null for a single image without a spec.
    pub(super) spec: Option<Spec>,
    /// One for each source image, in the order of the rules in the spec, then of the sources.
    pub(super) entries: Vec<Entry>,
    /// What could not be resolved or observed. `apply` leaves it alone and says so.
    pub(super) unresolved: Vec<Unresolved>,
    /// The source tags that filters left out.
    pub(super) dropped: Vec<Dropped>,
    /// What sources were asked so that filters could decide.
    pub(super) filter_requests: FilterRequests,
    /// Requests that were made to find out about referrers, at sources and targets.
    #[serde(default)]
    pub(super) referrer_requests: u64,
    /// How many target tags stand how. Worked out from the entries; not read back.
    pub(super) counts: Counts,
    /// The length in bytes of all blobs that the pending entries reach; blobs that a target has
    /// already are counted too. Null when it was not worked out.
    pub(super) bytes_to_copy: Option<u64>,
    /// How many blobs `bytesToCopy` counts.
    pub(super) blobs_to_copy: Option<u64>,
    /// How many manifests the pending entries reach, child manifests included.
    pub(super) manifests_to_copy: Option<u64>,
}

/// A program.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Tool {
    /// Always `crossdock`.
    pub(super) name: String,
    /// Its version.
    pub(super) version: String,
}

/// A spec file.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Spec {
    /// Its path as it was given.
    pub(super) path: String,
    /// The SHA-256 of the file, 64 hexadecimal digits.
    pub(super) sha256: String,
    /// The filters that it uses.
    pub(super) filters: Vec<Filter>,
}

/// A filter module.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Filter {
    /// Its name in the spec.
    pub(super) name: String,
    /// The SHA-256 of the module, 64 hexadecimal digits.
    pub(super) sha256: String,
}

/// One source image and its targets.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Entry {
    /// The name of the rule under `mirrors`.
    pub(super) mirror: String,
    /// The line of the rule in the spec, from 1.
    pub(super) spec_line: Option<u32>,
    /// The source image.
    pub(super) source: Source,
    /// How the target tag differs from the source tag; null when it does not.
    pub(super) rename: Option<Rename>,
    /// What speaks about the image at the source and is mirrored with it; null where nobody asked.
    #[serde(default)]
    pub(super) referrers: Option<Vec<Lacking>>,
    /// One for each target of the rule.
    pub(super) targets: Vec<Target>,
}

/// The source image, pinned.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Source {
    /// Its reference.
    pub(super) reference: String,
    /// The digest of the manifest that the reference named. `apply` stops at a tag that has moved
    /// since. Null where an immutable tag made the question needless.
    pub(super) digest: Option<String>,
    /// The media type of that manifest; null together with `digest`.
    pub(super) media_type: Option<String>,
    /// What is mirrored in its place; null where it is mirrored as it is.
    #[serde(default)]
    pub(super) made: Option<Made>,
}

/// A tag that gets another name at the target.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Rename {
    /// What renamed it.
    pub(super) by: RenamedBy,
    /// The name of the filter; null unless `by` is `filter`.
    pub(super) filter: Option<String>,
    /// The source tag.
    pub(super) from: String,
    /// The target tag; of several, the first that differs.
    pub(super) to: String,
}

/// What gives a tag another name.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum RenamedBy {
    /// The `rename` key of the rule.
    Pattern,
    /// The filter of the rule.
    Filter,
    /// The target that was named on the command line.
    CommandLine,
}

/// One target tag.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Target {
    /// Its reference.
    pub(super) reference: String,
    /// How it compares with the source.
    pub(super) drift: Drift,
    /// The digest that it named when the plan was made; null when it was absent or not asked.
    /// `apply` does not touch a target tag that has moved since.
    pub(super) found: Option<String>,
    /// Why it will not be touched; null unless `drift` is `refused`.
    pub(super) reason: Option<Reason>,
    /// The other source that would write the same target tag; null unless `reason` is `collision`.
    pub(super) collides_with: Option<String>,
    /// Why a gate of the rule does not let the image through, in one sentence; null unless `reason` is one
    /// of them.
    #[serde(default)]
    pub(super) because: Option<String>,
    /// The referrers that the target does not have, each after its subject.
    #[serde(default)]
    pub(super) lacks: Vec<Lacking>,
}

/// How a target tag compares with the source.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Drift {
    /// The target has no such tag: it will be created.
    Absent,
    /// It names another manifest: it will be updated.
    Stale,
    /// It is as it shall be.
    Current,
    /// It names what it shall name, and referrers of that will be added.
    Incomplete,
    /// It will not be touched.
    Refused,
}

/// Why a target tag is not touched.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Reason {
    /// Another source would write the same target tag.
    Collision,
    /// `on_existing: fail`, and the tag names another manifest.
    Exists,
    /// The source tag is gone, or names another manifest than in the plan that was carried out.
    SourceMoved,
    /// The target tag names another manifest than in the plan that was carried out.
    TargetMoved,
    /// `require`: the image has no referrers of some types.
    Require,
    /// `max_size`: the image has more bytes.
    MaxSize,
    /// `min_age`: the image is younger.
    MinAge,
    /// `deny`: the rule names the image, or its tag.
    Deny,
    /// The source tag does not name the digest that it has in `tags`.
    Pin,
}

/// A mapping that could not be resolved or observed.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Unresolved {
    /// The name of the rule under `mirrors`.
    pub(super) mirror: String,
    /// The line of the rule in the spec, from 1.
    pub(super) spec_line: Option<u32>,
    /// The source: one image, or the repository whose tags could not be listed.
    pub(super) source: String,
    /// The target that could not be observed; null when the source is to blame.
    pub(super) target: Option<String>,
    /// What went wrong.
    pub(super) failure: Failure,
}

/// A source tag that a filter left out.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Dropped {
    /// The name of the rule under `mirrors`.
    pub(super) mirror: String,
    /// The line of the rule in the spec, from 1.
    pub(super) spec_line: Option<u32>,
    /// The reference of the source tag.
    pub(super) source: String,
    /// The name of the filter.
    pub(super) filter: String,
    /// Why, in the words of the filter; null when it gave no reason.
    pub(super) reason: Option<String>,
}

/// What sources were asked so that filters could decide.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FilterRequests {
    /// Tags whose digest was asked for, by HEAD.
    pub(super) heads: u64,
    /// Manifests and indexes that were read.
    pub(super) manifests: u64,
    /// Configs that were read.
    pub(super) configs: u64,
}

/// What went wrong.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Failure {
    /// What went wrong, as a stable code.
    pub(super) code: Code,
    /// At which end; null when it is not known.
    pub(super) side: Option<Side>,
    /// The repository that was spoken to.
    pub(super) repository: String,
    /// What was being done.
    pub(super) operation: Operation,
    /// What happened, in one sentence.
    pub(super) message: String,
    /// The answer of the registry; null when there was none.
    pub(super) http: Option<Http>,
    /// Which credential was used, without its secret.
    pub(super) credential: Option<String>,
    /// What can be done about it.
    pub(super) hint: Option<String>,
    /// How long the registry asked to be left alone, in milliseconds.
    pub(super) retry_after_ms: Option<u64>,
}

/// What a registry answered.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Http {
    /// The method of the request.
    pub(super) method: String,
    /// The URL without query, fragment and user.
    pub(super) url: String,
    /// The status of the answer; null when none came.
    pub(super) status: Option<u16>,
    /// The code in the registry's own error document.
    pub(super) registry_code: Option<String>,
}

/// How many target tags stand how.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Counts {
    /// Target tags that will be created.
    pub(super) create: u64,
    /// Target tags that will be updated.
    pub(super) update: u64,
    /// Target tags that are as they shall be.
    pub(super) current: u64,
    /// Target tags that will not be touched.
    pub(super) refused: u64,
    /// Mappings that could not be resolved or observed.
    pub(super) failed: u64,
}
