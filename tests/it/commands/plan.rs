//! `crossdock plan`: what it shows, what it saves, and that it is the same every time.

use super::pair::Pair;
use crate::bed::images::{Format, one_platform, two_platforms};

/// A source with four tags, of which the target lacks two, has one, and has one that is stale; the
/// other rule has a tag that is not there.
pub(super) fn mixed() -> Pair {
    let pair = Pair::new();
    pair.source.seed(&two_platforms(1, Format::Oci), "app", &["v1.0"]);
    pair.source.seed(&two_platforms(2, Format::Docker), "app", &["v1.1"]);
    pair.source.seed(&one_platform(3, Format::Oci), "app", &["v2.0", "nightly"]);
    pair.source.seed(&one_platform(5, Format::Oci), "app", &["latest"]);
    pair.target.seed(&two_platforms(1, Format::Oci), "mirror/app", &["1.0"]);
    pair.target.seed(&one_platform(4, Format::Oci), "mirror/app", &["latest"]);
    pair.mirrors(
        "
- name: the app
  source: SOURCE/app
  target: TARGET/mirror/app
  tags: { include: [\"v*\", latest] }
  rename: [{ match: \"^v(.*)$\", to: \"$1\" }]
- name: gone
  source: SOURCE/app
  target: TARGET/mirror/gone
  tags: [\"9.9\"]
",
    );
    pair
}

#[test]
fn a_plan_shows_what_is_absent_stale_and_wrong() {
    insta::assert_snapshot!(mixed().transcript(&["plan"]));
}

#[test]
fn a_plan_shows_what_is_current_too_when_asked() {
    insta::assert_snapshot!(
        mixed()
            .transcript(&["plan", "-v", "--only", "the*"])
            .lines()
            .filter(|line| !line.starts_with("DEBUG"))
            .collect::<Vec<_>>()
            .join("\n")
    );
}

#[test]
fn a_plan_of_nothing_is_short() {
    let pair = mixed();
    pair.run(&["sync", "--only", "the app"]).expect_code(0);
    insta::assert_snapshot!(pair.transcript(&["plan", "--only", "the app"]));
}

#[test]
fn two_plans_of_the_same_registries_are_the_same_byte_for_byte() {
    let pair = mixed();
    let text = pair.run(&["plan", "-o", "one.json"]).expect_code(3).stdout;
    for _ in 0..4 {
        assert_eq!(pair.run(&["plan", "-o", "two.json"]).stdout, text);
        assert_eq!(pair.program.read("one.json"), pair.program.read("two.json"));
    }
    let printed = pair.run(&["plan", "--format", "json"]).stdout;
    assert_eq!(printed, pair.program.read("one.json"), "stdout has what the file has");
}

#[test]
fn a_saved_plan_follows_its_schema_and_pins_digests() {
    let pair = mixed();
    pair.run(&["plan", "-o", "plan.json"]).expect_code(3);
    let schema = pair.run(&["schema", "plan"]).expect_code(0).stdout;
    let schema = serde_json::from_str(&schema).expect("a schema is JSON");
    let plan = serde_json::from_str(&pair.program.read("plan.json")).expect("a plan is JSON");
    jsonschema::validate(&schema, &plan).expect("a plan follows its schema");
    let text = plan.to_string();
    for image in [two_platforms(2, Format::Docker), one_platform(3, Format::Oci)] {
        assert!(text.contains(&image.digest()), "{text}");
    }
}

#[test]
fn a_plan_that_cannot_be_saved_says_so() {
    let pair = mixed();
    insta::assert_snapshot!(pair.transcript(&["plan", "--only", "the app", "-o", "no/such/plan.json"]));
}

#[test]
fn a_plan_writes_nothing_but_the_files_that_were_asked_for() {
    let pair = mixed();
    let before = pair.program.files();
    pair.run(&["plan"]).expect_code(3);
    assert_eq!(pair.program.files(), before);
    assert!(pair.target.requests().writes().is_empty());
    assert!(pair.source.requests().writes().is_empty());
}
