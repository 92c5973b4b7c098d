//! `crossdock explain` and `crossdock lint`: what a spec means, without doing it.

use super::pair::Pair;
use crate::bed::images::{Format, one_platform};

fn pair() -> Pair {
    let pair = Pair::new();
    let tags = ["v1.0.0", "v1.1.0", "v1.1.1", "v2.0.0-rc1", "v2.0.0", "latest", "nightly", "sha-1234"];
    pair.source.seed(&one_platform(1, Format::Oci), "app", &tags);
    pair.mirrors(
        "
- name: the app
  source: SOURCE/app
  target: [TARGET/app, \"oci:out\"]
  tags: { include: [\"v*\", \"sha-*\"], exclude: [\"*-rc*\"], semver: \">=1.1\", newest: 2, always: [latest] }
  rename: [{ match: \"^v(.*)$\", to: \"$1\" }, { match: \"^latest$\", to: \"!\" }]
- { name: literal, source: SOURCE/app, target: TARGET/literal, tags: [nightly] }
",
    );
    pair
}

#[test]
fn each_tag_is_explained() {
    let pair = pair();
    insta::assert_snapshot!(pair.transcript(&["explain"]));
    assert!(pair.target.requests().is_empty() && !pair.program.work().join("out").exists());
}

#[test]
fn one_tag_is_explained() {
    let pair = pair();
    insta::assert_snapshot!(pair.transcript(&["explain", "v1.0.0"]));
}

#[test]
fn an_explanation_can_be_read_by_a_program() {
    let pair = pair();
    insta::assert_snapshot!(pair.transcript(&["explain", "--format", "json", "--only", "literal"]));
}

#[test]
fn a_source_that_cannot_be_listed_is_told_apart_from_one_without_tags() {
    let pair = pair();
    pair.mirrors("- { name: gone, source: SOURCE/gone, target: TARGET/app, tags: \"*\" }");
    insta::assert_snapshot!(pair.transcript(&["explain"]));
}

#[test]
fn a_good_spec_has_no_problems() {
    let pair = pair();
    insta::assert_snapshot!(pair.transcript(&["lint"]));
    assert!(pair.source.requests().is_empty() && pair.target.requests().is_empty());
}
