//! `crossdock filter run`: real tags, what is asked of the registry, and what is recorded.

use super::{normal, put};
use crate::bed::images::{Format, one_platform, two_platforms};
use crate::commands::pair::Pair;
use crate::transcript::transcript;

fn pair() -> Pair {
    let pair = Pair::new();
    put(&pair.program, "scripted");
    pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0", "1.1", "latest"]);
    pair.source.seed(&two_platforms(2, Format::Oci), "app", &["2.0"]);
    pair.mirrors("- { name: unused, source: SOURCE/other, target: TARGET/other, tags: [x] }");
    pair
}

#[test]
fn the_decisions_about_real_tags_are_shown_and_nothing_is_written() {
    let pair = pair();
    let config = r#"{"decisions":{"1.0":{"drop":"old"},"1.1":{"rename":[":1",":latest"]}}}"#;
    let source = pair.placed("SOURCE/app");
    let target = pair.placed("TARGET/app");
    let arguments =
        ["filter", "run", "scripted.wasm", "--source", &source, "--target", &target, "--config", config];
    insta::assert_snapshot!(transcript(&pair.program, &normal(pair.normal()), &arguments));
    assert!(pair.target.requests().is_empty(), "a run of a filter asks nothing of the target");
    assert!(pair.source.requests().writes().is_empty());
}

#[test]
fn a_filter_that_needs_only_tags_costs_one_listing() {
    let pair = pair();
    let source = pair.placed("SOURCE/app");
    pair.run(&["filter", "run", "scripted.wasm", "--source", &source, "--tag", "1.*"]).expect_code(0);
    let asked: Vec<String> =
        pair.source.requests().iter().map(|request| format!("{} {}", request.method, request.path)).collect();
    assert_eq!(asked.iter().filter(|line| line.contains("/tags/list")).count(), 1, "{asked:?}");
    assert!(!asked.iter().any(|line| line.contains("/manifests/")), "{asked:?}");
}

#[test]
fn what_is_recorded_passes_as_a_case() {
    let pair = pair();
    let config = r#"{"needs":["digest","platforms","annotations","config","now"],"default":{"drop":null}}"#;
    let source = pair.placed("SOURCE/app");
    let arguments = ["filter", "run", "scripted.wasm", "--source", &source, "--config", config];
    pair.run(&[&arguments[..], &["--record", "case.json"]].concat()).expect_code(0);
    let text = pair.program.read("case.json");
    for fact in ["linux/arm64", "sha256:", "created", "\"now\"", "labels"] {
        assert!(text.contains(fact), "{fact} is not in {text}");
    }
    let finished = pair.run(&["filter", "test", "scripted.wasm", "case.json"]).expect_code(0);
    assert!(!finished.stdout.contains("note:"), "{}", finished.stdout);
}

#[test]
fn a_failure_is_recorded_so_that_it_can_be_worked_on() {
    let pair = pair();
    let source = pair.placed("SOURCE/app");
    let config = r#"{"fail":"I cannot: too many"}"#;
    let arguments = ["filter", "run", "scripted.wasm", "--source", &source, "--config", config];
    pair.run(&[&arguments[..], &["--record", "case.json"]].concat()).expect_code(1);
    assert!(pair.program.read("case.json").contains(r#""expect_error": "I cannot: too many""#));
    pair.run(&["filter", "test", "scripted.wasm", "case.json"]).expect_code(0);
}

#[test]
fn a_layout_is_a_source_too() {
    let pair = pair();
    one_platform(3, Format::Oci).write_layout(&pair.program.work().join("out"), "3.0");
    let arguments = ["filter", "run", "scripted.wasm", "--source", "oci:out", "--format", "json"];
    let finished = pair.run(&arguments).expect_code(0);
    assert!(finished.stdout.contains(r#""registry": "oci:out""#), "{}", finished.stdout);
    assert!(finished.stdout.contains(r#""tag": "3.0""#), "{}", finished.stdout);
}

#[test]
fn a_source_that_is_not_there_is_told() {
    let pair = pair();
    let source = pair.placed("SOURCE/gone");
    let finished = pair.run(&["filter", "run", "scripted.wasm", "--source", &source]).expect_code(1);
    assert!(finished.stderr.contains("does not exist, or has no tags"), "{}", finished.stderr);
}
