//! The names that an air gap has elsewhere: export, import of what was exported, and sync in offline mode.

use super::{Scene, assert_signed, version};

#[test]
fn what_was_exported_is_imported_and_synced_offline_without_the_spec_that_chose_it() {
    let scene = Scene::new();
    scene.run(&["export", "--format", "json", "--output", "metadata.json"]).expect_code(0);
    scene.run(&["bundle", "create", "-o", "bundle.tar"]).expect_code(0);
    assert!(scene.target.requests().is_empty(), "the far side is not there: {}", scene.target.requests());
    scene.source.go_down();
    std::fs::remove_file(scene.program.work().join("crossdock.yaml")).expect("there");

    scene.run(&["import", "metadata.json", "-o", "crossdock.yaml"]).expect_code(0);
    let text = scene.program.read("crossdock.yaml");
    assert!(text.contains("/team/tool") && text.contains("stable"), "{text}");
    // How registries are spoken to is for each side to say.
    let registries = format!("registries:\n  {}: {{ plain_http: true }}\nmirrors:", scene.target.host());
    let text = text.replacen("mirrors:", &registries, 1);
    scene.program.write("crossdock.yaml", &text);
    scene.run(&["sync", "--mode", "offline"]).expect_code(0);
    assert_signed(&scene.target, "mirror/app", "1.0");
    assert_eq!(scene.target.tag("mirror/tool", "stable"), Some(version(1).digest()));
    scene.target.clear_requests();
    scene.run(&["sync", "--mode", "offline", "--bundle", "bundle.tar"]).expect_code(0);
    assert!(scene.target.requests().writes().is_empty(), "{}", scene.target.requests());
}

#[test]
fn offline_mode_without_a_bundle_says_which_file_it_looks_for() {
    let scene = Scene::new();
    let told = scene.run(&["sync", "--mode", "offline"]).expect_code(4);
    assert!(told.stderr.contains("there is no file bundle.tar"), "{}", told.stderr);
    let told = scene.run(&["import", "crossdock.yaml"]).expect_code(4);
    assert!(told.stderr.contains("the plan crossdock.yaml cannot be used"), "{}", told.stderr);
    assert!(scene.source.requests().is_empty() && scene.target.requests().is_empty());
}
