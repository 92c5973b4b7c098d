//! Passwords during a run: made late, once, anew before their end, and once more when refused.

use super::amazon::{HOST, KEYS, password_of_ecr};
use super::{Said, Surroundings, password};
use crate::access::RegistrySettings;
use crate::failure::Code;
use crate::store::registry::auth::{
    Actions, AfterChallenge, Authority, Authorization, Origin, Scopes, TokenTransport,
};
use crate::store::registry::credentials::Environment;
use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::future::join_all;
use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};
use reqwest::{Request, Response};
use std::sync::Arc;

fn counting() -> Surroundings {
    Surroundings::new(|_, number| password_of_ecr(&format!("password-{number}")))
}

/// A token server that takes any but the passwords that it is told.
struct TokenServer {
    refused: &'static str,
}

#[async_trait]
impl TokenTransport for TokenServer {
    async fn send(&self, request: Request) -> crate::failure::Fallible<Response> {
        let value = request.headers()["authorization"].to_str().expect("text").to_owned();
        let decoded = STANDARD.decode(value.trim_start_matches("Basic ")).expect("base64");
        let password = String::from_utf8(decoded).expect("text");
        let refused = !self.refused.is_empty() && password.ends_with(self.refused);
        let (status, body) = match refused {
            true => (401, String::new()),
            false => (200, format!(r#"{{"token":"for {password}","expires_in":300}}"#)),
        };
        Ok(http::Response::builder().status(status).body(body).expect("an answer").into())
    }
}

async fn authority(surroundings: &Surroundings, refused: &'static str) -> Authority {
    let found = surroundings.found(&KEYS, HOST).await.expect("no failure");
    let registry: crate::oci::Registry = HOST.parse().expect("a registry");
    let origin = Origin::of(&registry, &RegistrySettings::default()).expect("an origin");
    let transport = Arc::new(TokenServer { refused });
    Authority::new(origin, registry, found, transport, surroundings.clock())
}

fn challenge(text: &str) -> HeaderMap {
    HeaderMap::from_iter([(WWW_AUTHENTICATE, text.parse().expect("a value"))])
}

fn basic() -> HeaderMap {
    challenge(r#"Basic realm="https://x/",service="ecr.amazonaws.com""#)
}

fn pull() -> Scopes {
    Scopes::new("a".parse().expect("a path"), Actions::Pull)
}

fn shown(authorization: &Authorization) -> String {
    assert!(authorization.value().is_sensitive());
    let value = authorization.value().to_str().expect("text").to_owned();
    match value.strip_prefix("Basic ") {
        Some(encoded) => String::from_utf8(STANDARD.decode(encoded).expect("base64")).expect("text"),
        None => value,
    }
}

async fn challenged(
    authority: &Authority,
    headers: &HeaderMap,
    sent: Option<&Authorization>,
) -> Result<Authorization, Code> {
    match authority.challenged(headers, &pull(), sent).await {
        Ok(AfterChallenge::Retry(authorization)) => Ok(authorization),
        Ok(AfterChallenge::Ping) => panic!("the challenge says how"),
        Err(failure) => Err(failure.code),
    }
}

async fn header(authority: &Authority) -> Option<Authorization> {
    authority.header(&pull()).await.expect("no failure")
}

#[tokio::test]
async fn nobody_is_asked_before_the_registry_asks() {
    let surroundings = counting();
    let authority = authority(&surroundings, "").await;
    assert_eq!(header(&authority).await, None);
    let credential = authority.describe();
    assert_eq!(credential.as_deref(), Some("user AWS, from ECR by access keys from the environment"));
    assert!(surroundings.sent().is_empty());
    let first = challenged(&authority, &basic(), None).await.expect("authorised");
    assert_eq!(shown(&first), "AWS:password-1");
}

#[tokio::test]
async fn a_hundred_requests_share_one_password_and_the_next_comes_before_its_end() {
    let surroundings = counting();
    let authority = authority(&surroundings, "").await;
    challenged(&authority, &basic(), None).await.expect("authorised");
    for (turn, expected) in [(0, "AWS:password-1"), (43_000, "AWS:password-1"), (180, "AWS:password-2")] {
        surroundings.turn(turn);
        let all = join_all((0..100).map(|_| header(&authority))).await;
        let all: Vec<String> = all.into_iter().flatten().map(|one| shown(&one)).collect();
        assert_eq!(all, vec![expected; 100]);
    }
    assert_eq!(surroundings.sent().len(), 2);
}

#[tokio::test]
async fn a_password_that_is_refused_is_replaced_once_when_it_may_be_too_old() {
    let surroundings = counting();
    let authority = authority(&surroundings, "").await;
    challenged(&authority, &basic(), None).await.expect("authorised");
    let young = header(&authority).await.expect("authorised");
    assert_eq!(challenged(&authority, &basic(), Some(&young)).await, Err(Code::Unauthenticated), "a new one");
    surroundings.turn(3600);
    let old = header(&authority).await.expect("authorised");
    assert_eq!(shown(&old), "AWS:password-1");
    let again = challenged(&authority, &basic(), Some(&old)).await.expect("renewed");
    assert_eq!(shown(&again), "AWS:password-2");
    // Who comes later with the old one gets the new one.
    let late = challenged(&authority, &basic(), Some(&old)).await.expect("renewed");
    assert_eq!(shown(&late), "AWS:password-2");
    assert_eq!(challenged(&authority, &basic(), Some(&again)).await, Err(Code::Unauthenticated), "once");
    assert_eq!(surroundings.sent().len(), 2);
}

#[tokio::test]
async fn a_token_server_gets_the_password_and_a_new_one_when_it_refuses_an_old_one() {
    let surroundings = counting();
    let authority = authority(&surroundings, "password-1").await;
    let bearer = challenge(&format!(r#"Bearer realm="https://{HOST}/token",service="x""#));
    // Made long before, for another request.
    challenged(&authority, &basic(), None).await.expect("authorised");
    surroundings.turn(3600);
    let token = challenged(&authority, &bearer, None).await.expect("a token");
    assert_eq!(shown(&token), "Bearer for AWS:password-2");
    assert_eq!(surroundings.sent().len(), 2);
}

#[tokio::test]
async fn what_was_refused_is_not_asked_for_again_and_what_may_pass_is() {
    for (said, asked, code) in [
        (Said::status(400, r#"{"__type":"AccessDeniedException"}"#), 1, Code::CredentialUnavailable),
        (Said::Silence, 3, Code::Timeout),
    ] {
        let surroundings = Surroundings::new(move |_, _| said.clone());
        let found = surroundings.found(&KEYS, HOST).await.expect("no failure").expect("a credential");
        for _ in 0..3 {
            assert_eq!(password(&found).await.expect_err("refused").code, code);
        }
        assert_eq!(surroundings.sent().len(), asked);
    }
}

#[tokio::test]
async fn parts_of_one_registry_share_one_password() {
    let surroundings = counting();
    let ambient = surroundings.ambient(Environment::of(KEYS));
    let registry = HOST.parse().expect("a registry");
    let settings = RegistrySettings::default();
    let one = ambient.found(&registry, &settings).await.expect("no failure").expect("a credential");
    let other = ambient.found(&registry, &settings).await.expect("no failure").expect("a credential");
    assert_eq!(one, other);
    assert_eq!(password(&one).await, password(&other).await);
    assert_eq!(surroundings.sent().len(), 1);
    assert_eq!(surroundings.told(), ["password-1"]);
}
