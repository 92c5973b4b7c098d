//! Filters that fail, and what they want to know that cannot be known.

use super::{APP, guest, mirrored, scripted, tally};
use crate::bed::images::{Format, one_platform, two_platforms};
use crate::bed::memory::{Behaviour, Call, Moment, RequestKind, Rule};
use crate::commands::pair::Pair;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long a run may go on after a signal before the test fails: far below what the filter takes.
const END_MAX: Duration = Duration::from_secs(30);

/// Two repositories, of which one has a filter.
const RULES: &str = "- { name: app, source: SOURCE/app, target: TARGET/m/app, filter: scripted }
- { name: other, source: SOURCE/other, target: TARGET/m/other }";

fn pair() -> Pair {
    let pair = Pair::new();
    pair.source.seed(&two_platforms(1, Format::Oci), "app", &["1.0"]);
    pair.source.seed(&one_platform(2, Format::Oci), "app", &["1.1"]);
    pair.source.seed(&one_platform(3, Format::Oci), "other", &["2.0"]);
    pair
}

#[test]
fn a_filter_that_fails_fails_its_repository_and_no_other() {
    let pair = pair();
    let log = "log: [[warn, \"look\\n::error::here\"], [info, quiet]]";
    scripted(&pair, &format!("{{ fail: 'cannot say', {log} }}"), RULES);
    insta::assert_snapshot!(pair.transcript(&["sync", "--progress", "none"]));
    assert_eq!(mirrored(&pair), ["m/other:2.0"]);
    let (finished, report) = pair.report(&["sync"]);
    finished.expect_code(3);
    let error = &report["items"][1]["error"];
    assert_eq!((error["code"].as_str(), error["class"].as_str()), (Some("filter"), Some("other")));
    scripted(&pair, "{ fail: 'cannot say' }", APP);
    pair.run(&["plan"]).expect_code(1);
}

#[test]
fn a_filter_that_refuses_its_configuration_is_a_problem_of_the_spec() {
    let pair = pair();
    scripted(&pair, "{ prepare_fail: 'keep_months is missing' }", RULES);
    insta::assert_snapshot!(pair.transcript(&["sync"]));
    let (finished, report) = pair.report(&["plan"]);
    finished.expect_code(4);
    assert_eq!(
        (report["result"].as_str(), report["problems"][0]["line"].as_u64()),
        (Some("invalid"), Some(6))
    );
    assert!(pair.source.requests().is_empty() && pair.target.requests().is_empty());
}

#[test]
fn a_filter_of_rules_that_are_left_out_is_not_loaded() {
    let pair = pair();
    scripted(&pair, "{}", RULES);
    std::fs::remove_file(pair.program.work().join("scripted.wasm")).expect("it is ours");
    let (finished, report) = pair.report(&["sync", "--only", "other"]);
    finished.expect_code(0);
    assert_eq!(report["spec"]["filters"], serde_json::json!([]));
    pair.run(&["sync"]).expect_code(4);
}

#[test]
fn a_filter_that_cannot_be_fetched_is_a_failure_of_the_rules_that_have_it() {
    let pair = pair();
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    scripted(&pair, "{}", RULES);
    let text = pair.program.read("crossdock.yaml");
    let remote = format!("wasm: 'oci://{}/filters/f@sha256:{digest}'", pair.source.host());
    pair.program.write("crossdock.yaml", &text.replace("wasm: scripted.wasm", &remote));
    pair.source.rule(Rule::on(RequestKind::ManifestGet).answer(403));
    let (finished, report) = pair.report(&["sync"]);
    finished.expect_code(5);
    assert_eq!(report["items"].as_array().map(Vec::len), Some(1));
    assert!(pair.target.requests().is_empty());
}

#[test]
fn a_fact_that_cannot_be_had_fails_the_repository() {
    for (config, kind) in [
        ("{ needs: [digest] }", RequestKind::ManifestHead),
        ("{ needs: [annotations] }", RequestKind::ManifestGet),
        ("{ needs: [config] }", RequestKind::BlobGet),
    ] {
        let pair = pair();
        scripted(&pair, config, APP);
        pair.source.rule(Rule::on(kind).answer(403));
        let (finished, report) = pair.report(&["plan"]);
        finished.expect_code(5);
        assert_eq!(report["items"].as_array().map(Vec::len), Some(1), "{config}");
        assert_eq!(tally(&pair.target), "", "{config}");
    }
}

#[test]
fn a_listed_tag_that_names_nothing_is_lost_and_the_others_are_judged() {
    let pair = pair();
    scripted(&pair, "{ needs: [digest], decisions: { '1.0': { rename: [':first'] } } }", APP);
    pair.source.rule(Rule::on(RequestKind::ManifestHead).path("manifests/1.1").answer(404));
    let finished = pair.run(&["sync"]).expect_code(3);
    assert!(finished.stdout.contains("there is no such tag"), "{}", finished.stdout);
    assert_eq!(mirrored(&pair), ["m/app:first"]);
}

#[test]
fn a_signal_does_not_wait_for_a_filter_that_runs() {
    let pair = pair();
    let tags: Vec<String> = (0..50).map(|number| format!("3.{number}")).collect();
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    pair.source.seed(&one_platform(4, Format::Oci), "app", &tags);
    std::fs::copy(guest("hostile"), pair.program.work().join("hostile.wasm")).expect("it can be copied");
    let text = "version: 1
registries: { 'SOURCE': { plain_http: true }, 'TARGET': { plain_http: true } }
filters:
  endless: { wasm: hostile.wasm, config: { deed: loop }, limits: { fuel_per_image: 1000000000 } }
mirrors:
  - { name: other, source: SOURCE/other, target: TARGET/m/other }
  - { name: app, source: SOURCE/app, target: TARGET/m/app, filter: endless }
";
    pair.program.write("crossdock.yaml", &pair.placed(text));
    let (reached, arrived) = mpsc::channel();
    let call = Call::new(move || reached.send(()).unwrap_or_default());
    pair.target.rule(Rule::on(RequestKind::ManifestPut).then(Behaviour::Call(Moment::Committed, call)));
    let mut running = pair.program.spawn(&["sync", "--report", "json=report.json"]);
    // The other rule is done: the filter of this one has been running for a while.
    arrived.recv_timeout(END_MAX).expect("the other image is copied");
    running.signal("INT");
    let started = Instant::now();
    while !running.has_ended() {
        assert!(started.elapsed() < END_MAX, "the program did not end within {END_MAX:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
    running.wait().expect_code(130);
    let report = pair.read_report();
    let items: Vec<_> =
        report["items"].as_array().expect("items").iter().map(|item| &item["mirror"]).collect();
    assert_eq!(items, ["other"], "nothing is known of what the filter would have said");
}
