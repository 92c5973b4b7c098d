//! Where it works: on one image without a spec, with layouts, with other forms, in a pipeline.

use super::{made_of, pieces, verified};
use crate::bed::images::{Format, two_platforms};
use crate::bed::memory::{Children, Options, RequestKind};
use crate::ci::pipeline::Pipeline;
use crate::commands::pair::Pair;
use serde_json::{Value, json};
use std::fs;

#[test]
fn one_image_is_compared_with_its_copies_without_a_rule() {
    let (pair, image) = Pair::mirrored();
    let (source, target) = (pair.placed("SOURCE/app:1.0"), pair.placed("TARGET/app"));
    let spec = ["--spec", "crossdock.yaml"];
    let one = |targets: &[&str], code| {
        pair.forget();
        verified(&pair, &[&spec[..], &[&source], targets].concat(), code)
    };
    let found = one(&[&target], 0);
    assert_eq!(found["images"][0]["mirror"], "verify");
    assert_eq!(pieces(&found["images"][0], "same"), made_of(&image));
    assert_eq!(pair.target.requests().count(RequestKind::TagList), 0);
    let other = format!("{target}:2.0");
    let found = one(&[&target, &other], 2);
    assert_eq!((&found["counts"]["same"], &found["counts"]["missing"]), (&1.into(), &1.into()));
    let by_digest = pair.placed(&format!("SOURCE/app@{}", image.digest()));
    pair.run(&["verify", &by_digest, &format!("{target}:1.0"), "--spec", "crossdock.yaml"]).expect_code(0);
    for wrong in [vec![source.as_str()], vec![&source, "x@sha256:0"], vec![&by_digest, &target]] {
        pair.run(&[&["verify"], &wrong[..]].concat()).expect_code(4);
    }
}

#[test]
fn a_layout_is_read_and_hashed() {
    let pair = Pair::new();
    let image = two_platforms(1, Format::Oci);
    pair.source.seed(&image, "app", &["1.0"]);
    pair.mirrors("- { source: SOURCE/app, target: \"oci:images\", tags: [\"1.0\"] }");
    pair.run(&["sync"]).expect_code(0);
    let found = verified(&pair, &["--depth", "head"], 0);
    assert_eq!(pieces(&found["images"][0], "same"), made_of(&image));
    let layer = crate::truth::layer_of(&image);
    let file = pair.program.work().join("images/blobs/sha256").join(layer.trim_start_matches("sha256:"));
    let mut bytes = fs::read(&file).expect("the blob is there");
    *bytes.last_mut().expect("it has bytes") ^= 1;
    fs::write(&file, &bytes).expect("it can be written");
    let found = verified(&pair, &["--depth", "head"], 1);
    assert_eq!(pieces(&found["images"][0], "damaged"), [layer].into());
    let child = image.children()[0].digest.clone();
    let file = pair.program.work().join("images/blobs/sha256").join(child.trim_start_matches("sha256:"));
    fs::remove_file(file).expect("the manifest is there");
    let found = verified(&pair, &[], 1);
    assert_eq!(pieces(&found["images"][0], "missing"), [child].into());
}

#[test]
fn an_image_in_another_form_is_compared_with_what_is_made_of_it() {
    for (keys, preserved, manifests) in [
        ("platforms: [linux/amd64]", false, 3),
        ("platforms: [linux/amd64], index: single", false, 1),
        ("platforms: [linux/amd64], index: sparse", true, 3),
        ("format: docker", false, 3),
    ] {
        let pair = Pair::with(Options::new(), Options::new().children(Children::Unchecked));
        let image = two_platforms(1, Format::Oci);
        pair.source.seed(&image, "app", &["1.0"]);
        pair.mirrors(&super::APP.replace(" }", &format!(", {keys} }}")));
        pair.run(&["sync"]).expect_code(0);
        pair.forget();
        let found = verified(&pair, &[], 0);
        let made = &found["images"][0];
        assert_eq!(made["source"]["digest"], image.digest());
        assert_eq!(made["target"]["expected"], pair.target.tag("app", "1.0").expect("there"));
        assert_eq!(made["digestPreserved"], preserved, "{keys}");
        let of_manifests = |piece: &&Value| piece["kind"] == "manifest";
        let there = made["pieces"].as_array().expect("a list").iter().filter(of_manifests).count();
        assert_eq!(there, manifests, "{keys}");
        pair.target.seed(&image, "app", &["1.0"]);
        let (code, word) = if preserved { (0, "same") } else { (2, "differs") };
        let whole = verified(&pair, &[], code);
        assert_eq!(whole["images"][0]["result"], word, "{keys}: the whole image is another one");
    }
}

#[test]
fn a_pipeline_verifies_and_keeps_the_result_beside_its_reports() {
    for (inputs, blobs_bytes, code) in [
        (json!({ "command": "verify", "spec": "crossdock.yaml" }), false, 0),
        (json!({ "command": "verify", "spec": "crossdock.yaml", "depth": "content" }), true, 0),
        (
            json!({ "command": "verify", "spec": "crossdock.yaml", "source": "SOURCE/app:1.0", "targets": "TARGET/two" }),
            false,
            2,
        ),
    ] {
        let pipeline = Pipeline::github(&[("CROSSDOCK_INPUTS", &inputs.to_string())]);
        let image = two_platforms(3, Format::Oci);
        pipeline.pair.source.seed(&image, "app", &["1.0"]);
        pipeline.pair.target.seed(&image, "app", &["1.0"]);
        pipeline.pair.mirrors(super::APP);
        let (finished, outputs) = pipeline.outputs();
        finished.expect_code(code);
        assert_eq!(outputs["exit-code"], code.to_string());
        let folder = outputs["report-dir"].clone();
        let saved = fs::read_to_string(format!("{folder}/verification.json")).expect("it is saved");
        let saved: Value = serde_json::from_str(&saved).expect("JSON");
        assert_eq!(saved["exitCode"], code);
        let sent = pipeline.pair.target.requests().of(RequestKind::BlobGet).sent_bytes();
        assert_eq!(sent == image.blobs_bytes(), blobs_bytes, "{inputs}");
    }
}
