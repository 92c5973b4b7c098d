//! `crossdock filter test`: what is shown, what is blessed, and how it ends.

use super::{bench, case, put, seen};
use serde_json::Value;

const SCRIPT: &str = r#",
  "config": { "decisions": { "1.0": { "drop": "old" }, "1.1": { "rename": [":1", "acme/app/old:1.1"] } } }"#;

#[test]
fn cases_that_pass_and_cases_that_fail_are_told_apart_by_tag() {
    let program = bench("scripted");
    let good = r#", "expect": { "1.0": { "drop": "old" }, "1.1": [":1", "acme/app/old:1.1"], "2": "keep" }"#;
    let bad = r#", "expect": { "1.0": "keep", "1.1": [":1"], "3": "keep" }"#;
    program.write("tests/a.json", &case(r#"["2", "1.0", "1.1"]"#, &format!("{SCRIPT}{good}")));
    program.write("tests/b.json", &case(r#"["2", "1.0", "1.1"]"#, &format!("{SCRIPT}{bad}")));
    insta::assert_snapshot!(seen(&program, &["filter", "test", "scripted.wasm"]));
    program.run(&["filter", "test", "scripted.wasm", "tests/a.json"]).expect_code(0);
}

#[test]
fn a_program_can_read_the_verdicts() {
    let program = bench("scripted");
    let config = r#", "config": { "needs": ["digest"], "log": [["warn", "careful"]] }"#;
    program.write("a.json", &case(r#"["1.0"]"#, &format!(r#"{config}, "expect": {{ "1.0": [":x"] }}"#)));
    let arguments = ["filter", "test", "scripted.wasm", "a.json", "--format", "json"];
    insta::assert_snapshot!(seen(&program, &arguments));
}

#[test]
fn errors_are_expected_or_shown_with_what_was_logged() {
    let program = bench("scripted");
    let config = r#", "config": { "log": [["info", "on my way"]], "fail": "I cannot" }"#;
    let cases = [
        case("[]", &format!(r#"{config}, "expect_error": "I cannot", "name": "expected""#)),
        case("[]", &format!(r#"{config}, "expect_error": "I can", "name": "a part is enough""#)),
        case(r#"["1"]"#, &format!(r#"{config}, "expect": {{ "1": "keep" }}, "name": "unexpected""#)),
        case("[]", r#", "expect_error": "I cannot", "name": "no error""#),
        case("[]", r#", "config": { "nonsense": 1 }, "expect_error": "else", "name": "another""#),
        case("[]", r#", "name": "says nothing""#),
    ];
    program.write("a.json", &format!("{{ \"cases\": [{}] }}", cases.join(",")));
    insta::assert_snapshot!(seen(&program, &["filter", "test", "scripted.wasm", "a.json", "-v"]));
}

#[test]
fn blessing_writes_the_answers_and_then_the_cases_pass() {
    let program = bench("scripted");
    program.write("tests/a.json", &case(r#"["2", "1.0", "1.1"]"#, SCRIPT));
    let finished = program.run(&["filter", "test", "scripted.wasm", "--bless"]).expect_code(0);
    assert!(finished.stdout.contains("1 case: 0 ok, 1 blessed."), "{}", finished.stdout);
    insta::assert_snapshot!(program.read("tests/a.json"));
    let finished = program.run(&["filter", "test", "scripted.wasm"]).expect_code(0);
    assert!(finished.stdout.contains("1 case: 1 ok."), "{}", finished.stdout);
}

#[test]
fn a_crash_is_not_blessed() {
    let program = bench("hostile");
    let text = case(r#"["1"]"#, r#", "config": { "deed": "panic" }, "expect": { "1": "keep" }"#);
    program.write("a.json", &text);
    let finished = program.run(&["filter", "test", "hostile.wasm", "a.json", "--bless"]).expect_code(1);
    assert!(finished.stdout.contains("panicked on purpose"), "{}", finished.stdout);
    assert_eq!(program.read("a.json"), text);
}

#[test]
fn what_a_filter_says_commands_neither_a_terminal_nor_a_runner() {
    let program = bench("hostile");
    let deeds = ["log-commands", "print-commands", "fail-commands", "reason-commands"];
    let one = |deed: &&str| {
        case(r#"["1"]"#, &format!(r#", "config": {{ "deed": "{deed}" }}, "expect": {{ "1": [":z"] }}"#))
    };
    let cases: Vec<String> = deeds.iter().map(one).collect();
    program.write("a.json", &format!("{{ \"cases\": [{}] }}", cases.join(",")));
    for format in ["text", "json"] {
        let arguments = ["filter", "test", "hostile.wasm", "a.json", "-v", "--format", format];
        let finished = program.run(&arguments).expect_code(1);
        let output = finished.stdout + &finished.stderr;
        assert!(output.contains("owned"), "{output}");
        for line in output.lines() {
            assert!(!line.trim_start().starts_with("::") && !line.contains("##["), "{line:?}");
            assert!(!line.contains(['\u{1b}', '\u{7}', '\r']), "{line:?}");
        }
    }
}

#[test]
fn what_is_wrong_with_case_files_is_told_before_anything_runs() {
    let program = bench("scripted");
    program.write("tests/a.json", &case(r#"["1", "1"]"#, r#", "expects": {}"#));
    program.write("tests/b.json", "{");
    insta::assert_snapshot!(seen(&program, &["filter", "test", "scripted.wasm"]));
    std::fs::create_dir(program.work().join("empty")).expect("a folder can be made");
    for missing in ["gone.json", "empty"] {
        program.run(&["filter", "test", "scripted.wasm", missing]).expect_code(4);
    }
}

#[test]
fn the_cases_of_the_filters_here_pass() {
    let program = bench("scripted");
    let cases = |name: &str| format!("{}/filters/{name}/tests", env!("CARGO_MANIFEST_DIR"));
    for name in ["newest-minors", "age-window", "require-platforms", "template-rust", "template-c"] {
        put(&program, name);
        program.run(&["filter", "test", &format!("{name}.wasm"), &cases(name)]).expect_code(0);
    }
    program.run(&["filter", "test", "scripted.wasm", &cases("newest-minors")]).expect_code(1);
}

#[test]
fn the_schema_of_cases_takes_the_cases_of_the_filters_here() {
    let printed = bench("scripted").run(&["schema", "filter-case"]).expect_code(0).stdout;
    let schema: Value = serde_json::from_str(&printed).expect("a schema is JSON");
    let validator = jsonschema::draft7::new(&schema).expect("a schema");
    let mut found = 0;
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/filters")).expect("a folder") {
        let Ok(cases) = std::fs::read_dir(entry.expect("an entry").path().join("tests")) else { continue };
        for file in cases.map(|file| file.expect("an entry").path()) {
            let text = std::fs::read_to_string(&file).expect("a text");
            let value = serde_json::from_str(&text).expect("cases are JSON");
            assert!(validator.is_valid(&value), "{}", file.display());
            found += 1;
        }
    }
    assert!(found > 0, "the filters have cases");
}
