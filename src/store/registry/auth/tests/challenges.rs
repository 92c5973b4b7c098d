//! What follows a 401: once for each request, and then no more.

use super::bench::{
    BOB, after, authority, bearer, bearer_with, before, bob, headers, identity, pull, push, text, told,
};
use super::server::{Canned, Server};
use crate::failure::Code;
use crate::store::registry::auth::{AfterChallenge, Authority, Authorization, Scopes};
use crate::store::registry::credentials::{Credential, CredentialKind};
use reqwest::header::HeaderMap;

async fn refused(authority: &Authority, headers: &HeaderMap, scopes: &Scopes, sent: &Authorization) -> Code {
    authority.challenged(headers, scopes, Some(sent)).await.expect_err("refused").code
}

#[tokio::test]
async fn basic_is_sent_with_every_request_once_it_was_asked_for() {
    let (authority, _) = authority(bob());
    let basic = headers(r#"Basic realm="registry""#);
    let sent = after(&authority, &basic, &pull("a")).await;
    assert_eq!(text(&sent), BOB);
    assert_eq!(before(&authority, &push("b")).await.as_deref(), Some(BOB));
    assert_eq!(refused(&authority, &basic, &pull("a"), &sent).await, Code::Unauthenticated);
    let sent = authority.header(&pull("a")).await.expect("no failure").expect("basic");
    assert_eq!(refused(&authority, &basic, &pull("a"), &sent).await, Code::Unauthenticated);
}

#[tokio::test]
async fn basic_needs_a_user_name_and_a_password() {
    let basic = headers("Basic");
    let registry_token = Credential::new(CredentialKind::RegistryToken("t".into()), "a file");
    for credential in [None, identity(), Some(registry_token)] {
        let (authority, _) = authority(credential);
        let failure = authority.challenged(&basic, &pull("a"), None).await.expect_err("refused");
        assert_eq!(failure.code, Code::Unauthenticated);
        assert_eq!(before(&authority, &pull("a")).await, None);
    }
}

#[tokio::test]
async fn a_token_that_the_registry_does_not_take_is_replaced_once() {
    let server = Server::start(|_, n| Canned::token(n, "300")).await;
    let (authority, _) = authority(bob());
    after(&authority, &bearer(&server), &pull("a")).await;
    before(&authority, &pull("b")).await;
    let sent = authority.header(&pull("a")).await.expect("no failure").expect("a token");
    let expired = bearer_with(&server.realm(), r#",error="invalid_token""#);
    let Ok(AfterChallenge::Retry(again)) = authority.challenged(&expired, &pull("a"), Some(&sent)).await
    else {
        panic!("no retry");
    };
    assert_eq!(text(&again), "Bearer token-3");
    // Who comes later with the old token gets the new one, and other tokens stay.
    let late = authority.challenged(&expired, &pull("a"), Some(&sent)).await.expect("a retry");
    assert_eq!(late, AfterChallenge::Retry(again.clone()));
    assert_eq!(before(&authority, &pull("b")).await.as_deref(), Some("Bearer token-2"));
    assert_eq!(refused(&authority, &expired, &pull("a"), &again).await, Code::Unauthenticated);
    assert_eq!(server.count(), 3);
}

#[tokio::test]
async fn insufficient_rights_are_told_without_another_token() {
    let server = Server::start(|_, n| Canned::token(n, "300")).await;
    let (authority, _) = authority(bob());
    let challenge =
        bearer_with(&server.realm(), r#",scope="repository:a:pull,push",error="insufficient_scope""#);
    after(&authority, &bearer(&server), &push("a")).await;
    let sent = authority.header(&push("a")).await.expect("no failure").expect("a token");
    assert_eq!(refused(&authority, &challenge, &push("a"), &sent).await, Code::Denied);
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_scope_that_the_registry_misses_is_asked_for_and_remembered() {
    let server = Server::start(|_, n| Canned::token(n, "300")).await;
    let (authority, _) = authority(bob());
    after(&authority, &bearer(&server), &push("b")).await;
    let sent = authority.header(&push("b")).await.expect("no failure").expect("a token");
    let challenge = bearer_with(
        &server.realm(),
        r#",scope="repository:b:pull,push repository:a:pull",error="insufficient_scope""#,
    );
    let again = authority.challenged(&challenge, &push("b"), Some(&sent)).await.expect("a retry");
    let AfterChallenge::Retry(again) = again else { panic!("no retry") };
    assert_eq!(text(&again), "Bearer token-2");
    assert_eq!(server.asked()[1].all("scope"), ["repository:b:pull,push", "repository:a:pull"]);
    assert_eq!(before(&authority, &push("b")).await.as_deref(), Some("Bearer token-2"));
}

#[tokio::test]
async fn a_registry_that_cannot_make_up_its_mind_gets_no_third_answer() {
    let server = Server::start(|_, n| Canned::token(n, "300")).await;
    let (authority, _) = authority(bob());
    let basic = headers("Basic");
    after(&authority, &basic, &pull("a")).await;
    let first = authority.header(&pull("a")).await.expect("no failure").expect("basic");
    let second = authority.challenged(&bearer(&server), &pull("a"), Some(&first)).await.expect("a retry");
    let AfterChallenge::Retry(second) = second else { panic!("no retry") };
    assert_eq!(text(&second), "Bearer token-1");
    assert_eq!(refused(&authority, &basic, &pull("a"), &second).await, Code::Unauthenticated);
}

#[tokio::test]
async fn a_registry_token_is_sent_as_it_is() {
    let server = Server::start(|_, n| Canned::token(n, "300")).await;
    let (authority, _) =
        authority(Some(Credential::new(CredentialKind::RegistryToken("rt".into()), "a file")));
    let sent = after(&authority, &bearer(&server), &pull("a")).await;
    assert_eq!(text(&sent), "Bearer rt");
    assert_eq!(before(&authority, &pull("b")).await.as_deref(), Some("Bearer rt"));
    assert_eq!(refused(&authority, &bearer(&server), &pull("a"), &sent).await, Code::Unauthenticated);
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn a_401_without_a_challenge_is_explained_by_a_ping() {
    let server = Server::start(|_, n| Canned::token(n, "300")).await;
    let (authority, _) = authority(bob());
    let nothing = HeaderMap::new();
    let first = authority.challenged(&nothing, &pull("a"), None).await;
    assert_eq!(first.expect("no failure"), AfterChallenge::Ping);
    let sent = authority.pinged(&bearer(&server), &pull("a")).await.expect("a token");
    assert_eq!(text(&sent), "Bearer token-1");
    // Now that it is known how, the next such 401 needs no ping.
    let next = authority.challenged(&nothing, &pull("b"), None).await.expect("no failure");
    assert!(matches!(next, AfterChallenge::Retry(authorization) if text(&authorization) == "Bearer token-2"));
    assert_eq!(refused(&authority, &nothing, &pull("a"), &sent).await, Code::Unauthenticated);
}

#[tokio::test]
async fn a_ping_that_explains_nothing_is_the_end() {
    let (authority, _) = authority(bob());
    let failure = authority.pinged(&HeaderMap::new(), &pull("a")).await.expect_err("refused");
    insta::assert_snapshot!(told(&failure));
}

#[tokio::test]
async fn what_cannot_be_answered_is_told() {
    let (authority, _) = authority(bob());
    let mut told_all = Vec::new();
    for challenge in [
        r#"Digest realm="x", nonce="y""#,
        "Bearer",
        r#"Bearer realm="https://a.test/",realm="https://b.test/""#,
        r#"Bearer realm="http://169.254.169.254/latest/meta-data""#,
        r#"Bearer realm="http://user:secret@127.0.0.1/""#,
        r#"Bearer realm="gopher://127.0.0.1/""#,
    ] {
        let failure = authority.challenged(&headers(challenge), &pull("a"), None).await.expect_err("refused");
        told_all.push(format!("{challenge}\n  {}", told(&failure)));
        assert_eq!(before(&authority, &pull("a")).await, None, "{challenge}");
    }
    insta::assert_snapshot!(told_all.join("\n\n"));
}
