//! How a verification ends, and what people and reports are told.

use super::{APP, verified};
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Behaviour, Canned, RequestKind, Rule};
use crate::commands::pair::Pair;
use std::time::Duration;

#[test]
fn people_are_told_in_few_lines() {
    let (pair, image) = Pair::mirrored();
    let arguments = ["verify", "--progress", "none"];
    let whole = pair.transcript(&arguments);
    pair.target.remove_blob(&crate::truth::layer_of(&image));
    let broken = pair.transcript(&arguments);
    pair.target.remove_tag("app", "1.0");
    let absent = pair.transcript(&arguments);
    insta::assert_snapshot!([whole, broken, absent].join("\n\n"));
}

#[test]
fn what_cannot_be_looked_at_is_unknown_and_not_called_damaged() {
    let (pair, _) = Pair::mirrored();
    pair.source.seed(&one_platform(2, Format::Oci), "app", &["2.0"]);
    pair.mirrors("- { source: SOURCE/app, target: TARGET/app, tags: [\"1.0\", \"2.0\"] }");
    pair.run(&["sync"]).expect_code(0);
    pair.forget();
    let refused = Behaviour::Answer(Canned::new(403).error("DENIED", "not for you"));
    pair.target.rule(Rule::on(RequestKind::ManifestGet).path("manifests/2.0$").then(refused));
    let found = verified(&pair, &[], 5);
    assert_eq!((&found["counts"]["same"], &found["counts"]["unknown"]), (&1.into(), &1.into()));
    let unknown = &found["images"][1];
    assert_eq!((&unknown["result"], &unknown["error"]["code"]), (&"unknown".into(), &"denied".into()));
    assert_eq!(unknown["pieces"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_source_that_does_not_answer_leaves_its_images_unknown() {
    let (pair, _) = Pair::mirrored();
    let refused = Behaviour::Answer(Canned::new(404).error("MANIFEST_UNKNOWN", "manifest unknown"));
    pair.source.rule(Rule::on(RequestKind::ManifestHead).then(refused));
    let found = verified(&pair, &[], 1);
    let unknown = &found["images"][0];
    assert_eq!((&unknown["result"], &unknown["error"]["code"]), (&"unknown".into(), &"not_found".into()));
}

#[test]
fn the_deadline_leaves_the_rest_for_later() {
    let (pair, _) = Pair::mirrored();
    pair.target.rule(Rule::on(RequestKind::BlobGet).then(Behaviour::Delay(Duration::from_secs(60))));
    let found = verified(&pair, &["--deadline", "300ms"], 7);
    assert_eq!(found["images"][0]["result"], "unknown");
    assert_eq!(found["images"][0]["error"]["code"], "deadline");
}

#[test]
fn reports_tell_it_as_they_tell_a_check() {
    let (pair, image) = Pair::mirrored();
    let run = |code: i32| {
        let reports = ["--report", "json=report.json", "--report", "junit=junit.xml", "-o", "saved.json"];
        pair.run(&[&["verify"], &reports[..]].concat()).expect_code(code);
        (pair.read_report(), pair.program.read("junit.xml"))
    };
    let (report, junit) = run(0);
    assert_eq!((&report["run"]["command"], &report["result"]), (&"verify".into(), &"ok".into()));
    assert!(junit.contains("crossdock verify"), "{junit}");
    pair.target.remove_blob(&crate::truth::layer_of(&image));
    let (report, junit) = run(1);
    assert_eq!(report["items"][0]["error"]["code"], "damaged");
    assert!(junit.contains("type=\"damaged\""), "{junit}");
    pair.target.remove_tag("app", "1.0");
    let (report, junit) = run(2);
    assert_eq!((&report["result"], &report["items"][0]["drift"]), (&"drift".into(), &"absent".into()));
    assert!(junit.contains("type=\"drift\""), "{junit}");
    let saved: serde_json::Value = serde_json::from_str(&pair.program.read("saved.json")).expect("JSON");
    assert_eq!(saved["run"]["id"], report["run"]["id"]);
    assert_eq!(saved["images"][0]["result"], "missing");
}

#[test]
fn a_result_that_cannot_be_saved_is_a_failure() {
    let (pair, _) = Pair::mirrored();
    let finished = pair.run(&["verify", "-o", "nowhere/saved.json"]).expect_code(1);
    assert!(finished.stderr.contains("nowhere"), "{}", finished.stderr);
}

#[test]
fn rules_that_collide_are_not_compared() {
    let pair = Pair::new();
    pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    pair.source.seed(&one_platform(2, Format::Oci), "other", &["1.0"]);
    let other = APP.replace("SOURCE/app", "SOURCE/other").replace("- {", "- { name: other,");
    // Whether patterns collide shows only when they are resolved.
    pair.mirrors(&format!("{APP}\n{other}").replace("[\"1.0\"]", "\"1.*\""));
    let found = verified(&pair, &[], 6);
    assert_eq!(found["counts"]["unknown"], 2);
    assert_eq!(pair.target.requests().count(RequestKind::ManifestGet), 0);
}
