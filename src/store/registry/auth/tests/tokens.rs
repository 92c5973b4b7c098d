//! Tokens: one for each set of scopes, however many ask, for as long as it lives.

use super::bench::{BOB, after, authority, bearer, before, bob, pull, push, text};
use super::server::{Canned, Server};
use crate::failure::{Code, Operation};
use futures::future::join_all;

#[tokio::test]
async fn nothing_is_sent_before_the_registry_asks() {
    let (authority, _) = authority(bob());
    assert_eq!(before(&authority, &pull("a")).await, None);
    assert_eq!(authority.describe().as_deref(), Some("user bob, from the spec"));
}

#[tokio::test]
async fn a_token_is_for_the_scopes_of_the_request() {
    let server = Server::start(|_, n| Canned::token(n, "300")).await;
    let (authority, _) = authority(bob());
    let scopes = push("team/app").and_pull(&"base".parse().expect("a path"));
    assert_eq!(text(&after(&authority, &bearer(&server), &scopes).await), "Bearer token-1");
    let asked = server.asked();
    assert_eq!((asked[0].method.as_str(), asked[0].path.as_str()), ("GET", "/token"));
    assert_eq!(asked[0].all("service"), ["registry.test"]);
    assert_eq!(asked[0].all("scope"), ["repository:team/app:pull,push", "repository:base:pull"]);
    assert_eq!(asked[0].authorization.as_deref(), Some(BOB));
}

#[tokio::test]
async fn after_the_first_challenge_other_scopes_need_no_401() {
    let server = Server::start(|_, n| Canned::token(n, "300")).await;
    let (authority, _) = authority(bob());
    after(&authority, &bearer(&server), &pull("a")).await;
    assert_eq!(before(&authority, &pull("b")).await.as_deref(), Some("Bearer token-2"));
    assert_eq!(before(&authority, &push("a")).await.as_deref(), Some("Bearer token-3"));
    assert_eq!(before(&authority, &pull("a")).await.as_deref(), Some("Bearer token-1"));
    assert_eq!(server.count(), 3);
}

#[tokio::test]
async fn without_credentials_the_token_is_anonymous() {
    let server = Server::start(|_, n| Canned::token(n, "300")).await;
    let (authority, _) = authority(None);
    assert_eq!(text(&after(&authority, &bearer(&server), &pull("a")).await), "Bearer token-1");
    assert_eq!(server.asked()[0].authorization, None);
    assert_eq!(authority.describe(), None);
}

#[tokio::test]
async fn a_hundred_requests_share_one_token_call() {
    let server = Server::start(|_, n| Canned::token(n, "300")).await;
    let (authority, hand) = authority(bob());
    after(&authority, &bearer(&server), &pull("other")).await;
    let scopes = pull("a");
    let all = join_all((0..100).map(|_| before(&authority, &scopes))).await;
    assert!(all.iter().all(|value| value.as_deref() == Some("Bearer token-2")), "{all:?}");
    hand.turn(1000.0);
    let all = join_all((0..100).map(|_| before(&authority, &scopes))).await;
    assert!(all.iter().all(|value| value.as_deref() == Some("Bearer token-3")), "{all:?}");
    assert_eq!(server.count(), 3);
}

#[tokio::test]
async fn a_hundred_refused_requests_share_one_token_call() {
    let server = Server::start(|_, _| Canned::token(1, "300")).await;
    let (authority, _) = authority(bob());
    let scopes = pull("a");
    let before = after(&authority, &bearer(&server), &scopes).await;
    let sent = authority.header(&scopes).await.expect("no failure");
    assert_eq!(sent.as_ref().map(text), Some(text(&before)));
    let challenge = bearer(&server);
    let all = join_all((0..100).map(|_| authority.challenged(&challenge, &scopes, sent.as_ref()))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn a_failed_call_fails_all_who_wait_once_and_is_made_again_for_the_next() {
    let server =
        Server::start(|_, n| if n == 2 { Canned::new(503, "") } else { Canned::token(n, "300") }).await;
    let (authority, _) = authority(bob());
    after(&authority, &bearer(&server), &pull("other")).await;
    let scopes = pull("a");
    let all = join_all((0..100).map(|_| authority.header(&scopes))).await;
    assert!(all.iter().all(|result| result.as_ref().is_err_and(|f| f.code == Code::ServerError)));
    assert_eq!(server.count(), 2);
    assert_eq!(before(&authority, &scopes).await.as_deref(), Some("Bearer token-3"));
}

#[tokio::test]
async fn a_refusal_is_final_for_its_scopes_and_no_others() {
    let server = Server::start(|asked, n| match asked.all("scope")[0] {
        "repository:forbidden:pull" => Canned::new(403, ""),
        _ => Canned::token(n, "300"),
    })
    .await;
    let (authority, _) = authority(bob());
    after(&authority, &bearer(&server), &pull("a")).await;
    for _ in 0..3 {
        let failure = authority.header(&pull("forbidden")).await.expect_err("refused");
        assert_eq!((failure.code, failure.operation), (Code::Denied, Operation::Token));
    }
    assert_eq!(server.count(), 2);
    assert_eq!(before(&authority, &pull("b")).await.as_deref(), Some("Bearer token-3"));
}

#[tokio::test]
async fn a_token_is_replaced_before_it_ends() {
    // The answer, how long the token is used in seconds, and from when on it is not.
    for (expires_in, used, replaced) in [
        ("100", 79.9, 80.1),
        ("300", 269.9, 270.1),
        ("null", 47.9, 48.1),
        ("9223372036854775808", 3569.9, 3570.1),
        ("\"200\"", 169.9, 170.1),
    ] {
        let server = Server::start(move |_, n| Canned::token(n, expires_in)).await;
        let (authority, hand) = authority(bob());
        after(&authority, &bearer(&server), &pull("a")).await;
        hand.turn(used);
        assert_eq!(before(&authority, &pull("a")).await.as_deref(), Some("Bearer token-1"), "{expires_in}");
        hand.turn(replaced - used);
        assert_eq!(before(&authority, &pull("a")).await.as_deref(), Some("Bearer token-2"), "{expires_in}");
    }
}

#[tokio::test]
async fn a_token_without_life_is_for_one_request() {
    for expires_in in ["0", "-1"] {
        let server = Server::start(move |_, n| Canned::token(n, expires_in)).await;
        let (authority, _) = authority(bob());
        assert_eq!(text(&after(&authority, &bearer(&server), &pull("a")).await), "Bearer token-1");
        assert_eq!(before(&authority, &pull("a")).await.as_deref(), Some("Bearer token-2"));
        assert_eq!(before(&authority, &pull("a")).await.as_deref(), Some("Bearer token-3"));
    }
}

#[tokio::test]
async fn while_the_server_is_down_a_token_is_used_to_its_end() {
    let server =
        Server::start(|_, n| if n == 1 { Canned::token(n, "100") } else { Canned::new(502, "") }).await;
    let (authority, hand) = authority(bob());
    after(&authority, &bearer(&server), &pull("a")).await;
    hand.turn(90.0);
    assert_eq!(before(&authority, &pull("a")).await.as_deref(), Some("Bearer token-1"));
    hand.turn(10.0);
    let failure = authority.header(&pull("a")).await.expect_err("expired");
    assert!(failure.retryable());
    assert_eq!(server.count(), 3);
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_any_more_harms_nobody() {
    let server = Server::start(|_, n| Canned::token(n, "300")).await;
    let (authority, _) = authority(bob());
    after(&authority, &bearer(&server), &pull("other")).await;
    let scopes = pull("a");
    // One of two waiters leaves: the other gets the token.
    let (gone, stays) = tokio::join!(
        tokio::time::timeout(std::time::Duration::from_millis(5), authority.header(&scopes)),
        before(&authority, &scopes),
    );
    assert!(gone.is_err());
    assert_eq!(stays.as_deref(), Some("Bearer token-2"));
    // The only waiter leaves: the next one asks anew.
    let scopes = pull("b");
    let gone = tokio::time::timeout(std::time::Duration::from_millis(5), authority.header(&scopes)).await;
    assert!(gone.is_err());
    assert!(before(&authority, &scopes).await.is_some_and(|value| value.starts_with("Bearer token-")));
}
