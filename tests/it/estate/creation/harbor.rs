//! Projects of Harbor.

use super::{Bench, PASSWORD};
use crate::bed::cloud::{Answer, Seen};
use crate::bed::memory::{Personality, Registry};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Harbor's API for projects.
fn harbor(seen: &Seen, target: &Registry) -> Option<Answer> {
    if seen.path != "/api/v2.0/projects" {
        return None;
    }
    let shown = format!("Basic {}", STANDARD.encode(format!("alice:{PASSWORD}")));
    if seen.header("authorization") != shown {
        return Some(Answer::new(401, "{}"));
    }
    let body: Value = serde_json::from_slice(&seen.body).ok()?;
    match body["project_name"].as_str()? {
        "closed" => Some(Answer::new(403, r#"{"errors":[{"code":"FORBIDDEN","message":"forbidden"}]}"#)),
        project => {
            target.create(&format!("{project}/made"));
            Some(Answer::new(if project == "raced" { 409 } else { 201 }, ""))
        }
    }
}

const HARBOR_KEYS: &str = "profile: harbor, credentials: { username: alice, password: \"${PASSWORD}\" }, \
                           create_repositories: { scan: true }";

#[test]
fn a_project_of_harbor_is_made_once_for_all_of_its_repositories() {
    let bench = Bench::of(Personality::Harbor, "harbor.corp", ["alice", PASSWORD, "*"], harbor);
    bench.sync(HARBOR_KEYS, ["team/app", "team/other"]).expect_code(0);
    assert!(bench.target.complete("team/app", "1.1") && bench.target.complete("team/other", "1.0"));
    let metadata = json!({ "public": "false", "auto_scan": "true" });
    let expected = json!({ "project_name": "team", "metadata": metadata });
    assert_eq!(bench.asked("/api/v2.0/projects"), [(String::new(), expected)]);
    bench.sync(HARBOR_KEYS, ["raced/app", "raced/other"]).expect_code(0);
    assert_eq!(bench.asked("/api/v2.0/projects").len(), 2);
    let finished = bench.sync(HARBOR_KEYS, ["closed/app", "closed/other"]);
    assert_eq!(finished.code, Some(5), "{}", finished.stdout);
    let errors = bench.errors();
    assert!(
        errors.iter().all(|error| error["code"] == "denied" || error["code"] == "repository_missing"),
        "{errors:#?}"
    );
    assert!(
        errors
            .iter()
            .any(|error| error["hint"].as_str().is_some_and(|hint| hint.contains("create projects")))
    );
    assert_eq!(bench.asked("/api/v2.0/projects").len(), 3);
}
