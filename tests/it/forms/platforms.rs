//! Some platforms of an index: a new index that lists them, or the one manifest in its place.

use super::{Scene, attested, part};
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::RequestKind;

const TWO: &str = "platforms: [linux/amd64, linux/arm64]";

#[test]
fn a_new_index_lists_what_is_mirrored_and_the_attestations_of_that() {
    let scene = Scene::new(attested(), TWO);
    let planned = scene.planned();
    let item = scene.sync();
    assert_eq!(scene.tag(), Some(planned.clone()), "the plan foretold the digest");
    let kept: Vec<String> = [0, 1, 3, 4].map(|at| scene.image.children()[at].digest.clone()).to_vec();
    let written = scene.written();
    let listed = written["manifests"].as_array().expect("a list").iter();
    assert_eq!(listed.map(|entry| entry["digest"].as_str().unwrap_or("")).collect::<Vec<_>>(), kept);
    assert!(scene.target.complete("mirror/app", "1.0"));
    for child in scene.image.children() {
        let there = scene.target.manifest("mirror/app", &child.digest).is_some();
        assert_eq!(there, kept.contains(&child.digest), "{:?}", child.platform);
    }
    assert_eq!(item["digestPreserved"], false);
    assert_eq!(item["source"]["digest"], scene.image.digest());
    assert_eq!(item["target"]["digestAfter"], planned);
    assert_eq!(item["platforms"], serde_json::json!(["linux/amd64", "linux/arm64"]));
    assert_eq!(scene.source.requests().count(RequestKind::ManifestGet), 5, "the index and what it keeps");
    scene.assert_settled(1);
}

#[test]
fn an_index_of_which_nothing_is_left_out_keeps_its_digest() {
    let scene = Scene::new(attested(), "platforms: [linux/amd64, linux/arm64, windows/amd64]");
    let item = scene.sync();
    assert_eq!(scene.tag(), Some(scene.image.digest()));
    assert_eq!((&item["digestPreserved"], &item["platforms"]), (&true.into(), &serde_json::Value::Null));
    scene.assert_settled(1);
}

#[test]
fn one_manifest_takes_the_place_of_the_index() {
    let scene = Scene::new(attested(), "platforms: linux/arm64\nindex: single");
    let planned = scene.planned();
    let item = scene.sync();
    assert_eq!(scene.tag(), Some(planned));
    assert_eq!(scene.tag(), Some(scene.image.children()[1].digest.clone()));
    assert_eq!(item["digestPreserved"], false);
    let puts = scene.target.requests().count(RequestKind::ManifestPut);
    assert_eq!(puts, 1, "no index and no attestation");
    scene.assert_settled(2);
}

#[test]
fn an_index_without_any_of_the_platforms_is_refused_with_what_there_is() {
    let scene = Scene::new(attested(), "platforms: [linux/s390x]");
    let (finished, report) = scene.run(&["sync"]);
    finished.expect_code(6);
    let error = &report["items"][0]["error"];
    assert_eq!(error["code"], "refused");
    let message = error["message"].as_str().expect("a text");
    assert!(message.contains("linux/amd64, linux/arm64, windows/amd64"), "{message}");
    assert!(scene.target.requests().writes().is_empty());
}

#[test]
fn an_image_without_an_index_is_taken_where_its_config_names_the_platform() {
    let scene = Scene::new(one_platform(1, Format::Docker), "platforms: [linux/amd64]");
    let item = scene.sync();
    assert_eq!(scene.tag(), Some(scene.image.digest()));
    assert_eq!(item["digestPreserved"], true);
    scene.assert_settled(1);
    let other = Scene::new(part("linux/s390x", 5, Format::Oci), "platforms: [linux/amd64]");
    let (finished, report) = other.run(&["sync"]);
    finished.expect_code(6);
    assert_eq!(report["items"][0]["error"]["code"], "refused");
    assert!(other.target.requests().writes().is_empty());
    assert_eq!(other.source.requests().count(RequestKind::BlobGet), 1, "its config and nothing else");
}

#[test]
fn a_saved_plan_makes_what_it_foretold_and_refuses_what_moved() {
    let scene = Scene::new(attested(), TWO);
    let planned = scene.planned();
    let (finished, _) = scene.run(&["apply", "plan.json"]);
    finished.expect_code(0);
    assert_eq!(scene.tag(), Some(planned));
    let (again, _) = scene.run(&["apply", "plan.json"]);
    again.expect_code(0);
    assert!(scene.target.requests().writes().is_empty());
    let moved = Scene::new(attested(), TWO);
    moved.planned();
    moved.source.seed(&one_platform(9, Format::Oci), "app", &["1.0"]);
    let (finished, report) = moved.run(&["apply", "plan.json"]);
    finished.expect_code(6);
    assert_eq!(report["items"][0]["error"]["code"], "source_moved");
    assert!(moved.target.requests().writes().is_empty());
}

#[test]
fn an_immutable_tag_that_is_absent_is_looked_for_once_and_one_that_is_there_is_done() {
    let scene = Scene::new(attested(), &format!("{TWO}\nimmutable: \"*\""));
    scene.sync();
    assert!(scene.target.complete("mirror/app", "1.0"));
    // Once before it is made, and once more just before it is written.
    assert_eq!(scene.target.requests().count(RequestKind::ManifestHead), 2, "{}", scene.target.requests());
    let item = scene.sync();
    assert_eq!(item["outcome"], "current");
    assert!(scene.source.requests().is_empty(), "{}", scene.source.requests());
}

#[test]
fn a_check_tells_drift_from_what_is_made() {
    let scene = Scene::new(attested(), TWO);
    let (before, _) = scene.run(&["check"]);
    before.expect_code(2);
    scene.sync();
    let (after, _) = scene.run(&["check"]);
    after.expect_code(0);
    scene.target.seed(&scene.image, "mirror/app", &["1.0"]);
    let (whole, report) = scene.run(&["check"]);
    whole.expect_code(2);
    assert_eq!(report["items"][0]["drift"], "stale", "the whole image is another one");
}
