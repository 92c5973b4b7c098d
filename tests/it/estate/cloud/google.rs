//! Packages of Google Artifact Registry, which others call repositories.

use super::{Estate, json};
use crate::bed::cloud::{Answer, Seen};
use serde_json::json as value;

const HOST: &str = "europe-west1-docker.pkg.dev";
const API: &str = "artifactregistry.googleapis.com";
const KEYS: &str = ", credentials: { username: oauth2accesstoken, password: \"${PASSWORD}\" }";

/// The API, which wants an access token; of two repositories, one is that of the older host.
fn google(seen: &Seen) -> Option<Answer> {
    if seen.host != API || seen.header("authorization") != "Bearer canary-access" {
        return Some(Answer::new(401, r#"{"error":{"code":401,"status":"UNAUTHENTICATED"}}"#));
    }
    let packages = |names: &[&str]| -> Vec<_> {
        let parent = seen.path.trim_start_matches("/v1/");
        names.iter().map(|name| value!({ "name": format!("{parent}/{name}") })).collect()
    };
    Some(match (seen.path.as_str(), seen.parameter("pageToken").as_deref()) {
        ("/v1/projects/acme/locations/europe-west1/repositories/images/packages", None) => {
            assert_eq!(seen.parameter("pageSize").as_deref(), Some("1000"));
            json(&value!({ "packages": packages(&["web", "team%2Fapi"]), "nextPageToken": "t/=" }))
        }
        ("/v1/projects/acme/locations/europe-west1/repositories/images/packages", Some("t/=")) => {
            json(&value!({ "packages": packages(&["team%2Fdb"]) }))
        }
        ("/v1/projects/acme/locations/europe/repositories/eu.gcr.io/packages", None) => {
            json(&value!({ "packages": packages(&["old%2Fapp"]) }))
        }
        _ => Answer::new(404, r#"{"error":{"code":404,"status":"NOT_FOUND"}}"#),
    })
}

fn estate(host: &str, area: &str, keys: &str) -> Estate {
    let mut estate = Estate::of(google);
    estate.program = estate.program.variable("PASSWORD", "canary-access");
    estate.spec(&[host, API], keys, &format!("source: {host}/{area}\n  target: r.corp/{{repository}}"));
    estate
}

#[test]
fn a_repository_is_listed_by_the_api_of_artifact_registry() {
    let whole = estate(HOST, "acme/images/**", KEYS);
    let rule = |from: &str, to: &str| format!("{HOST}/acme/images/{from} -> r.corp/{to}");
    assert_eq!(whole.rules(), [rule("team/api", "team/api"), rule("team/db", "team/db"), rule("web", "web")]);
    assert_eq!(whole.asked(API).len(), 2);
    whole.assert_only_at("canary-access", &[API]);
    let part = estate(HOST, "acme/images/team/*", KEYS);
    assert_eq!(part.rules(), [rule("team/api", "api"), rule("team/db", "db")]);
}

#[test]
fn the_older_hosts_are_repositories_of_their_own_names() {
    let estate = estate("eu.gcr.io", "acme/**", KEYS);
    assert_eq!(estate.rules(), ["eu.gcr.io/acme/old/app -> r.corp/old/app"]);
}

#[test]
fn what_cannot_be_listed_says_what_it_takes() {
    for (area, keys, code, hint) in [
        ("acme/**", KEYS, "refused", "LOCATION-docker.pkg.dev/PROJECT/REPOSITORY"),
        ("acme/images/**", "", "credential_unavailable", "identity: gar"),
        (
            "acme/images/**",
            ", credentials: { username: _json_key, password: \"{}\" }",
            "credential_unavailable",
            "identity: gar",
        ),
        ("acme/other/**", KEYS, "not_found", "check the name"),
    ] {
        let estate = estate(HOST, area, keys);
        let error = estate.error();
        assert_eq!(error["code"], code, "{area}: {error:#}");
        assert!(error["hint"].as_str().expect("a hint").contains(hint), "{area}: {error:#}");
    }
}
