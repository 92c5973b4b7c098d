//! The memory registry lets in whom it should: by password, and by token.

use crate::bed::grants::Users;
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Auth, Options, Registry, RequestKind, TokenField, TokenServer};
use crate::bed::skopeo::Skopeo;
use crate::bed::wire::{Ask, Reply};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

fn users() -> Users {
    Users::new().user("alice", "s3cret").allow("alice", "team/*", "pull,push").allow_all("public", "pull")
}

fn bearer(server: TokenServer) -> Registry {
    let registry = Options::new().auth(Auth::Bearer(server)).start();
    for repository in ["team/app", "public", "private"] {
        registry.seed(&one_platform(1, Format::Oci), repository, &["1.0"]);
    }
    registry
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn ask(registry: &Registry, method: &str, target: &str, authorization: Option<&str>) -> Reply {
    let mut ask = Ask::new(method, target);
    if let Some(authorization) = authorization {
        ask = ask.header("authorization", authorization);
    }
    ask.send(&registry.host()).expect("an answer")
}

fn token(registry: &Registry, scopes: &str, authorization: Option<&str>) -> String {
    let reply = ask(registry, "GET", &format!("/token?service=memory-registry&{scopes}"), authorization);
    format!("Bearer {}", reply.json()["token"].as_str().expect("a token"))
}

#[test]
fn basic_asks_for_a_password_and_knows_a_wrong_one() {
    let registry = Options::new().auth(Auth::Basic(users())).start();
    registry.seed(&one_platform(1, Format::Oci), "public", &["1.0"]);
    let refused = ask(&registry, "GET", "/v2/", None);
    assert_eq!(refused.header("www-authenticate"), Some("Basic realm=\"memory-registry\""));
    assert_eq!(refused.json()["errors"][0]["code"], "UNAUTHORIZED");
    assert_eq!(ask(&registry, "GET", "/v2/", Some(&basic("alice", "wrong"))).status, 401);
    assert_eq!(ask(&registry, "GET", "/v2/", Some(&basic("alice", "s3cret"))).status, 200);
    assert_eq!(ask(&registry, "GET", "/v2/public/tags/list", None).status, 200);
    assert_eq!(ask(&registry, "POST", "/v2/public/blobs/uploads/", None).status, 401);
}

#[test]
fn a_challenge_names_realm_service_and_every_scope() {
    let registry = bearer(TokenServer::new(users()));
    let target = "/v2/team/app/blobs/uploads/?mount=sha256:00&from=public";
    let challenge = format!(
        "Bearer realm=\"{}/token\",service=\"memory-registry\",\
         scope=\"repository:team/app:pull,push repository:public:pull\"",
        registry.url()
    );
    assert_eq!(ask(&registry, "POST", target, None).header("www-authenticate"), Some(challenge.as_str()));
    let bad = ask(&registry, "GET", "/v2/", Some("Bearer nonsense"));
    assert!(bad.header("www-authenticate").expect("a challenge").ends_with(",error=\"invalid_token\""));
    assert_eq!(registry.take_violations().len(), 1, "somebody else's token");
}

#[test]
fn a_token_is_good_for_its_scopes_until_it_expires() {
    let registry = bearer(TokenServer::new(users()));
    let alice = basic("alice", "s3cret");
    let pull = token(&registry, "scope=repository:team/app:pull", Some(&alice));
    assert_eq!(ask(&registry, "GET", "/v2/team/app/tags/list", Some(&pull)).status, 200);
    let more = ask(&registry, "POST", "/v2/team/app/blobs/uploads/", Some(&pull));
    let challenge = more.header("www-authenticate").expect("a challenge");
    assert!(challenge.ends_with(",error=\"insufficient_scope\""), "{challenge}");
    let scopes = "scope=repository:team/app:pull,push&scope=repository:public:pull";
    let push = token(&registry, scopes, Some(&alice));
    let mount = "/v2/team/app/blobs/uploads/?mount=sha256:00&from=public";
    assert_eq!(ask(&registry, "POST", mount, Some(&push)).status, 202);
    registry.expire_tokens();
    assert_eq!(ask(&registry, "GET", "/v2/team/app/tags/list", Some(&pull)).status, 401);
    assert_eq!(registry.requests().count(RequestKind::Token), 2);
}

#[test]
fn nobody_gets_more_than_was_granted() {
    let registry = bearer(TokenServer::new(users()));
    let alice = basic("alice", "s3cret");
    let private = token(&registry, "scope=repository:private:pull", Some(&alice));
    assert_eq!(ask(&registry, "GET", "/v2/private/tags/list", Some(&private)).status, 401);
    let anybody = token(&registry, "scope=repository:public:pull,push", None);
    assert_eq!(ask(&registry, "GET", "/v2/public/tags/list", Some(&anybody)).status, 200);
    assert_eq!(ask(&registry, "POST", "/v2/public/blobs/uploads/", Some(&anybody)).status, 401);
    assert_eq!(ask(&registry, "GET", "/token", Some(&basic("alice", "wrong"))).status, 401);
    assert_eq!(ask(&registry, "GET", "/token?service=other", None).status, 400);
}

#[test]
fn a_token_server_may_speak_oauth_and_keep_silent_about_expiry() {
    let server = TokenServer::new(users())
        .expires_in_s(None)
        .field(TokenField::AccessToken)
        .realm("http://127.0.0.1:1/token")
        .identity_token("alice", "refresh-me");
    let registry = bearer(server);
    let challenge = ask(&registry, "GET", "/v2/", None);
    let challenge = challenge.header("www-authenticate").expect("a challenge");
    assert!(challenge.starts_with("Bearer realm=\"http://127.0.0.1:1/token\""), "{challenge}");
    for form in [
        "grant_type=refresh_token&refresh_token=refresh-me",
        "grant_type=password&username=alice&password=s3cret",
    ] {
        let body = format!("{form}&scope=repository%3Ateam%2Fapp%3Apull");
        let reply = Ask::new("POST", "/token").body(body).send(&registry.host()).expect("an answer");
        assert_eq!(reply.json().get("expires_in"), None);
        let token = format!("Bearer {}", reply.json()["access_token"].as_str().expect("a token"));
        assert_eq!(ask(&registry, "GET", "/v2/team/app/tags/list", Some(&token)).status, 200);
    }
    let lie = Ask::new("POST", "/token").body("grant_type=refresh_token&refresh_token=no");
    assert_eq!(lie.send(&registry.host()).expect("an answer").status, 401);
    let bearer = Options::new().start();
    assert_eq!(ask(&bearer, "GET", "/token", None).status, 404);
}

#[test]
fn skopeo_comes_in_with_a_password_and_with_a_token() {
    for auth in [Auth::Basic(users()), Auth::Bearer(TokenServer::new(users()))] {
        let (registry, image) = (Options::new().auth(auth).start(), one_platform(1, Format::Oci));
        let folder = tempfile::tempdir().expect("a folder");
        image.write_layout(folder.path(), "1.0");
        let source = format!("oci:{}:1.0", folder.path().display());
        let target = format!("docker://{}/team/app:1.0", registry.host());
        let skopeo = Skopeo::new().credentials("alice", "s3cret");
        skopeo.copy_all(&source, &target).expect("let in");
        assert_eq!(skopeo.digest(&target), Ok(image.digest()));
        assert!(registry.complete("team/app", "1.0"));
        let refused = Skopeo::new().credentials("alice", "wrong").inspect_raw(&target);
        assert!(refused.expect_err("kept out").contains("unauthorized"));
    }
}
