//! A run as JUnit XML, which most CIs show: a test case for each target tag. The one home of
//! `quick-junit`.

use super::escape;
use super::exit::{RunResult, result};
use super::run::{Command, PlanExit, Problem, Run, Severity};
use super::stamp::utc;
use super::verdict::{Judged, Subject, Verdict};
use crate::failure::{Failure, HttpFacts};
use crate::plan::{Drift, TargetEntry};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite, XmlString};
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

/// Most target tags of which each has a case of its own: a case has some 300 bytes, and GitLab takes
/// no file above 30 MB and shows some thousand cases at best. Above, those that are as they should be
/// are one case a rule.
pub const ITEMS_MAX: usize = 5_000;

/// The class of the cases that are about the spec, and the name of their suite.
const SPEC: &str = "spec";

/// The XML of a run.
pub fn render(run: &Run) -> String {
    let mut report = Report::new("crossdock");
    report.set_time(run.duration());
    let mut names = Names::default();
    if !run.problems.is_empty() || run.command == Command::Lint {
        report.add_test_suite(spec_suite(run, &mut names));
    }
    let began = !matches!(run.command, Command::Lint | Command::Explain) && result(run) != RunResult::Invalid;
    if began {
        report.add_test_suite(suite(run, &mut names));
    }
    let text = report.to_string().expect("a String takes everything");
    // The schema that Jenkins's xUnit plug-in checks by knows this of suites, and not of all of them.
    text.replacen(&format!(" skipped=\"{}\"", report.skipped), "", 1)
}

/// What the spec has to say: an error fails, a warning is skipped.
fn spec_suite(run: &Run, names: &mut Names) -> TestSuite {
    let mut suite = TestSuite::new(SPEC);
    describe(&mut suite, run);
    for problem in &run.problems {
        suite.add_test_case(problem_case(problem, names));
    }
    if run.problems.is_empty() {
        suite.add_test_case(case(
            SPEC,
            &names.unique(run.spec_path().unwrap_or(SPEC)),
            TestCaseStatus::success(),
        ));
    }
    suite
}

fn problem_case(problem: &Problem, names: &mut Names) -> TestCase {
    let Problem { severity, code, message, path, line, column, hint } = problem;
    let place = [path.clone(), line.map(|line| line.to_string()), column.map(|column| column.to_string())];
    let place = place.into_iter().flatten().collect::<Vec<_>>().join(":");
    let name = format!("{place} {code}");
    let mut status = match severity {
        Severity::Error => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Severity::Warning => TestCaseStatus::skipped(),
    };
    status.set_type(clean(code)).set_message(clean(message));
    let hint = hint.as_ref().map(|hint| clean(format!("what to do: {hint}")));
    let lines = [Some(clean(message)), hint, Some(format!("code: {}", clean(code)))];
    status.set_description(lines.into_iter().flatten().collect::<Vec<_>>().join("\n"));
    case(SPEC, &names.unique(name.trim_start()), status)
}

/// The target tags.
fn suite(run: &Run, names: &mut Names) -> TestSuite {
    let name = match run.spec_path() {
        Some(path) => format!("crossdock {} {path}", run.command.as_str()),
        None => format!("crossdock {}", run.command.as_str()),
    };
    let mut suite = TestSuite::new(clean(name));
    describe(&mut suite, run);
    let judged: Vec<Judged<'_>> = run.verdicts().collect();
    let fold = judged.len() > ITEMS_MAX;
    let mut folded = BTreeMap::<&str, u64>::new();
    for judged in &judged {
        match (&judged.subject, &judged.verdict) {
            (Subject::Target { entry, .. }, Verdict::Current) if fold => {
                *folded.entry(&entry.mirror).or_default() += 1;
            }
            _ => {
                suite.add_test_case(item_case(run, judged, names));
            }
        }
    }
    for (mirror, count) in folded {
        let name = names.unique(&format!("{mirror}: {count} target tags as they should be"));
        suite.add_test_case(case(mirror, &name, TestCaseStatus::success()));
    }
    suite
}

fn describe(suite: &mut TestSuite, run: &Run) {
    suite.set_time(run.duration());
    suite.extra.insert("timestamp".into(), utc(run.started_at).into());
    suite.add_property(("crossdock.version", clean(&run.tool_version).as_str()));
    if let Some(spec) = &run.spec {
        suite.add_property(("spec.sha256", spec.digest.hex()));
    }
}

fn item_case(run: &Run, Judged { subject, verdict }: &Judged<'_>, names: &mut Names) -> TestCase {
    let (mirror, name, duration_ms) = match subject {
        Subject::Target { entry, target, outcome, .. } => {
            (&entry.mirror, target.reference.to_string(), outcome.map_or(0, |outcome| outcome.duration_ms))
        }
        Subject::Unresolved(unresolved) => {
            let name = unresolved.target.as_ref().unwrap_or(&unresolved.source);
            (&unresolved.mirror, name.to_string(), 0)
        }
    };
    let mut case = case(mirror, &names.unique(&name), status(run, subject, verdict));
    case.set_time(Duration::from_millis(duration_ms));
    case
}

fn status(run: &Run, subject: &Subject<'_>, verdict: &Verdict<'_>) -> TestCaseStatus {
    let failed = || TestCaseStatus::non_success(NonSuccessKind::Failure);
    let (mut status, failure) = match verdict {
        Verdict::Created | Verdict::Updated | Verdict::Current => return TestCaseStatus::success(),
        Verdict::Pending => {
            let mut status = match run.command {
                Command::Check | Command::Verify | Command::Plan { exit: PlanExit::Detailed } => failed(),
                _ => TestCaseStatus::skipped(),
            };
            status.set_type("drift");
            if let Subject::Target { target, .. } = subject {
                status.set_message(drift(target));
            }
            return status;
        }
        Verdict::Refused(failure) | Verdict::Failed(failure) => (failed(), failure),
        Verdict::Deferred(failure) => (TestCaseStatus::skipped(), failure),
    };
    status.set_type(failure.code.as_str()).set_message(clean(&failure.message));
    status.set_description(detail(subject, failure));
    status
}

fn drift(target: &TargetEntry) -> String {
    match &target.drift {
        Drift::Stale { found } => format!("stale: the target tag names {found}"),
        Drift::Incomplete { .. } => format!("incomplete: {} referrers are missing", target.lacks.len()),
        Drift::Absent | Drift::Current { .. } | Drift::Refused { .. } => "absent".to_owned(),
    }
}

/// What went wrong, one fact a line.
fn detail(subject: &Subject<'_>, failure: &Failure) -> String {
    let Failure {
        code,
        side,
        repository,
        operation: _,
        message,
        http,
        credential,
        hint,
        retry_after: _,
        named: _,
        tried: _,
    } = failure;
    let side = side.map_or(String::new(), |side| format!("{side} "));
    let mut lines = vec![clean(format!("{side}{repository}: {message}"))];
    if let Some(http @ HttpFacts { method, url: _, status, registry_code }) = http {
        let status = status.map_or("no answer".to_owned(), |status| status.to_string());
        let code = registry_code.as_deref().unwrap_or_default();
        lines.push(clean(format!("answer: {method} {} gave {status} {code}", http.bare_url()).trim_end()));
    }
    let source = match subject {
        Subject::Target { entry, .. } => &entry.source,
        Subject::Unresolved(unresolved) => &unresolved.source,
    };
    lines.push(clean(format!("source: {source}")));
    for (name, text) in [("credential", credential), ("what to do", hint)] {
        lines.extend(text.as_ref().map(|text| clean(format!("{name}: {text}"))));
    }
    lines.push(format!("code: {}", code.as_str()));
    lines.join("\n")
}

fn case(class: &str, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(clean(name), status);
    case.set_classname(clean(class));
    case
}

/// Foreign text without colours and control characters, in one line.
fn clean(text: impl AsRef<str>) -> String {
    escape::foreign(XmlString::new(text).as_str())
}

/// The names of the cases so far. GitLab drops a case whose name was there before.
#[derive(Debug, Default)]
struct Names(HashSet<String>);

impl Names {
    fn unique(&mut self, name: &str) -> String {
        let name = clean(name);
        let mut unique = name.clone();
        let mut count = 1;
        while !self.0.insert(unique.clone()) {
            count += 1;
            unique = format!("{name} ({count})");
        }
        unique
    }
}

#[cfg(test)]
mod tests;
