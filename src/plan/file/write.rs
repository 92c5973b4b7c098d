//! From the plan to the shape of its file. Destructures everything, so that nothing gets lost.

use super::lacking::Lacking;
use super::made::Made;
use super::shape;
use super::{KIND, PlanFile, VERSION};
use crate::failure::{Failure, HttpFacts};
use crate::plan::{Counts, Drift, Dropped, Entry, FilterFacts, FilterRequests, Gate, RefusalReason};
use crate::plan::{Plan, Rename, RenamedBy, SpecFacts, TargetEntry, Unresolved};

pub(super) fn shape_of(file: &PlanFile) -> shape::File {
    let PlanFile { tool_version, spec, plan } = file;
    let cost = plan.cost();
    shape::File {
        schema_version: format!("{}.{}", VERSION.0, VERSION.1),
        kind: KIND.to_owned(),
        tool: shape::Tool { name: "crossdock".to_owned(), version: tool_version.clone() },
        spec: spec.as_ref().map(spec_shape),
        entries: plan.entries().iter().map(entry).collect(),
        unresolved: plan.unresolved().iter().map(unresolved).collect(),
        dropped: plan.dropped().iter().map(dropped).collect(),
        filter_requests: filter_requests(plan.filter_requests()),
        referrer_requests: plan.referrer_requests(),
        counts: counts(plan),
        bytes_to_copy: cost.map(|cost| cost.bytes_max),
        blobs_to_copy: cost.map(|cost| cost.blobs),
        manifests_to_copy: cost.map(|cost| cost.manifests),
    }
}

fn counts(plan: &Plan) -> shape::Counts {
    let Counts { create, update, current, refused, failed } = plan.counts();
    shape::Counts { create, update, current, refused, failed }
}

fn spec_shape(spec: &SpecFacts) -> shape::Spec {
    let SpecFacts { path, digest, filters } = spec;
    let filter = |FilterFacts { name, digest }: &FilterFacts| shape::Filter {
        name: name.clone(),
        sha256: digest.hex().to_owned(),
    };
    shape::Spec {
        path: path.clone(),
        sha256: digest.hex().to_owned(),
        filters: filters.iter().map(filter).collect(),
    }
}

fn entry(entry: &Entry) -> shape::Entry {
    let Entry { mirror, spec_line, source, pin, rename, referrers, targets } = entry;
    let (digest, media_type) = match pin {
        Some(pin) => (Some(pin.at_source().to_string()), Some(pin.type_at_source().to_string())),
        None => (None, None),
    };
    shape::Entry {
        mirror: mirror.clone(),
        spec_line: *spec_line,
        source: shape::Source {
            reference: source.to_string(),
            digest,
            media_type,
            made: pin.as_ref().and_then(Made::of),
        },
        rename: rename.as_ref().map(rename_shape),
        referrers: referrers.as_ref().map(|found| found.iter().map(Lacking::from).collect()),
        targets: targets.iter().map(target).collect(),
    }
}

fn rename_shape(Rename { by, from, to }: &Rename) -> shape::Rename {
    let (by, filter) = match by {
        RenamedBy::Pattern => (shape::RenamedBy::Pattern, None),
        RenamedBy::Filter { name } => (shape::RenamedBy::Filter, Some(name.clone())),
        RenamedBy::CommandLine => (shape::RenamedBy::CommandLine, None),
    };
    shape::Rename { by, filter, from: from.to_string(), to: to.to_string() }
}

fn dropped(Dropped { mirror, spec_line, source, filter, reason }: &Dropped) -> shape::Dropped {
    shape::Dropped {
        mirror: mirror.clone(),
        spec_line: *spec_line,
        source: source.to_string(),
        filter: filter.clone(),
        reason: reason.clone(),
    }
}

fn filter_requests(requests: FilterRequests) -> shape::FilterRequests {
    let FilterRequests { heads, manifests, configs } = requests;
    shape::FilterRequests { heads, manifests, configs }
}

fn target(target: &TargetEntry) -> shape::Target {
    let TargetEntry { reference, drift, lacks } = target;
    let name = match drift {
        Drift::Absent => shape::Drift::Absent,
        Drift::Stale { .. } => shape::Drift::Stale,
        Drift::Current { .. } => shape::Drift::Current,
        Drift::Incomplete { .. } => shape::Drift::Incomplete,
        Drift::Refused { .. } => shape::Drift::Refused,
    };
    let (reason, collides_with, because) = match drift {
        Drift::Refused { found: _, reason } => refusal(reason),
        _ => (None, None, None),
    };
    shape::Target {
        reference: reference.to_string(),
        drift: name,
        found: drift.found().map(ToString::to_string),
        reason,
        collides_with,
        because,
        lacks: lacks.iter().map(Lacking::from).collect(),
    }
}

/// The reason, the other source, and the words of a gate.
fn refusal(reason: &RefusalReason) -> (Option<shape::Reason>, Option<String>, Option<String>) {
    let reason_only = |reason| (Some(reason), None, None);
    match reason {
        RefusalReason::Collision { other } => (Some(shape::Reason::Collision), Some(other.to_string()), None),
        RefusalReason::Exists => reason_only(shape::Reason::Exists),
        RefusalReason::SourceMoved => reason_only(shape::Reason::SourceMoved),
        RefusalReason::TargetMoved => reason_only(shape::Reason::TargetMoved),
        RefusalReason::Gate { gate, why } => {
            let reason = match gate {
                Gate::Require => shape::Reason::Require,
                Gate::MaxSize => shape::Reason::MaxSize,
                Gate::MinAge => shape::Reason::MinAge,
                Gate::Deny => shape::Reason::Deny,
                Gate::Pin => shape::Reason::Pin,
            };
            (Some(reason), None, Some(why.clone()))
        }
    }
}

fn unresolved(unresolved: &Unresolved) -> shape::Unresolved {
    let Unresolved { mirror, spec_line, source, target, failure: why } = unresolved;
    shape::Unresolved {
        mirror: mirror.clone(),
        spec_line: *spec_line,
        source: source.to_string(),
        target: target.as_ref().map(ToString::to_string),
        failure: failure(why),
    }
}

fn failure(failure: &Failure) -> shape::Failure {
    let Failure {
        code,
        side,
        repository,
        operation,
        message,
        http,
        credential,
        hint,
        retry_after,
        named: _,
        tried: _,
    } = failure;
    shape::Failure {
        code: *code,
        side: *side,
        repository: repository.clone(),
        operation: *operation,
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
        retry_after_ms: retry_after.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
    }
}
