//! What a registry refuses teaches how it takes blobs, once for a run, and learning ends.

use super::{Behaviour, Canned, MIB, Options, RequestKind, Rule, SMOOTH, Scene, error, header};
use crate::bed::images::{Layer, Recipe};
use crate::bed::memory::Registry;
use crate::faults::mirror::Mirror;

#[test]
fn a_put_that_is_too_large_becomes_chunks() {
    let scene = Scene::chunked();
    let run = scene.sync();
    assert_eq!(scene.bytes_asked(), SMOOTH);
    assert_eq!(run.report["items"][0]["blobs"]["copied"], 2);
    assert_eq!(scene.gets(), ["all", "all"], "the second time for the chunks");
    // Each request goes to the newest location, which has the state of the session.
    for patch in scene.target.requests().of(RequestKind::UploadPatch).iter() {
        let start = patch.header("content-range").and_then(|range| range.split('-').next()).expect("a range");
        assert_eq!(patch.query("_state"), Some(format!("offset-{start}").as_str()));
    }
}

#[test]
fn what_one_blob_has_learnt_the_next_one_knows() {
    let layers = [Layer::synthetic(1, 5 * MIB), Layer::synthetic(2, 5 * MIB)];
    let image = layers.iter().cloned().fold(Recipe::new(1), Recipe::layer).build();
    let (source, target) = (Registry::start(), Registry::start());
    source.seed(&image, "app", &["1.0"]);
    let hex = |layer: &Layer| layer.blob.digest.trim_start_matches("sha256:").to_owned();
    let either = format!("{}|{}", hex(&layers[0]), hex(&layers[1]));
    target.rule(Rule::on(RequestKind::UploadPut).path(&either).first(1).answer(413));
    let mirror = Mirror::of(&[&source, &target]).limits(&target, "concurrent_requests: 1");
    mirror.copying(&source, "app", &[(&target, "copy")], "1.0").sync().code(0);
    assert!(target.complete("copy", "1.0"));
    let puts = target.requests().of(RequestKind::UploadPut);
    let refused: Vec<_> = puts.iter().filter(|put| put.status != Some(201)).collect();
    assert_eq!((puts.len(), refused.len()), (4, 1), "{puts}");
    assert_eq!(target.requests().count(RequestKind::UploadPatch), 6);
}

#[test]
fn a_chunk_that_is_too_large_becomes_shorter() {
    let scene = Scene::chunked();
    scene.target.rule(scene.on_layer(RequestKind::UploadPatch).first(1).answer(413));
    scene.sync();
    let expected = [
        "PUT 5242880 413",
        "PATCH 0-2097151 413",
        "PATCH 0-1048575 202",
        "PATCH 1048576-2097151 202",
        "PATCH 2097152-3145727 202",
        "PATCH 3145728-4194303 202",
        "PATCH 4194304-5242879 202",
        "PUT 0 201",
    ];
    assert_eq!(scene.bytes_asked(), expected);
}

#[test]
fn a_registry_that_takes_no_bytes_with_the_put_gets_one_patch() {
    for (status, code) in [(404, "BLOB_UNKNOWN"), (405, "UNSUPPORTED"), (501, "")] {
        let scene = Scene::plain(MIB, Options::new());
        scene.target.rule(scene.on_layer(RequestKind::UploadPut).first(1).then(error(status, code)));
        scene.sync();
        let asked = scene.bytes_asked();
        // The config may be sent before, by PUT, or after, by PATCH.
        let of_layer: Vec<&str> = asked.iter().map(String::as_str).filter(|asked| is_large(asked)).collect();
        assert_eq!(of_layer, [format!("PUT 1048576 {status}").as_str(), "PATCH 1048576 202"], "{asked:?}");
        assert_eq!(asked.last().map(String::as_str), Some("PUT 0 201"));
        let patches = scene.target.requests().of(RequestKind::UploadPatch);
        assert!(patches.iter().all(|patch| patch.header("content-range").is_none()));
    }
}

fn is_large(asked: &str) -> bool {
    asked.split(' ').nth(1) == Some("1048576")
}

#[test]
fn a_length_that_is_not_understood_becomes_chunks() {
    let scene = Scene::plain(5 * MIB, Options::new());
    let refusal = error(400, "CONTENT_LENGTH_INVALID");
    scene.target.rule(scene.on_layer(RequestKind::UploadPut).first(1).then(refusal));
    scene.sync();
    assert_eq!(scene.bytes_asked()[1..], SMOOTH[1..]);
}

#[test]
fn a_registry_that_limits_patches_gets_puts_again() {
    let scene = Scene::plain(17 * MIB, Options::new());
    let message = "the request body is too large and exceeds the maximum permissible limit of 4.00MiB";
    let canned = Canned::new(416).error("REQUESTED_RANGE_NOT_SATISFIABLE", message);
    scene.target.rule(Rule::on(RequestKind::UploadPatch).then(Behaviour::Answer(canned)));
    scene.sync_as("plain_http: true, profile: acr");
    assert_eq!(scene.bytes_asked(), ["PATCH 0-16777215 416", "PUT 17825792 201"]);
}

#[test]
fn a_registry_that_mixes_patches_up_gets_puts_again() {
    let scene = Scene::plain(17 * MIB, Options::new());
    let rule = scene.on_layer(RequestKind::UploadPut).first(1);
    scene.target.rule(rule.then(error(400, "DIGEST_INVALID")));
    scene.sync_as("plain_http: true, profile: acr");
    let expected = ["PATCH 0-16777215 202", "PATCH 16777216-17825791 202", "PUT 0 400", "PUT 17825792 201"];
    assert_eq!(scene.bytes_asked(), expected);
}

#[test]
fn a_documented_kind_is_not_asked_first() {
    let scene = Scene::plain(33 * MIB, Options::new());
    scene.sync_as("plain_http: true, profile: acr");
    let expected =
        ["PATCH 0-16777215 202", "PATCH 16777216-33554431 202", "PATCH 33554432-34603007 202", "PUT 0 201"];
    assert_eq!(scene.bytes_asked(), expected);
    assert_eq!(scene.gets(), ["all"]);
    let mounts = scene.target.requests().count(RequestKind::Mount);
    assert_eq!(mounts, scene.image.blobs.len(), "one session a blob");
}

#[test]
fn chunks_are_as_long_as_the_registry_wants_them_at_least() {
    let scene = Scene::chunked();
    scene.target.rule(Rule::on(RequestKind::Mount).then(header("oci-chunk-min-length", "3000000")));
    scene.sync();
    let expected = ["PUT 5242880 413", "PATCH 0-2999999 202", "PATCH 3000000-5242879 202", "PUT 0 201"];
    assert_eq!(scene.bytes_asked(), expected);
}

#[test]
fn learning_ends_when_everything_is_refused() {
    for status in [413, 405] {
        let scene = Scene::plain(5 * MIB, Options::new());
        scene.target.rule(scene.on_layer(RequestKind::UploadPut).answer(status));
        scene.target.rule(scene.on_layer(RequestKind::UploadPatch).answer(status));
        let run = scene.mirror().sync();
        assert_ne!(run.finished.code, Some(0));
        assert_eq!(run.error("retryable"), "false");
        let asked = scene.bytes_asked();
        let expected: &[&str] = match status {
            413 => &["PUT 5242880 413", "PATCH 0-2097151 413", "PATCH 0-1048575 413"],
            _ => &["PUT 5242880 405", "PATCH 5242880 405"],
        };
        assert_eq!(asked, expected);
        assert_eq!(scene.target.tag("copy", "1.0"), None);
    }
}
