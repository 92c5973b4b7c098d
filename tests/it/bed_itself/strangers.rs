//! A credential that reaches a registry which it does not belong to fails the test.

use crate::bed::grants::Users;
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Auth, BlobsAt, Credentials, Options, Registry, TokenServer};
use crate::bed::wire::Ask;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

fn users() -> Users {
    Users::new().user("alice", "s3cret").allow("alice", "*", "pull,push")
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// What the registry says about a GET of `target` with this `Authorization`.
fn said(registry: &Registry, target: &str, authorization: &str) -> String {
    let _ = Ask::new("GET", target).header("authorization", authorization).send(&registry.host());
    registry.take_violations().join("\n")
}

#[test]
fn a_registry_without_users_wants_no_credential() {
    let registry = Registry::start();
    let told = said(&registry, "/v2/app/tags/list", &basic("alice", "s3cret"));
    assert!(told.starts_with("GET /v2/app/tags/list brought Basic"), "{told}");
    assert!(told.ends_with("to a registry that has no users"), "{told}");
    assert!(said(&registry, "/v2/", "Bearer of news").contains("has no users"));
    let allowed = Options::new().credentials(Credentials::Any).start();
    assert_eq!(said(&allowed, "/v2/", &basic("alice", "s3cret")), "");
}

#[test]
fn a_registry_knows_its_own_users_and_tokens_from_others() {
    let registry = Options::new().auth(Auth::Basic(users())).start();
    assert_eq!(said(&registry, "/v2/", &basic("alice", "s3cret")), "");
    assert_eq!(said(&registry, "/v2/", &basic("alice", "mistaken")), "", "a mistake is no leak");
    assert!(said(&registry, "/v2/", &basic("bob", "s3cret")).contains("does not know it"));
    assert!(said(&registry, "/v2/", "Bearer elsewhere").contains("does not know it"));

    let tokens = || Options::new().auth(Auth::Bearer(TokenServer::new(users()))).start();
    let (one, other) = (tokens(), tokens());
    let asked = Ask::new("GET", "/token?service=memory-registry&scope=repository:app:pull");
    let own = asked.header("authorization", &basic("alice", "s3cret")).send(&one.host()).expect("an answer");
    let own = format!("Bearer {}", own.json()["token"].as_str().expect("a token"));
    assert_eq!(said(&one, "/v2/", &own), "");
    assert!(said(&other, "/v2/", &own).contains("does not know it"));
    assert!(said(&one, "/token", &basic("bob", "s3cret")).contains("does not know it"));
    let form = Ask::new("POST", "/token").body("grant_type=password&username=bob&password=s3cret");
    let _ = form.send(&one.host());
    assert!(one.take_violations().join("\n").contains("the password of `bob`"));
}

#[test]
fn the_storage_of_blobs_wants_no_credential() {
    let image = one_platform(1, Format::Oci);
    let elsewhere = Options::new().but(|traits| traits.blobs_at = BlobsAt::Elsewhere(307));
    let registry = elsewhere.auth(Auth::Basic(users())).start();
    registry.seed(&image, "app", &["1.0"]);
    let blob = image.blobs.keys().next().expect("a blob");
    let ask =
        Ask::new("GET", &format!("/v2/app/blobs/{blob}")).header("authorization", &basic("alice", "s3cret"));
    let location =
        ask.send(&registry.host()).expect("an answer").header("location").expect("a place").to_owned();
    let (storage, path) =
        location.strip_prefix("http://").and_then(|place| place.split_once('/')).expect("a URL");
    let path = format!("/{path}");
    Ask::new("GET", &path).send(storage).expect("an answer");
    registry.assert_clean();
    let _ = Ask::new("GET", &path).header("authorization", &basic("alice", "s3cret")).send(storage);
    assert!(registry.take_violations().join("\n").contains("storage of blobs"));
}

#[test]
#[should_panic(expected = "to a registry that has no users")]
fn a_stray_credential_fails_the_test_that_drops_the_registry() {
    let registry = Registry::start();
    let _ = Ask::new("GET", "/v2/").header("authorization", &basic("alice", "s3cret")).send(&registry.host());
}
