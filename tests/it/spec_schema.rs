//! The JSON Schema of the spec agrees with the parser, and the documentation with both.

use crossdock::oci::Tag;
use crossdock::select::Decision;
use crossdock::spec::{Code, Severity, load, schema};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Problems that are about what stands where; everything else is about what it means.
const STRUCTURAL: [Code; 6] = [
    Code::UnknownKey,
    Code::MissingKey,
    Code::WrongType,
    Code::EmptyValue,
    Code::EmptyList,
    Code::UnknownValue,
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every variable is set.
fn env(_: &str) -> Option<String> {
    Some("x".to_owned())
}

fn texts(directory: &Path) -> Vec<(String, String)> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let paths: BTreeSet<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    let files = paths.iter().filter(|path| path.is_file());
    files.map(|path| (path.display().to_string(), std::fs::read_to_string(path).expect("a text"))).collect()
}

/// Examples, specs in the documentation that are marked as complete, and good specs.
fn good_specs() -> Vec<(String, String)> {
    let mut found = texts(&root().join("tests/it/good_specs"));
    if let Ok(entries) = std::fs::read_dir(root().join("examples")) {
        for entry in entries {
            let directory = entry.expect("an entry").path();
            found.extend(texts(&directory).into_iter().filter(|(path, _)| path.ends_with("crossdock.yaml")));
        }
    }
    let documentation = std::fs::read_to_string(root().join("docs/spec.md")).expect("it is there");
    let blocks = documentation.split("```yaml complete\n").skip(1);
    found.extend(blocks.enumerate().map(|(at, block)| {
        (format!("docs/spec.md, block {at}"), block.split("```").next().expect("a block").to_owned())
    }));
    found
}

/// The text as an editor sees it, which knows nothing of substitutions.
fn as_json(text: &str) -> Option<Value> {
    serde_yaml::from_str_with_options(text, serde_yaml::options! { strict_booleans: true }).ok()
}

#[test]
fn every_good_spec_loads_and_fits_the_schema() {
    let validator = jsonschema::draft7::new(&schema()).expect("a schema");
    let specs = good_specs();
    assert!(specs.len() >= 5, "{}", specs.len());
    for (path, text) in specs {
        let variables = |name: &str| match name {
            "COUNT" => Some("2".to_owned()),
            "YES" => Some("true".to_owned()),
            "PATTERN" => Some("(?<x>v)".to_owned()),
            "PLAIN" | "EMPTY" | "NEVER_SET" => None,
            _ => env(name),
        };
        if let Err(problems) = load(&path, &text, &variables) {
            panic!("{problems}");
        }
        let value = as_json(&text).unwrap_or_else(|| panic!("{path} is YAML"));
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{path}: {errors:#?}");
    }
}

#[test]
fn a_spec_with_a_structural_problem_does_not_fit_the_schema_and_one_without_does() {
    let validator = jsonschema::draft7::new(&schema()).expect("a schema");
    let mut compared = 0;
    for (path, text) in texts(&root().join("tests/it/bad_specs")) {
        if path.ends_with("bad_value_from_environment.yaml") {
            // A schema cannot see what variables hold.
            continue;
        }
        let problems = load(&path, &text, &env).err();
        let errors = problems.iter().flat_map(|problems| problems.iter());
        let codes: BTreeSet<Code> = errors
            .filter(|problem| problem.severity == Severity::Error)
            .map(|problem| problem.code)
            .collect();
        // A schema knows nothing of anchors, YAML tags and duplicate keys.
        let of_yaml =
            [Code::DuplicateKey, Code::YamlTag, Code::BadMerge, Code::UnknownAnchor, Code::AliasCycle];
        let (Some(value), true) = (as_json(&text), of_yaml.iter().all(|code| !codes.contains(code))) else {
            continue;
        };
        // `version` and counts are the two meanings that a schema can check too.
        let meanings = [Code::BadCount, Code::UnsupportedVersion, Code::EmptyDocument];
        let structural = STRUCTURAL.iter().chain(&meanings).any(|code| codes.contains(code));
        assert_eq!(!validator.is_valid(&value), structural, "{path}: {codes:?}");
        compared += 1;
    }
    assert!(compared > 25, "{compared}");
}

/// Each key with its schema, wherever it is.
fn keys(schema: &Value, found: &mut Vec<(String, Value)>) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        for (key, property) in properties {
            found.push((key.clone(), property.clone()));
            keys(property, found);
        }
    }
    for part in ["anyOf", "items", "additionalProperties"] {
        match schema.get(part) {
            Some(Value::Array(schemas)) => schemas.iter().for_each(|schema| keys(schema, found)),
            Some(one) => keys(one, found),
            None => {}
        }
    }
}

#[test]
fn every_key_has_a_description_and_an_example_that_fits() {
    let mut found = Vec::new();
    keys(&schema(), &mut found);
    assert!(found.len() > 60, "{}", found.len());
    for (key, property) in found {
        assert!(property["description"].as_str().is_some_and(|text| text.len() > 10), "{key}");
        let validator = jsonschema::draft7::new(&property).expect("a schema");
        assert!(validator.is_valid(&property["examples"][0]), "{key}");
    }
}

#[test]
fn the_documentation_mentions_every_key_and_every_code() {
    let documentation = std::fs::read_to_string(root().join("docs/spec.md")).expect("it is there");
    let mut found = Vec::new();
    keys(&schema(), &mut found);
    let words = found.iter().map(|(key, _)| key.as_str()).chain(Code::ALL.iter().map(|code| code.as_str()));
    let missing: BTreeSet<&str> =
        words.filter(|word| !documentation.contains(&format!("`{word}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_worked_example_of_the_documentation_is_true() {
    let documentation = std::fs::read_to_string(root().join("docs/spec.md")).expect("it is there");
    let before = documentation.split("| source tag |").next().expect("what stands before the table");
    let block = before.rsplit("```yaml complete\n").next().expect("the spec before the table");
    let spec = load("docs", block.split("```").next().expect("a block"), &env).expect("a good spec");
    let rows = documentation.split("| source tag |").nth(1).expect("the table").lines().skip(2);
    let rows: Vec<(&str, &str)> = rows
        .take_while(|row| row.starts_with('|'))
        .filter_map(|row| row.trim_matches([' ', '|']).split_once(" | "))
        .collect();
    let tags: Vec<Tag> = rows.iter().map(|(tag, _)| tag.trim_matches('`').parse().expect("a tag")).collect();
    assert_eq!(tags.len(), 10);
    let verdicts = spec.mirrors[0].selection.choose(&tags);
    for (tag, (_, told)) in tags.iter().zip(rows) {
        let verdict = verdicts.iter().find(|verdict| verdict.tag == *tag).expect("a verdict");
        let expected = match &verdict.decision {
            Decision::Taken { target, renamed_by: Some(_), .. } => format!("renamed to `{target}`"),
            Decision::Taken { .. } => "taken".to_owned(),
            Decision::Dropped { stage, .. } => format!("dropped by `{stage}`"),
            Decision::Invalid { .. } => "refused".to_owned(),
        };
        assert!(told.contains(&expected), "{verdict} but told is: {told}");
    }
}

#[test]
fn the_schema_changes_only_on_purpose() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&schema()).expect("it is a value"));
}
