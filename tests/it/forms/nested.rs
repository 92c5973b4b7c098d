//! Indexes in indexes, and artifacts beside images, in other forms.

use super::{Scene, attestation, part};
use crate::bed::images::{Format, Image, artifact, index};
use crate::bed::memory::{Children, Options, RequestKind};
use serde_json::Value;

/// An index with an image, and an index of two more with their attestations.
fn nested(format: Format) -> Image {
    let parts =
        ["linux/arm64", "windows/amd64"].map(|platform| part(platform, platform.len() as u64, format));
    let about = match format {
        Format::Oci => parts.iter().map(attestation).collect(),
        Format::Docker => Vec::new(),
    };
    let inner = index(format, &[parts.to_vec(), about].concat());
    index(format, &[part("linux/amd64", 3, format), inner])
}

/// An index with an image, and an artifact beside it that is about the image.
fn accompanied() -> Image {
    let image = part("linux/amd64", 3, Format::Oci);
    let bill = artifact(&image, "application/vnd.example.sbom", 1);
    index(Format::Oci, &[image, bill])
}

fn entries(document: &Value) -> &Vec<Value> {
    document["manifests"].as_array().expect("a list")
}

/// The document of the index in the index at the target.
fn inner(scene: &Scene) -> Value {
    let written = scene.written();
    let digest = entries(&written)[1]["digest"].as_str().expect("a digest").to_owned();
    let manifest = scene.target.manifest("mirror/app", &digest).expect("it is there");
    serde_json::from_slice(&manifest.bytes).expect("JSON")
}

#[test]
fn every_level_is_converted_and_the_outer_ones_name_what_was_made() {
    for (from, to, word, below) in
        [(Format::Oci, Format::Docker, "docker", 2), (Format::Docker, Format::Oci, "oci", 2)]
    {
        let image = nested(from);
        let scene = Scene::new(image, &format!("format: {word}"));
        let planned = scene.planned();
        scene.sync();
        assert_eq!(scene.tag(), Some(planned), "{word}");
        assert!(scene.target.complete("mirror/app", "1.0"));
        let (outer, inner) = (scene.written(), inner(&scene));
        assert_eq!(
            (&outer["mediaType"], &inner["mediaType"]),
            (&to.index_type().into(), &to.index_type().into())
        );
        assert_eq!(entries(&inner).len(), below, "{word}");
        let images = entries(&inner).iter().chain(&entries(&outer)[..1]);
        assert!(images.clone().all(|entry| entry["mediaType"] == to.manifest_type()), "{outer} {inner}");
        let size = entries(&outer)[1]["size"].as_u64().expect("a number") as usize;
        let made = entries(&outer)[1]["digest"].as_str().expect("a digest");
        assert_eq!(scene.target.manifest("mirror/app", made).expect("there").bytes.len(), size);
        // Both indexes, and the three images that they list.
        scene.assert_settled(5);
        scene.program.run(&["verify"]).expect_code(0);
    }
}

#[test]
fn platforms_are_chosen_on_every_level() {
    let scene = Scene::new(nested(Format::Oci), "platforms: [linux/arm64]");
    let planned = scene.planned();
    scene.sync();
    assert_eq!(scene.tag(), Some(planned));
    let written = scene.written();
    assert_eq!(entries(&written).len(), 1, "the index of which something is taken");
    let digest = entries(&written)[0]["digest"].as_str().expect("a digest");
    let inner: Value =
        serde_json::from_slice(&scene.target.manifest("mirror/app", digest).expect("there").bytes)
            .expect("JSON");
    assert_eq!(entries(&inner).len(), 2, "the image and what is about it");
    assert_eq!(entries(&inner)[0]["platform"]["architecture"], "arm64");
    assert!(scene.target.complete("mirror/app", "1.0"));
    scene.assert_settled(2);
    let outer_only = Scene::new(nested(Format::Oci), "platforms: [linux/amd64]");
    outer_only.sync();
    assert_eq!(entries(&outer_only.written()).len(), 1, "the index of which nothing is taken is left out");
    let one = Scene::new(nested(Format::Oci), "platforms: [linux/arm64]\nindex: single");
    one.sync();
    assert_eq!(
        one.tag(),
        Some(
            one.image
                .manifests
                .iter()
                .find(|m| m.platform.as_ref().is_some_and(|p| p["architecture"] == "arm64"))
                .expect("there")
                .digest
                .clone()
        )
    );
    let none = Scene::new(nested(Format::Oci), "platforms: [linux/s390x]");
    let (finished, report) = none.run(&["sync"]);
    finished.expect_code(6);
    let message = report["items"][0]["error"]["message"].as_str().expect("a text");
    assert!(message.contains("linux/amd64, linux/arm64, windows/amd64"), "{message}");
}

#[test]
fn a_sparse_index_leaves_out_on_every_level_and_is_whole_all_the_same() {
    let keys = "platforms: [linux/arm64]\nindex: sparse";
    let scene = Scene::towards(Options::new().children(Children::Unchecked), nested(Format::Oci), keys);
    scene.sync();
    assert_eq!(scene.tag(), Some(scene.image.digest()));
    // The outer index, the inner one, the image and what is about it.
    assert_eq!(scene.target.requests().count(RequestKind::ManifestPut), 4, "{}", scene.target.requests());
    for command in [["check", "--deep"].as_slice(), &["verify"], &["sync", "--repair"]] {
        let (finished, _) = scene.run(command);
        finished.expect_code(0);
        assert!(scene.target.requests().writes().is_empty(), "{command:?}");
    }
}

#[test]
fn artifacts_beside_images_are_left_out_for_docker_and_that_is_said() {
    let scene = Scene::new(accompanied(), "format: docker");
    let planned = scene.planned();
    let (finished, report) = scene.run(&["sync"]);
    let said = finished.expect_code(0).stderr;
    assert!(
        said.contains("of its index 1 are left out") && said.contains("attestations and artifacts"),
        "{said}"
    );
    assert_eq!(report["items"][0]["digestPreserved"], false);
    assert_eq!(scene.tag(), Some(planned));
    let written = scene.written();
    assert_eq!(entries(&written).len(), 1);
    assert_eq!(entries(&written)[0]["platform"]["architecture"], "amd64");
    let again = scene.run(&["sync"]).0.expect_code(0);
    assert!(
        !again.stderr.contains("left out"),
        "a run with nothing to do has nothing to say: {}",
        again.stderr
    );
    assert!(scene.target.requests().writes().is_empty());
    let kept = Scene::new(accompanied(), "format: oci");
    kept.sync();
    assert_eq!(kept.tag(), Some(kept.image.digest()), "OCI has a place for them");
}

#[test]
fn an_index_of_nothing_but_artifacts_has_no_counterpart_in_dockers_format() {
    let image = part("linux/amd64", 3, Format::Oci);
    let bills = [1, 2].map(|seed| artifact(&image, "application/vnd.example.sbom", seed));
    let scene = Scene::new(index(Format::Oci, &bills), "format: docker");
    let (finished, report) = scene.run(&["sync"]);
    finished.expect_code(1);
    let error = &report["items"][0]["error"];
    assert_eq!(error["code"], "unsupported_manifest");
    assert!(
        error["message"].as_str().is_some_and(|why| why.contains("nothing in its index is an image")),
        "{error}"
    );
    assert!(scene.target.requests().writes().is_empty());
}

#[test]
fn indexes_that_lie_too_deep_are_not_followed() {
    for (depth, code, error) in [(7, 0, None), (8, 1, Some("limit_exceeded")), (9, 1, Some("limit_exceeded"))]
    {
        let mut image = part("linux/amd64", 3, Format::Oci);
        for _ in 0..=depth {
            image = index(Format::Oci, &[image]);
        }
        let scene = Scene::new(image, "platforms: [linux/amd64]");
        let (finished, report) = scene.run(&["sync"]);
        finished.expect_code(code);
        assert_eq!(report["items"][0]["error"]["code"].as_str(), error, "{depth}");
    }
}
