//! `--verify`: what became of tags between the moment when they were written and the end of the run.

use super::item;
use crate::bed::images::{Format, one_platform, two_platforms};
use crate::bed::memory::{Behaviour, Gate, RequestKind, Rule};
use crate::bed::program::Finished;
use crate::bed::tally;
use crate::commands::pair::Pair;
use serde_json::Value;
use std::time::{Duration, Instant};

/// Runs a sync of two tags: while the second one is written, `meddle` does something to the first.
fn meddled(arguments: &[&str], meddle: impl FnOnce(&Pair)) -> (Pair, Finished, Value) {
    let pair = Pair::new();
    pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    pair.source.seed(&one_platform(2, Format::Oci), "app", &["1.1"]);
    pair.mirrors("- { source: SOURCE/app, target: TARGET/app, tags: [\"1.0\", \"1.1\"] }");
    let gate = Gate::closed();
    let rule = Rule::on(RequestKind::ManifestPut).path("manifests/1.1$");
    pair.target.rule(rule.then(Behaviour::Hold(gate.clone())));
    let running = pair.program.spawn(&[arguments, &["--report", "json=report.json"]].concat());
    gate.wait_for(1);
    let started = Instant::now();
    while pair.target.tag("app", "1.0").is_none() {
        assert!(started.elapsed() < Duration::from_secs(30), "{}", pair.target.requests());
        std::thread::sleep(Duration::from_millis(2));
    }
    meddle(&pair);
    gate.open();
    let finished = running.wait();
    let report = pair.read_report();
    (pair, finished, report)
}

#[test]
fn a_tag_that_somebody_moved_after_it_was_written_is_told() {
    let theirs = two_platforms(9, Format::Oci);
    let meddle = |pair: &Pair| pair.target.seed(&theirs, "app", &["1.0"]);
    let (pair, finished, report) = meddled(&["sync", "--verify"], meddle);
    let finished = finished.expect_code(6);
    assert!(finished.stdout.contains("[moved_under_us]"), "{}", finished.stdout);
    let moved = item(&report, 0);
    assert_eq!((&moved["outcome"], &moved["error"]["code"]), (&"refused".into(), &"moved_under_us".into()));
    assert_eq!(moved["target"]["digestAfter"], theirs.digest());
    assert_eq!(item(&report, 1)["outcome"], "created");
    assert_eq!(pair.target.tag("app", "1.0"), Some(theirs.digest()), "it is told, and not fought over");
    assert_eq!(pair.target.requests().count(RequestKind::ManifestHead), 2 + 2, "one more for each tag");
    tally::count("faults", 1);
    let (_, finished, report) = meddled(&["sync", "--verify"], |pair| pair.target.remove_tag("app", "1.0"));
    finished.expect_code(6);
    assert_eq!(item(&report, 0)["error"]["code"], "moved_under_us", "gone is moved as well");
    tally::count("faults", 1);
}

#[test]
fn nobody_pays_for_a_last_look_that_was_not_asked_for() {
    let theirs = two_platforms(9, Format::Oci);
    let (pair, finished, _) = meddled(&["sync"], |pair| pair.target.seed(&theirs, "app", &["1.0"]));
    finished.expect_code(0);
    assert_eq!(pair.target.requests().count(RequestKind::ManifestHead), 2);
    assert_eq!(pair.source.requests().count(RequestKind::ManifestHead), 2);
}

#[test]
fn a_source_tag_that_moves_during_the_run_is_told_and_what_it_named_before_is_copied() {
    let (before, after) = (one_platform(1, Format::Oci), two_platforms(7, Format::Oci));
    let meddle = |pair: &Pair| pair.source.seed(&after, "app", &["1.0"]);
    let (pair, finished, report) = meddled(&["sync", "--verify"], meddle);
    let finished = finished.expect_code(0);
    assert!(finished.stderr.contains("moved during the run"), "{}", finished.stderr);
    let source = &item(&report, 0)["source"];
    assert_eq!(
        (&source["digest"], &source["digestAfter"]),
        (&before.digest().into(), &after.digest().into())
    );
    assert_eq!(pair.target.tag("app", "1.0"), Some(before.digest()));
    assert!(pair.target.complete("app", "1.0"));
    let other = &item(&report, 1)["source"];
    assert_eq!(other["digest"], other["digestAfter"]);
    tally::count("faults", 1);
}
