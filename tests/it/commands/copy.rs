//! `crossdock copy`: one image without a spec, to one or more targets.

use super::pair::Pair;
use crate::bed::images::{Format, one_platform, two_platforms};

/// A pair whose spec only says how to speak to the registries.
fn pair() -> Pair {
    let pair = Pair::new();
    pair.source.seed(&two_platforms(1, Format::Oci), "app", &["1.0", "latest"]);
    pair.mirrors("- { source: SOURCE/app, target: TARGET/unused, tags: [unused] }");
    pair
}

/// `copy` with the spec.
fn copy(pair: &Pair, references: &[&str]) -> Vec<String> {
    let words = ["copy", "--spec", "crossdock.yaml", "--progress", "none"];
    words.into_iter().chain(references.iter().copied()).map(|word| pair.placed(word)).collect()
}

fn transcript(pair: &Pair, references: &[&str]) -> String {
    let words = copy(pair, references);
    pair.transcript(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn an_image_goes_to_a_registry_and_to_a_layout_at_once() {
    let pair = pair();
    insta::assert_snapshot!(transcript(&pair, &["SOURCE/app:1.0", "TARGET/mirror/app", "oci:out:renamed"]));
    assert!(pair.target.complete("mirror/app", "1.0"));
    let index = pair.program.read("out/index.json");
    assert!(index.contains(&two_platforms(1, Format::Oci).digest()) && index.contains("renamed"), "{index}");
    assert_eq!(pair.target.repositories(), ["mirror/app"]);
}

#[test]
fn an_image_without_a_tag_is_the_latest() {
    let pair = pair();
    transcript(&pair, &["SOURCE/app", "TARGET/app"]);
    assert!(pair.target.complete("app", "latest"));
}

#[test]
fn an_image_by_digest_needs_a_tag_at_the_target() {
    let pair = pair();
    let digest = two_platforms(1, Format::Oci).digest();
    let source = format!("SOURCE/app@{digest}");
    insta::assert_snapshot!(transcript(&pair, &[&source, "TARGET/app"]));
    transcript(&pair, &[&source, "TARGET/app:pinned"]);
    assert_eq!(pair.target.tag("app", "pinned"), Some(digest.clone()));
    insta::assert_snapshot!(
        "to_a_digest",
        transcript(&pair, &["SOURCE/app:1.0", &format!("TARGET/app@{digest}")])
    );
}

#[test]
fn an_image_that_is_not_there_is_a_failure() {
    let pair = pair();
    insta::assert_snapshot!(transcript(&pair, &["SOURCE/app:9.9", "TARGET/app"]));
    assert!(pair.target.requests().writes().is_empty());
}

#[test]
fn a_reference_that_is_none_is_explained() {
    let pair = pair();
    insta::assert_snapshot!(transcript(&pair, &["SOURCE/App:1.0", "TARGET/app"]));
}

#[test]
fn a_registry_without_tls_and_without_a_spec_is_explained() {
    let pair = pair();
    let source = pair.placed("SOURCE/app:1.0");
    let normal = pair.normal();
    let finished = pair.run(&["copy", "--progress", "none", &source, "oci:out:1.0"]);
    insta::assert_snapshot!(normal.of(&pair.shown(&finished, &["copy", &source, "oci:out:1.0"])));
}

#[test]
fn a_copy_over_another_image_replaces_it() {
    let pair = pair();
    pair.target.seed(&one_platform(5, Format::Oci), "app", &["1.0"]);
    let text = transcript(&pair, &["SOURCE/app:1.0", "TARGET/app"]);
    assert!(text.contains("1 updated"), "{text}");
    assert_eq!(pair.target.tag("app", "1.0"), Some(two_platforms(1, Format::Oci).digest()));
}
