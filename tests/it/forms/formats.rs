//! Manifests in Docker's format for registries that take no other, and in OCI's.

use super::{Scene, attested, part};
use crate::bed::images::{Format, Image, index, one_platform};
use crate::bed::memory::{Options, Personality, RequestKind};

/// Two platforms in one format.
fn plain(format: Format) -> Image {
    index(format, &[part("linux/amd64", 2, format), part("linux/arm64", 3, format)])
}

#[test]
fn a_registry_that_takes_only_one_format_gets_it() {
    for (personality, from, to, word) in [
        (Personality::Swr, Format::Oci, Format::Docker, "docker"),
        (Personality::Zot, Format::Docker, Format::Oci, "oci"),
    ] {
        for image in [plain(from), one_platform(7, from)] {
            let manifests = image.manifests.len();
            let is_index = manifests > 1;
            let scene = Scene::towards(Options::like(personality), image, &format!("format: {word}"));
            let planned = scene.planned();
            let item = scene.sync();
            assert_eq!(scene.tag(), Some(planned));
            assert_eq!(item["digestPreserved"], false);
            assert!(scene.target.complete("mirror/app", "1.0"));
            let media_type = if is_index { to.index_type() } else { to.manifest_type() };
            assert_eq!(scene.written()["mediaType"], media_type);
            scene.assert_settled(manifests);
        }
    }
}

#[test]
fn what_is_in_the_format_already_keeps_its_digest() {
    for (format, word) in [(Format::Oci, "oci"), (Format::Docker, "docker")] {
        let scene = Scene::new(plain(format), &format!("format: {word}"));
        let item = scene.sync();
        assert_eq!(scene.tag(), Some(scene.image.digest()), "{word}");
        assert_eq!(item["digestPreserved"], true);
        scene.assert_settled(3);
    }
}

#[test]
fn there_and_back_gives_the_same_manifests() {
    let there = Scene::new(plain(Format::Docker), "format: oci");
    there.sync();
    let written = there.written();
    let oci = plain(Format::Oci);
    for (entry, child) in written["manifests"].as_array().expect("a list").iter().zip(oci.children()) {
        let manifest = there.target.manifest("mirror/app", entry["digest"].as_str().expect("a digest"));
        let written: serde_json::Value =
            serde_json::from_slice(&manifest.expect("there").bytes).expect("JSON");
        assert_eq!(written, child.document(), "the same but for its spaces");
    }
}

#[test]
fn attestations_are_left_out_for_docker_and_platforms_may_be_chosen_too() {
    let scene = Scene::new(attested(), "format: docker\nplatforms: [linux/amd64]");
    scene.sync();
    let written = scene.written();
    let entries = written["manifests"].as_array().expect("a list");
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_eq!(entries[0]["platform"]["architecture"], "amd64");
    assert!(scene.target.complete("mirror/app", "1.0"));
    assert_eq!(scene.target.requests().count(RequestKind::ManifestPut), 2);
}

#[test]
fn an_artifact_has_no_counterpart_in_dockers_format() {
    let image = one_platform(1, Format::Oci);
    let artifact = crate::bed::images::artifact(&image, "application/vnd.example.sbom", 1);
    let scene = Scene::new(artifact, "format: docker");
    let (finished, report) = scene.run(&["sync"]);
    finished.expect_code(1);
    assert_eq!(report["items"][0]["error"]["code"], "unsupported_manifest");
    assert!(scene.target.requests().writes().is_empty());
}
