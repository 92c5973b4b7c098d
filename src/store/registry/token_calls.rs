//! How requests for tokens are sent: retried and counted like all others. Adds no header.

use super::account::Host;
use super::answer::Asked;
use super::auth::TokenTransport;
use super::budget::Budget;
use super::counters::Counters;
use super::times;
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::store::backoff::{ATTEMPTS_MAX, is_passing, wait_before_retry};
use async_trait::async_trait;
use reqwest::{Request, Response};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Sends token requests for one registry.
pub(super) struct TokenCalls {
    host: Arc<Host>,
    counters: Arc<Counters>,
    /// A token server is another server than the registry, and has a budget of its own.
    budget: Budget,
}

impl TokenCalls {
    pub(super) fn new(host: Arc<Host>, counters: Arc<Counters>) -> Self {
        Self { host, counters, budget: Budget::default() }
    }
}

#[async_trait]
impl TokenTransport for TokenCalls {
    async fn send(&self, request: Request) -> Fallible<Response> {
        let asked = Asked {
            operation: Operation::Token,
            repository: self.host.registry.to_string(),
            method: request.method().clone(),
            url: request.url().clone(),
            credential: None,
        };
        // Our certificate is for the registry: a token server elsewhere does not get to see it.
        let client = match request.url().host() == self.host.base.host() {
            true => &self.host.clients.api,
            false => self.host.elsewhere.client(&asked, request.url())?,
        };
        patiently(client, &request, &asked, Patience::default(), &self.budget, &self.counters).await
    }
}

/// How long somebody is waited for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For the head of one answer.
    pub(super) within: Duration,
    /// How often a request is made at most.
    pub(super) attempts_max: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self { within: times::answer(Operation::Token), attempts_max: ATTEMPTS_MAX }
    }
}

/// Makes a request until it is answered, or is worth no further attempt.
pub(super) async fn patiently(
    client: &reqwest::Client,
    request: &Request,
    asked: &Asked,
    patience: Patience,
    budget: &Budget,
    counters: &Counters,
) -> Fallible<Response> {
    let Patience { within, attempts_max } = patience;
    let mut attempt = 1;
    loop {
        let Some(request) = request.try_clone() else {
            return Err(asked.failure(Code::Internal, "the request for a token cannot be made again"));
        };
        counters.sent(Operation::Token);
        let failure = match tokio::time::timeout(within, client.execute(request)).await {
            Ok(Ok(answer)) if !is_passing(answer.status().as_u16()) => {
                budget.served();
                return Ok(answer);
            }
            Ok(Ok(answer)) => wordless(asked.refused(answer).await),
            Ok(Err(error)) => asked.unanswered(&error),
            Err(_) => asked.failure(Code::Timeout, format!("no answer within {} s", within.as_secs())),
        };
        loop {
            let wait = wait_before_retry(attempt, &failure, fastrand::f64());
            let Some(wait) = wait.filter(|_| attempt < attempts_max) else {
                return Err(failure);
            };
            attempt += 1;
            tokio::time::sleep(wait).await;
            if budget.spend(Instant::now()) {
                break;
            }
        }
        counters.retried();
    }
}

/// A refusal without the words of who refused: a server that repeats what it was sent must not get it
/// into a report.
fn wordless(mut failure: Box<Failure>) -> Box<Failure> {
    failure.message = "it cannot answer now".to_owned();
    if let Some(http) = &mut failure.http {
        http.registry_code = None;
    }
    failure
}
