//! What a rule says about tags: `on_existing`, `immutable`, `always`, and tags that are not there.

use super::pair::Pair;
use crate::bed::images::{Format, Image, one_platform};
use crate::bed::memory::RequestKind;

/// A source with `app:1.0` and `app:1.1`, a target whose `1.0` is the image that is returned.
fn existing(keys: &str) -> (Pair, Image) {
    let (pair, old) = (Pair::new(), one_platform(9, Format::Oci));
    pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0", "1.1"]);
    pair.target.seed(&old, "app", &["1.0"]);
    pair.mirrors(&format!("- source: SOURCE/app\n  target: TARGET/app\n{keys}"));
    (pair, old)
}

#[test]
fn a_tag_that_is_to_be_kept_is_kept() {
    let (pair, old) = existing("  tags: \"1.*\"\n  on_existing: keep");
    insta::assert_snapshot!(pair.transcript(&["sync", "--progress", "none", "-q"]));
    assert_eq!(pair.target.tag("app", "1.0"), Some(old.digest()));
    assert!(pair.target.complete("app", "1.1"));
    pair.run(&["check"]).expect_code(0);
}

#[test]
fn a_tag_that_must_not_be_there_is_refused() {
    let (pair, old) = existing("  tags: \"1.*\"\n  on_existing: fail");
    insta::assert_snapshot!(pair.transcript(&["sync", "--progress", "none"]));
    assert_eq!(pair.target.tag("app", "1.0"), Some(old.digest()));
    assert!(pair.target.complete("app", "1.1"));
}

#[test]
fn a_tag_is_overwritten_unless_the_spec_says_otherwise() {
    let (pair, old) = existing("  tags: \"1.*\"");
    pair.run(&["sync"]).expect_code(0);
    assert_ne!(pair.target.tag("app", "1.0"), Some(old.digest()));
    assert!(pair.target.complete("app", "1.0"));
}

#[test]
fn immutable_tags_that_are_there_cost_one_list_and_nothing_at_the_source() {
    let (pair, old) = existing("  tags: [\"1.0\", \"1.1\"]\n  immutable: [\"1.*\"]");
    pair.target.seed(&one_platform(8, Format::Oci), "app", &["1.1"]);
    let before = pair.target.tags("app");
    insta::assert_snapshot!(
        pair.transcript(&["sync", "-v"])
            .lines()
            .filter(|line| !line.contains("DEBUG"))
            .collect::<Vec<_>>()
            .join("\n")
    );
    assert!(pair.source.requests().is_empty(), "{}", pair.source.requests());
    assert_eq!(pair.target.requests().to_string(), "GET /v2/app/tags/list 200\n");
    assert_eq!(pair.target.tags("app"), before);
    assert_eq!(pair.target.tag("app", "1.0"), Some(old.digest()));
}

#[test]
fn an_immutable_tag_that_is_absent_is_copied() {
    let (pair, old) = existing("  tags: [\"1.0\", \"1.1\"]\n  immutable: [\"1.*\"]");
    pair.run(&["sync"]).expect_code(0);
    assert_eq!(pair.target.tag("app", "1.0"), Some(old.digest()));
    assert!(pair.target.complete("app", "1.1"));
    let asked = pair.source.requests();
    assert_eq!(asked.of(RequestKind::ManifestGet).to_string(), "GET /v2/app/manifests/1.1 200\n");
    assert_eq!(asked.count(RequestKind::ManifestHead), 0, "the list said what is to be copied");
}

#[test]
fn a_tag_is_always_taken_whatever_the_rest_says() {
    let pair = Pair::new();
    pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0", "1.1", "2.0", "latest"]);
    pair.mirrors(
        "- source: SOURCE/app\n  target: TARGET/app\n  \
         tags: { include: \"*.*\", exclude: [latest], newest: 1, always: [latest] }",
    );
    pair.run(&["sync"]).expect_code(0);
    assert_eq!(pair.target.tags("app").into_keys().collect::<Vec<_>>(), ["2.0", "latest"]);
}

#[test]
fn a_tag_that_is_named_but_not_there_is_a_partial_failure() {
    let pair = Pair::new();
    pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    pair.mirrors("- source: SOURCE/app\n  target: TARGET/app\n  tags: [\"1.0\", \"1.9\"]\n  referrers: none");
    insta::assert_snapshot!(pair.transcript(&["sync", "--progress", "none"]));
    assert!(pair.target.complete("app", "1.0"));
    assert_eq!(pair.source.requests().count(RequestKind::TagList), 0, "literal tags need no list");
}

#[test]
fn a_rule_that_takes_no_tag_is_warned_about() {
    let pair = Pair::new();
    pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    pair.mirrors("- source: SOURCE/app\n  target: TARGET/app\n  tags: \"2.*\"");
    insta::assert_snapshot!(pair.transcript(&["sync"]));
}

#[test]
fn a_repository_that_is_not_there_is_a_failure_and_not_an_empty_list() {
    let pair = Pair::new();
    pair.mirrors("- source: SOURCE/app\n  target: TARGET/app\n  tags: \"2.*\"");
    insta::assert_snapshot!(pair.transcript(&["sync"]));
}
