//! `crossdock filter check`, `inspect` and `wit`.

use super::{bench, case, seen};
use crate::bed::program::Program;
use serde_json::{Value, json};

#[test]
fn a_good_filter_is_told_with_what_it_needs_and_may_use() {
    let program = bench("scripted");
    program.write("config.json", r#"{ "needs": ["digest", "config", "now"] }"#);
    let arguments = ["filter", "check", "scripted.wasm", "--config", "@config.json", "--memory-mib", "64"];
    insta::assert_snapshot!(seen(&program, &arguments));
}

#[test]
fn a_component_says_what_it_is() {
    let program = bench("scripted");
    let finished = program.run(&["filter", "inspect", "scripted.wasm", "--format", "json"]).expect_code(0);
    let told: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    assert_eq!(told["contract"], json!("0.1.0"));
    assert_eq!(told["exports"], json!(["crossdock:filter/filter@0.1.0"]));
    assert_eq!((&told["needs"], &told["error"]), (&json!([]), &Value::Null));
    let size = std::fs::metadata(program.work().join("scripted.wasm")).expect("a file").len();
    assert_eq!(told["sizeBytes"], json!(size));
    let text = program.run(&["filter", "inspect", "scripted.wasm"]).expect_code(0).stdout;
    assert!(text.contains(told["sha256"].as_str().expect("a text")), "{text}");
}

#[test]
fn inspecting_tells_why_the_needs_are_not_known() {
    let program = bench("newest-minors");
    let finished = program.run(&["filter", "inspect", "newest-minors.wasm"]).expect_code(0);
    let wanted = "not known, as it refuses an empty configuration: ";
    assert!(finished.stdout.contains(wanted) && finished.stdout.contains("minors"), "{}", finished.stdout);
}

#[test]
fn a_configuration_that_is_refused_makes_a_filter_invalid() {
    let program = bench("newest-minors");
    insta::assert_snapshot!(seen(&program, &["filter", "check", "newest-minors.wasm"]));
    for config in ["{", "@gone.json"] {
        program.run(&["filter", "check", "newest-minors.wasm", "--config", config]).expect_code(4);
    }
}

#[test]
fn a_filter_that_is_the_same_twice_is_told_so() {
    let program = bench("hostile");
    // Time, randomness, hash maps and memory of earlier calls: none of them is any here.
    let deeds = ["hashmap", "random", "time", "remember", "panic", "fail-commands"];
    let one = |deed: &&str| {
        case(r#"["1", "2"]"#, &format!(r#", "config": {{ "deed": "{deed}" }}, "name": "{deed}""#))
    };
    let cases: Vec<String> = deeds.iter().map(one).collect();
    program.write("tests/a.json", &format!("{{ \"cases\": [{}] }}", cases.join(",")));
    let arguments = ["filter", "check", "hostile.wasm", "--config", r#"{"deed":"exit"}"#, "--deterministic"];
    insta::assert_snapshot!(seen(&program, &arguments));
}

#[test]
fn what_is_no_filter_is_told_with_what_to_do() {
    let program = Program::new();
    program.write("text.wasm", "not a component");
    program.write("core.wasm", "\0asm\u{1}\0\0\0");
    std::fs::create_dir(program.work().join("folder.wasm")).expect("a folder can be made");
    let told = ["text.wasm", "core.wasm", "gone.wasm", "folder.wasm"]
        .map(|file| seen(&program, &["filter", "check", file]));
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn the_contract_is_printed_as_it_is() {
    let wit = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/filters/wit/filter.wit"));
    let printed = Program::new().run(&["filter", "wit"]).expect_code(0).stdout;
    assert_eq!(printed, wit.expect("the contract"));
}
