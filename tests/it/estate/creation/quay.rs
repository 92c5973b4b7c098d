//! Repositories and organisations of Quay, which answers to what is missing as to what is forbidden.

use super::{Bench, PASSWORD};
use crate::bed::cloud::{Answer, Seen};
use crate::bed::memory::{Personality, Registry, RequestKind, Rule};
use serde_json::{Value, json};
use std::sync::Mutex;

const TOKEN: &str = "$oauthtoken";
const KEYS: &str =
    "credentials: { username: $oauthtoken, password: \"${PASSWORD}\" }, create_repositories: true";

/// Quay's API, strict about the token: namespaces and repositories that are there, and what it makes of others.
fn quay(known: &'static [&'static str]) -> impl Fn(&Seen, &Registry) -> Option<Answer> + Send + Sync {
    let known: Mutex<Vec<String>> = Mutex::new(known.iter().map(|name| (*name).to_owned()).collect());
    move |seen, target| {
        let path = seen.path.strip_prefix("/api/v1/")?;
        if seen.header("authorization") != format!("Bearer {PASSWORD}") {
            return Some(Answer::new(401, r#"{"error_message":"canary","error_type":"invalid_token"}"#));
        }
        let mut known = known.lock().expect("no panic while answering");
        let has = |name: &str| known.iter().any(|one| one == name);
        let body: Value = serde_json::from_slice(&seen.body).unwrap_or_default();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let found = |is_there| Answer::new(if is_there { 200 } else { 404 }, "{}");
        Some(match (seen.method.as_str(), path) {
            ("POST", "organization/") if text("name") == "closed" => {
                Answer::new(403, r#"{"error_type":"insufficient_scope"}"#)
            }
            ("POST", "organization/") => {
                known.push(text("name"));
                Answer::new(201, "\"Created\"")
            }
            ("POST", "repository") if !has(&text("namespace")) && text("namespace") != "alice" => {
                Answer::new(403, "{}")
            }
            ("POST", "repository") => {
                target.create(&format!("{}/{}", text("namespace"), text("repository")));
                known.push(format!("{}/{}", text("namespace"), text("repository")));
                Answer::new(201, "{}")
            }
            ("GET", path) => match path.split_once('/')? {
                ("repository" | "organization", name) => found(has(name)),
                ("users", name) => found(name == "alice"),
                _ => return None,
            },
            _ => return None,
        })
    }
}

fn bench(known: &'static [&'static str], places: &'static str) -> Bench {
    Bench::of(Personality::Quay, "quay.io", [TOKEN, PASSWORD, places], quay(known))
}

fn calls(bench: &Bench) -> Vec<String> {
    let mut calls = bench.calls(|seen| seen.path.starts_with("/api/"));
    calls.sort();
    calls
}

#[test]
fn a_repository_is_made_where_the_api_says_that_it_is_not_there() {
    let bench = bench(&["team"], "*");
    let places = ["team/app", "team/sub/other"];
    bench.sync(KEYS, places).expect_code(0);
    bench.assert_complete(places);
    let made = |name: &str| {
        let body = json!({
            "namespace": "team", "repository": name, "visibility": "private", "description": "",
            "repo_kind": "image",
        });
        format!("POST /api/v1/repository {body}")
    };
    let posts: Vec<String> = calls(&bench).into_iter().filter(|call| call.starts_with("POST")).collect();
    // In a namespace with one, the rest comes by push: whichever was first is made, or both were.
    let both = [made("app"), made("sub/other")];
    assert!(!posts.is_empty() && posts.iter().all(|post| both.contains(post)), "{posts:#?}");
    assert!(posts.len() < 2 || posts[0] != posts[1], "{posts:#?}");
    // What is there is asked for no more.
    let before = calls(&bench).len();
    bench.sync(KEYS, places).expect_code(0);
    assert_eq!(calls(&bench).len(), before);
}

#[test]
fn an_organisation_that_nobody_has_is_made_once_and_one_of_a_user_is_not() {
    let bench = bench(&[], "*");
    let keys = KEYS.replace("create_repositories: true", "create_repositories: { public: true }");
    bench.sync(&keys, ["team/app", "team/app2"]).expect_code(0);
    bench.assert_complete(["team/app", "team/app2"]);
    let calls = calls(&bench);
    assert!(
        calls.contains(&format!("POST /api/v1/organization/ {}", json!({ "name": "team" }))),
        "{calls:#?}"
    );
    assert!(calls.iter().any(|call| call.contains(r#""visibility":"public""#)), "{calls:#?}");
    let user = self::bench(&[], "*");
    user.sync(KEYS, ["alice/app", "alice/app3"]).expect_code(0);
    assert!(self::calls(&user).iter().all(|call| !call.contains("POST /api/v1/organization")));
}

#[test]
fn a_right_that_is_missing_makes_nothing_and_stays_what_it_is() {
    let bench = bench(&["team", "team/app", "team/other"], "elsewhere/*");
    bench.target.create("team/app");
    let finished = bench.sync(KEYS, ["team/app", "team/other"]);
    assert_eq!(finished.code, Some(5), "{}", finished.stdout);
    assert!(bench.errors().iter().all(|error| error["code"] == "denied"), "{:#?}", bench.errors());
    let expected = ["GET /api/v1/repository/team/app", "GET /api/v1/repository/team/other"];
    assert_eq!(calls(&bench), expected, "each is asked for once, and none is made");
}

#[test]
fn what_may_not_even_be_read_is_asked_for_too() {
    let bench = bench(&[], "*");
    // Whoever is in no team of an organisation is told so of all that it does not have.
    let refused = bench.target.rule(Rule::on(RequestKind::ManifestHead).first(3).answer(403));
    bench.sync(KEYS, ["team/app", "team/other"]).expect_code(0);
    bench.assert_complete(["team/app", "team/other"]);
    assert_eq!(refused.acted(), 3);
    let calls = calls(&bench);
    let of = |name: &str| calls.iter().filter(|call| call.ends_with(name)).count();
    assert_eq!((of("repository/team/app"), of("repository/team/other")), (1, 1), "{calls:#?}");
}

#[test]
fn whoever_has_no_token_for_the_api_is_told_what_it_takes() {
    let robot = ["team+robot", PASSWORD, "*"];
    let bench = Bench::of(Personality::Quay, "quay.io", robot, quay(&["team"]));
    let keys = KEYS.replace(TOKEN, "team+robot");
    assert_eq!(bench.sync(&keys, ["team/app", "team/other"]).code, Some(5));
    let hints = bench.hints();
    assert!(hints.contains("could not be asked: users and robots have no API"), "{hints}");
    assert!(hints.contains("`$oauthtoken`"), "{hints}");
    assert!(calls(&bench).is_empty(), "a robot's password is shown to no API");
}

#[test]
fn a_token_that_may_make_no_organisation_is_told_which_scope_it_needs() {
    let bench = bench(&[], "*");
    assert_eq!(bench.sync(KEYS, ["closed/app", "closed/other"]).code, Some(5));
    assert!(bench.hints().contains("`org:admin`"), "{}", bench.hints());
    let posts = calls(&bench).into_iter().filter(|call| call.starts_with("POST")).count();
    assert_eq!(posts, 2, "once for each name");
}

#[test]
fn doctor_asks_whether_it_is_there_and_makes_nothing() {
    let bench = bench(&["team", "team/other"], "elsewhere/*");
    bench.write(KEYS, ["team/app", "team/other"]);
    let said = bench.doctor();
    for line in ["push quay.io/team/app  absent", "! push quay.io/team/other  "] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    let expected = ["GET /api/v1/repository/team/app", "GET /api/v1/repository/team/other"];
    assert_eq!(calls(&bench), expected);
}
