//! An index that stays as it is and lists manifests that are not there.

use super::{Scene, attested};
use crate::bed::memory::{Children, Options, RequestKind};

const KEYS: &str = "platforms: [linux/arm64]\nindex: sparse";

#[test]
fn the_index_keeps_its_bytes_and_only_some_of_it_is_mirrored() {
    let scene = Scene::towards(Options::new().children(Children::Unchecked), attested(), KEYS);
    let item = scene.sync();
    assert_eq!(scene.tag(), Some(scene.image.digest()));
    assert_eq!(item["digestPreserved"], true);
    assert_eq!(item["platforms"], serde_json::json!(["linux/arm64"]));
    for (at, child) in scene.image.children().iter().enumerate() {
        let there = scene.target.manifest("mirror/app", &child.digest).is_some();
        assert_eq!(there, at == 1 || at == 4, "{at}");
    }
    assert_eq!(scene.target.requests().count(RequestKind::ManifestPut), 3);
    scene.assert_settled(1);
}

#[test]
fn a_registry_that_wants_all_of_an_index_refuses_it_clearly() {
    let scene = Scene::towards(Options::new().children(Children::Refused), attested(), KEYS);
    let (finished, report) = scene.run(&["sync"]);
    finished.expect_code(1);
    let error = &report["items"][0]["error"];
    let hint = error["hint"].as_str().unwrap_or("");
    assert!(hint.contains("`index: rewrite`"), "{error}");
    assert_eq!(scene.tag(), None);
}
