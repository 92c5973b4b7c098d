//! The saved plan: what is written is read, and what is not a plan is told apart.

use super::{PlanFile, PlanFileError, schema};
use crate::plan::{Plan, sample};
use proptest::prelude::*;
use serde_json::{Value, json};

fn sample_file() -> PlanFile {
    PlanFile { tool_version: "0.1.0".to_owned(), spec: Some(sample::spec()), plan: sample::plan() }
}

/// The sample with one change, as bytes.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value = serde_json::from_str(&sample_file().to_json()).expect("JSON");
    change(&mut value);
    value.to_string().into_bytes()
}

fn refused(bytes: &[u8]) -> String {
    PlanFile::from_json(bytes).expect_err("not a plan").to_string()
}

#[test]
fn what_is_written_is_read() {
    let file = sample_file();
    assert_eq!(PlanFile::from_json(file.to_json().as_bytes()), Ok(file));
    let empty = PlanFile { tool_version: "0.1.0".to_owned(), spec: None, plan: Plan::default() };
    assert_eq!(PlanFile::from_json(empty.to_json().as_bytes()), Ok(empty));
}

#[test]
fn the_file_is_readable_and_stays_as_it_is() {
    insta::assert_snapshot!(sample_file().to_json());
}

#[test]
fn a_written_plan_follows_the_published_schema() {
    let schema = schema();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let value: Value = serde_json::from_str(&sample_file().to_json()).expect("JSON");
    let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    assert!(!validator.is_valid(&json!({ "kind": "crossdock.plan" })));
}

#[test]
fn every_key_of_the_schema_is_described() {
    let schema = schema();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    assert_eq!(sample::undescribed(&schema), Vec::<String>::new());
}

#[test]
fn a_foreign_file_is_told_apart_with_what_to_do() {
    let newer = changed(|file| {
        file["schemaVersion"] = json!("1.7");
        file["tool"]["version"] = json!("9.9.9");
        file["something"] = json!("new");
    });
    let report = json!({ "kind": "crossdock.report", "schemaVersion": "1.0" }).to_string();
    let texts = [
        ("no JSON", b"entries:\n  - x\n".to_vec()),
        ("cut off", b"{\n  \"kind\": \"crossdock.plan\",".to_vec()),
        ("empty", Vec::new()),
        ("a list", b"[1]".to_vec()),
        ("another kind", report.into_bytes()),
        ("no kind", b"{\"a\": 1}".to_vec()),
        ("newer", newer),
        ("no version", changed(|file| file["schemaVersion"] = json!(null))),
        ("missing key", changed(|file| drop(file["entries"][0].as_object_mut().map(|e| e.remove("source"))))),
        ("unknown key", changed(|file| file["entries"][0]["platforms"] = json!([]))),
        ("unknown drift", changed(|file| file["entries"][0]["targets"][0]["drift"] = json!("gone"))),
    ]
    .map(|(name, bytes)| format!("{name:13} {}", refused(&bytes)));
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn a_value_that_is_not_what_it_should_be_is_named_with_its_place() {
    let set = |path: &'static str, value: Value| {
        changed(move |file| *file.pointer_mut(path).expect("it is there") = value)
    };
    let target = |key: &str| format!("/entries/0/targets/0/{key}").leak() as &'static str;
    let texts = [
        set("/entries/2/source/digest", json!("sha256:../../etc/passwd")),
        set("/entries/0/source/reference", json!("https://ghcr.io/a")),
        set("/entries/0/source/mediaType", json!("text/html\r\nX: y")),
        set("/entries/0/source/mediaType", json!(null)),
        set(target("reference"), json!("x".repeat(300))),
        set(target("found"), json!("sha256:00")),
        set(target("drift"), json!("stale")),
        set(target("reason"), json!("collision")),
        set("/spec/sha256", json!("\u{1b}[31m")),
        set("/unresolved/0/source", json!("a b")),
        set("/unresolved/0/failure/code", json!("no_such_code")),
        changed(|file| {
            file["entries"][0]["source"]["digest"] = json!(null);
            file["entries"][0]["source"]["mediaType"] = json!(null);
        }),
    ]
    .map(|bytes| refused(&bytes));
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn a_secret_in_a_url_does_not_reach_the_file() {
    let mut unresolved = sample::plan().unresolved().to_vec();
    let http = unresolved[0].failure.http.as_mut().expect("it has one");
    http.url = "https://bob:CANARY@ghcr.io/v2/?_state=CANARY#CANARY".to_owned();
    let file = PlanFile { plan: Plan::new(Vec::new(), unresolved), ..sample_file() };
    let text = file.to_json();
    assert!(text.contains("https://ghcr.io/v2/") && !text.contains("CANARY"), "{text}");
}

#[test]
fn nesting_without_end_is_an_error() {
    let bytes = format!("{{\"kind\":{}", "[".repeat(1_000_000));
    assert!(matches!(PlanFile::from_json(bytes.as_bytes()), Err(PlanFileError::NotJson { .. })));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(at in 0_usize..8_000, byte: u8) {
        let mut bytes = sample_file().to_json().into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = PlanFile::from_json(&bytes);
        let _ = PlanFile::from_json(&bytes[..at]);
    }
}
