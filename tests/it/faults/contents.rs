//! Images that are out of the ordinary, and right: they are copied as they are.

use super::{Image, Registry, RequestKind, Rule, Scene, count, layer_of};
use crate::bed::digest::hex;
use crate::bed::images::{Blob, Format, Manifest, index, one_platform};
use crate::bed::memory::{Children, Options};
use crate::bed::tally;
use crate::commands::pair::Pair;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};

/// An image of one manifest and these blobs.
fn image(media_type: &str, document: &Value, blobs: &[Blob]) -> Image {
    let manifests = vec![Manifest::new(media_type, document)];
    let blobs = blobs.iter().map(|blob| (blob.digest.clone(), blob.clone())).collect();
    Image { manifests, blobs }
}

fn descriptor(media_type: &str, blob: &Blob) -> Value {
    json!({ "mediaType": media_type, "digest": blob.digest, "size": blob.size_bytes })
}

fn is_copied(scene: &Scene) {
    let run = scene.sync().code(0);
    assert_eq!(run.outcome(), "created");
    assert!(scene.is_copied(), "{}", scene.target.requests());
    for (digest, blob) in &scene.image.blobs {
        let stored = scene.target.blob(digest).expect("it was copied");
        assert_eq!(stored.piece(0, blob.size_bytes), blob.piece(0, blob.size_bytes));
    }
    scene.target.clear_requests();
    assert_eq!(scene.sync().code(0).outcome(), "current");
    assert!(scene.target.requests().writes().is_empty());
    tally::count("faults", 1);
}

#[test]
fn blobs_with_digests_of_sha512_are_copied_and_told_as_such_at_the_start() {
    let root = one_platform(1, Format::Oci).root().clone();
    let bytes = vec![7; 5000];
    let digest = format!("sha512:{}", hex(&Sha512::digest(&bytes)));
    let layer = Blob { digest: digest.clone(), ..Blob::new(bytes) };
    let config = Blob::new("{}");
    let mut document = root.document();
    document["config"] = descriptor("application/vnd.oci.image.config.v1+json", &config);
    document["layers"] = json!([descriptor("application/vnd.oci.image.layer.v1.tar", &layer)]);
    let scene = Scene::of(image(&root.media_type, &document, &[config, layer]));
    scene.sync().code(0);
    assert!(scene.is_copied());
    let begun = scene.target.requests().of(RequestKind::Mount);
    for post in begun.iter() {
        let is_512 = post.query("mount") == Some(&digest);
        assert_eq!(post.query("digest-algorithm"), is_512.then_some("sha512"), "{post}");
    }
    assert_eq!(begun.len(), 2);
    tally::count("faults", 1);
}

#[test]
fn media_types_that_nobody_knows_are_copied_as_they_are() {
    let (config, layer) = (Blob::new("config"), Blob::new("some layer"));
    let oci = one_platform(1, Format::Oci).root().media_type.clone();
    let strange = json!({
        "schemaVersion": 2,
        "mediaType": oci,
        "artifactType": "application/vnd.nobody.knows+toml",
        "config": descriptor("application/x-nothing", &config),
        "layers": [descriptor("text/plain; charset=utf-8", &layer)],
        "x-extra": [{ "of": "somebody" }, null, 1.50],
    });
    let artifact_type = "application/vnd.oci.artifact.manifest.v1+json";
    let artifact = json!({
        "mediaType": artifact_type,
        "artifactType": "application/vnd.example.sbom",
        "blobs": [descriptor("application/json", &layer)],
    });
    is_copied(&Scene::of(image(&oci, &strange, &[config, layer.clone()])));
    let scene = Scene::of(image(artifact_type, &artifact, &[layer]));
    let run = scene.sync();
    // Nobody makes these any more: whoever has one is told, or has it copied whole.
    match run.outcome().as_str() {
        "created" => assert!(scene.is_copied()),
        told => assert_eq!((told, run.finished.code), ("unsupported_manifest", Some(1)), "{}", run.report),
    }
}

#[test]
fn an_index_of_nothing_and_one_of_ten_thousand_entries_are_copied() {
    is_copied(&Scene::of(index(Format::Oci, &[])));
    let children = [one_platform(1, Format::Oci), one_platform(2, Format::Oci)];
    let mut large = index(Format::Oci, &children);
    let mut document = large.root().document();
    let entries: Vec<Value> = (0..10_000)
        .map(|number| {
            let mut entry = children[number % 2].root().descriptor();
            entry["annotations"] = json!({ "number": number.to_string(), "padding": "x".repeat(40) });
            entry
        })
        .collect();
    document["manifests"] = json!(entries);
    large.manifests.pop();
    large.manifests.push(Manifest::new(Format::Oci.index_type(), &document));
    assert!(large.root().bytes.len() > 2_000_000, "{} bytes", large.root().bytes.len());
    let scene = Scene::of(large);
    is_copied(&scene);
    // Once to copy; what is there twice is fetched once.
    assert_eq!(count(&scene.source, RequestKind::ManifestGet), 3, "{}", scene.source.requests());
}

#[test]
fn an_index_within_an_index_whose_child_is_gone_is_not_written_and_its_siblings_may_be() {
    let inner = index(Format::Oci, &[one_platform(1, Format::Oci)]);
    let outer = index(Format::Oci, &[one_platform(2, Format::Oci), inner]);
    let gone = one_platform(1, Format::Oci).digest();
    let scene = Scene::of(outer);
    scene.source.rule(Rule::on(RequestKind::ManifestGet).path(&gone).answer(404));
    let run = scene.sync().code(1);
    assert_eq!(run.outcome(), "not_found");
    assert!(run.error("message").contains(&gone), "{}", run.error("message"));
    assert_eq!(scene.target.tag("copy", "1.0"), None);
    tally::count("faults", 1);
}

#[test]
fn a_digest_that_is_deleted_after_the_plan_is_told_and_nothing_is_written_in_its_place() {
    let pair = Pair::new();
    let images = [1, 2].map(|seed| one_platform(seed, Format::Oci));
    pair.source.seed(&images[0], "app", &["1.0"]);
    pair.source.seed(&images[1], "app", &["1.1"]);
    pair.mirrors("- source: SOURCE/app\n  target: TARGET/app\n  tags: \"1.*\"");
    pair.run(&["plan", "-o", "plan.json"]).expect_code(0);
    // The tag is still told of by HEAD; its manifest is gone.
    let gone = pair.source.rule(Rule::on(RequestKind::ManifestGet).path(&images[0].digest()).answer(404));
    let by_tag = pair.source.rule(Rule::on(RequestKind::ManifestGet).path("manifests/1.0$").answer(404));
    let (finished, report) = pair.report(&["apply", "plan.json"]);
    finished.expect_code(3);
    let items = report["items"].as_array().expect("a list");
    let codes: Vec<&str> = items.iter().filter_map(|item| item["error"]["code"].as_str()).collect();
    assert_eq!(codes, ["not_found"]);
    assert_eq!(gone.acted() + by_tag.acted(), 1, "it is not asked for again");
    assert_eq!(pair.target.tag("app", "1.0"), None);
    assert!(pair.target.complete("app", "1.1"));
    tally::count("faults", 1);
}

#[test]
fn an_index_of_which_the_target_wants_only_a_part_is_still_written_whole() {
    let image = crate::bed::images::two_platforms(3, Format::Oci);
    let source = Registry::start();
    source.seed(&image, "app", &["1.0"]);
    let target = Options::new().children(Children::Unchecked).start();
    let scene = Scene { source, target, image };
    scene.sync().code(0);
    assert!(scene.is_copied());
    assert!(scene.target.has_blob("copy", &layer_of(&scene.image)));
    tally::count("faults", 1);
}
