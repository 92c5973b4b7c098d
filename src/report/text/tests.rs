//! The texts of runs, as a user sees them, and that foreign text cannot get out of its place.

use super::*;
use crate::failure::Code;
use crate::report::escape::tests::hostile;
use crate::report::run::Settled;
use crate::report::{PlanExit, sample};
use proptest::prelude::*;

const FILES: &[&str] = &["report.json"];

#[test]
fn the_end_of_a_run_tells_what_changed_and_what_went_wrong() {
    let run = sample::full_run(Command::Sync);
    insta::assert_snapshot!(render(&run, FILES, Detail::Changes, Colour::Never));
}

#[test]
fn the_end_of_a_check_tells_the_drift() {
    let run = sample::full_run(Command::Check);
    insta::assert_snapshot!(render(&run, &[], Detail::Changes, Colour::Never));
}

#[test]
fn a_run_that_changes_nothing_has_three_lines() {
    for command in [Command::Sync, Command::Apply, Command::Copy, Command::Check] {
        let mut run = sample::run(command);
        run.entries = (0..42).map(sample::current).collect();
        for files in [&[][..], FILES] {
            let text = render(&run, files, Detail::Changes, Colour::Never);
            assert_eq!(text.lines().count(), 3, "{text}");
        }
    }
    let mut run = sample::run(Command::Sync);
    run.entries = (0..42).map(sample::current).collect();
    insta::assert_snapshot!(render(&run, FILES, Detail::Changes, Colour::Never));
}

#[test]
fn many_tags_with_one_cause_are_one_failure() {
    let mut run = sample::run(Command::Sync);
    run.entries = (0..25).map(|at| sample::failed(at, Code::Network)).collect();
    let text = render(&run, FILES, Detail::Changes, Colour::Never);
    assert_eq!(
        text.matches("failed: target localhost:5000/alpine: it went wrong [network]").count(),
        1,
        "{text}"
    );
    assert!(text.contains("… and 5 more"), "{text}");
    let all = render(&run, FILES, Detail::All, Colour::Never);
    assert!(!all.contains("more") && all.contains(":3.24"), "{all}");
}

#[test]
fn a_run_that_was_stopped_says_so() {
    let mut run = sample::run(Command::Sync);
    run.entries = vec![sample::created(1), sample::pending(2)];
    run.cancelled = Some(Signal::Terminate);
    insta::assert_snapshot!(render(&run, FILES, Detail::Changes, Colour::Never));
}

/// Puts `text` into everything that a registry or a file of somebody else can say.
fn poisoned(text: &str, command: Command) -> Run {
    let mut run = sample::full_run(command);
    let poison = |failure: &mut crate::failure::Failure| {
        failure.message = text.to_owned();
        failure.credential = Some(text.to_owned());
        failure.hint = Some(text.to_owned());
        let http = failure.http.get_or_insert_with(|| crate::failure::HttpFacts {
            method: String::new(),
            url: String::new(),
            status: None,
            registry_code: None,
        });
        http.method = text.to_owned();
        http.url = text.to_owned();
        http.registry_code = Some(text.to_owned());
    };
    for Settled { entry, outcomes, .. } in &mut run.entries {
        entry.mirror = text.to_owned();
        for outcome in outcomes.iter_mut().flatten() {
            use crate::outcome::Done;
            if let Done::Failed(failure) | Done::Refused(failure) | Done::Deferred(failure) =
                &mut outcome.result
            {
                poison(failure);
            }
        }
    }
    for unresolved in &mut run.unresolved {
        unresolved.mirror = text.to_owned();
        poison(&mut unresolved.failure);
    }
    run
}

/// Takes our own colours away; whatever control characters are left are not ours.
fn without_colours(text: &str) -> String {
    ["0", "1", "2", "31", "32", "33"]
        .iter()
        .fold(text.to_owned(), |text, code| text.replace(&format!("\u{1b}[{code}m"), ""))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn foreign_text_stays_in_its_place(text in hostile(), detail in prop_oneof![Just(Detail::All), Just(Detail::Changes)]) {
        let commands = [Command::Sync, Command::Check, Command::Plan { exit: PlanExit::Plain }];
        for command in commands {
            let run = poisoned(&text, command);
            let clean = render(&sample::full_run(command), &["x"], detail, Colour::Never);
            for colour in [Colour::Always, Colour::Never] {
                let shown = without_colours(&render(&run, &[&text], detail, colour));
                prop_assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
                prop_assert!(!shown.contains("##[") && !shown.contains("##vso["), "{shown}");
                prop_assert!(shown.lines().all(|line| !line.trim_start().starts_with("::")), "{shown}");
                prop_assert!(shown.lines().count() <= clean.lines().count() + 6, "{shown}");
            }
        }
    }
}
