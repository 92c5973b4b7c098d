//! Refresh tokens: asked with by POST, replaced by what the server gives, shown to nobody else.

use super::bench::{BOB, after, authority, bearer, before, bob, identity, pull, text};
use super::server::{Canned, Server};
use crate::failure::Code;

#[tokio::test]
async fn an_identity_token_goes_by_post() {
    let server = Server::start(|_, _| Canned::new(200, r#"{"access_token":"t","expires_in":300}"#)).await;
    let (authority, _) = authority(identity());
    let scopes = pull("a").and_pull(&"b".parse().expect("a path"));
    assert_eq!(text(&after(&authority, &bearer(&server), &scopes).await), "Bearer t");
    let asked = &server.asked()[0];
    assert_eq!((asked.method.as_str(), asked.authorization.as_deref()), ("POST", None));
    let form: Vec<(&str, &str)> = asked.parameters.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(
        form,
        [
            ("grant_type", "refresh_token"),
            ("client_id", "crossdock"),
            ("service", "registry.test"),
            ("scope", "repository:a:pull repository:b:pull"),
            ("refresh_token", "idt"),
        ]
    );
}

#[tokio::test]
async fn where_there_is_no_post_an_identity_token_goes_by_get_and_is_not_posted_again() {
    for status in [400, 401, 404, 405] {
        let server = Server::start(move |asked, n| match asked.method.as_str() {
            "POST" => Canned::new(status, ""),
            _ => Canned::token(n, "300"),
        })
        .await;
        let (authority, _) = authority(identity());
        assert_eq!(
            text(&after(&authority, &bearer(&server), &pull("a")).await),
            "Bearer token-2",
            "{status}"
        );
        assert_eq!(before(&authority, &pull("b")).await.as_deref(), Some("Bearer token-3"), "{status}");
        let asked = server.asked();
        assert_eq!(asked.iter().map(|a| a.method.as_str()).collect::<Vec<_>>(), ["POST", "GET", "GET"]);
        // `<token>:idt`
        assert_eq!(asked[1].authorization.as_deref(), Some("Basic PHRva2VuPjppZHQ="));
    }
}

#[tokio::test]
async fn other_refusals_of_a_post_are_final() {
    for (status, code) in [(403, Code::Denied), (429, Code::Throttled), (500, Code::ServerError)] {
        let server = Server::start(move |_, _| Canned::new(status, "")).await;
        let (authority, _) = authority(identity());
        let failure = authority.challenged(&bearer(&server), &pull("a"), None).await.expect_err("refused");
        assert_eq!((failure.code, server.count()), (code, 1));
    }
}

#[tokio::test]
async fn a_refresh_token_in_an_answer_replaces_the_credential() {
    let server = Server::start(|_, n| {
        Canned::new(200, format!(r#"{{"token":"t{n}","expires_in":300,"refresh_token":"r{n}"}}"#))
    })
    .await;
    let (authority, _) = authority(bob());
    after(&authority, &bearer(&server), &pull("a")).await;
    before(&authority, &pull("b")).await;
    before(&authority, &pull("c")).await;
    let asked = server.asked();
    assert_eq!(asked[0].authorization.as_deref(), Some(BOB));
    assert_eq!((asked[1].method.as_str(), asked[1].all("refresh_token")), ("POST", vec!["r1"]));
    assert_eq!((asked[2].method.as_str(), asked[2].all("refresh_token")), ("POST", vec!["r2"]));
    assert_eq!(asked[2].authorization, None);
}

#[tokio::test]
async fn a_refresh_token_that_is_not_taken_any_more_gives_way_to_the_credential() {
    let server = Server::start(|asked, n| match asked.method.as_str() {
        "POST" => Canned::new(401, ""),
        _ if n == 1 => Canned::new(200, r#"{"token":"t1","refresh_token":"r1"}"#),
        _ => Canned::token(n, "300"),
    })
    .await;
    let (authority, _) = authority(bob());
    after(&authority, &bearer(&server), &pull("a")).await;
    assert_eq!(before(&authority, &pull("b")).await.as_deref(), Some("Bearer token-3"));
    assert_eq!(before(&authority, &pull("c")).await.as_deref(), Some("Bearer token-4"));
    let methods: Vec<String> = server.asked().into_iter().map(|asked| asked.method).collect();
    assert_eq!(methods, ["GET", "POST", "GET", "GET"]);
}

#[tokio::test]
async fn a_refresh_token_is_shown_to_the_server_that_gave_it_only() {
    let first = Server::start(|_, _| Canned::new(200, r#"{"token":"t","refresh_token":"r"}"#)).await;
    let second = Server::start(|_, n| Canned::token(n, "300")).await;
    let (authority, _) = authority(bob());
    after(&authority, &bearer(&first), &pull("a")).await;
    after(&authority, &bearer(&second), &pull("b")).await;
    assert_eq!(second.asked()[0].method, "GET");
}

#[tokio::test]
async fn who_is_anonymous_takes_no_refresh_token() {
    let server = Server::start(|_, _| Canned::new(200, r#"{"token":"t","refresh_token":"r"}"#)).await;
    let (authority, _) = authority(None);
    after(&authority, &bearer(&server), &pull("a")).await;
    before(&authority, &pull("b")).await;
    assert!(server.asked().iter().all(|asked| asked.method == "GET"));
}
