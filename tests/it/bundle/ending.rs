//! When a bundle gets its name, and when it does not.

use super::*;
use crate::bed::memory::Rule;

#[test]
fn a_bundle_that_lacks_what_was_asked_for_gets_no_name() {
    let scene = Scene::with("tags: ['1.1', '9.9'], referrers: none");
    scene.source.seed(&one(), SOURCE, &["1.1"]);
    let finished = scene.create(&[]).expect_code(3);
    assert!(finished.stderr.contains("site.tar is not written"), "{finished:?}");
    assert!(!scene.has("site.tar") && scene.has("site.tar.partial"));
    assert_eq!(scene.report()["result"], "partial");
    // What there is was fetched: the next run needs nothing of it again.
    scene.source.seed(&two(), SOURCE, &["9.9"]);
    scene.source.clear_requests();
    scene.create(&[]).expect_code(0);
    let (had, fetched) = (parts(&one()), scene.fetched());
    assert!(!fetched.is_empty() && fetched.iter().all(|digest| !had.contains(digest)), "{fetched:?}");
    scene.bundle().assert_sound();
    assert_eq!(scene.bundle().blobs(), &parts(&one()) | &parts(&two()));
}

#[test]
fn what_a_policy_forbids_is_left_out_and_told() {
    let scene = Scene::with("tags: ['1.0', '1.1'], referrers: none, max_size: 1MB");
    scene.source.seed(&image(7, &[10, 11, 12, 13, 14, 15, 16, 17]), SOURCE, &["1.0"]);
    scene.source.seed(&one(), SOURCE, &["1.1"]);
    scene.create(&[]).expect_code(6);
    assert_eq!(scene.bundle().blobs(), parts(&one()));
    assert_eq!(scene.bundle().index()["manifests"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_manifest_that_is_gone_costs_its_image_only_and_the_bundle_its_name() {
    let scene = Scene::new();
    let child = two().children()[1].digest.clone();
    scene.source.rule(Rule::on(RequestKind::ManifestGet).path(&child).answer(404));
    scene.create(&[]).expect_code(3);
    assert!(!scene.has("site.tar"));
    let draft = Bundle::read(&scene.bytes("site.tar.partial"));
    draft.assert_sound();
    assert_eq!(draft.blobs(), parts(&one()), "nothing of the broken image has a place");
    let report = scene.report();
    let items = report["items"].as_array().expect("a list");
    let failed: Vec<&Value> = items.iter().filter(|item| item["error"].is_object()).collect();
    assert_eq!(failed.len(), 1, "{report:#}");
    assert_eq!(failed[0]["error"]["code"], "not_found");
}

#[test]
fn a_bundle_that_another_run_writes_is_left_to_it() {
    let scene = Scene::new();
    let gate = crate::bed::memory::Gate::closed();
    scene.source.rule(Rule::on(RequestKind::BlobGet).then(crate::bed::memory::Behaviour::Hold(gate.clone())));
    let first = scene.start(&[]);
    gate.wait_for(1);
    let second = scene.program.run(&["bundle", "create", "-o", "site.tar", "--progress", "none"]);
    assert_eq!(second.code, Some(1), "{second:?}");
    assert!(second.stdout.contains("another run is writing this bundle"), "{second:?}");
    gate.open();
    first.wait().expect_code(0);
    scene.bundle().assert_sound();
}

#[test]
fn a_device_or_a_folder_that_is_not_there_is_refused() {
    let scene = Scene::new();
    for (path, why) in
        [("/dev/null", "it is no file"), ("no/where.tar", "make the folder first"), (".", "it is no file")]
    {
        let finished = scene.program.run(&["bundle", "create", "-o", path, "--progress", "none"]);
        assert_eq!(finished.code, Some(1), "{finished:?}");
        assert!(finished.stdout.contains(why), "{path}: {finished:?}");
    }
    assert_eq!(scene.fetched(), [""; 0]);
    assert!(std::path::Path::new("/dev/null").exists());
}

#[test]
fn a_link_in_the_place_of_a_draft_is_not_followed() {
    for (link, more) in [("site.tar.partial", &[][..]), ("site.tar.002.partial", &["--split", "100kB"])] {
        let scene = Scene::new();
        let precious = scene.program.write("precious", "of somebody");
        std::os::unix::fs::symlink(&precious, scene.program.work().join(link)).expect("a link");
        let finished = scene.create(more);
        assert_eq!(finished.code, Some(1), "{finished:?}");
        assert!(finished.stdout.contains("something that is no file is in its place"), "{finished:?}");
        assert_eq!(scene.program.read("precious"), "of somebody");
    }
}

#[test]
fn a_signal_ends_it_and_the_next_run_goes_on() {
    let scene = Scene::new();
    let gate = crate::bed::memory::Gate::closed();
    scene
        .source
        .rule(Rule::on(RequestKind::BlobGet).nth(3).then(crate::bed::memory::Behaviour::Hold(gate.clone())));
    let running = scene.start(&[]);
    gate.wait_for(1);
    running.signal("TERM");
    running.wait().expect_code(143);
    gate.open();
    assert!(!scene.has("site.tar") && scene.has("site.tar.partial"));
    scene.source.clear_rules();
    scene.create(&[]).expect_code(0);
    scene.bundle().assert_sound();
}
