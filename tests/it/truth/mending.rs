//! A target that refuses a manifest because it misses what it got, or said that it had.

use super::{APP, about, item, layer_of, lie, refusing};
use crate::bed::images::{Format, Layer, Recipe, one_platform, two_platforms};
use crate::bed::memory::{Behaviour, Canned, Gate, RequestKind, Rule};
use crate::bed::tally;

/// How often a manifest is written before its target is given up: once, once more after a pause, and once
/// after each of three rounds.
const PUTS_MAX: usize = 5;

fn unknown(code: &str, times: u64, path: &str) -> Rule {
    let refusal = Canned::new(if code == "MANIFEST_BLOB_UNKNOWN" { 400 } else { 404 }).error(code, "unknown");
    Rule::on(RequestKind::ManifestPut).path(path).first(times).then(Behaviour::Answer(refusal))
}

#[test]
fn what_a_target_only_says_it_has_is_sent_when_it_refuses_the_manifest() {
    let (pair, image) = refusing();
    let layer = layer_of(&image);
    lie(&pair.target, &layer);
    let (finished, report) = pair.report(&["sync"]);
    finished.expect_code(0);
    assert!(pair.target.complete("app", "1.0"));
    let requests = pair.target.requests();
    assert_eq!(about(&requests, RequestKind::Mount, &layer), 1, "it is believed once");
    assert_eq!(about(&requests, RequestKind::UploadPut, &layer), 1, "{requests}");
    assert_eq!(requests.count(RequestKind::ManifestPut), 3, "{requests}");
    assert_eq!(requests.count(RequestKind::UploadPut), image.blobs.len(), "the others are not sent again");
    assert_eq!((&item(&report, 0)["outcome"], &item(&report, 0)["error"]), (&"created".into(), &().into()));
    tally::count("faults", 1);
}

#[test]
fn what_a_garbage_collection_takes_between_blob_and_manifest_is_brought_again() {
    let (pair, image) = refusing();
    let layer = layer_of(&image);
    let gate = Gate::closed();
    pair.target.rule(Rule::on(RequestKind::ManifestPut).first(1).then(Behaviour::Hold(gate.clone())));
    let running = pair.program.spawn(&["sync"]);
    gate.wait_for(1);
    pair.target.remove_blob(&layer);
    gate.open();
    running.wait().expect_code(0);
    assert!(pair.target.complete("app", "1.0"));
    let requests = pair.target.requests();
    assert_eq!(about(&requests, RequestKind::UploadPut, &layer), 2, "{requests}");
    assert_eq!(requests.count(RequestKind::UploadPut), image.blobs.len() + 1, "{requests}");
    tally::count("faults", 1);
}

#[test]
fn a_registry_that_only_lags_behind_is_waited_for_and_sent_nothing_twice() {
    let (pair, image) = refusing();
    pair.target.rule(unknown("MANIFEST_BLOB_UNKNOWN", 1, "."));
    pair.run(&["sync"]).expect_code(0);
    let requests = pair.target.requests();
    assert_eq!(requests.count(RequestKind::ManifestPut), 2, "{requests}");
    assert_eq!(requests.count(RequestKind::UploadPut), image.blobs.len(), "{requests}");
    assert_eq!(requests.count(RequestKind::BlobHead), 0, "{requests}");
    tally::count("faults", 1);
}

#[test]
fn a_refusal_that_names_nothing_puts_everything_in_doubt() {
    for code in ["BLOB_UNKNOWN", "MANIFEST_UNKNOWN"] {
        let (pair, image) = refusing();
        pair.target.rule(unknown(code, 2, "."));
        pair.run(&["sync"]).expect_code(0);
        let requests = pair.target.requests();
        assert_eq!(
            requests.count(RequestKind::BlobHead),
            image.blobs.len(),
            "they are looked for: {requests}"
        );
        assert_eq!(requests.count(RequestKind::UploadPut), 2 * image.blobs.len(), "{requests}");
        assert!(pair.target.complete("app", "1.0"));
        tally::count("faults", 1);
    }
}

#[test]
fn a_target_that_goes_on_missing_content_has_a_code_of_its_own_and_holds_up_no_other() {
    let (pair, _) = refusing();
    pair.source.seed(&one_platform(2, Format::Oci), "other", &["1.0"]);
    pair.mirrors(&format!("{APP}\n- {{ source: SOURCE/other, target: TARGET/other, tags: [\"1.0\"] }}"));
    pair.target.rule(unknown("MANIFEST_BLOB_UNKNOWN", u64::MAX, "/app/manifests/"));
    let (finished, report) = pair.report(&["sync"]);
    finished.expect_code(3);
    let error = &item(&report, 0)["error"];
    assert_eq!((&error["code"], &error["class"]), (&"content_unknown".into(), &"corrupt".into()));
    assert_eq!(error["http"]["registryCode"], "MANIFEST_BLOB_UNKNOWN");
    assert_eq!(item(&report, 1)["outcome"], "created");
    assert_eq!(about(&pair.target.requests(), RequestKind::ManifestPut, "app/manifests/1.0"), PUTS_MAX);
    assert_eq!(pair.target.tag("app", "1.0"), None);
    tally::count("faults", 1);
}

#[test]
fn a_child_manifest_that_is_missed_is_written_again_before_its_index() {
    let (pair, _) = refusing();
    let image = two_platforms(3, Format::Oci);
    pair.source.seed(&image, "app", &["1.0"]);
    let child = image.children()[0].digest.clone();
    let refusal = Canned::new(404).header("content-type", "application/json").body(&format!(
        r#"{{"errors":[{{"code":"MANIFEST_UNKNOWN","message":"m","detail":{{"digest":"{child}"}}}}]}}"#
    ));
    pair.target.rule(
        Rule::on(RequestKind::ManifestPut).path("manifests/1.0$").first(2).then(Behaviour::Answer(refusal)),
    );
    pair.run(&["sync"]).expect_code(0);
    let requests = pair.target.requests();
    assert_eq!(about(&requests, RequestKind::ManifestPut, &child), 2, "{requests}");
    assert_eq!(requests.count(RequestKind::ManifestPut), image.children().len() + 1 + 3, "{requests}");
    assert_eq!(requests.count(RequestKind::UploadPut), image.blobs.len(), "its blobs are in no doubt");
    let last = requests.of(RequestKind::ManifestPut).last().map(|put| put.path.clone());
    assert_eq!(last.as_deref(), Some("/v2/app/manifests/1.0"), "the tag comes last");
    tally::count("faults", 1);
}

#[test]
fn a_lost_answer_is_no_reason_to_believe_whoever_lied_before() {
    let (pair, _) = refusing();
    let image = Recipe::new(4).layer(Layer::synthetic(4, 2 << 20)).build();
    let layer = layer_of(&image);
    pair.source.seed(&image, "app", &["1.0"]);
    lie(&pair.target, &layer);
    // All bytes arrive, and come to nothing.
    let name = layer.replace(':', "(:|%3A)");
    let rule = Rule::on(RequestKind::UploadPut).path(&name).first(1);
    let failing = pair.target.rule(rule.then(Behaviour::Answer(Canned::new(502))));
    pair.run(&["sync"]).expect_code(0);
    assert!(pair.target.complete("app", "1.0"));
    assert_eq!(failing.acted(), 1);
    let requests = pair.target.requests();
    assert_eq!(about(&requests, RequestKind::BlobHead, &layer), 0, "{requests}");
    tally::count("faults", 1);
}

#[test]
fn a_mount_that_was_a_lie_is_not_tried_a_second_time() {
    let (pair, image) = refusing();
    let layer = layer_of(&image);
    pair.mirrors("- { source: SOURCE/app, target: [TARGET/one, TARGET/two], tags: [\"1.0\"] }");
    // Whichever of the two comes second mounts from the first, and is told that it worked.
    let rule = Rule::on(RequestKind::Mount).path(&format!("{}&from=(one|two)", layer.replace(':', "%3A")));
    let lie = pair.target.rule(rule.nth(2).then(Behaviour::Answer(Canned::new(201))));
    pair.run(&["sync"]).expect_code(0);
    assert!(pair.target.complete("one", "1.0") && pair.target.complete("two", "1.0"));
    let requests = pair.target.requests();
    // Two that find out by mounting from themselves, or from the other.
    assert_eq!(about(&requests, RequestKind::UploadPut, &layer), 1 + lie.acted() as usize, "{requests}");
    assert_eq!(lie.acted(), 1, "{requests}");
    tally::count("faults", 1);
}
