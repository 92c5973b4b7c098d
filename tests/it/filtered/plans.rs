//! Plans and explanations of what filters decided.

use super::{APP, mirrored, scripted, tally};
use crate::bed::images::{Format, one_platform, two_platforms};
use crate::commands::pair::Pair;

const CONFIG: &str = "{ needs: [platforms], decisions: { '1.0': { drop: superseded }, '1.1': { drop: superseded }, \
     '1.2': { drop: null }, latest: { rename: [':stable', 'm/app/edge:now'] } } }";

fn pair() -> Pair {
    let pair = Pair::new();
    for (seed, tag) in [(1, "1.0"), (2, "1.1"), (3, "1.2"), (4, "2.0")] {
        pair.source.seed(&one_platform(seed, Format::Oci), "app", &[tag]);
    }
    pair.source.seed(&two_platforms(5, Format::Oci), "app", &["latest", "2.1"]);
    scripted(&pair, CONFIG, &APP.replace(" }", ", tags: { exclude: '2.1' } }"));
    pair
}

#[test]
fn a_plan_shows_what_is_dropped_and_what_it_cost_to_know() {
    let pair = pair();
    insta::assert_snapshot!(pair.transcript(&["plan"]));
    let finished = pair.run(&["plan", "-v"]).expect_code(0);
    insta::assert_snapshot!(pair.normal().of(&finished.stdout));
    assert!(finished.stderr.contains("the filter decided filter=\"scripted\""), "{}", finished.stderr);
}

#[test]
fn a_saved_plan_tells_of_its_filters() {
    let pair = pair();
    pair.run(&["plan", "-o", "plan.json"]).expect_code(0);
    let plan: serde_json::Value = serde_json::from_str(&pair.program.read("plan.json")).expect("JSON");
    assert_eq!(plan["filterRequests"], serde_json::json!({ "heads": 5, "manifests": 5, "configs": 4 }));
    let dropped = plan["dropped"].as_array().expect("a list");
    let reasons: Vec<_> = dropped.iter().map(|dropped| &dropped["reason"]).collect();
    assert_eq!(reasons, ["superseded".into(), "superseded".into(), serde_json::Value::Null].each_ref());
    assert_eq!(plan["spec"]["filters"][0]["name"], "scripted");
    pair.forget();
    let (finished, report) = pair.report(&["apply", "plan.json"]);
    finished.expect_code(0);
    assert_eq!(mirrored(&pair), ["m/app:2.0", "m/app:stable", "m/app/edge:now"]);
    assert_eq!(report["counts"]["dropped"], 3);
}

#[test]
fn a_plan_of_another_filter_is_void() {
    let pair = pair();
    pair.run(&["plan", "-o", "plan.json"]).expect_code(0);
    pair.forget();
    let path = pair.program.work().join("scripted.wasm");
    // A section without a meaning makes another component of it.
    let mut bytes = std::fs::read(&path).expect("it is there");
    bytes.extend([0, 2, 1, b'x']);
    std::fs::write(&path, bytes).expect("it is ours");
    insta::assert_snapshot!(pair.transcript(&["apply", "plan.json"]));
    assert!(pair.source.requests().is_empty() && pair.target.requests().is_empty());
    std::fs::remove_file(&path).expect("it is ours");
    pair.run(&["apply", "plan.json"]).expect_code(4);
}

#[test]
fn explain_tells_what_the_filter_did() {
    let pair = pair();
    insta::assert_snapshot!(pair.transcript(&["explain"]));
    assert_eq!(tally(&pair.source), "TagList 1, ManifestHead 5, ManifestGet 5, BlobGet 4");
    insta::assert_snapshot!(pair.transcript(&["explain", "latest", "--format", "json"]));
}

#[test]
fn a_check_tells_what_is_dropped_only_when_asked() {
    let pair = pair();
    pair.run(&["sync"]).expect_code(0);
    let finished = pair.run(&["check"]).expect_code(0);
    assert_eq!(finished.stdout.lines().count(), 3, "{}", finished.stdout);
    let finished = pair.run(&["check", "-v"]).expect_code(0);
    assert!(finished.stdout.contains("dropped by the filter scripted: superseded"), "{}", finished.stdout);
}
