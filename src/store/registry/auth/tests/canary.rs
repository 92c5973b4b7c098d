//! A secret in every slot, and nothing of it in anything that is written.

use super::bench::{after, authority, bearer, bearer_with, pull};
use super::server::{Canned, Server};
use crate::store::registry::credentials::{Credential, CredentialKind, Environment};
use crate::store::registry::tests::overheard::{Log, assert_untouched, overhear};
use std::io::Write;

const CANARY: &str = "CANARY";

fn credentials() -> [Credential; 3] {
    [
        CredentialKind::Password { username: "bob".into(), password: CANARY.into() },
        CredentialKind::IdentityToken(CANARY.into()),
        CredentialKind::RegistryToken(CANARY.into()),
    ]
    .map(|kind| Credential::new(kind, "the spec"))
}

/// The canary, bare and as Basic carries it: `bob:CANARY` and `<token>:CANARY`.
const TRACKS: [&str; 3] = [CANARY, "Ym9iOkNBTkFSW", "PHRva2VuPjpDQU5BUlk"];

#[tokio::test]
async fn no_secret_is_ever_written() {
    let mut written = String::new();
    let logged = overhear(async || {
        for credential in credentials() {
            exercise(&credential, &mut written).await;
        }
    })
    .await;
    assert!(logged.contains("token received"), "nothing was logged: {logged}");
    for (what, text) in [("the log", &logged), ("what is shown", &written)] {
        assert_untouched(what, text, &TRACKS);
    }
}

/// Sends a credential through everything that a token server can do, and writes down what is shown.
async fn exercise(credential: &Credential, written: &mut String) {
    let mut note = |what: &dyn std::fmt::Debug| written.push_str(&format!("{what:?} {what:#?}\n"));
    let token = format!(r#"{{"token":"{CANARY}","refresh_token":"{CANARY}"}}"#);
    let echo =
        format!(r#"{{"errors":[{{"code":"{CANARY}"}}],"error":"{CANARY}","token":7,"{CANARY}":"{CANARY}"}}"#);
    note(credential);
    note(&credential.to_string());
    let answers = [200, 400, 401, 403, 404, 302, 500].map(|status| (status, &echo));
    for (status, body) in answers.into_iter().chain([(200, &token)]) {
        let canned = Canned::new(status, body.clone()).header("location", format!("/{CANARY}?{CANARY}"));
        let server = Server::start(move |_, _| canned.clone()).await;
        let (authority, _) = authority(Some(credential.clone()));
        let query = format!("{}?k={CANARY}", server.realm());
        note(&authority.challenged(&bearer_with(&query, ""), &pull("a"), None).await);
        note(&authority.header(&pull("b")).await);
        if let Ok(Some(sent)) = authority.header(&pull("a")).await {
            note(&authority.challenged(&bearer(&server), &pull("a"), Some(&sent)).await);
        }
        if let Err(failure) = authority.header(&pull("c")).await {
            note(&failure.to_string());
        }
        note(&authority.describe());
    }
}

#[tokio::test]
async fn whoever_hides_secrets_is_told_of_each_token() {
    let told = Log::default();
    let witness = told.clone();
    let environment = Environment::default().witnessed_by(move |secret| {
        witness.clone().write_all(format!("{secret} ").as_bytes()).expect("written")
    });
    let answer = r#"{"token":"bearer","refresh_token":"refresh"}"#;
    let server = Server::start(move |_, _| Canned::new(200, answer)).await;
    let (authority, _) = authority(None);
    let authority = authority.witnessed_by(environment.witness());
    after(&authority, &bearer(&server), &pull("a")).await;
    assert_eq!(told.text(), "bearer refresh ");
}

#[tokio::test]
async fn the_canary_would_be_seen() {
    let server = Server::start(|_, _| Canned::new(200, r#"{"token":"CANARY"}"#)).await;
    let (authority, _) = authority(None);
    let sent = after(&authority, &bearer(&server), &pull("a")).await;
    assert_eq!(sent.value().to_str().ok(), Some("Bearer CANARY"));
}
