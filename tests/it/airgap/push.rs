//! Where the images of a bundle go: where it says, below a prefix, or where the rules of a spec say.

use super::{PUSH, Scene, assert_signed, version};
use crate::bed::memory::RequestKind;

#[test]
fn a_bundle_goes_where_it_says_with_its_signatures_and_a_second_push_writes_nothing() {
    let scene = Scene::new();
    scene.create(&[]);
    scene.source.go_down();
    let report = scene.json(&PUSH, 0);
    assert_eq!(report["run"]["command"], "bundle");
    assert_eq!(report["counts"]["created"], 2, "{report:#}");
    assert_signed(&scene.target, "mirror/app", "1.0");
    assert_eq!(scene.target.tag("mirror/tool", "stable"), Some(version(1).digest()));
    assert_eq!(scene.target.missing("mirror/tool", "stable"), [""; 0]);
    scene.target.assert_clean();
    scene.target.clear_requests();
    scene.run(&PUSH).expect_code(0);
    assert!(scene.target.requests().writes().is_empty(), "{}", scene.target.requests());
    assert_eq!(
        scene.target.requests().of(RequestKind::BlobHead).iter().count(),
        0,
        "{}",
        scene.target.requests()
    );
}

#[test]
fn everything_goes_below_a_prefix() {
    let scene = Scene::new();
    scene.create(&["--split", "64KiB"]);
    scene.source.go_down();
    let words = ["bundle", "push", "site.tar.002", "--to", "TARGET/far/away", "--spec", "crossdock.yaml"];
    scene.run(&words).expect_code(0);
    assert_signed(&scene.target, "far/away/team/app", "1.0");
    assert_eq!(scene.target.tag("far/away/team/tool", "v1"), Some(version(1).digest()), "by its own name");
    assert_eq!(scene.target.repositories(), ["far/away/team/app", "far/away/team/tool"]);
}

#[test]
fn the_rules_of_a_spec_take_what_they_name_of_a_bundle_and_no_source_is_asked() {
    let scene = Scene::new();
    scene.create(&[]);
    scene.spec(
        "- { source: SOURCE/team/app, target: TARGET/other, tags: [1.*, 2.*] }\n\
         - { source: SOURCE/team/gone, target: TARGET/gone, tags: [\"1\"] }",
    );
    let words = ["bundle", "push", "site.tar", "--spec", "crossdock.yaml"];
    let report = scene.json(&words, 3);
    assert_signed(&scene.target, "other", "1.0");
    assert_eq!(scene.target.repositories(), ["other"]);
    assert_eq!(report["counts"]["failed"], 1, "what is not in the bundle is told: {report:#}");
    assert!(scene.source.requests().is_empty(), "{}", scene.source.requests());
}

#[test]
fn a_bundle_that_is_pushed_nowhere_or_twice_to_one_place_is_refused_before_anybody_is_asked() {
    let scene = Scene::new();
    scene
        .run(&["bundle", "create", "SOURCE/team/app:1.0", "-o", "one.tar", "--spec", "crossdock.yaml"])
        .expect_code(0);
    let told = scene.run(&["bundle", "push", "one.tar"]).expect_code(4);
    assert!(told.stderr.contains("give --to or --spec"), "{}", told.stderr);
    scene.source.seed(&version(2), "team/app", &["1.0"]);
    scene
        .run(&["bundle", "create", "SOURCE/team/app:1.0", "-o", "two.tar", "--spec", "crossdock.yaml"])
        .expect_code(0);
    let words = ["bundle", "push", "one.tar", "two.tar", "--to", "TARGET/x", "--spec", "crossdock.yaml"];
    let told = scene.run(&words).expect_code(4);
    assert!(told.stderr.contains("push them one after another"), "{}", told.stderr);
    let told = scene.run(&["bundle", "push", "none.tar", "--to", "TARGET/x"]).expect_code(4);
    assert!(told.stderr.contains("there is no file none.tar"), "{}", told.stderr);
    assert!(scene.target.requests().is_empty());
}

#[test]
fn what_is_in_a_bundle_is_listed_for_people_and_for_programs() {
    let scene = Scene::new();
    scene.create(&[]);
    let list = scene.json(&["bundle", "list", "site.tar"], 0);
    let bundle = &list["bundles"][0];
    assert_eq!((list["kind"].as_str(), bundle["parts"].as_u64()), (Some("crossdock.bundle-list"), Some(1)));
    let images = bundle["images"].as_array().expect("images");
    assert_eq!(images.len(), 2);
    let tool = images.iter().find(|image| image["digest"] == version(1).digest()).expect("the tool");
    assert_eq!(tool["source"], format!("{}/team/tool:v1", scene.source.host()));
    assert_eq!(tool["targets"][0], format!("{}/mirror/tool:stable", scene.target.host()));
    let size = version(1).blobs_bytes() + version(1).root().bytes.len() as u64;
    assert_eq!(tool["bytes"], size, "its manifest and its blobs");
    assert_eq!(bundle["referrers"].as_array().map(Vec::len), Some(3));
    let text = scene.run(&["bundle", "list", "site.tar"]).expect_code(0).stdout;
    assert!(text.starts_with("site.tar: 2 images, 3 referrers, "), "{text}");
    assert!(text.contains("/mirror/tool:stable\n"), "{text}");
    let schema: serde_json::Value =
        serde_json::from_str(&scene.run(&["schema", "bundle-list"]).expect_code(0).stdout).expect("JSON");
    assert!(jsonschema::is_valid(&schema, &list));
}
