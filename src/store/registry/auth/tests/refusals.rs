//! Token servers that refuse, break or attack: what is told, and what is not sent.

use super::bench::{
    BOB, ELSEWHERE, after, authority, authority_of, bearer, bearer_with, before, bob, headers, pull, push,
    text, told,
};
use super::server::{Canned, Server};
use crate::failure::{Code, Operation};

/// What a user reads when the token server answers with this.
async fn refusal(
    credential: Option<crate::store::registry::credentials::Credential>,
    canned: Canned,
) -> String {
    let server = Server::start(move |_, _| canned.clone()).await;
    let (authority, _) = authority(credential);
    let failure = authority.challenged(&bearer(&server), &push("a"), None).await.expect_err("refused");
    assert_eq!(server.count(), 1);
    told(&failure)
}

#[tokio::test]
async fn each_answer_of_a_token_server_is_told_in_words() {
    let oauth = r#"{"error":"invalid_grant","error_description":"hunter2"}"#;
    let registry = r#"{"errors":[{"code":"UNAUTHORIZED","message":"hunter2"}]}"#;
    let mut all = Vec::new();
    for (status, body) in [
        (401, registry),
        (403, registry),
        (400, oauth),
        (400, ""),
        (404, "<html>"),
        (418, "x"),
        (307, ""),
        (408, ""),
        (429, ""),
        (500, ""),
        (503, r#"{"errors":[{"code":"hunter2"}]}"#),
    ] {
        all.push(format!("{status} {body}\n  {}", refusal(bob(), Canned::new(status, body)).await));
    }
    for status in [401, 403] {
        all.push(format!("anonymous {status}\n  {}", refusal(None, Canned::new(status, "")).await));
    }
    for body in ["<html>", "{}", r#"{"token":"a\nb"}"#] {
        all.push(format!("200 {body}\n  {}", refusal(bob(), Canned::new(200, body)).await));
    }
    insta::assert_snapshot!(all.join("\n\n"));
}

#[tokio::test]
async fn a_huge_answer_is_not_read_to_its_end() {
    let huge = vec![b' '; 2 * 1024 * 1024];
    let told = refusal(bob(), Canned::new(200, huge.clone())).await;
    assert!(told.starts_with("limit_exceeded"), "{told}");
    let told = refusal(bob(), Canned::new(401, huge)).await;
    assert!(told.starts_with("unauthenticated"), "{told}");
}

#[tokio::test]
async fn a_redirect_of_a_token_server_is_not_followed() {
    let thief = Server::start(|_, n| Canned::token(n, "300")).await;
    let realm = thief.realm();
    for status in [301, 302, 303, 307, 308] {
        let location = realm.clone();
        let server =
            Server::start(move |_, _| Canned::new(status, "").header("location", location.clone())).await;
        let (authority, _) = authority(bob());
        let failure = authority.challenged(&bearer(&server), &pull("a"), None).await.expect_err("refused");
        assert_eq!(failure.code, Code::Protocol);
    }
    assert_eq!(thief.count(), 0);
}

#[tokio::test]
async fn a_strange_token_server_gets_no_credential_and_may_serve_what_is_public() {
    let server = Server::start(|_, n| Canned::token(n, "300")).await;
    let (authority, _) = authority(bob());
    let realm = format!("http://{ELSEWHERE}:{}/token", server.address.port());
    let challenge = bearer_with(&realm, "");
    let sent = after(&authority, &challenge, &pull("a")).await;
    assert_eq!(text(&sent), "Bearer token-1");
    // From the cached challenge as well.
    before(&authority, &pull("b")).await;
    let asked = server.asked();
    assert!(
        asked.len() == 2 && asked.iter().all(|asked| asked.method == "GET" && asked.authorization.is_none())
    );
    let failure = authority.challenged(&challenge, &pull("a"), Some(&sent)).await.expect_err("refused");
    assert_eq!(failure.code, Code::Unauthenticated);
    insta::assert_snapshot!(told(&failure));
}

#[tokio::test]
async fn a_strange_token_server_that_refuses_is_named() {
    let server = Server::start(|_, _| Canned::new(401, "")).await;
    let (authority, _) = authority(bob());
    let realm = format!("http://{ELSEWHERE}:{}/token", server.address.port());
    let failure =
        authority.challenged(&bearer_with(&realm, ""), &pull("a"), None).await.expect_err("refused");
    assert!(told(&failure).contains(ELSEWHERE) && server.asked()[0].authorization.is_none(), "{failure}");
}

#[tokio::test]
async fn a_challenge_that_turns_strange_later_gets_no_credential_either() {
    let server = Server::start(|_, n| Canned::token(n, "300")).await;
    let (authority, _) = authority(bob());
    after(&authority, &bearer(&server), &pull("a")).await;
    let realm = format!("http://{ELSEWHERE}:{}/token", server.address.port());
    after(&authority, &bearer_with(&realm, ""), &pull("a")).await;
    before(&authority, &pull("b")).await;
    let shown: Vec<Option<String>> = server.asked().into_iter().map(|asked| asked.authorization).collect();
    assert_eq!(shown, [Some(BOB.to_owned()), None, None]);
}

#[tokio::test]
async fn a_token_server_on_another_port_of_this_machine_is_the_registrys_own() {
    let server = Server::start(|_, n| Canned::token(n, "300")).await;
    for registry in ["127.0.0.1:5000", "localhost:5000"] {
        let (authority, _) = authority_of(registry, bob());
        after(&authority, &bearer(&server), &pull("a")).await;
    }
    assert!(server.asked().iter().all(|asked| asked.authorization.as_deref() == Some(BOB)));
}

#[tokio::test]
async fn a_realm_keeps_the_query_that_it_has() {
    let server = Server::start(|_, n| Canned::token(n, "300")).await;
    let (authority, _) = authority(bob());
    let challenge =
        headers(&format!(r#"Bearer realm="{}?account=x&y#frag",service="a&b=c""#, server.realm()));
    after(&authority, &challenge, &pull("a")).await;
    let asked = &server.asked()[0];
    assert_eq!((asked.all("account"), asked.all("service")), (vec!["x"], vec!["a&b=c"]));
    assert_eq!(asked.all("scope"), ["repository:a:pull"]);
}

#[tokio::test]
async fn a_failed_connection_is_told_with_repository_and_credential() {
    let (authority, _) = authority(bob());
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        format!("http://{}/token", listener.local_addr().expect("an address"))
    };
    let failure =
        authority.challenged(&bearer_with(&closed, ""), &pull("a"), None).await.expect_err("no server");
    assert_eq!((failure.code, failure.operation), (Code::Network, Operation::Token));
    assert_eq!(failure.repository, "127.0.0.1:5000/a");
    assert_eq!(failure.credential.as_deref(), Some("user bob, from the spec"));
}
