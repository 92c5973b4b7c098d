//! JUnit: which cases there are, that names are told apart, and that nothing gets out of its place.

use super::*;
use crate::failure::Code;
use crate::report::escape::tests::hostile;
use crate::report::sample;
use proptest::prelude::*;

/// The cases of a report: class, name and status.
fn cases(run: &Run) -> Vec<(String, String, &'static str)> {
    let report = Report::deserialize_from_str(&render(run)).expect("JUnit");
    let cases = report.test_suites.iter().flat_map(|suite| &suite.test_cases);
    let told = |case: &TestCase| {
        let status = match &case.status {
            TestCaseStatus::Success { .. } => "ok",
            TestCaseStatus::NonSuccess { .. } => "failed",
            TestCaseStatus::Skipped { .. } => "skipped",
        };
        (
            case.classname.as_ref().map_or("", |class| class.as_str()).to_owned(),
            case.name.as_str().to_owned(),
            status,
        )
    };
    cases.map(told).collect()
}

fn statuses(command: Command, letters: &str) -> Vec<&'static str> {
    cases(&sample::of(command, letters)).into_iter().map(|(_, _, status)| status).collect()
}

#[test]
fn drift_fails_where_it_fails_the_run_and_is_skipped_elsewhere() {
    let plan = |exit| Command::Plan { exit };
    assert_eq!(statuses(Command::Check, "=?"), ["ok", "failed"]);
    assert_eq!(statuses(plan(PlanExit::Detailed), "=?"), ["ok", "failed"]);
    assert_eq!(statuses(plan(PlanExit::Plain), "=?"), ["ok", "skipped"]);
    assert_eq!(statuses(Command::Sync, "+=!df"), ["ok", "ok", "failed", "skipped", "failed"]);
    assert_eq!(statuses(Command::Sync, "u"), ["failed"]);
}

#[test]
fn problems_of_the_spec_are_a_suite_of_their_own() {
    assert_eq!(statuses(Command::Lint, ""), ["ok"]);
    assert_eq!(statuses(Command::Lint, "w"), ["skipped"]);
    assert_eq!(statuses(Command::Sync, "P"), ["failed"]);
    assert_eq!(statuses(Command::Sync, "w+"), ["skipped", "ok"]);
}

#[test]
fn cases_that_would_have_one_name_are_told_apart() {
    let mut run = sample::of(Command::Sync, "++");
    run.entries[1] = run.entries[0].clone();
    run.unresolved = vec![sample::unresolved(7, Code::NotFound), sample::unresolved(7, Code::NotFound)];
    let names: Vec<String> = cases(&run).into_iter().map(|(_, name, _)| name).collect();
    assert_eq!(
        names,
        [
            "localhost:5000/alpine:3.0",
            "localhost:5000/alpine:3.0 (2)",
            "docker.io/library/alpine:3.7",
            "docker.io/library/alpine:3.7 (2)",
        ]
    );
}

#[test]
fn what_is_unchanged_is_folded_when_there_is_much_of_it() {
    let mut run = sample::of(Command::Sync, "+f");
    run.entries.extend((2..ITEMS_MAX).map(sample::current));
    assert_eq!(cases(&run).len(), ITEMS_MAX);
    run.entries.push(sample::current(ITEMS_MAX));
    let folded = format!("alpine: {} target tags as they should be", ITEMS_MAX - 1);
    let cases = cases(&run);
    assert_eq!(cases.len(), 3);
    assert_eq!(cases[2], ("alpine".to_owned(), folded, "ok"));
}

#[test]
fn colours_and_control_characters_are_taken_out() {
    let mut run = sample::of(Command::Sync, "u");
    run.unresolved[0].failure.message = "\u{1b}[31mred\u{1b}[0m\u{0}\u{8} and\nmore\u{202e} ]]>".to_owned();
    let text = render(&run);
    assert!(text.contains("message=\"red and\\nmore\\u{202e} ]]&gt;\""), "{text}");
}

proptest! {
    #[test]
    fn foreign_text_makes_no_case_and_no_control_character(texts in prop::collection::vec(hostile(), 8)) {
        let plain = sample::full_run(Command::Sync);
        let run = sample::with_texts(plain.clone(), &texts);
        let text = render(&run);
        prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
        prop_assert!(!text.contains("##[") && !text.lines().any(|line| line.trim_start().starts_with("::")));
        let statuses = |run: &Run| cases(run).into_iter().map(|(_, _, status)| status).collect::<Vec<_>>();
        prop_assert_eq!(statuses(&run), statuses(&plain));
    }
}
