//! From a run to the shape of its report. Destructures everything, so that nothing gets lost.

use super::{KIND, VERSION, item, shape};
use crate::plan::{Dropped, FilterFacts, SpecFacts};
use crate::report::exit::{self, RunResult};
use crate::report::run::{CredentialUse, Problem, RateLimit, RegistryUse, Run, Severity};
use crate::report::stamp::utc;
use crate::report::text::moved;
use crate::report::verdict::{Counts, Judged};

pub(super) fn report(run: &Run) -> shape::Report {
    let counts = Counts::of(run);
    let judged: Vec<Judged<'_>> = run.verdicts().collect();
    let dropped = run.sorted().dropped;
    let Run {
        tool_version,
        id,
        command,
        started_at,
        finished_at,
        cancelled,
        deadline_hit,
        ci,
        spec,
        entries: _,
        unresolved: _,
        dropped: _,
        registries,
        requests,
        problems,
        cost: _, // It belongs to the plan, and the saved plan has it.
    } = run;
    let mut registries: Vec<shape::Registry> = registries.iter().map(registry).collect();
    registries.sort_by(|one, other| one.host.cmp(&other.host));
    shape::Report {
        schema_version: VERSION.to_owned(),
        kind: KIND.to_owned(),
        tool: shape::Tool::crossdock(tool_version),
        run: shape::RunFacts {
            id: id.clone(),
            command: command.as_str().to_owned(),
            started_at: utc(*started_at),
            finished_at: utc(*finished_at),
            duration_ms: u64::try_from(run.duration().as_millis()).unwrap_or(u64::MAX),
            cancelled: cancelled.is_some(),
            deadline_hit: *deadline_hit,
            ci: ci.clone(),
        },
        spec: spec.as_ref().map(spec_shape),
        result: result(exit::result(run)),
        exit_code: exit::exit_code(run).code(),
        counts: counts_shape(counts),
        bytes: item::bytes(&moved(&judged)),
        requests: shape::Requests { total: requests.values().sum(), by_operation: requests.clone() },
        registries,
        items: judged.iter().map(|judged| item::item(judged, spec.as_ref())).collect(),
        dropped: dropped.into_iter().map(|dropped| dropped_shape(dropped, spec.as_ref())).collect(),
        problems: problems.iter().map(problem).collect(),
    }
}

fn result(result: RunResult) -> shape::RunResult {
    match result {
        RunResult::Ok => shape::RunResult::Ok,
        RunResult::Changed => shape::RunResult::Changed,
        RunResult::Failed => shape::RunResult::Failed,
        RunResult::Drift => shape::RunResult::Drift,
        RunResult::Partial => shape::RunResult::Partial,
        RunResult::Invalid => shape::RunResult::Invalid,
        RunResult::Denied => shape::RunResult::Denied,
        RunResult::Refused => shape::RunResult::Refused,
        RunResult::Deferred => shape::RunResult::Deferred,
        RunResult::Cancelled => shape::RunResult::Cancelled,
    }
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

fn counts_shape(counts: Counts) -> shape::Counts {
    let Counts { created, updated, current, refused, deferred, failed, pending, dropped } = counts;
    shape::Counts { created, updated, current, refused, deferred, failed, pending, dropped }
}

fn dropped_shape(dropped: &Dropped, spec: Option<&SpecFacts>) -> shape::Dropped {
    let Dropped { mirror, spec_line, source, filter, reason } = dropped;
    shape::Dropped {
        mirror: mirror.clone(),
        spec_location: item::location(*spec_line, spec),
        source: source.to_string(),
        filter: filter.clone(),
        reason: reason.clone(),
    }
}

fn registry(registry: &RegistryUse) -> shape::Registry {
    let RegistryUse { host, credential, requests, retries, throttled, rate_limit } = registry;
    shape::Registry {
        host: host.clone(),
        credential: credential.as_ref().map(|CredentialUse { source, user }| shape::Credential {
            source: source.clone(),
            user: user.clone(),
        }),
        requests: *requests,
        retries: *retries,
        throttled: *throttled,
        rate_limit: rate_limit.map(|RateLimit { limit, remaining, window_seconds, reserve }| {
            shape::RateLimit { limit, remaining, window_seconds, reserve }
        }),
    }
}

fn problem(problem: &Problem) -> shape::Problem {
    let Problem { severity, code, message, path, line, column, hint } = problem;
    shape::Problem {
        severity: match severity {
            Severity::Error => shape::Severity::Error,
            Severity::Warning => shape::Severity::Warning,
        },
        code: code.clone(),
        message: message.clone(),
        path: path.clone(),
        line: *line,
        column: *column,
        hint: hint.clone(),
    }
}
