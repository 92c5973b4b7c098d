//! `crossdock apply`: a saved plan to the letter, and what happens when the world moved on.

use super::pair::Pair;
use crate::bed::images::{Format, one_platform, two_platforms};

/// A pair with a saved plan that creates `app:1.0`, `app:1.1` and `app:1.2`.
fn planned() -> Pair {
    let pair = Pair::new();
    for (seed, tag) in [(1, "1.0"), (2, "1.1"), (3, "1.2")] {
        pair.source.seed(&one_platform(seed, Format::Oci), "app", &[tag]);
    }
    pair.mirrors("- source: SOURCE/app\n  target: TARGET/app\n  tags: \"1.*\"");
    pair.run(&["plan", "-o", "plan.json"]).expect_code(0);
    pair
}

const APPLY: [&str; 4] = ["apply", "plan.json", "--progress", "none"];

#[test]
fn a_plan_that_is_still_right_is_carried_out() {
    let pair = planned();
    insta::assert_snapshot!(pair.transcript(&APPLY));
    assert!(["1.0", "1.1", "1.2"].iter().all(|tag| pair.target.complete("app", tag)));
    pair.forget();
    let again = pair.run(&APPLY).expect_code(0);
    assert!(again.stdout.contains("0 created, 0 updated, 3 current"), "{}", again.stdout);
    assert!(pair.target.requests().writes().is_empty(), "carried out twice, it writes once");
}

#[test]
fn tags_that_moved_are_reported_and_not_touched_and_the_rest_is_done() {
    let pair = planned();
    pair.source.seed(&two_platforms(7, Format::Oci), "app", &["1.0"]);
    let foreign = two_platforms(8, Format::Oci);
    pair.target.seed(&foreign, "app", &["1.1"]);
    insta::assert_snapshot!(pair.transcript(&APPLY));
    assert_eq!(pair.target.tag("app", "1.0"), None);
    assert_eq!(pair.target.tag("app", "1.1"), Some(foreign.digest()));
    assert!(pair.target.complete("app", "1.2"));
    let (finished, report) = pair.report(&APPLY);
    finished.expect_code(6);
    let codes: Vec<&str> = report["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter_map(|i| i["error"]["code"].as_str())
        .collect();
    assert_eq!(codes, ["source_moved", "target_moved"]);
}

#[test]
fn a_source_tag_that_is_gone_is_a_plan_gone_stale() {
    let pair = planned();
    pair.source.remove_tag("app", "1.0");
    let finished = pair.run(&APPLY).expect_code(6);
    assert!(finished.stdout.contains("has moved or gone since the plan was made"), "{}", finished.stdout);
    assert_eq!(pair.target.tags("app").into_keys().collect::<Vec<_>>(), ["1.1", "1.2"]);
}

#[test]
fn a_target_that_became_what_was_planned_is_current() {
    let pair = planned();
    pair.target.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    let finished = pair.run(&APPLY).expect_code(0);
    assert!(finished.stdout.contains("2 created, 0 updated, 1 current"), "{}", finished.stdout);
}

#[test]
fn a_changed_spec_makes_the_plan_void() {
    let pair = planned();
    pair.forget();
    pair.mirrors("- source: SOURCE/app\n  target: TARGET/other\n  tags: \"1.*\"");
    insta::assert_snapshot!(pair.transcript(&APPLY));
    assert!(pair.source.requests().is_empty() && pair.target.requests().is_empty());
    let (finished, report) = pair.report(&APPLY);
    finished.expect_code(6);
    assert_eq!(report["result"], "refused");
}

#[test]
fn a_spec_that_is_gone_is_asked_for() {
    let pair = planned();
    std::fs::rename(pair.program.work().join("crossdock.yaml"), pair.program.work().join("moved.yaml"))
        .expect("the folder is ours");
    insta::assert_snapshot!(pair.transcript(&APPLY));
    pair.run(&["apply", "plan.json", "--spec", "moved.yaml"]).expect_code(0);
}

#[test]
fn a_file_that_is_no_plan_is_refused_clearly() {
    let pair = planned();
    let good = pair.program.read("plan.json");
    let mut told = String::new();
    for (name, text) in [
        ("cut.json", &good[..good.len() / 2]),
        ("digest.json", &good.replace("sha256:", "sha256:zz")),
        ("other.json", "{\"kind\": \"crossdock.report\"}"),
        ("newer.json", &good.replace("\"schemaVersion\": \"1.2\"", "\"schemaVersion\": \"2.0\"")),
        ("empty.json", ""),
    ] {
        pair.program.write(name, text);
        pair.forget();
        told.push_str(&pair.transcript(&["apply", name]));
        told.push_str("\n\n");
        assert!(pair.source.requests().is_empty() && pair.target.requests().is_empty());
        assert_eq!(pair.run(&["apply", name]).code, Some(4), "{name}");
    }
    told.push_str(&pair.transcript(&["apply", "missing.json"]));
    insta::assert_snapshot!(told);
}

#[test]
fn a_plan_of_some_rules_is_applied_without_the_others() {
    let pair = planned();
    pair.mirrors(
        "
- { name: one, source: SOURCE/app, target: TARGET/one, tags: [\"1.0\"] }
- { name: two, source: SOURCE/app, target: TARGET/two, tags: [\"1.0\"] }
",
    );
    pair.run(&["plan", "--only", "two", "-o", "plan.json"]).expect_code(0);
    pair.run(&APPLY).expect_code(0);
    assert_eq!(pair.target.repositories(), ["two"]);
}
