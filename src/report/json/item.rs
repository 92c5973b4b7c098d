//! From a verdict to one item of a report. Destructures everything, so that nothing gets lost.

use super::item_shape as shape;
use crate::failure::{Failure, HttpFacts};
use crate::oci::{Digest, Reference};
use crate::outcome::{Outcome, Tally};
use crate::plan::{Drift, Entry, Pin, Rename, RenamedBy, SpecFacts, TargetEntry, Unresolved};
use crate::report::verdict::{Judged, Subject, Verdict};

/// How many hexadecimal digits tell items apart.
const ID_DIGITS: usize = 16;

pub(super) fn item(judged: &Judged<'_>, spec: Option<&SpecFacts>) -> shape::Item {
    let Judged { subject, verdict } = judged;
    let error = verdict.failure().map(error);
    let outcome = outcome_name(verdict);
    match subject {
        Subject::Target { entry, target, outcome: done, source_after } => {
            let mut item = of_target(entry, target, *done, spec);
            item.source.digest_after = source_after.map(ToString::to_string);
            shape::Item { outcome, error, ..item }
        }
        Subject::Unresolved(unresolved) => shape::Item { outcome, error, ..of_unresolved(unresolved, spec) },
    }
}

fn of_target(
    entry: &Entry,
    target: &TargetEntry,
    done: Option<&Outcome>,
    spec: Option<&SpecFacts>,
) -> shape::Item {
    let Entry { mirror, spec_line, source, pin, rename, referrers, targets: _ } = entry;
    let TargetEntry { reference, drift, lacks } = target;
    let nothing = Tally::default();
    let (after, tally, attempts, duration_ms) = match done {
        Some(Outcome { result: _, digest_after, tally, attempts, duration_ms }) => {
            (digest_after.as_ref(), tally, *attempts, *duration_ms)
        }
        None => (None, &nothing, 0, 0),
    };
    // What was current still names what was found.
    let after = after.or(match drift {
        Drift::Current { found } => found.as_ref(),
        Drift::Absent | Drift::Stale { .. } | Drift::Incomplete { .. } | Drift::Refused { .. } => None,
    });
    let (digest, media_type) = match pin {
        Some(pin) => (Some(pin.at_source()), Some(pin.type_at_source())),
        None => (None, None),
    };
    shape::Item {
        id: id(mirror, source, Some(reference)),
        mirror: mirror.clone(),
        spec_location: location(*spec_line, spec),
        source: shape::Source {
            reference: source.to_string(),
            digest: digest.map(ToString::to_string),
            media_type: media_type.map(ToString::to_string),
            digest_after: None,
        },
        target: Some(shape::Target {
            reference: reference.to_string(),
            digest_before: drift.found().map(ToString::to_string),
            digest_after: after.map(ToString::to_string),
        }),
        drift: Some(drift_name(drift)),
        outcome: None,
        rename: rename.as_ref().and_then(|rename| rename_shape(rename, reference)),
        platforms: pin.as_ref().and_then(|pin| pin.origin.as_ref()?.form.platforms.texts()),
        digest_preserved: digest.zip(after).map(|(source, target)| source == target),
        referrers: referrers.as_ref().map(|found| shape::Referrers {
            found: found.len() as u64,
            copied: tally.referrers_copied,
            lacking: lacks.len() as u64,
            left_behind: pin.as_ref().map_or(0, Pin::left_behind),
        }),
        blobs: blobs(tally),
        bytes: bytes(tally),
        repaired: tally.repaired,
        attempts,
        duration_ms,
        error: None,
    }
}

fn of_unresolved(unresolved: &Unresolved, spec: Option<&SpecFacts>) -> shape::Item {
    let Unresolved { mirror, spec_line, source, target, failure: _ } = unresolved;
    let nothing = Tally::default();
    shape::Item {
        id: id(mirror, source, target.as_ref()),
        mirror: mirror.clone(),
        spec_location: location(*spec_line, spec),
        source: shape::Source {
            reference: source.to_string(),
            digest: None,
            media_type: None,
            digest_after: None,
        },
        target: target.as_ref().map(|target| shape::Target {
            reference: target.to_string(),
            digest_before: None,
            digest_after: None,
        }),
        drift: None,
        outcome: None,
        rename: None,
        platforms: None,
        digest_preserved: None,
        referrers: None,
        blobs: blobs(&nothing),
        bytes: bytes(&nothing),
        repaired: 0,
        attempts: 0,
        duration_ms: 0,
        error: None,
    }
}

/// A line feed cannot be part of a reference, so it parts the three.
fn id(mirror: &str, source: &Reference, target: Option<&Reference>) -> String {
    let target = target.map(ToString::to_string).unwrap_or_default();
    let digest = Digest::of(format!("{mirror}\n{source}\n{target}").as_bytes());
    digest.hex()[..ID_DIGITS].to_owned()
}

pub(in crate::report) fn location(
    line: Option<u32>,
    spec: Option<&SpecFacts>,
) -> Option<shape::SpecLocation> {
    line.zip(spec).map(|(line, spec)| shape::SpecLocation { path: spec.path.clone(), line })
}

fn outcome_name(verdict: &Verdict<'_>) -> Option<shape::Outcome> {
    match verdict {
        Verdict::Created => Some(shape::Outcome::Created),
        Verdict::Updated => Some(shape::Outcome::Updated),
        Verdict::Current => Some(shape::Outcome::Current),
        Verdict::Refused(_) => Some(shape::Outcome::Refused),
        Verdict::Deferred(_) => Some(shape::Outcome::Deferred),
        Verdict::Failed(_) => Some(shape::Outcome::Failed),
        Verdict::Pending => None,
    }
}

fn drift_name(drift: &Drift) -> shape::Drift {
    match drift {
        Drift::Absent => shape::Drift::Absent,
        Drift::Stale { .. } => shape::Drift::Stale,
        Drift::Incomplete { .. } => shape::Drift::Incomplete,
        Drift::Current { .. } => shape::Drift::Current,
        Drift::Refused { .. } => shape::Drift::Refused,
    }
}

/// Of several targets, each has its own tag, which may be the source's.
fn rename_shape(Rename { by, from, to: _ }: &Rename, target: &Reference) -> Option<shape::Rename> {
    let to = target.tag.as_ref().filter(|to| *to != from)?;
    let (by, filter) = match by {
        RenamedBy::Pattern => ("pattern", None),
        RenamedBy::Filter { name } => ("filter", Some(name.clone())),
        RenamedBy::CommandLine => ("commandLine", None),
    };
    Some(shape::Rename { by: by.to_owned(), filter, from: from.to_string(), to: to.to_string() })
}

fn blobs(tally: &Tally) -> shape::Blobs {
    shape::Blobs { copied: tally.blobs_copied, mounted: tally.blobs_mounted, present: tally.blobs_present }
}

pub(super) fn bytes(tally: &Tally) -> shape::Bytes {
    shape::Bytes { copied: tally.bytes_copied, mounted: tally.bytes_mounted, reused: tally.bytes_present }
}

pub(in crate::report) fn error(failure: &Failure) -> shape::Error {
    // The side and the repository are those of the item; what was done shows in the method and URL.
    let Failure {
        code,
        side: _,
        repository: _,
        operation: _,
        message,
        http,
        credential,
        hint,
        retry_after: _,
        named: _,
        tried: _,
    } = failure;
    shape::Error {
        code: *code,
        class: code.class(),
        message: message.clone(),
        http: http.as_ref().map(|http| {
            let HttpFacts { method, url: _, status, registry_code } = http;
            shape::Http {
                method: method.clone(),
                url: http.bare_url(),
                status: *status,
                registry_code: registry_code.clone(),
            }
        }),
        credential: credential.clone(),
        hint: hint.clone(),
        retryable: failure.retryable(),
    }
}
