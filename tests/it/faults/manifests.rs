//! Manifests that are wrong, missing, too large or too deep.

use super::{Behaviour, Canned, Image, Registry, RequestKind, Rule, Scene, count, on, on_answer};
use crate::bed::images::{Format, Manifest, index, one_platform, two_platforms};
use serde_json::json;

const SCHEMA_1: &str = "application/vnd.docker.distribution.manifest.v1+prettyjws";

fn without(header: &str) -> Behaviour {
    Behaviour::OmitHeader(header.to_owned())
}

fn with(header: &str, value: &str) -> Behaviour {
    Behaviour::SetHeader(header.to_owned(), value.to_owned())
}

/// The image with another document in its root.
fn with_root(mut image: Image, media_type: &str, document: &serde_json::Value) -> Image {
    image.manifests.pop();
    image.manifests.push(Manifest::new(media_type, document));
    image
}

#[test]
fn a_head_without_a_digest_or_a_media_type_is_made_up_for_by_a_get() {
    for header in ["docker-content-digest", "content-type"] {
        let scene = Scene::new();
        scene.source.rule(on(RequestKind::ManifestHead, without(header)));
        scene.target.rule(on(RequestKind::ManifestHead, without(header)));
        scene.sync().code(0);
        assert!(scene.is_copied());
        assert_eq!(count(&scene.source, RequestKind::ManifestGet), 2, "{header}");
        let again = scene.sync().code(0);
        assert_eq!(again.outcome(), "current", "{header}");
        assert_eq!(count(&scene.target, RequestKind::ManifestPut), 1);
    }
}

#[test]
fn a_registry_without_head_is_asked_by_get() {
    for status in [400, 405, 406, 501] {
        let scene = Scene::new();
        scene.source.rule(Rule::on(RequestKind::ManifestHead).answer(status));
        scene.sync().code(0);
        assert!(scene.is_copied(), "{status}");
        let heads = scene.source.requests().of(RequestKind::ManifestHead);
        assert_eq!(heads.len(), 1, "{status}");
    }
}

#[test]
fn a_tag_that_is_not_there_is_missing_whatever_the_error_document_says() {
    let not_found = [
        Canned::new(404),
        Canned::new(404).body("<html>"),
        Canned::new(404).error("MANIFEST_UNKNOWN", "manifest unknown"),
        Canned::new(404).error("NAME_UNKNOWN", "repository name not known to registry"),
        Canned::new(404).error("UNKNOWN", "Not Found"),
    ];
    for canned in not_found {
        let scene = Scene::new();
        scene.source.rule(on_answer(RequestKind::ManifestHead, canned));
        let run = scene.sync().code(1);
        assert_eq!(run.outcome(), "not_found");
        assert_eq!(count(&scene.source, RequestKind::ManifestHead), 1);
        assert_eq!(count(&scene.source, RequestKind::ManifestGet), 0);
        assert!(scene.target.requests().writes().is_empty());
    }
}

#[test]
fn the_digest_that_a_get_by_digest_names_is_not_believed_but_computed() {
    let scene = Scene::new();
    let other = one_platform(99, Format::Oci).digest();
    scene.source.rule(on(RequestKind::ManifestGet, with("docker-content-digest", &other)));
    scene.sync().code(0);
    assert!(scene.is_copied());
}

#[test]
fn another_manifest_under_the_asked_digest_is_refused_with_or_without_a_matching_header() {
    let other = one_platform(99, Format::Oci);
    let text = String::from_utf8(other.root().bytes.to_vec()).expect("JSON is text");
    for header in [Some(other.digest()), None] {
        let scene = Scene::new();
        let mut canned = Canned::new(200).header("content-type", &other.root().media_type).body(&text);
        if let Some(digest) = &header {
            canned = canned.header("docker-content-digest", digest);
        }
        scene.source.rule(on_answer(RequestKind::ManifestGet, canned));
        let run = scene.sync().code(1);
        assert_eq!(run.outcome(), "corrupt");
        assert!(run.error("message").contains(&other.digest()), "{}", run.error("message"));
        assert!((1..=3).contains(&count(&scene.source, RequestKind::ManifestGet)));
        assert!(scene.target.requests().writes().is_empty());
    }
}

#[test]
fn a_manifest_that_a_cache_spoilt_once_is_fetched_again() {
    let scene = Scene::new();
    scene.source.rule(on(RequestKind::ManifestGet, Behaviour::WrongBytes).first(1));
    scene.source.rule(on(RequestKind::ManifestGet, Behaviour::CutResponse(10)).first(2));
    scene.sync().code(0);
    assert!(scene.is_copied());
    assert_eq!(count(&scene.source, RequestKind::ManifestGet), 3);
}

#[test]
fn a_head_that_lies_about_the_digest_leads_nowhere() {
    let scene = Scene::new();
    let other = one_platform(99, Format::Oci).digest();
    scene.source.rule(on(RequestKind::ManifestHead, with("docker-content-digest", &other)));
    assert_eq!(scene.sync().code(1).outcome(), "not_found");
    assert!(scene.target.requests().writes().is_empty());
}

#[test]
fn a_target_that_stores_another_manifest_is_told_on() {
    let scene = Scene::new();
    let other = one_platform(99, Format::Oci).digest();
    scene.target.rule(on(RequestKind::ManifestPut, with("docker-content-digest", &other)));
    let run = scene.sync().code(1);
    assert_eq!(run.outcome(), "corrupt");
    assert!(run.error("message").contains(&other));
}

#[test]
fn a_manifest_without_a_media_type_is_refused() {
    let scene = Scene::new();
    scene.source.rule(on(RequestKind::ManifestGet, without("content-type")));
    let run = scene.sync().code(1);
    assert_eq!(run.outcome(), "protocol");
    assert!(scene.target.requests().writes().is_empty());
}

#[test]
fn a_manifest_that_changes_its_media_type_between_head_and_get_is_refused() {
    let scene = Scene::new();
    let docker = "application/vnd.docker.distribution.manifest.v2+json";
    scene.source.rule(on(RequestKind::ManifestGet, with("content-type", docker)));
    let run = scene.sync().code(1);
    assert_eq!(run.outcome(), "corrupt");
    assert!(run.error("message").contains(docker), "{}", run.error("message"));
    assert!(scene.target.requests().writes().is_empty());
}

#[test]
fn what_is_both_an_image_and_an_index_is_refused() {
    let image = one_platform(1, Format::Oci);
    let index_type = Format::Oci.index_type();
    let image_type = image.root().media_type.clone();
    for media_type in [index_type, image_type.as_str()] {
        let mut document = image.root().document();
        document["manifests"] = json!([]);
        document["mediaType"] = json!(media_type);
        let scene = Scene::of(with_root(image.clone(), media_type, &document));
        let run = scene.sync().code(1);
        assert_eq!(run.outcome(), "corrupt", "{media_type}");
        assert!(scene.target.requests().writes().is_empty());
    }
}

#[test]
fn a_manifest_that_is_larger_than_eight_mebibytes_is_refused_unread() {
    let mut document = one_platform(1, Format::Oci).root().document();
    document["annotations"] = json!({ "a": "x".repeat(9 << 20) });
    let image = one_platform(1, Format::Oci);
    let media_type = image.root().media_type.clone();
    let scene = Scene::of(with_root(image, &media_type, &document));
    let run = scene.sync().code(1);
    assert_eq!(run.outcome(), "limit_exceeded");
    assert_eq!(count(&scene.source, RequestKind::ManifestGet), 1);
    assert!(scene.target.requests().writes().is_empty());
}

#[test]
fn indexes_may_be_nested_but_not_without_end() {
    let nested = |levels: usize| {
        (0..levels).fold(one_platform(1, Format::Oci), |image, _| index(Format::Oci, &[image]))
    };
    let scene = Scene::of(nested(4));
    scene.sync().code(0);
    assert!(scene.is_copied());
    let scene = Scene::of(nested(12));
    let run = scene.sync().code(1);
    assert_eq!(run.outcome(), "limit_exceeded");
    assert!(scene.target.requests().writes().is_empty());
}

#[test]
fn schema_1_is_refused_with_a_way_out() {
    let document = json!({ "schemaVersion": 1, "name": "app", "tag": "1.0", "fsLayers": [], "history": [] });
    let old = Manifest::new(SCHEMA_1, &document);
    let text = String::from_utf8(old.bytes.to_vec()).expect("JSON is text");
    for media_type in [SCHEMA_1, "application/vnd.docker.distribution.manifest.v2+json"] {
        let scene = Scene::new();
        let canned = Canned::new(200)
            .header("content-type", media_type)
            .header("docker-content-digest", &old.digest)
            .body(&text);
        scene.source.rule(on_answer(RequestKind::ManifestHead, canned.clone()));
        scene.source.rule(on_answer(RequestKind::ManifestGet, canned));
        let run = scene.sync().code(1);
        assert_eq!(run.outcome(), "unsupported_manifest");
        assert!(run.error("hint").contains("rebuilt"), "{}", run.error("hint"));
        assert!(scene.target.requests().writes().is_empty());
    }
}

#[test]
fn a_child_that_is_gone_leaves_the_target_tag_alone() {
    let image = two_platforms(1, Format::Oci);
    let (source, target) = (Registry::start(), Registry::start());
    let gone = image.children()[1].digest.clone();
    source.seed(&image, "app", &["1.0"]);
    source.rule(Rule::on(RequestKind::ManifestGet).path(&gone).answer(404));
    let scene = Scene { source, target, image };
    let run = scene.sync().code(1);
    assert_eq!(run.outcome(), "not_found");
    assert!(run.error("message").contains(&gone), "{}", run.error("message"));
    assert_eq!(scene.target.tag("copy", "1.0"), None);
}
