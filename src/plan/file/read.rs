//! From the bytes of a file to the plan. Every text is parsed here; nothing unparsed gets further.

use super::lacking::read_list;
use super::made::pin_of;
use super::shape;
use super::{BYTES_MAX, KIND, PlanFile, PlanFileError, VERSION};
use crate::failure::{Failure, HttpFacts, Tried};
use crate::oci::{Digest, Reference};
use crate::plan::{Cost, Drift, Dropped, Entry, FilterFacts, FilterRequests, Gate, Plan, RefusalReason};
use crate::plan::{Rename, RenamedBy, SpecFacts, TargetEntry, Unresolved};
use serde::Deserialize;
use serde_json::Value;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

/// Longest foreign value that an error repeats, in characters.
const SHOWN_CHARS_MAX: usize = 80;

/// What is looked at before the rest is believed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    kind: Option<Value>,
    schema_version: Option<Value>,
    tool: Option<Value>,
}

pub(super) fn parse(bytes: &[u8]) -> Result<PlanFile, PlanFileError> {
    if bytes.len() as u64 > BYTES_MAX {
        return Err(PlanFileError::TooLarge);
    }
    let envelope: Envelope = serde_json::from_slice(bytes).map_err(|error| match error.is_data() {
        true => PlanFileError::OtherKind { found: None },
        false => {
            let (line, column, cause) = located(&error);
            PlanFileError::NotJson { line, column, cause }
        }
    })?;
    check(&envelope)?;
    let file: shape::File = serde_json::from_slice(bytes).map_err(|error| {
        let (line, column, cause) = located(&error);
        PlanFileError::Shape { line, column, cause }
    })?;
    file_of(file)
}

fn check(envelope: &Envelope) -> Result<(), PlanFileError> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match envelope.kind.as_ref().map(text) {
        Some(kind) if kind == KIND => (),
        found => return Err(PlanFileError::OtherKind { found: found.map(|found| cut(&found)) }),
    }
    let found = envelope.schema_version.as_ref().map(text).unwrap_or_default();
    let number = |text: &str| text.parse::<u32>().ok();
    let version = found.split_once('.').and_then(|(major, minor)| number(major).zip(number(minor)));
    match version {
        Some(version) if version.0 == VERSION.0 && version <= VERSION => Ok(()),
        _ => {
            let written_by = envelope.tool.as_ref().and_then(|tool| tool.get("version")).map(text);
            Err(PlanFileError::OtherVersion {
                found: cut(&found),
                written_by: written_by.map(|version| cut(&version)),
            })
        }
    }
}

/// Line, column and cause; serde_json says the place in its text as well.
fn located(error: &serde_json::Error) -> (usize, usize, String) {
    let text = error.to_string();
    let cause = text.rsplit_once(" at line ").map_or(text.as_str(), |(cause, _)| cause);
    (error.line(), error.column(), cause.to_owned())
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

pub(super) fn wrong(path: &str, value: &str, cause: impl Display) -> PlanFileError {
    PlanFileError::Value { path: path.to_owned(), value: cut(value), cause: cause.to_string() }
}

pub(super) fn value<T: FromStr<Err: Display>>(path: &str, text: &str) -> Result<T, PlanFileError> {
    text.parse().map_err(|cause| wrong(path, text, cause))
}

pub(super) fn optional<T: FromStr<Err: Display>>(
    path: &str,
    text: Option<&str>,
) -> Result<Option<T>, PlanFileError> {
    text.map(|text| value(path, text)).transpose()
}

fn sha256(path: &str, hex: &str) -> Result<Digest, PlanFileError> {
    format!("sha256:{hex}").parse().map_err(|cause| wrong(path, hex, cause))
}

fn file_of(file: shape::File) -> Result<PlanFile, PlanFileError> {
    let shape::File {
        schema_version: _,
        kind: _,
        tool: shape::Tool { name: _, version: tool_version },
        spec,
        entries,
        unresolved,
        dropped,
        filter_requests: shape::FilterRequests { heads, manifests, configs },
        referrer_requests,
        counts: _,
        bytes_to_copy,
        blobs_to_copy,
        manifests_to_copy,
    } = file;
    let indexed = |list: &str, at: usize| format!("{list}[{at}]");
    let entries: Result<_, _> =
        entries.into_iter().enumerate().map(|(at, entry)| entry_of(&indexed("entries", at), entry)).collect();
    let unresolved: Result<_, _> = unresolved
        .into_iter()
        .enumerate()
        .map(|(at, unresolved)| unresolved_of(&indexed("unresolved", at), unresolved))
        .collect();
    let dropped: Result<_, _> = dropped
        .into_iter()
        .enumerate()
        .map(|(at, dropped)| dropped_of(&indexed("dropped", at), dropped))
        .collect();
    let requests = FilterRequests { heads, manifests, configs };
    let plan = Plan::new(entries?, unresolved?).with_filtered(dropped?, requests);
    let plan = plan.with_referrer_requests(referrer_requests);
    let plan = match bytes_to_copy {
        Some(bytes_max) => plan.with_cost(Cost {
            bytes_max,
            blobs: blobs_to_copy.unwrap_or_default(),
            manifests: manifests_to_copy.unwrap_or_default(),
        }),
        None => plan,
    };
    Ok(PlanFile { tool_version, spec: spec.map(spec_of).transpose()?, plan })
}

fn spec_of(spec: shape::Spec) -> Result<SpecFacts, PlanFileError> {
    let shape::Spec { path, sha256: hex, filters } = spec;
    let filter = |(at, filter): (usize, shape::Filter)| {
        let shape::Filter { name, sha256: hex } = filter;
        Ok(FilterFacts { name, digest: sha256(&format!("spec.filters[{at}].sha256"), &hex)? })
    };
    let filters: Result<_, _> = filters.into_iter().enumerate().map(filter).collect();
    Ok(SpecFacts { path, digest: sha256("spec.sha256", &hex)?, filters: filters? })
}

fn entry_of(path: &str, entry: shape::Entry) -> Result<Entry, PlanFileError> {
    let shape::Entry { mirror, spec_line, source, rename, referrers, targets } = entry;
    let shape::Source { reference, digest, media_type, made } = source;
    let source = value(&format!("{path}.source.reference"), &reference)?;
    let pin = pin_of(&format!("{path}.source"), digest.as_deref(), media_type.as_deref(), made)?;
    let rename = match rename {
        Some(rename) => Some(rename_of(&format!("{path}.rename"), rename)?),
        None => None,
    };
    let targets: Result<Vec<TargetEntry>, _> = targets
        .into_iter()
        .enumerate()
        .map(|(at, target)| target_of(&format!("{path}.targets[{at}]"), target))
        .collect();
    let referrers = referrers.map(|list| read_list(&format!("{path}.referrers"), list)).transpose()?;
    let entry = Entry { mirror, spec_line, source, pin, rename, referrers, targets: targets? };
    match entry.pin.is_none() && entry.targets.iter().any(|target| target.drift.is_pending()) {
        true => Err(wrong(&format!("{path}.source"), &reference, "it has no `digest`, but is to be copied")),
        false => Ok(entry),
    }
}

fn rename_of(path: &str, rename: shape::Rename) -> Result<Rename, PlanFileError> {
    let shape::Rename { by, filter, from, to } = rename;
    let by = match (by, filter) {
        (shape::RenamedBy::Pattern, None) => RenamedBy::Pattern,
        (shape::RenamedBy::Filter, Some(name)) => RenamedBy::Filter { name },
        (shape::RenamedBy::CommandLine, None) => RenamedBy::CommandLine,
        (_, filter) => {
            let cause = "`by` and `filter` do not fit together";
            return Err(wrong(path, &filter.unwrap_or_default(), cause));
        }
    };
    Ok(Rename { by, from: value(&format!("{path}.from"), &from)?, to: value(&format!("{path}.to"), &to)? })
}

fn dropped_of(path: &str, dropped: shape::Dropped) -> Result<Dropped, PlanFileError> {
    let shape::Dropped { mirror, spec_line, source, filter, reason } = dropped;
    let source = value(&format!("{path}.source"), &source)?;
    Ok(Dropped { mirror, spec_line, source, filter, reason })
}

fn target_of(path: &str, target: shape::Target) -> Result<TargetEntry, PlanFileError> {
    let shape::Target { reference: text, drift, found, reason, collides_with, because, lacks } = target;
    let reference = value(&format!("{path}.reference"), &text)?;
    let found: Option<Digest> = optional(&format!("{path}.found"), found.as_deref())?;
    let other = optional(&format!("{path}.collidesWith"), collides_with.as_deref())?;
    let Some(reason) = refusal_of(reason, other, because) else {
        return Err(wrong(path, &text, "`reason`, `collidesWith` and `because` do not fit together"));
    };
    let drift = match (drift, found, reason) {
        (shape::Drift::Absent, None, None) => Drift::Absent,
        (shape::Drift::Stale, Some(found), None) => Drift::Stale { found },
        (shape::Drift::Current, found, None) => Drift::Current { found },
        (shape::Drift::Incomplete, Some(found), None) if !lacks.is_empty() => Drift::Incomplete { found },
        (shape::Drift::Refused, found, Some(reason)) => Drift::Refused { found, reason },
        _ => return Err(wrong(path, &text, "`drift`, `found`, `reason` and `lacks` do not fit together")),
    };
    let lacks = read_list(&format!("{path}.lacks"), lacks)?;
    Ok(TargetEntry { reference, drift, lacks })
}

/// Why a target is refused, if it is; none where the fields contradict each other.
fn refusal_of(
    reason: Option<shape::Reason>,
    other: Option<Reference>,
    because: Option<String>,
) -> Option<Option<RefusalReason>> {
    let gate = |gate, why| Some(Some(RefusalReason::Gate { gate, why }));
    match (reason, other, because) {
        (None, None, None) => Some(None),
        (Some(shape::Reason::Collision), Some(other), None) => Some(Some(RefusalReason::Collision { other })),
        (Some(shape::Reason::Exists), None, None) => Some(Some(RefusalReason::Exists)),
        (Some(shape::Reason::SourceMoved), None, None) => Some(Some(RefusalReason::SourceMoved)),
        (Some(shape::Reason::TargetMoved), None, None) => Some(Some(RefusalReason::TargetMoved)),
        (Some(shape::Reason::Require), None, Some(why)) => gate(Gate::Require, why),
        (Some(shape::Reason::MaxSize), None, Some(why)) => gate(Gate::MaxSize, why),
        (Some(shape::Reason::MinAge), None, Some(why)) => gate(Gate::MinAge, why),
        (Some(shape::Reason::Deny), None, Some(why)) => gate(Gate::Deny, why),
        (Some(shape::Reason::Pin), None, Some(why)) => gate(Gate::Pin, why),
        _ => None,
    }
}

fn unresolved_of(path: &str, unresolved: shape::Unresolved) -> Result<Unresolved, PlanFileError> {
    let shape::Unresolved { mirror, spec_line, source, target, failure } = unresolved;
    let source = value(&format!("{path}.source"), &source)?;
    let target = optional(&format!("{path}.target"), target.as_deref())?;
    Ok(Unresolved { mirror, spec_line, source, target, failure: failure_of(failure) })
}

fn failure_of(failure: shape::Failure) -> Failure {
    let shape::Failure { code, side, repository, operation, message, http, credential, hint, retry_after_ms } =
        failure;
    let http = http.map(|shape::Http { method, url, status, registry_code }| HttpFacts {
        method,
        url,
        status,
        registry_code,
    });
    let retry_after = retry_after_ms.map(Duration::from_millis);
    Failure {
        code,
        side,
        repository,
        operation,
        message,
        http,
        credential,
        hint,
        retry_after,
        named: Vec::new(),
        tried: Tried::Some,
    }
}
