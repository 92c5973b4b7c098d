//! Going on with what an earlier run left: what is whole is not fetched again, wherever it lies, and what is
//! not is found.

use super::*;
use crate::bed::memory::Rule;

/// A run in which one blob cannot be had; returns the digest of that.
fn interrupted(scene: &Scene) -> String {
    let missing = two().children()[0].document()["layers"][1]["digest"].as_str().expect("text").to_owned();
    scene.source.rule(Rule::on(RequestKind::BlobGet).path(&missing).answer(404));
    let finished = scene.create(&[]);
    assert_eq!(finished.code, Some(3), "{finished:?}");
    assert!(!scene.has("site.tar"));
    scene.source.clear_rules();
    scene.source.clear_requests();
    missing
}

#[test]
fn only_what_is_missing_is_fetched_by_the_next_run() {
    let scene = Scene::new();
    let missing = interrupted(&scene);
    scene.create(&[]).expect_code(0);
    assert_eq!(scene.fetched(), [missing]);
    scene.bundle().assert_sound();
}

#[test]
fn a_byte_that_changed_on_the_disk_is_found_and_its_blob_fetched_again() {
    let scene = Scene::new();
    let missing = interrupted(&scene);
    let (mut draft, spoilt) = (scene.bytes("site.tar.partial"), one().document_of_layer(1));
    let content = &Bundle::read(&draft).members[&format!("blobs/{}", spoilt.replace(':', "/"))];
    let at = draft.windows(content.len()).position(|bytes| bytes == content.as_slice()).expect("it is there");
    draft[at + 70_000] ^= 1;
    std::fs::write(scene.program.work().join("site.tar.partial"), draft).expect("it is ours");
    scene.create(&[]).expect_code(0);
    let mut expected = vec![missing, spoilt];
    expected.sort();
    assert_eq!(scene.fetched(), expected);
    scene.bundle().assert_sound();
}

#[test]
fn a_plan_that_changed_moves_what_is_there_instead_of_fetching_it() {
    // Whatever is new or gone, some blobs move up, and some down.
    for seed in [100, 200, 300] {
        let scene = Scene::new();
        let missing = interrupted(&scene);
        let new = image(seed, &[1, seed, seed + 1, seed + 2]);
        scene.source.seed(&new, SOURCE, &["1.1"]);
        scene.create(&[]).expect_code(0);
        let had: BTreeSet<String> = two().blobs.into_keys().chain(one().blobs.into_keys()).collect();
        let mut expected: Vec<String> =
            new.blobs.keys().filter(|digest| !had.contains(*digest)).cloned().collect();
        expected.push(missing);
        expected.sort();
        assert_eq!(scene.fetched(), expected);
        scene.bundle().assert_sound();
        assert_eq!(scene.bundle().blobs(), &parts(&two()) | &parts(&new));
        // The same as one that was never interrupted.
        let bytes = scene.bytes("site.tar");
        std::fs::remove_file(scene.program.work().join("site.tar")).expect("it is ours");
        scene.create(&[]).expect_code(0);
        assert!(scene.bytes("site.tar") == bytes, "what an earlier run left shows in the bundle");
    }
}

#[test]
fn a_source_that_cannot_be_read_for_once_costs_nothing_of_what_is_there() {
    let scene = Scene::new();
    let missing = interrupted(&scene);
    for kind in [RequestKind::ManifestHead, RequestKind::ManifestGet] {
        scene.source.rule(Rule::on(kind).answer(403));
    }
    scene.create(&[]).expect_code(5);
    scene.source.clear_rules();
    scene.source.rule(Rule::on(RequestKind::ManifestGet).path("1.1").answer(403));
    scene.source.rule(Rule::on(RequestKind::ManifestHead).path("1.1").answer(403));
    scene.create(&[]).expect_code(5);
    assert!(scene.has("site.tar.partial") && !scene.has("site.tar"));
    scene.source.clear_rules();
    scene.create(&[]).expect_code(0);
    let mut layers = scene.fetched();
    // Of images that could not be planned, configs are not kept; they are some hundred bytes.
    layers.retain(|digest| scene.source.blob(digest).is_some_and(|blob| blob.size_bytes > 1000));
    assert_eq!(layers, [missing], "what was there is fetched again, over all three runs");
    scene.bundle().assert_sound();
}

#[test]
fn a_smaller_plan_leaves_nothing_of_a_larger_one() {
    let scene = Scene::new();
    interrupted(&scene);
    let image = format!("{}/{SOURCE}:1.1", scene.source.host());
    scene.create(&[&image, "--referrers", "none", "--spec", "crossdock.yaml"]).expect_code(0);
    assert_eq!(scene.fetched(), [""; 0]);
    scene.bundle().assert_sound();
    assert_eq!(scene.bundle().blobs(), parts(&one()));
}

impl Image {
    /// The digest of one of the layers of an image without an index.
    fn document_of_layer(&self, number: usize) -> String {
        self.root().document()["layers"][number]["digest"].as_str().expect("text").to_owned()
    }
}
