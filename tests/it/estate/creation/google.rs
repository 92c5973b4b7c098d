//! Repositories of Google Artifact Registry, in which what others call repositories lies.

use super::{Bench, PASSWORD};
use crate::bed::cloud::{Answer, Seen};
use crate::bed::memory::{Personality, Registry};
use serde_json::{Value, json};
use std::sync::Mutex;

const HOST: &str = "europe-west1-docker.pkg.dev";
const API: &str = "artifactregistry.googleapis.com";
const USER: &str = "oauth2accesstoken";

/// What is written of the registry, and of the API, which is another host.
fn keys(wanted: &str) -> String {
    format!(
        "credentials: {{ username: {USER}, password: \"${{PASSWORD}}\" }}, create_repositories: {wanted} }}\n  {API}: \
         {{ plain_http: true"
    )
}

/// The API: a repository is not made when it says so, but some time after.
fn google(known: &'static [&'static str]) -> impl Fn(&Seen, &Registry) -> Option<Answer> + Send + Sync {
    let known: Mutex<Vec<String>> = Mutex::new(known.iter().map(|name| (*name).to_owned()).collect());
    let asked: Mutex<usize> = Mutex::default();
    move |seen, target| {
        if seen.host != API {
            return None;
        }
        if seen.header("authorization") != format!("Bearer {PASSWORD}") {
            return Some(Answer::new(401, r#"{"error":{"code":401,"status":"UNAUTHENTICATED"}}"#));
        }
        let mut known = known.lock().expect("no panic while answering");
        let parent = "/v1/projects/acme/locations/europe-west1/repositories";
        if seen.method == "POST" {
            if seen.path != parent || seen.parameter("repositoryId").as_deref() == Some("closed") {
                return Some(Answer::new(403, r#"{"error":{"code":403,"status":"PERMISSION_DENIED"}}"#));
            }
            known.push(seen.parameter("repositoryId")?);
            return Some(Answer::new(200, json!({ "name": "projects/acme/operations/o1" }).to_string()));
        }
        if seen.path == "/v1/projects/acme/operations/o1" {
            let mut asked = asked.lock().expect("no panic while answering");
            *asked += 1;
            if *asked > 1 {
                target.create("acme/made");
            }
            let body: Value = json!({ "name": "projects/acme/operations/o1", "done": *asked > 1 });
            return Some(Answer::new(200, body.to_string()));
        }
        let name = seen.path.strip_prefix(parent)?.strip_prefix('/')?;
        let is_there = known.iter().any(|one| one == name);
        Some(Answer::new(if is_there { 200 } else { 404 }, "{}"))
    }
}

fn bench(known: &'static [&'static str], places: &str) -> Bench {
    Bench::of(Personality::Gar, HOST, [USER, PASSWORD, places], google(known))
}

fn calls(bench: &Bench) -> Vec<String> {
    bench.calls(|seen| seen.host == API)
}

#[test]
fn a_repository_is_made_once_and_waited_for() {
    let bench = bench(&[], "*");
    let places = ["acme/images/app", "acme/images/deep/other"];
    let wanted = keys("{ immutable: true, kms_key: projects/p/k, labels: { team: web } }");
    bench.sync(&wanted, places).expect_code(0);
    bench.assert_complete(places);
    let body = json!({
        "format": "DOCKER", "dockerConfig": { "immutableTags": true }, "labels": { "team": "web" },
        "kmsKeyName": "projects/p/k",
    });
    let parent = "/v1/projects/acme/locations/europe-west1/repositories";
    let expected = [
        format!("POST {parent}?repositoryId=images {body}"),
        "GET /v1/projects/acme/operations/o1".to_owned(),
        "GET /v1/projects/acme/operations/o1".to_owned(),
    ];
    assert_eq!(calls(&bench), expected, "the registry had said itself that there is none");
    bench.sync(&wanted, places).expect_code(0);
    assert_eq!(calls(&bench).len(), 3);
    let elsewhere = bench.cloud.seen().into_iter().filter(|seen| seen.host != API);
    assert!(elsewhere.into_iter().all(|seen| !seen.header("authorization").contains(PASSWORD)));
}

#[test]
fn a_repository_that_is_there_is_not_made_and_a_right_is_what_is_missing() {
    let bench = bench(&["images"], "elsewhere/*");
    bench.target.create("acme/made");
    assert_eq!(bench.sync(&keys("true"), ["acme/images/app", "acme/images/other"]).code, Some(5));
    assert!(bench.errors().iter().all(|error| error["code"] == "denied"), "{:#?}", bench.errors());
    assert_eq!(calls(&bench), ["GET /v1/projects/acme/locations/europe-west1/repositories/images"]);
}

#[test]
fn a_role_that_is_missing_is_named() {
    let bench = bench(&[], "*");
    assert_eq!(bench.sync(&keys("true"), ["acme/closed/app", "acme/closed/other"]).code, Some(5));
    assert!(bench.hints().contains("`roles/artifactregistry.admin`"), "{}", bench.hints());
}
