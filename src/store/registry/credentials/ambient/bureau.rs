//! Where every exchange of one proof of identity for another is made: requests, limits, clocks, and
//! what is said when it fails. Never shows what is exchanged.

use super::carrier::{Carrier, Route};
use super::refusal::Refusal;
use crate::failure::{Code, Failure, Fallible, HttpFacts, Operation};
use crate::oci::Registry;
use crate::store::registry::auth::body::{self, BodyError};
use crate::store::registry::credentials::Environment;
use crate::store::registry::renewed::Clock;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Request, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::SystemTime;
use url::Url;
use url::form_urlencoded::Serializer;

/// The clocks of a run.
#[derive(Clone)]
pub struct Clocks {
    /// For how long things live.
    pub steady: Clock,
    /// The time of day, which signatures name.
    pub wall: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

/// What exchanges for the sake of one registry need.
#[derive(Clone)]
pub(super) struct Bureau {
    /// For whose sake.
    pub(super) registry: Registry,
    pub(super) environment: Environment,
    pub(super) carrier: Arc<dyn Carrier>,
    pub(super) clocks: Clocks,
}

/// One request of an exchange.
pub(super) struct Errand {
    pub(super) request: Request,
    route: Route,
    /// Who is asked, for people: "AWS STS".
    who: &'static str,
}

/// What was answered.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    who: &'static str,
    facts: HttpFacts,
}

/// The largest answer that is read, in bytes: tokens have a few thousand.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// What to do about a refusal that says nothing.
const IN_PLACE: &str = "docs/credentials.md says what has to be in place on the other side";

impl Errand {
    pub(super) fn new(who: &'static str, method: Method, url: Url) -> Self {
        let mut errand = Self { request: Request::new(method, url), route: Route::World, who };
        errand.request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        errand
    }

    pub(super) fn get(who: &'static str, url: Url) -> Self {
        Self::new(who, Method::GET, url)
    }

    /// A POST with a form: what OAuth 2 wants.
    pub(super) fn form(who: &'static str, url: Url, pairs: &[(&str, &str)]) -> Self {
        let body = Serializer::new(String::new()).extend_pairs(pairs).finish();
        Self::new(who, Method::POST, url).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body)
    }

    pub(super) fn by(mut self, route: Route) -> Self {
        self.route = route;
        self
    }

    pub(super) fn body(mut self, body: impl Into<String>) -> Self {
        *self.request.body_mut() = Some(body.into().into());
        self
    }

    /// A header that is no secret. One that cannot be a header is left out.
    pub(super) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.request.headers_mut().insert(name, value);
        }
        self
    }

    /// A header that holds a secret. One that cannot be a header is left out, and refused there.
    pub(super) fn secret(mut self, name: HeaderName, secret: &SecretString) -> Self {
        if let Ok(mut value) = HeaderValue::from_str(secret.expose_secret()) {
            value.set_sensitive(true);
            self.request.headers_mut().insert(name, value);
        }
        self
    }

    pub(super) fn bearer(self, token: &SecretString) -> Self {
        self.secret(AUTHORIZATION, &format!("Bearer {}", token.expose_secret()).into())
    }
}

impl Bureau {
    /// Makes a request, and reads its answer of any status.
    pub(super) async fn ask(&self, errand: Errand) -> Fallible<Reply> {
        let Errand { request, route, who } = errand;
        let mut url = request.url().clone();
        let host = url.host_str().unwrap_or_default().to_owned();
        url.set_query(None);
        let method = request.method().to_string();
        let response = self.carrier.carry(request, route, &self.registry).await.map_err(|mut failure| {
            failure.message = format!("{who} was not reached: {}", failure.message);
            failure.hint(format!(
                "check that this machine reaches {host}, or its proxy does (HTTPS_PROXY, NO_PROXY)"
            ))
        })?;
        let (status, headers) = (response.status(), response.headers().clone());
        let facts = HttpFacts { method, url: url.into(), status: Some(status.as_u16()), registry_code: None };
        let body = body::whole(response, ANSWER_BYTES_MAX).await.map_err(|why| {
            let (code, what) = match why {
                BodyError::TooLong => (Code::LimitExceeded, "is too large"),
                BodyError::Broken => (Code::Network, "broke off"),
                BodyError::Stalled => (Code::Timeout, "took too long"),
            };
            let mut failure = self.failure(format!("the answer of {who} {what}"));
            failure.code = code;
            failure.http = Some(facts.clone());
            failure
        })?;
        Ok(Reply { status, headers, body, who, facts })
    }

    /// Makes a request that must succeed, and reads the JSON of its answer.
    pub(super) async fn json<T: DeserializeOwned>(&self, errand: Errand, doing: &str) -> Fallible<T> {
        let reply = self.ask(errand).await?;
        self.read(&reply, doing)
    }

    /// The JSON of an answer that must be a success.
    pub(super) fn read<T: DeserializeOwned>(&self, reply: &Reply, doing: &str) -> Fallible<T> {
        if !reply.status.is_success() {
            return Err(self.refused(reply, doing));
        }
        serde_json::from_slice(&reply.body).map_err(|_| self.malformed(reply))
    }

    /// What an answer that is no success means: `doing` completes the phrase "did not …".
    pub(super) fn refused(&self, reply: &Reply, doing: &str) -> Box<Failure> {
        let Reply { status, who, facts, .. } = reply;
        let refusal = Refusal::of(&reply.headers, &reply.body);
        let mut failure = match status.as_u16() {
            300..=399 => self
                .failure(format!("{who} answered with a redirect, which is not followed"))
                .hint("what proves who we are stays where it was sent: name the right endpoint"),
            _ => self.failure(format!("{who} did not {doing}")),
        };
        failure.http = Some(HttpFacts { registry_code: refusal.code.clone(), ..facts.clone() });
        match (refusal.advice(), failure.hint.is_some()) {
            (Some(advice), _) => failure.hint(advice),
            (None, true) => failure,
            (None, false) => failure.hint(IN_PLACE),
        }
    }

    /// An answer that is a success and makes no sense.
    pub(super) fn malformed(&self, reply: &Reply) -> Box<Failure> {
        let message = format!("the answer of {} is not what it should be", reply.who);
        let mut failure = self.failure(message);
        failure.code = Code::Protocol;
        failure.http = Some(reply.facts.clone());
        failure
    }

    /// A failure to say who we are.
    pub(super) fn failure(&self, message: impl Into<String>) -> Box<Failure> {
        Failure::new(Code::CredentialUnavailable, self.registry.to_string(), Operation::Token, message)
    }

    /// A secret that was just made: whoever wants to hide it is told first.
    pub(super) fn mint(&self, text: impl Into<String>) -> SecretString {
        let secret = SecretString::from(text.into());
        self.environment.witness().tell(&secret);
        secret
    }
}
