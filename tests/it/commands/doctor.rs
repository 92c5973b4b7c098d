//! `crossdock doctor`: what can be had, what cannot, and that nothing stays of it.

use super::pair::Pair;
use crate::bed::distribution::Distribution;
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Behaviour, Canned, RequestKind, Rule};
use crate::bed::program::Program;
use serde_json::Value;

const RULES: &str = "
- { name: one, source: SOURCE/app, target: TARGET/one, tags: ['1'] }
- { name: two, source: SOURCE/other, target: [TARGET/two, 'oci:offline'] }
";

fn pair() -> Pair {
    let pair = Pair::new();
    pair.source.seed(&one_platform(1, Format::Oci), "app", &["1"]);
    pair.source.seed(&one_platform(2, Format::Oci), "other", &["1"]);
    pair.mirrors(RULES);
    pair
}

#[test]
fn what_can_be_had_is_told_and_nothing_stays_of_trying_it() {
    let pair = pair();
    let (finished, report) = pair.report(&["doctor"]);
    insta::assert_snapshot!(pair.shown(&finished.expect_code(0), &["doctor"]));
    let count = |kind| (pair.source.requests().count(kind), pair.target.requests().count(kind));
    assert_eq!(count(RequestKind::ManifestHead), (1, 0));
    assert_eq!(count(RequestKind::TagList), (1, 0));
    assert_eq!(count(RequestKind::UploadStart), (0, 2));
    assert_eq!(count(RequestKind::UploadDelete), (0, 2));
    assert_eq!((pair.target.open_uploads(), pair.target.blobs()), (0, Vec::<String>::new()));
    assert!(!pair.program.work().join("offline").exists(), "a directory is not made to try it");
    assert_eq!((&report["items"], &report["result"]), (&serde_json::json!([]), &"ok".into()));
}

#[test]
fn what_cannot_be_had_is_told_with_the_rule_that_needs_it() {
    let pair = pair();
    pair.mirrors(&format!(
        "{RULES}- {{ name: lost, source: SOURCE/lost, target: TARGET/lost, tags: ['1'] }}"
    ));
    let denied = Canned::new(403).error("DENIED", "no push for you");
    pair.target.rule(Rule::on(RequestKind::UploadStart).path("/two/").then(Behaviour::Answer(denied)));
    let (finished, report) = pair.report(&["doctor"]);
    insta::assert_snapshot!(pair.shown(&finished.expect_code(1), &["doctor"]));
    let items = report["items"].as_array().expect("a list");
    let failed = |item: &Value| format!("{} {}", item["mirror"], item["error"]["code"]);
    assert_eq!(items.iter().map(failed).collect::<Vec<_>>(), [r#""two" "denied""#, r#""lost" "not_found""#]);
}

#[test]
fn where_only_rights_are_missing_it_ends_with_5() {
    let pair = pair();
    pair.source.rule(Rule::any().path("/v2/").answer(403));
    pair.run(&["doctor", "--only", "one"]).expect_code(5);
    assert_eq!(pair.target.open_uploads(), 0);
}

#[test]
fn a_quota_and_a_clock_that_differs_are_told() {
    let pair = pair();
    let head = Canned::new(404)
        .header("date", "Tue, 01 Jan 2030 00:00:00 GMT")
        .header("ratelimit-limit", "100;w=21600")
        .header("ratelimit-remaining", "7;w=21600");
    pair.source.rule(Rule::on(RequestKind::ManifestHead).then(Behaviour::Answer(head)));
    let finished = pair.run(&["doctor", "--only", "one"]).expect_code(1);
    assert!(finished.stdout.contains("limit       100;w=21600, left 7;w=21600"), "{}", finished.stdout);
    assert!(finished.stdout.contains(" s ahead of ours"), "{}", finished.stdout);
    let json = pair.run(&["doctor", "--only", "one", "--format", "json"]).stdout;
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let source = json["registries"].as_array().expect("a list").iter().find(|one| one["limit"].is_string());
    assert!(source.expect("the source")["clockAheadSeconds"].as_i64() > Some(1_000_000), "{json:#}");
    assert_eq!(json["repositories"][0]["need"], "pull");
    assert_eq!(json["repositories"][0]["code"], "not_found");
}

#[test]
fn docker_registry_is_left_as_it_was() {
    let (target, program) = (Distribution::plain(), Program::new());
    let host = target.host();
    program.write(
        "crossdock.yaml",
        &format!(
            "version: 1\nregistries:\n  {host}: {{ plain_http: true }}\nmirrors:\n\
             - {{ source: {host}/none, target: {host}/app, tags: [\"1\"] }}\n"
        ),
    );
    program.run(&["doctor"]).expect_code(1);
    let requests = target.requests();
    let served: Vec<_> = requests.iter().map(|one| (one.method.as_str(), one.status)).collect();
    assert!(served.contains(&("POST", 202)) && served.contains(&("DELETE", 204)), "{served:?}");
    assert!(served.contains(&("HEAD", 404)), "{served:?}");
}
