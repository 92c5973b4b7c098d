//! Deltas: what the far side has stays behind, and has to be there.

use super::{PUSH, Scene, version};
use crate::bed::memory::RequestKind;

/// A target that has the first version, and a delta to the second.
fn delta() -> Scene {
    let scene = Scene::new();
    scene.spec("- { source: SOURCE/team/tool, target: TARGET/mirror/tool, tags: [v1] }");
    scene.run(&["sync"]).expect_code(0);
    scene
        .run(&["inventory", "TARGET/mirror/tool", "-o", "inventory.json", "--spec", "crossdock.yaml"])
        .expect_code(0);
    scene.target.clear_requests();
    scene.source.seed(&version(2), "team/tool", &["v2"]);
    scene.spec("- { source: SOURCE/team/tool, target: TARGET/mirror/tool, tags: [v*] }");
    scene.create(&["--against", "inventory.json"]);
    scene.source.go_down();
    scene
}

#[test]
fn a_delta_brings_what_is_new_and_nothing_else() {
    let scene = delta();
    let list = scene.json(&["bundle", "list", "site.tar"], 0);
    let left = list["bundles"][0]["leftOut"].as_array().expect("a list");
    assert_eq!(left.len(), 3, "both layers and the config of the first: {list:#}");
    scene.run(&PUSH).expect_code(0);
    assert_eq!(scene.target.tag("mirror/tool", "v2"), Some(version(2).digest()));
    assert_eq!(scene.target.missing("mirror/tool", "v2"), [""; 0]);
    let brought = scene.target.requests().of(RequestKind::UploadPut).iter().count();
    assert_eq!(brought, 2, "the layer and the config of the second: {}", scene.target.requests());
    scene.target.assert_clean();
}

#[test]
fn a_delta_without_its_base_is_refused_with_all_that_is_missing_and_writes_nothing() {
    let scene = delta();
    scene.target.go_down();
    let other = crate::bed::memory::Registry::start();
    scene.program.write("crossdock.yaml", &format!(
        "version: 1\nregistries:\n  {0}: {{ plain_http: true }}\nmirrors:\n  - {{ source: {1}/team/tool, target: \
         {0}/mirror/tool, tags: [v*] }}\n", other.host(), scene.source.host()));
    let words = ["bundle", "push", "site.tar", "--spec", "crossdock.yaml"];
    let report = scene.json(&words, 6);
    assert_eq!(report["counts"]["refused"], 2, "{report:#}");
    let told = scene.run(&words).expect_code(6).stderr;
    let left = scene.json(&["bundle", "list", "site.tar"], 0)["bundles"][0]["leftOut"].clone();
    for blob in left.as_array().expect("a list") {
        let digest = blob["digest"].as_str().expect("a digest");
        assert!(told.contains(&format!("{}/mirror/tool lacks {digest}", other.host())), "{told}");
        assert!(report.to_string().contains(digest), "{report:#}");
    }
    assert!(other.requests().writes().is_empty(), "{}", other.requests());
    assert!(other.repositories().is_empty());
}

#[test]
fn what_lies_in_another_repository_of_the_target_is_mounted() {
    let scene = delta();
    let words = ["bundle", "push", "site.tar", "--to", "TARGET/elsewhere", "--spec", "crossdock.yaml"];
    scene.run(&words).expect_code(0);
    assert_eq!(scene.target.missing("elsewhere/team/tool", "v1"), [""; 0]);
    assert_eq!(scene.target.missing("elsewhere/team/tool", "v2"), [""; 0]);
    let requests = scene.target.requests();
    let from = |request: &&crate::bed::memory::Request| request.query("from") == Some("mirror/tool");
    let mounts = requests.iter().filter(from).count();
    assert_eq!(mounts, 3, "{}", requests);
}

#[test]
fn a_base_and_its_delta_go_together() {
    let scene = delta();
    scene.source.come_up();
    scene.spec("- { source: SOURCE/team/tool, target: TARGET/mirror/tool, tags: [v1] }");
    scene.run(&["bundle", "create", "-o", "base.tar"]).expect_code(0);
    scene.source.go_down();
    let words = ["bundle", "push", "site.tar", "base.tar", "--to", "oci:out//all"];
    scene.run(&words).expect_code(0);
    let index = scene.program.read("out/index.json");
    assert!(index.contains(&version(1).digest()) && index.contains(&version(2).digest()), "{index}");
}
