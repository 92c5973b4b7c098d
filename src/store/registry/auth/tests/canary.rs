//! A secret in every slot, and nothing of it in anything that is written.

use super::bench::{after, authority, bearer, bearer_with, pull};
use super::server::{Canned, Server};
use crate::store::registry::credentials::{Credential, CredentialKind, Environment};
use std::io::Write;
use std::sync::{Arc, Mutex};

const CANARY: &str = "CANARY";

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

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
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let mut written = String::new();
    // Twice: where another test came by a line first, with nobody listening, the line stays
    // silent until the next rebuild.
    for _ in 0..2 {
        tracing::callsite::rebuild_interest_cache();
        for credential in credentials() {
            exercise(&credential, &mut written).await;
        }
    }
    drop(guard);
    let logged = String::from_utf8(log.0.lock().expect("not poisoned").clone()).expect("text");
    assert!(logged.contains("token received"), "nothing was logged: {logged}");
    for (what, text) in [("the log", &logged), ("what is shown", &written)] {
        for track in TRACKS {
            let at = text.find(track);
            assert!(at.is_none(), "in {what}: …{}", &text[at.unwrap_or(0).saturating_sub(200)..]);
        }
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
    assert_eq!(*told.0.lock().expect("not poisoned"), b"bearer refresh ");
}

#[tokio::test]
async fn the_canary_would_be_seen() {
    let server = Server::start(|_, _| Canned::new(200, r#"{"token":"CANARY"}"#)).await;
    let (authority, _) = authority(None);
    let sent = after(&authority, &bearer(&server), &pull("a")).await;
    assert_eq!(sent.value().to_str().ok(), Some("Bearer CANARY"));
}
