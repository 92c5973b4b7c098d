//! What the tests of authorities are set up with: a transport, a clock, a registry's words.

use super::server::Server;
use crate::access::RegistrySettings;
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::store::registry::auth::{
    Actions, AfterChallenge, Authority, Authorization, Clock, Origin, Scopes, TokenTransport,
};
use crate::store::registry::credentials::{Credential, CredentialKind};
use async_trait::async_trait;
use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use reqwest::redirect::Policy;
use reqwest::{Client, Request, Response};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// reqwest and nothing else; `auth.elsewhere.test` is this machine.
struct Plain(Client);

/// A host that no registry of the tests belongs to.
pub(super) const ELSEWHERE: &str = "auth.elsewhere.test";

#[async_trait]
impl TokenTransport for Plain {
    async fn send(&self, request: Request) -> Fallible<Response> {
        let sent = self.0.execute(request).await;
        sent.map_err(|_| Failure::new(Code::Network, "?", Operation::Ping, "the connection failed"))
    }
}

/// A clock that is turned by hand.
#[derive(Clone)]
pub(super) struct Hand(Arc<Mutex<Instant>>);

impl Hand {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    pub(super) fn turn(&self, seconds: f64) {
        *self.0.lock().expect("not poisoned") += Duration::from_secs_f64(seconds);
    }

    fn clock(&self) -> Clock {
        let hand = self.clone();
        Arc::new(move || *hand.0.lock().expect("not poisoned"))
    }
}

/// An authority for the registry `127.0.0.1:5000`, spoken to in the clear.
pub(super) fn authority(credential: Option<Credential>) -> (Authority, Hand) {
    authority_of("127.0.0.1:5000", credential)
}

pub(super) fn authority_of(registry: &str, credential: Option<Credential>) -> (Authority, Hand) {
    // Another test may have been first: that provider is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .resolve(ELSEWHERE, SocketAddr::from(([127, 0, 0, 1], 0)))
        .build()
        .expect("a client");
    let hand = Hand::new();
    let registry = registry.parse().expect("a registry");
    let settings = RegistrySettings { plain_http: true, ..RegistrySettings::default() };
    let origin = Origin::of(&registry, &settings).expect("an origin");
    let transport = Arc::new(Plain(client));
    (Authority::new(origin, registry, credential, transport, hand.clock()), hand)
}

pub(super) fn bob() -> Option<Credential> {
    let kind = CredentialKind::Password { username: "bob".into(), password: "hunter2".into() };
    Some(Credential::new(kind, "the spec"))
}

/// `bob:hunter2`.
pub(super) const BOB: &str = "Basic Ym9iOmh1bnRlcjI=";

pub(super) fn identity() -> Option<Credential> {
    Some(Credential::new(CredentialKind::IdentityToken("idt".into()), "~/.docker/config.json"))
}

pub(super) fn pull(path: &str) -> Scopes {
    Scopes::new(path.parse().expect("a path"), Actions::Pull)
}

pub(super) fn push(path: &str) -> Scopes {
    Scopes::new(path.parse().expect("a path"), Actions::PullPush)
}

pub(super) fn headers(challenge: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(WWW_AUTHENTICATE, HeaderValue::from_str(challenge).expect("a header value"));
    headers
}

/// The usual challenge that sends to a token server.
pub(super) fn bearer(server: &Server) -> HeaderMap {
    bearer_with(&server.realm(), "")
}

pub(super) fn bearer_with(realm: &str, rest: &str) -> HeaderMap {
    headers(&format!(r#"Bearer realm="{realm}",service="registry.test"{rest}"#))
}

/// What the request is sent with after its 401, as text.
pub(super) async fn after(authority: &Authority, headers: &HeaderMap, scopes: &Scopes) -> Authorization {
    match authority.challenged(headers, scopes, None).await {
        Ok(AfterChallenge::Retry(authorization)) => authorization,
        other => panic!("no retry: {other:?}"),
    }
}

/// What a request is sent with before it is refused, as text.
pub(super) async fn before(authority: &Authority, scopes: &Scopes) -> Option<String> {
    authority.header(scopes).await.expect("no failure").map(|authorization| text(&authorization))
}

pub(super) fn text(authorization: &Authorization) -> String {
    assert!(authorization.value().is_sensitive());
    authorization.value().to_str().expect("text").to_owned()
}

/// A failure, as a user reads it, without the port of the day.
pub(super) fn told(failure: &Failure) -> String {
    let hint = failure.hint.as_deref().unwrap_or("-");
    let code = failure.code.as_str();
    let told = format!("{code} ({:?}): {failure}\n  hint: {hint}", failure.operation);
    regex::Regex::new(r"(127\.0\.0\.1|test):\d{4,}")
        .expect("a regex")
        .replace_all(&told, "$1:PORT")
        .into_owned()
}
