//! `check --deep` and `sync --repair`: what HEAD hides is found, told and mended.

use super::{about, item, layer_of, lie};
use crate::bed::images::{Format, Layer, Recipe, index, two_platforms};
use crate::bed::memory::{Behaviour, Canned, RequestKind, Rule};
use crate::bed::tally;
use crate::commands::pair::Pair;
use std::fs;

#[test]
fn a_deep_check_fetches_each_manifest_and_one_byte_of_each_blob_once_and_writes_nothing() {
    let pair = Pair::new();
    let base = Layer::files(7, 500);
    let child = |seed: u64| Recipe::new(seed).layer(base.clone()).layer(Layer::files(seed, 400)).build();
    let shared = child(1);
    pair.source.seed(&index(Format::Oci, &[shared.clone(), child(2)]), "app", &["1.0"]);
    pair.source.seed(&index(Format::Oci, &[shared, child(3)]), "app", &["1.1", "1.2"]);
    pair.mirrors("- { source: SOURCE/app, target: TARGET/app, tags: [\"1.0\", \"1.1\", \"1.2\"] }");
    pair.run(&["sync"]).expect_code(0);
    pair.forget();
    pair.run(&["check", "--deep"]).expect_code(0);
    let requests = pair.target.requests();
    assert!(requests.writes().is_empty(), "{requests}");
    // The base, and for each child its config and its own layer.
    let blobs = 1 + 3 * 2;
    assert_eq!(requests.count(RequestKind::BlobHead), blobs, "{requests}");
    assert_eq!(requests.count(RequestKind::BlobGet), blobs, "{requests}");
    // Each tag, and each child once.
    assert_eq!(requests.count(RequestKind::ManifestGet), 3 + 3, "{requests}");
    let gets = requests.of(RequestKind::BlobGet);
    assert!(gets.iter().all(|get| get.header("range") == Some("bytes=0-0")), "{gets}");
    assert_eq!(gets.sent_bytes(), blobs as u64);
    assert!(pair.source.requests().of(RequestKind::BlobGet).is_empty());
}

#[test]
fn a_blob_that_head_shows_and_nobody_can_fetch_is_found_and_sent_again() {
    let (pair, image) = Pair::mirrored();
    let layer = layer_of(&image);
    pair.target.remove_blob(&layer);
    lie(&pair.target, &layer);
    pair.run(&["check"]).expect_code(0);
    let (finished, report) = pair.report(&["check", "--deep"]);
    let finished = finished.expect_code(1);
    let error = &item(&report, 0)["error"];
    assert_eq!((&item(&report, 0)["outcome"], &error["code"]), (&"failed".into(), &"damaged".into()));
    assert!(
        error["message"].as_str().is_some_and(|why| why.contains(&layer) && why.contains("404")),
        "{error}"
    );
    assert!(finished.stdout.contains(&layer), "{}", finished.stdout);
    assert!(pair.target.requests().writes().is_empty());
    pair.forget();
    let (finished, report) = pair.report(&["sync", "--repair"]);
    assert!(finished.expect_code(0).stdout.contains("1 repaired"));
    let item = item(&report, 0);
    assert_eq!((&item["outcome"], &item["repaired"]), (&"updated".into(), &1.into()));
    assert_eq!(item["target"]["digestBefore"], item["target"]["digestAfter"]);
    assert!(pair.target.complete("app", "1.0"));
    let requests = pair.target.requests();
    assert_eq!(requests.count(RequestKind::UploadPut), 1, "{requests}");
    assert_eq!(about(&requests, RequestKind::Mount, &layer), 0, "its word is not asked for");
    assert_eq!(about(&requests, RequestKind::ManifestPut, "manifests/1.0"), 0, "the tag is as it was");
    assert_eq!(pair.source.requests().count(RequestKind::BlobGet), 1);
    pair.run(&["check", "--deep"]).expect_code(0);
    tally::count("faults", 2);
}

#[test]
fn people_are_told_what_is_broken_and_what_was_sent_again() {
    let (pair, image) = Pair::mirrored();
    let layer = layer_of(&image);
    pair.target.remove_blob(&layer);
    lie(&pair.target, &layer);
    let told = [["check", "--deep"], ["sync", "--repair"], ["check", "--deep"]];
    let told = told.map(|arguments| pair.transcript(&[&arguments[..], &["--progress", "none"]].concat()));
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn what_several_tags_lack_is_sent_once() {
    let pair = Pair::new();
    let base = Layer::files(7, 5000);
    for seed in 1..=5_u64 {
        let image = Recipe::new(seed).layer(base.clone()).layer(Layer::files(seed, 100)).build();
        pair.source.seed(&image, "app", &[&format!("1.{seed}")]);
    }
    pair.mirrors("- { source: SOURCE/app, target: TARGET/app, tags: \"1.*\" }");
    pair.run(&["sync"]).expect_code(0);
    let digest = base.blob.digest;
    pair.target.remove_blob(&digest);
    lie(&pair.target, &digest);
    pair.forget();
    let (finished, report) = pair.report(&["sync", "--repair"]);
    finished.expect_code(0);
    assert_eq!(report["counts"]["updated"], 5);
    let requests = pair.target.requests();
    assert_eq!(requests.count(RequestKind::UploadPut), 1, "{requests}");
    assert!((1..=5).all(|seed| pair.target.complete("app", &format!("1.{seed}"))));
    tally::count("faults", 1);
}

#[test]
fn a_manifest_whose_bytes_are_wrong_is_found_below_any_tag_and_written_again() {
    let (pair, image) = Pair::mirrored();
    let child = image.children()[1].digest.clone();
    // As often as one look asks for it.
    let wrong = || Rule::on(RequestKind::ManifestGet).path(&child).first(3).then(Behaviour::WrongBytes);
    pair.target.rule(wrong());
    let (finished, report) = pair.report(&["check", "--deep"]);
    finished.expect_code(1);
    let error = &item(&report, 0)["error"];
    assert!(
        error["message"].as_str().is_some_and(|why| why.contains(&format!("manifest {child}"))),
        "{error}"
    );
    pair.forget();
    pair.target.rule(wrong());
    let (finished, report) = pair.report(&["sync", "--repair"]);
    finished.expect_code(0);
    assert_eq!(item(&report, 0)["repaired"], 1);
    let requests = pair.target.requests();
    assert_eq!(about(&requests, RequestKind::ManifestPut, &child), 1, "{requests}");
    assert_eq!(requests.count(RequestKind::UploadPut), 0, "{requests}");
    tally::count("faults", 2);
}

#[test]
fn a_root_that_head_shows_and_nobody_can_fetch_is_written_again_under_its_tag() {
    let (pair, image) = Pair::mirrored();
    let gone = Behaviour::Answer(Canned::new(404).error("MANIFEST_UNKNOWN", "manifest unknown"));
    pair.target.rule(Rule::on(RequestKind::ManifestGet).path("manifests/1.0$").first(1).then(gone));
    let (finished, report) = pair.report(&["sync", "--repair"]);
    finished.expect_code(0);
    assert_eq!((&item(&report, 0)["outcome"], &item(&report, 0)["repaired"]), (&"updated".into(), &1.into()));
    let requests = pair.target.requests();
    assert_eq!(about(&requests, RequestKind::ManifestPut, "manifests/1.0"), 1, "{requests}");
    assert_eq!(pair.target.tag("app", "1.0"), Some(image.digest()));
    tally::count("faults", 1);
}

#[test]
fn what_stays_broken_is_told_after_three_rounds() {
    let (pair, image) = Pair::mirrored();
    let layer = layer_of(&image);
    let gone = Behaviour::Answer(Canned::new(404).error("BLOB_UNKNOWN", "blob unknown"));
    pair.target.rule(Rule::on(RequestKind::BlobGet).path(&layer).then(gone));
    let (finished, report) = pair.report(&["sync", "--repair"]);
    finished.expect_code(1);
    assert_eq!(item(&report, 0)["error"]["code"], "damaged");
    let requests = pair.target.requests();
    assert_eq!(about(&requests, RequestKind::UploadPut, &layer), 3, "{requests}");
    assert_eq!(about(&requests, RequestKind::BlobGet, &layer), 4, "{requests}");
    tally::count("faults", 1);
}

#[test]
fn what_cannot_be_looked_at_is_not_called_broken() {
    let (pair, image) = Pair::mirrored();
    let refused = Behaviour::Answer(Canned::new(403).error("DENIED", "not for you"));
    pair.target.rule(Rule::on(RequestKind::BlobGet).path(&layer_of(&image)).then(refused));
    let (finished, report) = pair.report(&["sync", "--repair"]);
    finished.expect_code(5);
    assert_eq!(item(&report, 0)["error"]["code"], "denied");
    assert!(pair.target.requests().writes().is_empty(), "{}", pair.target.requests());
    tally::count("faults", 1);
}

#[test]
fn a_blob_in_a_layout_is_hashed_and_replaced() {
    let pair = Pair::new();
    let image = two_platforms(1, Format::Oci);
    pair.source.seed(&image, "app", &["1.0"]);
    pair.mirrors("- { source: SOURCE/app, target: \"oci:images\", tags: [\"1.0\"] }");
    pair.run(&["sync"]).expect_code(0);
    pair.run(&["check", "--deep"]).expect_code(0);
    let layer = layer_of(&image);
    let file = pair.program.work().join("images/blobs/sha256").join(layer.trim_start_matches("sha256:"));
    let good = fs::read(&file).expect("the blob is there");
    let mut bad = good.clone();
    *bad.last_mut().expect("it has bytes") ^= 1;
    fs::write(&file, &bad).expect("it can be written");
    pair.run(&["check"]).expect_code(0);
    let (finished, report) = pair.report(&["check", "--deep"]);
    finished.expect_code(1);
    let error = &item(&report, 0)["error"];
    assert!(error["message"].as_str().is_some_and(|why| why.contains(&layer)), "{error}");
    let (finished, report) = pair.report(&["sync", "--repair"]);
    finished.expect_code(0);
    assert_eq!(item(&report, 0)["repaired"], 1);
    assert_eq!(fs::read(&file).expect("there"), good);
    pair.run(&["check", "--deep"]).expect_code(0);
    tally::count("faults", 2);
}
