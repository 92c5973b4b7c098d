//! Surroundings for one test: a carrier that records and answers by a rule, clocks that are turned by
//! hand, and variables. Contacts nobody.

use crate::access::Identity;
use crate::access::{Credentials, RegistrySettings};
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::Registry;
use crate::store::registry::credentials::ambient::{Ambient, Carrier, Clocks, Route};
use crate::store::registry::credentials::{Credential, CredentialKind, Environment};
use crate::store::registry::renewed::Clock;
use async_trait::async_trait;
use reqwest::{Request, Response};
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

/// A request, as it was to be sent.
#[derive(Debug, Clone)]
pub(in crate::store::registry) struct Sent {
    pub(in crate::store::registry) route: Route,
    pub(in crate::store::registry) method: String,
    /// Scheme, host and path.
    pub(in crate::store::registry) place: String,
    /// Of the query, or of a form.
    pub(in crate::store::registry) pairs: BTreeMap<String, String>,
    pub(in crate::store::registry) headers: BTreeMap<String, String>,
    pub(in crate::store::registry) body: String,
}

/// An answer.
#[derive(Debug, Clone)]
pub(in crate::store::registry) enum Said {
    /// A status, headers and a body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// Nobody is there.
    Silence,
}

type Rule = dyn Fn(&Sent, usize) -> Said + Send + Sync;

/// What surrounds a run.
#[derive(Clone)]
pub(in crate::store::registry) struct Surroundings {
    rule: Arc<Rule>,
    log: Arc<Mutex<Vec<Sent>>>,
    now: Arc<Mutex<Duration>>,
    start: Instant,
    told: Arc<Mutex<Vec<String>>>,
}

/// 2015-08-30T12:36:00Z.
const WALL: Duration = Duration::from_secs(1_440_938_160);

impl Said {
    pub(in crate::store::registry) fn ok(body: impl Into<String>) -> Self {
        Self::Answer(200, Vec::new(), body.into())
    }

    pub(in crate::store::registry) fn status(status: u16, body: impl Into<String>) -> Self {
        Self::Answer(status, Vec::new(), body.into())
    }
}

impl Surroundings {
    /// Surroundings that answer by a rule, which gets each request and its number, from 1.
    pub(in crate::store::registry) fn new(
        rule: impl Fn(&Sent, usize) -> Said + Send + Sync + 'static,
    ) -> Self {
        let (log, told) = (Arc::default(), Arc::default());
        Self { rule: Arc::new(rule), log, now: Arc::default(), start: Instant::now(), told }
    }

    pub(in crate::store::registry) fn ambient(&self, environment: Environment) -> Ambient {
        let told = Arc::clone(&self.told);
        let environment = environment
            .witnessed_by(move |secret| told.lock().expect("not poisoned").push(secret.to_owned()));
        let wall = self.clone();
        let wall = Arc::new(move || SystemTime::UNIX_EPOCH + WALL + *wall.now.lock().expect("not poisoned"));
        Ambient::new(environment, Arc::new(self.clone()), Clocks { steady: self.clock(), wall })
    }

    pub(in crate::store::registry) fn clock(&self) -> Clock {
        let (start, now) = (self.start, Arc::clone(&self.now));
        Arc::new(move || start + *now.lock().expect("not poisoned"))
    }

    /// Turns both clocks.
    pub(in crate::store::registry) fn turn(&self, seconds: u64) {
        *self.now.lock().expect("not poisoned") += Duration::from_secs(seconds);
    }

    pub(in crate::store::registry) fn sent(&self) -> Vec<Sent> {
        self.log.lock().expect("not poisoned").clone()
    }

    /// The places that were asked, each with its method.
    pub(in crate::store::registry) fn places(&self) -> Vec<String> {
        self.sent().iter().map(|sent| format!("{} {}", sent.method, sent.place)).collect()
    }

    /// What was told to whoever hides secrets.
    pub(in crate::store::registry) fn told(&self) -> Vec<String> {
        self.told.lock().expect("not poisoned").clone()
    }

    /// What is found for a registry without a word in the spec.
    pub(in crate::store::registry) async fn found(
        &self,
        variables: &[(&str, &str)],
        registry: &str,
    ) -> Fallible<Option<Credential>> {
        let ambient = self.ambient(Environment::of(variables.iter().copied()));
        ambient.found(&registry.parse().expect("a registry"), &RegistrySettings::default()).await
    }

    /// What is found where the spec asks for an identity.
    pub(in crate::store::registry) async fn chosen(
        &self,
        variables: &[(&str, &str)],
        registry: &str,
        identity: Identity,
    ) -> Fallible<Credential> {
        let ambient = self.ambient(Environment::of(variables.iter().copied()));
        let credentials = Some(Credentials::Identity(identity.clone()));
        let settings = RegistrySettings { credentials, ..RegistrySettings::default() };
        ambient.chosen(&registry.parse().expect("a registry"), &settings, &identity).await
    }
}

#[async_trait]
impl Carrier for Surroundings {
    async fn carry(&self, request: Request, route: Route, registry: &Registry) -> Fallible<Response> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
        let body = request.body().and_then(reqwest::Body::as_bytes).map(text).unwrap_or_default();
        let mut url = request.url().clone();
        let encoded = url.query().unwrap_or(&body).to_owned();
        url.set_query(None);
        let headers = request.headers().iter();
        let sent = Sent {
            route,
            method: request.method().to_string(),
            place: url.to_string(),
            pairs: url::form_urlencoded::parse(encoded.as_bytes()).into_owned().collect(),
            headers: headers.map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
            body,
        };
        let number = {
            let mut log = self.log.lock().expect("not poisoned");
            log.push(sent.clone());
            log.len()
        };
        // Long enough for those who come at the same time to come before the answer.
        tokio::task::yield_now().await;
        match (self.rule)(&sent, number) {
            Said::Silence => Err(Failure::new(Code::Timeout, registry, Operation::Token, "no answer")),
            Said::Answer(status, headers, body) => {
                let mut answer = http::Response::builder().status(status);
                for (name, value) in headers {
                    answer = answer.header(name, value);
                }
                Ok(answer.body(body).expect("an answer").into())
            }
        }
    }
}

/// The password of a credential, made now if it must be, with the user and where it is from.
pub(in crate::store::registry) async fn password(credential: &Credential) -> Fallible<String> {
    let secret = match credential.kind() {
        CredentialKind::Minted(minted) => minted.password().await?.value,
        _ => credential.secret().expect("a secret at hand"),
    };
    Ok(format!("{credential}: {}", secret.expose_secret()))
}

/// The credential with its password and who was asked for it, or what went wrong.
pub(in crate::store::registry) async fn outcome(
    surroundings: &Surroundings,
    found: Fallible<Option<Credential>>,
) -> String {
    let credential = match found {
        Ok(Some(credential)) => credential,
        Ok(None) => return "nothing".to_owned(),
        Err(failure) => return told(&failure),
    };
    match password(&credential).await {
        Ok(text) => format!("{text}\n{}", surroundings.places().join("\n")),
        Err(failure) => told(&failure),
    }
}

/// A failure, as a user reads it.
pub(in crate::store::registry) fn told(failure: &Failure) -> String {
    format!("{}: {failure}\n  hint: {}", failure.code.as_str(), failure.hint.as_deref().unwrap_or("-"))
}
