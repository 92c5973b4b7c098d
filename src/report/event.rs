//! What a line of JSON says of one target tag: the same in the stream of a run that goes on and in
//! the lines of one that has ended.

use super::verdict::{Judged, Subject, Verdict};
use crate::failure::Code;
use crate::outcome::Outcome;
use crate::plan::{Drift, Entry, TargetEntry};
use serde::Serialize;

/// One target tag, or one mapping that has none yet.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemEvent<'a> {
    mirror: &'a str,
    source: String,
    target: Option<String>,
    outcome: Option<&'static str>,
    digest: Option<String>,
    bytes_copied: u64,
    duration_ms: u64,
    error: Option<ErrorEvent<'a>>,
}

#[derive(Debug, Serialize)]
struct ErrorEvent<'a> {
    code: Code,
    message: &'a str,
}

impl<'a> ItemEvent<'a> {
    /// A target that is finished.
    pub fn of(entry: &'a Entry, target: &'a TargetEntry, outcome: &'a Outcome) -> Self {
        let Outcome { result, digest_after, tally, attempts: _, duration_ms } = outcome;
        let failure = result.failure();
        Self {
            mirror: &entry.mirror,
            source: entry.source.to_string(),
            target: Some(target.reference.to_string()),
            outcome: Verdict::of(result).word(),
            digest: digest_after.as_ref().map(ToString::to_string),
            bytes_copied: tally.bytes_copied,
            duration_ms: *duration_ms,
            error: failure.map(|failure| ErrorEvent { code: failure.code, message: &failure.message }),
        }
    }

    /// What a report says, also of what was only compared or not reached.
    pub(super) fn judged(Judged { subject, verdict }: &'a Judged<'a>) -> Self {
        let error =
            verdict.failure().map(|failure| ErrorEvent { code: failure.code, message: &failure.message });
        let outcome = verdict.word();
        match subject {
            Subject::Target { entry, target, outcome: Some(done), .. } => {
                Self { outcome, error, ..Self::of(entry, target, done) }
            }
            Subject::Target { entry, target, outcome: None, .. } => Self {
                mirror: &entry.mirror,
                source: entry.source.to_string(),
                target: Some(target.reference.to_string()),
                outcome,
                digest: match &target.drift {
                    Drift::Current { found } => found.as_ref().map(ToString::to_string),
                    Drift::Absent
                    | Drift::Stale { .. }
                    | Drift::Incomplete { .. }
                    | Drift::Refused { .. } => None,
                },
                bytes_copied: 0,
                duration_ms: 0,
                error,
            },
            Subject::Unresolved(unresolved) => Self {
                mirror: &unresolved.mirror,
                source: unresolved.source.to_string(),
                target: unresolved.target.as_ref().map(ToString::to_string),
                outcome,
                digest: None,
                bytes_copied: 0,
                duration_ms: 0,
                error,
            },
        }
    }

    /// One line for a person, not escaped.
    pub(super) fn message(&self) -> String {
        let mut message = self.source.clone();
        if let Some(target) = &self.target {
            message.push_str(" → ");
            message.push_str(target);
        }
        message.push_str(": ");
        message.push_str(self.outcome.unwrap_or("pending"));
        if let Some(ErrorEvent { code: _, message: why }) = &self.error {
            message.push_str(": ");
            message.push_str(why);
        }
        message
    }
}
