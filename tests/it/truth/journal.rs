//! Reports of runs that do not come to their end.

use super::{APP, item};
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Behaviour, Gate, RequestKind, Rule};
use crate::bed::tally;
use crate::commands::pair::Pair;
use serde_json::Value;
use std::time::{Duration, Instant};

const SYNC: [&str; 3] = ["sync", "--report", "json=report.json"];
const JOURNAL: &str = "report.json.partial";

fn lines(pair: &Pair) -> Vec<Value> {
    pair.program
        .read(JOURNAL)
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is whole"))
        .collect()
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_killed_run_leaves_the_report_before_it_and_a_journal_of_what_it_did() {
    let pair = Pair::new();
    pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    pair.mirrors(APP);
    pair.run(&SYNC).expect_code(0);
    let before = pair.program.read("report.json");
    pair.source.seed(&one_platform(2, Format::Oci), "app", &["1.1"]);
    pair.source.seed(&one_platform(3, Format::Oci), "app", &["1.2"]);
    pair.mirrors("- { source: SOURCE/app, target: TARGET/app, tags: [\"1.1\", \"1.2\"] }");
    let gate = Gate::closed();
    let rule = Rule::on(RequestKind::ManifestPut).path("manifests/1.2$");
    pair.target.rule(rule.then(Behaviour::Hold(gate.clone())));
    let running = pair.program.spawn(&SYNC);
    gate.wait_for(1);
    wait_until("1.1 is noted", || lines(&pair).len() == 2);
    running.signal("KILL");
    assert_eq!(running.wait().signal, Some(9));
    gate.open();
    assert_eq!(pair.program.read("report.json"), before, "the report before is what it was");
    let lines = lines(&pair);
    let types: Vec<&str> = lines.iter().filter_map(|line| line["type"].as_str()).collect();
    assert_eq!(types, ["version", "item"], "what has no summary is no report");
    assert_eq!((&lines[0]["command"], &lines[1]["outcome"]), (&"sync".into(), &"created".into()));
    let told = lines[1]["target"].as_str().expect("a target");
    assert!(told.ends_with("/app:1.1"), "{told}");
    pair.target.clear_rules();
    pair.run(&SYNC).expect_code(0);
    assert_eq!(pair.program.files(), ["work/crossdock.yaml", "work/report.json"], "nothing is left behind");
    assert_eq!(item(&pair.read_report(), 0)["outcome"], "current");
    tally::count("kills survived", 1);
}

#[test]
fn nothing_is_told_as_written_before_the_target_said_so() {
    let pair = Pair::new();
    pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    pair.mirrors(APP);
    let gate = Gate::closed();
    pair.target.rule(Rule::on(RequestKind::ManifestPut).then(Behaviour::Hold(gate.clone())));
    let running = pair.program.spawn(&[&SYNC[..], &["--progress", "json"]].concat());
    gate.wait_for(1);
    // Whoever told it too early would have done so by now.
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(lines(&pair).len(), 1, "only that a run has begun");
    running.signal("KILL");
    let finished = running.wait();
    assert!(!finished.stderr.contains("\"created\""), "{}", finished.stderr);
    assert_eq!(lines(&pair).len(), 1);
    assert!(!pair.program.work().join("report.json").exists());
    gate.open();
    tally::count("kills survived", 1);
}

#[test]
fn a_report_that_cannot_be_written_leaves_the_journal_that_says_what_was_done() {
    let pair = Pair::new();
    pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    pair.mirrors(APP);
    std::fs::create_dir(pair.program.work().join("report.json")).expect("a folder in the way");
    pair.run(&SYNC).expect_code(1);
    assert_eq!(lines(&pair).len(), 2);
    pair.run(&["check", "--report", "json=check.json"]).expect_code(0);
    assert!(!pair.program.work().join("check.json.partial").exists(), "who writes nothing has no journal");
}
