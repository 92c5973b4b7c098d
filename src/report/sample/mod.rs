//! Runs with one of everything, for tests.

mod four;

pub(crate) use four::four;

use super::run::{Command, CredentialUse, Problem, RateLimit, RegistryUse, Run, Settled, Severity, Signal};
use crate::failure::{Code, Failure, HttpFacts, Operation, Side};
use crate::outcome::{Done, Outcome, Tally};
use crate::plan::{Drift, Entry, Unresolved, sample};
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};

/// A run of `command` that found nothing.
pub(crate) fn run(command: Command) -> Run {
    let started_at = OffsetDateTime::from_unix_timestamp(1_772_323_200).expect("a time");
    Run {
        tool_version: "0.1.0".to_owned(),
        id: "b8d3f0c2a1e45f67".to_owned(),
        command,
        started_at,
        finished_at: started_at + Duration::milliseconds(12_345),
        cancelled: None,
        deadline_hit: false,
        ci: Some("github".to_owned()),
        spec: Some(sample::spec()),
        entries: Vec::new(),
        unresolved: Vec::new(),
        dropped: Vec::new(),
        registries: Vec::new(),
        requests: BTreeMap::new(),
        problems: Vec::new(),
        cost: None,
    }
}

/// A run of `command` with one of everything.
pub(crate) fn full_run(command: Command) -> Run {
    let plan = sample::plan();
    let tally = Tally { referrers_copied: 2, manifests_put: 3, ..Tally::default() };
    let digest_after = Some(sample::digest("ghcr.io/acme/worker:2"));
    let signed = Outcome { tally, digest_after, ..outcome(Done::Updated) };
    let done = [
        vec![Some(outcome(Done::Created))],
        vec![None],
        vec![None],
        vec![Some(outcome(Done::Failed(Box::new(no_push())))), Some(outcome(Done::Updated))],
        vec![Some(outcome(Done::Created))],
        vec![None],
        vec![None],
        vec![Some(signed)],
    ];
    let settled = plan.entries().iter().cloned().zip(done).map(|(entry, outcomes)| match command.writes() {
        true => Settled::new(entry, outcomes),
        false => Settled::pending(entry),
    });
    let mut run = run(command);
    run.entries = settled.collect();
    if command.writes() {
        run.entries.push(deferred(7));
    }
    run.unresolved = plan.unresolved().to_vec();
    run.dropped = plan.dropped().to_vec();
    run.requests =
        BTreeMap::from([(Operation::ManifestHead, 41), (Operation::BlobPut, 7), (Operation::Token, 2)]);
    run.registries = registries();
    run.problems = vec![problem(Severity::Warning)];
    run
}

fn registries() -> Vec<RegistryUse> {
    vec![
        RegistryUse {
            host: "localhost:5000".to_owned(),
            credential: None,
            requests: 30,
            retries: 1,
            throttled: 0,
            rate_limit: None,
        },
        RegistryUse {
            host: "docker.io".to_owned(),
            credential: Some(CredentialUse {
                source: "docker config".to_owned(),
                user: Some("bob".to_owned()),
            }),
            requests: 20,
            retries: 0,
            throttled: 2,
            rate_limit: Some(RateLimit {
                limit: 200,
                remaining: 187,
                window_seconds: Some(21_600),
                reserve: 20,
            }),
        },
    ]
}

fn no_push() -> Failure {
    let mut failure = Failure::new(
        Code::Denied,
        "localhost:5000/mirror/grafana",
        Operation::ManifestPut,
        "the credential may not push here",
    );
    failure.http = Some(HttpFacts {
        method: "PUT".to_owned(),
        url: "https://localhost:5000/v2/mirror/grafana/manifests/10.4.1".to_owned(),
        status: Some(403),
        registry_code: Some("DENIED".to_owned()),
    });
    failure.credential = Some("user ci, from the spec".to_owned());
    *failure.on(Side::Target).hint("give the account the right to push to mirror/grafana")
}

/// An outcome in which something moved, unless nothing was to be done.
pub(crate) fn outcome(result: Done) -> Outcome {
    let moved = Tally {
        repaired: 0,
        referrers_copied: 0,
        blobs_copied: 3,
        blobs_mounted: 1,
        blobs_present: 2,
        manifests_put: 3,
        bytes_copied: 12_582_912,
        bytes_mounted: 314_572_800,
        bytes_present: 1_024,
    };
    let digest = sample::digest("new");
    match result {
        Done::Created | Done::Updated => {
            Outcome { result, digest_after: Some(digest), tally: moved, attempts: 1, duration_ms: 2_210 }
        }
        Done::Current => Outcome {
            result,
            digest_after: Some(digest),
            tally: Tally::default(),
            attempts: 0,
            duration_ms: 0,
        },
        Done::Refused(_) | Done::Deferred(_) | Done::Failed(_) => {
            let tally = Tally { bytes_copied: 1_048_576, blobs_copied: 1, ..Tally::default() };
            Outcome { result, digest_after: None, tally, attempts: 3, duration_ms: 900 }
        }
    }
}

fn entry(at: usize, drift: Drift) -> Entry {
    let (source, target) =
        (format!("docker.io/library/alpine:3.{at}"), format!("localhost:5000/alpine:3.{at}"));
    sample::entry("alpine", 8, &source, &[(&target, drift)])
}

fn settled(at: usize, drift: Drift, outcome: Option<Outcome>) -> Settled {
    Settled::new(entry(at, drift), vec![outcome])
}

fn failure(code: Code) -> Box<Failure> {
    Failure::new(code, "localhost:5000/alpine", Operation::BlobPut, "it went wrong").on(Side::Target)
}

pub(crate) fn created(at: usize) -> Settled {
    settled(at, Drift::Absent, Some(outcome(Done::Created)))
}

pub(crate) fn current(at: usize) -> Settled {
    settled(at, Drift::Current { found: Some(sample::digest("new")) }, None)
}

pub(crate) fn pending(at: usize) -> Settled {
    settled(at, Drift::Absent, None)
}

pub(crate) fn refused(at: usize) -> Settled {
    settled(at, Drift::Absent, Some(outcome(Done::Refused(failure(Code::TargetMoved)))))
}

pub(crate) fn deferred(at: usize) -> Settled {
    settled(at, Drift::Absent, Some(outcome(Done::Deferred(failure(Code::Deadline)))))
}

pub(crate) fn failed(at: usize, code: Code) -> Settled {
    settled(at, Drift::Absent, Some(outcome(Done::Failed(failure(code)))))
}

pub(crate) fn unresolved(at: usize, code: Code) -> Unresolved {
    let Entry { mirror, spec_line, source, .. } = entry(at, Drift::Absent);
    Unresolved { mirror, spec_line, source, target: None, failure: *failure(code) }
}

pub(crate) fn problem(severity: Severity) -> Problem {
    Problem {
        severity,
        code: "per-without-newest".to_owned(),
        message: "`newest` without `semver` sorts by name".to_owned(),
        path: Some("crossdock.yaml".to_owned()),
        line: Some(17),
        column: Some(7),
        hint: Some("add `semver: \"*\"`".to_owned()),
    }
}

/// A run of `command` with one target tag for each letter.
pub(crate) fn of(command: Command, letters: &str) -> Run {
    let mut run = run(command);
    for (at, letter) in letters.chars().enumerate() {
        let mut add = |settled| run.entries.push(settled);
        match letter {
            '+' => add(created(at)),
            '=' => add(current(at)),
            '?' => add(pending(at)),
            '!' => add(refused(at)),
            'd' => add(deferred(at)),
            'f' => add(failed(at, Code::Network)),
            'a' => add(failed(at, Code::Unauthenticated)),
            'u' => run.unresolved.push(unresolved(at, Code::NotFound)),
            'A' => run.unresolved.push(unresolved(at, Code::CredentialUnavailable)),
            'S' => run.unresolved.push(unresolved(at, Code::SourceMoved)),
            'I' => run.cancelled = Some(Signal::Interrupt),
            'T' => run.cancelled = Some(Signal::Terminate),
            'D' => run.deadline_hit = true,
            'P' => run.problems.push(problem(Severity::Error)),
            'w' => run.problems.push(problem(Severity::Warning)),
            other => panic!("{other} means nothing"),
        }
    }
    run
}

/// The run with `texts` wherever foreign text may stand; repeated when there are too few.
pub(crate) fn with_texts(mut run: Run, texts: &[String]) -> Run {
    let mut texts = texts.iter().cycle().cloned();
    let mut next = || texts.next().unwrap_or_default();
    let mut spoil = |failure: &mut Failure| {
        (failure.message, failure.repository) = (next(), next());
        (failure.hint, failure.credential) = (Some(next()), Some(next()));
        if let Some(http) = &mut failure.http {
            (http.url, http.registry_code) = (next(), Some(next()));
        }
    };
    for settled in &mut run.entries {
        for outcome in settled.outcomes.iter_mut().flatten() {
            if let Done::Refused(failure) | Done::Deferred(failure) | Done::Failed(failure) =
                &mut outcome.result
            {
                spoil(failure);
            }
        }
    }
    for unresolved in &mut run.unresolved {
        spoil(&mut unresolved.failure);
    }
    for registry in &mut run.registries {
        registry.credential = Some(CredentialUse { source: next(), user: Some(next()) });
    }
    for problem in &mut run.problems {
        (problem.message, problem.code) = (next(), next());
        (problem.path, problem.hint) = (Some(next()), Some(next()));
    }
    if let Some(spec) = &mut run.spec {
        spec.path = next();
    }
    run.tool_version = next();
    run
}

/// The run with `url` wherever a registry was asked and something went wrong.
pub(crate) fn with_urls(mut run: Run, url: &str) -> Run {
    let mut failures: Vec<&mut Failure> =
        run.unresolved.iter_mut().map(|unresolved| &mut unresolved.failure).collect();
    for outcome in run.entries.iter_mut().flat_map(|settled| settled.outcomes.iter_mut().flatten()) {
        if let Done::Refused(failure) | Done::Deferred(failure) | Done::Failed(failure) = &mut outcome.result
        {
            failures.push(failure);
        }
    }
    let http = failures.into_iter().filter_map(|failure| failure.http.as_mut());
    http.for_each(|http| http.url = url.to_owned());
    run
}
