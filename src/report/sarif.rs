//! Problems of the spec as SARIF 2.1.0, for code scanning: each at its place in the file.
//!
//! What went wrong at registries has no place in a file, and other formats tell it.

use super::escape;
use super::place::{fingerprinted, uri};
use super::run::{Problem, Run, Severity};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Where the schema of this version is for everybody.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Where to read what a problem is about.
const HELP: &str = "https://github.com/crossdock-dev/crossdock/blob/main/docs/spec.md";
/// Where the program is from.
const HOME: &str = "https://github.com/crossdock-dev/crossdock";
/// The name of our fingerprints. Their version changes when they are made in another way.
const FINGERPRINT: &str = "crossdockProblem/v1";

/// The problems of a run. One without a file, such as a wrong flag, is a notification of the tool.
pub fn render(run: &Run) -> String {
    let kinds: BTreeMap<&str, Severity> =
        run.problems.iter().map(|problem| (problem.code.as_str(), problem.severity)).collect();
    let rules: Vec<Value> = kinds.iter().map(|(code, severity)| rule(code, *severity)).collect();
    let (mut results, mut notifications) = (Vec::new(), Vec::new());
    for (problem, print) in fingerprinted(run) {
        let index = kinds.keys().position(|code| *code == problem.code);
        match &problem.path {
            Some(path) => results.push(result(problem, path, index, &print)),
            None => notifications.push(notification(problem, index)),
        }
    }
    let successful = !run.problems.iter().any(|problem| problem.severity == Severity::Error);
    let sarif = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "crossdock",
                "version": escape::foreign(&run.tool_version),
                "informationUri": HOME,
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": successful,
                "toolConfigurationNotifications": notifications,
            }],
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&sarif).expect("JSON always serialises");
    text.push('\n');
    escape::json(&text)
}

fn rule(code: &str, severity: Severity) -> Value {
    json!({
        "id": escape::foreign(code),
        "shortDescription": { "text": escape::foreign(code.replace('-', " ")) },
        "helpUri": HELP,
        "defaultConfiguration": { "level": level(severity) },
    })
}

fn result(problem: &Problem, path: &str, index: Option<usize>, print: &str) -> Value {
    let Problem { severity, code, message: _, path: _, line, column, hint: _ } = problem;
    let mut place = json!({ "artifactLocation": { "uri": uri(path) } });
    if let Some(line) = line {
        place["region"] = match column {
            Some(column) => json!({ "startLine": line, "startColumn": column }),
            None => json!({ "startLine": line }),
        };
    }
    json!({
        "ruleId": escape::foreign(code),
        "ruleIndex": index,
        "level": level(*severity),
        "message": { "text": text(problem) },
        "locations": [{ "physicalLocation": place }],
        "partialFingerprints": { FINGERPRINT: print },
    })
}

fn notification(problem: &Problem, index: Option<usize>) -> Value {
    json!({
        "level": level(problem.severity),
        "message": { "text": text(problem) },
        "associatedRule": { "id": escape::foreign(&problem.code), "index": index },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// A plain text message. `[words](place)` would be a link in it, so the two never touch.
fn text(problem: &Problem) -> String {
    let mut text = escape::foreign(&problem.message);
    if let Some(hint) = &problem.hint {
        text.push_str("\nWhat to do: ");
        text.push_str(&escape::foreign(hint));
    }
    text.replace("](", "] (")
}
