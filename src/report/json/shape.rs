//! The shape of a report, as serde and JSON Schema see it: what is published and only grows.

use super::item_shape::{Bytes, Item, SpecLocation};
use crate::failure::Operation;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// What one run of crossdock did. Minor versions of the format add keys and values; readers skip
/// what they do not know. Times are UTC by RFC 3339; sizes are in bytes; nothing in it is secret.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "Crossdock report")]
pub(super) struct Report {
    /// The version of this format, `major.minor`.
    pub(super) schema_version: String,
    /// Always `crossdock.report`.
    pub(super) kind: String,
    /// The program that ran.
    pub(super) tool: Tool,
    /// The run itself.
    pub(super) run: RunFacts,
    /// The spec; null for a single image without a spec.
    pub(super) spec: Option<Spec>,
    /// How the run ended, in a word.
    pub(super) result: RunResult,
    /// The exit code of the program.
    pub(super) exit_code: u8,
    /// How many target tags ended how. A mapping that could not be resolved or observed counts once.
    pub(super) counts: Counts,
    /// How content came to the targets, in bytes of blobs.
    pub(super) bytes: Bytes,
    /// The requests of all registries together, retries included.
    pub(super) requests: Requests,
    /// The registries that were spoken to, by host.
    pub(super) registries: Vec<Registry>,
    /// One for each target tag, in the order of the rules in the spec, then of the sources; after
    /// them, one for each mapping that could not be resolved or observed.
    pub(super) items: Vec<Item>,
    /// The source tags that filters left out, in the order of the rules in the spec, then of the
    /// sources.
    pub(super) dropped: Vec<Dropped>,
    /// What is wrong in the spec.
    pub(super) problems: Vec<Problem>,
}

/// A program.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct Tool {
    /// Always `crossdock`.
    pub(in crate::report) name: String,
    /// Its version.
    pub(in crate::report) version: String,
}

impl Tool {
    /// This one, of this version.
    pub(in crate::report) fn crossdock(version: &str) -> Self {
        Self { name: "crossdock".to_owned(), version: version.to_owned() }
    }
}

/// One run.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunFacts {
    /// What tells this run from others.
    pub(super) id: String,
    /// The command: `plan`, `apply`, `sync`, `check` or `copy`.
    pub(super) command: String,
    /// When it started.
    pub(super) started_at: String,
    /// When it ended.
    pub(super) finished_at: String,
    /// How long it took, in milliseconds.
    pub(super) duration_ms: u64,
    /// Whether a signal ended it early.
    pub(super) cancelled: bool,
    /// Whether the deadline ended it early.
    pub(super) deadline_hit: bool,
    /// The name of the CI that it ran in; null outside of one.
    pub(super) ci: Option<String>,
}

/// A spec file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Spec {
    /// Its path as it was given.
    pub(super) path: String,
    /// The SHA-256 of the file, 64 hexadecimal digits.
    pub(super) sha256: String,
    /// The filters that it uses.
    pub(super) filters: Vec<Filter>,
}

/// A filter module.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Filter {
    /// Its name in the spec.
    pub(super) name: String,
    /// The SHA-256 of the module, 64 hexadecimal digits.
    pub(super) sha256: String,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum RunResult {
    /// Nothing was wrong, and nothing was written.
    Ok,
    /// Nothing was wrong, and something was written.
    Changed,
    /// Something failed, and nothing succeeded.
    Failed,
    /// Changes are pending.
    Drift,
    /// Something failed; the rest is done.
    Partial,
    /// The usage, the spec or a filter is wrong; nothing was contacted.
    Invalid,
    /// Every failure is one of credentials.
    Denied,
    /// Something was refused.
    Refused,
    /// Something was left for the next run.
    Deferred,
    /// A signal ended the run.
    Cancelled,
}

/// How many target tags ended how.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Counts {
    /// Tags that are new at the target.
    pub(super) created: u64,
    /// Tags that named another manifest before.
    pub(super) updated: u64,
    /// Tags that are as they shall be.
    pub(super) current: u64,
    /// Tags that were not touched, by policy or because a plan went stale.
    pub(super) refused: u64,
    /// Tags that are left for the next run.
    pub(super) deferred: u64,
    /// Tags and mappings that went wrong.
    pub(super) failed: u64,
    /// Tags that would be written; always 0 but in `plan` and `check`.
    pub(super) pending: u64,
    /// Source tags that filters left out.
    pub(super) dropped: u64,
}

/// A source tag that a filter left out.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dropped {
    /// The name of the rule under `mirrors`.
    pub(super) mirror: String,
    /// Where the rule stands.
    pub(super) spec_location: Option<SpecLocation>,
    /// The reference of the source tag.
    pub(super) source: String,
    /// The name of the filter.
    pub(super) filter: String,
    /// Why, in the words of the filter; null when it gave no reason.
    pub(super) reason: Option<String>,
}

/// How many requests were made.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Requests {
    /// All of them.
    pub(super) total: u64,
    /// Those of each operation; an operation that was never used is left out.
    pub(super) by_operation: BTreeMap<Operation, u64>,
}

/// What one registry was asked.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Registry {
    /// Host and port, as in references.
    pub(super) host: String,
    /// Who we were there; null when we were nobody.
    pub(super) credential: Option<Credential>,
    /// Requests, retries included.
    pub(super) requests: u64,
    /// Requests that were made again.
    pub(super) retries: u64,
    /// How often the registry asked us to slow down.
    pub(super) throttled: u64,
    /// What the registry last said about its limit; null when it said nothing.
    pub(super) rate_limit: Option<RateLimit>,
}

/// Who we were to a registry.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Credential {
    /// Where the credential came from.
    pub(super) source: String,
    /// The user name, where there is one.
    pub(super) user: Option<String>,
}

/// How many requests a registry allows.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RateLimit {
    /// Requests in one window.
    pub(super) limit: u64,
    /// Requests that are left.
    pub(super) remaining: u64,
    /// The length of the window in seconds; null when the registry did not say.
    pub(super) window_seconds: Option<u64>,
    /// Requests that are left for others: `limits.quota_reserve`.
    pub(super) reserve: u64,
}

/// Something wrong in the spec.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Problem {
    /// How bad it is.
    pub(super) severity: Severity,
    /// What kind of problem it is, stable across versions.
    pub(super) code: String,
    /// What is wrong.
    pub(super) message: String,
    /// The file.
    pub(super) path: Option<String>,
    /// The line, from 1.
    pub(super) line: Option<u32>,
    /// The column in characters, from 1.
    pub(super) column: Option<u32>,
    /// What to do about it.
    pub(super) hint: Option<String>,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Severity {
    /// Nothing was run.
    Error,
    /// The run went on.
    Warning,
}
