//! Summaries and comments: what they say, that they end in time, and that nothing gets out of its cell.

use super::*;
use crate::failure::Code;
use crate::report::escape::tests::hostile;
use crate::report::sample;
use crate::report::{Command, PlanExit, Severity};
use proptest::prelude::*;

const PLAN: Command = Command::Plan { exit: PlanExit::Plain };

#[test]
fn a_summary_tells_what_went_wrong_before_what_changed() {
    insta::assert_snapshot!(summary(&sample::full_run(Command::Sync), SUMMARY_BYTES_MAX));
}

#[test]
fn a_summary_of_a_plan_tells_what_would_change_and_what_it_costs() {
    let mut run = sample::full_run(PLAN);
    run.cost = Some(crate::plan::Cost { bytes_max: 1_932_735_283, blobs: 12, manifests: 5 });
    insta::assert_snapshot!(summary(&run, SUMMARY_BYTES_MAX));
}

#[test]
fn a_run_that_changed_nothing_has_a_heading_and_a_line() {
    for command in [Command::Sync, Command::Apply, Command::Copy, Command::Check, PLAN] {
        let mut run = sample::run(command);
        run.entries = (0..42).map(sample::current).collect();
        let text = summary(&run, SUMMARY_BYTES_MAX);
        assert_eq!(text.lines().count(), 3, "{text}");
    }
}

#[test]
fn headings_tell_how_it_ended() {
    let detailed = Command::Plan { exit: PlanExit::Detailed };
    let ended: [(Command, &[&str]); 5] = [
        (Command::Sync, &["", "=w", "+=", "+=f", "a", "f", "+!", "+d", "=D", "P", "+I", "+T"]),
        (Command::Check, &["=", "=?", "=u", "?!"]),
        (PLAN, &["=", "=?"]),
        (detailed, &["=?"]),
        (Command::Lint, &["", "w", "PPw"]),
    ];
    let runs =
        ended.iter().flat_map(|(command, all)| all.iter().map(|letters| sample::of(*command, letters)));
    let headings: Vec<String> =
        runs.filter_map(|run| summary(&run, SUMMARY_BYTES_MAX).lines().next().map(str::to_owned)).collect();
    insta::assert_snapshot!(headings.join("\n"));
}

#[test]
fn a_comment_begins_with_its_marker_and_stays_below_its_limit() {
    let mut run = sample::run(Command::Sync);
    run.entries = (0..2_000).map(sample::created).collect();
    run.entries.extend((0..2_000).map(|at| sample::failed(at, Code::Network)));
    let comment = comment(&run);
    assert_eq!(comment.lines().next(), Some("<!-- crossdock:sync:crossdock.yaml -->"));
    assert!(
        comment.len() <= COMMENT_BYTES_MAX && comment.len() > COMMENT_BYTES_MAX - 500,
        "{}",
        comment.len()
    );
    let last = comment.lines().last().unwrap_or_default();
    assert!(last.ends_with(" more rows in the report."), "{last}");
    assert!(comment.contains("### What went wrong"), "failures come first");
}

#[test]
fn a_marker_is_one_comment_whatever_the_path_is() {
    let mut run = sample::run(PLAN);
    for (path, expected) in [
        (".github/crossdock.yaml", "<!-- crossdock:plan:.github/crossdock.yaml -->"),
        ("a--> <b>.yaml", "<!-- crossdock:plan:a-____b_.yaml -->"),
        ("a\n@b", "<!-- crossdock:plan:a__b -->"),
    ] {
        run.spec.as_mut().expect("it has one").path = path.to_owned();
        assert_eq!(marker(&run), expected);
    }
    run.spec = None;
    run.problems = vec![sample::problem(Severity::Error)];
    assert_eq!(marker(&run), "<!-- crossdock:plan:crossdock.yaml -->");
}

proptest! {
    #[test]
    fn foreign_text_stays_in_its_cell(texts in prop::collection::vec(hostile(), 8), limit in 0_usize..4_000) {
        let plain = sample::full_run(Command::Sync);
        let run = sample::with_texts(plain.clone(), &texts);
        let shape = |text: &str| -> Vec<usize> {
            text.lines().map(|line| line.matches('|').count()).filter(|count| *count > 0).collect()
        };
        let text = comment(&run);
        prop_assert_eq!(shape(&text), shape(&comment(&plain)), "{}", text);
        prop_assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
        prop_assert!(!text.contains("##["), "{text}");
        prop_assert!(summary(&run, limit).len() <= limit);
    }
}
