//! One request, as often as it takes: throttled, authorised, redirected, retried and counted here
//! and nowhere else.

use super::account::{Account, Host};
use super::answer::Asked;
use super::auth::{AfterChallenge, Authorization, Scopes};
use super::body::pieces::Pieces;
use super::pace::Pace;
use super::pause::refusal;
use super::ratelimit::announced;
use super::redirect::{REDIRECTS_MAX, next_url, same_origin};
use super::throttle::{Lane, Turn};
use super::times;
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::store::backoff::{is_passing, wait_before_retry};
use bytes::{Bytes, BytesMut};
use reqwest::header::{AUTHORIZATION, HeaderMap};
use reqwest::{Method, Response, StatusCode, Url};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// Most challenges that one request meets; the authority gives up earlier.
const CHALLENGES_MAX: u32 = 3;
/// Shortest pause that is worth telling about: a run that stands still shall say why.
const PAUSE_TOLD_MIN: Duration = Duration::from_secs(5);

/// A request that can be made any number of times.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) operation: Operation,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Statuses beside 2xx that the caller wants to see.
    pub(super) expected: &'static [StatusCode],
}

/// The head of an answer; its body is still to come.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) response: Response,
    /// What the request was, for failures while the body is read.
    pub(super) asked: Asked,
    /// Given back when the body has been read.
    pub(super) turn: Turn,
    /// How fast the body may be read.
    pub(super) pace: Arc<Pace>,
}

/// Who is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The registry itself.
    Home,
    /// Where it leads to.
    Elsewhere,
}

/// An answer with its whole body.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) asked: Asked,
}

impl Call {
    pub(super) fn new(operation: Operation, method: Method, url: Url) -> Self {
        Self { operation, method, url, headers: HeaderMap::new(), body: Bytes::new(), expected: &[] }
    }

    fn follows_redirects(&self) -> bool {
        self.method == Method::GET || self.method == Method::HEAD
    }
}

impl Account {
    /// Makes the request until it is answered, and reads at most `bytes_max` of the answer's body.
    pub(super) async fn document(
        &self,
        call: &Call,
        scopes: &Scopes,
        bytes_max: usize,
    ) -> Fallible<Document> {
        self.until_done(|| async { read_document(self.once(call, scopes).await?, bytes_max).await }).await
    }

    /// Makes the request until it is answered; the caller reads the body.
    pub(super) async fn answer(&self, call: &Call, scopes: &Scopes) -> Fallible<Answer> {
        self.until_done(|| self.once(call, scopes)).await
    }

    /// Attempts something as often as it is worth.
    pub(super) async fn until_done<T, F>(&self, once: impl Fn() -> F) -> Fallible<T>
    where
        F: Future<Output = Fallible<T>>,
    {
        let mut attempt = 1;
        loop {
            match once().await {
                Ok(done) => return Ok(done),
                Err(failure) => self.wait_or_give_up(&mut attempt, failure).await?,
            }
        }
    }

    /// Sleeps until the next attempt, or hands the failure back when there is to be none.
    pub(super) async fn wait_or_give_up(&self, attempt: &mut u32, failure: Box<Failure>) -> Fallible<()> {
        let Host { contact, budget, .. } = &*self.host;
        // Requests for tokens were tried again where they are made.
        if failure.operation == Operation::Token || contact.is_given_up() {
            return Err(failure);
        }
        if contact.is_away() {
            // All wait for it together, at the door.
            self.counters.retried();
            return Ok(());
        }
        loop {
            let Some(wait) = wait_before_retry(*attempt, &failure, fastrand::f64()) else {
                contact.exhausted(&failure);
                return Err(failure);
            };
            self.rest(*attempt, wait, &failure).await;
            *attempt += 1;
            // What is refused for its number is slowed by the throttle. Of what fails otherwise, only a part
            // is made again: the others wait as long, and find it over or are the failures that they are.
            if refusal(&failure).is_some() || budget.spend(Instant::now()) {
                self.counters.retried();
                return Ok(());
            }
            tracing::debug!(attempt = *attempt, %failure, "not made again: too many fail");
        }
    }

    /// Waits between one attempt and the next, which is counted.
    pub(super) async fn wait(&self, attempt: u32, wait: Duration, failure: &Failure) {
        self.counters.retried();
        self.rest(attempt, wait, failure).await;
    }

    async fn rest(&self, attempt: u32, wait: Duration, failure: &Failure) {
        tracing::debug!(attempt, wait_ms = wait.as_millis() as u64, %failure, "trying again");
        // Whoever was refused waits in the line with everybody else.
        if refusal(failure).is_none() {
            tokio::time::sleep(wait).await;
        } else if failure.retry_after.is_none() {
            self.host.throttle.hold(Lane::of(failure.operation), wait);
        }
    }

    /// One attempt; it is made again where it was answered with a challenge that can be met.
    pub(super) async fn once(&self, call: &Call, scopes: &Scopes) -> Fallible<Answer> {
        let mut authorization = self.authority.header(scopes).await?;
        for _ in 0..CHALLENGES_MAX {
            let turn = self.host.throttle.turn(Lane::of(call.operation)).await;
            if authorization.is_none() {
                // While this waited, another request may have learnt what is asked for.
                authorization = self.authority.header(scopes).await?;
            }
            let answer = self.follow(call, authorization.as_ref(), turn).await?;
            // Only our registry's own word counts: what a redirect led to knows nothing of it.
            let challenged = answer.response.status() == StatusCode::UNAUTHORIZED
                && same_origin(answer.response.url(), &self.host.base);
            if !challenged {
                let judged = self.judge(call, answer).await;
                return judged.map_err(|failure| hushed(failure, authorization.as_ref()));
            }
            authorization = Some(self.renewed(answer, scopes, authorization.as_ref()).await?);
        }
        let asked = self.asked(call.operation, &call.method, &call.url);
        Err(asked.failure(Code::Unauthenticated, "the registry goes on asking for credentials"))
    }

    /// A new authorisation after a 401, or the failure that there is none.
    async fn renewed(
        &self,
        refused: Answer,
        scopes: &Scopes,
        sent: Option<&Authorization>,
    ) -> Fallible<Authorization> {
        let Answer { response, asked, turn, pace: _ } = refused;
        let headers = response.headers().clone();
        let failure = asked.refused(response).await;
        drop(turn);
        let renewed = match self.authority.challenged(&headers, scopes, sent).await {
            Ok(AfterChallenge::Retry(authorization)) => Ok(authorization),
            Ok(AfterChallenge::Ping) => self.ping(scopes).await,
            Err(last_word) => Err(last_word),
        };
        // What the authority says of the request itself has our facts.
        renewed.map_err(|last_word| match last_word.http {
            Some(_) => last_word,
            None => Box::new(Failure {
                http: failure.http,
                operation: failure.operation,
                repository: failure.repository,
                ..*last_word
            }),
        })
    }

    /// Asks `/v2/` how to authenticate, for registries whose 401 does not say it.
    async fn ping(&self, scopes: &Scopes) -> Fallible<Authorization> {
        let call = Call::new(Operation::Ping, Method::GET, self.host.url("/v2/"));
        let turn = self.host.throttle.turn(Lane::Look).await;
        let answer = self.follow(&call, None, turn).await?;
        match same_origin(answer.response.url(), &self.host.base) {
            true => self.authority.pinged(answer.response.headers(), scopes).await,
            false => {
                let message = "the registry refuses access, and its `/v2/` leads to another host";
                Err(answer.asked.failure(Code::Unauthenticated, message))
            }
        }
    }

    /// One request and the redirects that it meets. Only our registry's origin sees credentials,
    /// and once it was left, it sees them no more.
    pub(super) async fn follow(
        &self,
        call: &Call,
        authorization: Option<&Authorization>,
        turn: Turn,
    ) -> Fallible<Answer> {
        let asked = self.asked(call.operation, &call.method, &call.url);
        self.host.contact.admit(&asked).await?;
        let mut spending = self.quota.spend(&asked).await?;
        let mut url = call.url.clone();
        let mut place = Place::Home;
        for _ in 0..=REDIRECTS_MAX {
            let client = match (place, call.operation) {
                (Place::Elsewhere, _) => self.host.elsewhere.client(&asked, &url)?,
                (Place::Home, Operation::BlobGet | Operation::Download) => &self.host.clients.data,
                (Place::Home, _) => &self.host.clients.api,
            };
            let mut request = client.request(call.method.clone(), url.clone()).headers(call.headers.clone());
            if !call.body.is_empty() {
                self.host.pace.pass(call.body.len()).await;
                request = request.body(call.body.clone());
            }
            if let (Place::Home, Some(authorization)) = (place, authorization) {
                request = request.header(AUTHORIZATION, authorization.value());
            }
            let within = times::answer(call.operation);
            let response = self.sent(&turn, &asked, place, within, request.send()).await?;
            if place == Place::Home {
                self.quota.answered(spending.take(), announced(response.headers()));
            }
            if !(call.follows_redirects() && is_redirect(response.status())) {
                return Ok(Answer { response, asked, turn, pace: self.host.pace.clone() });
            }
            url = next_url(&asked, &url, &response)?;
            if !same_origin(&url, &self.host.base) {
                place = Place::Elsewhere;
            }
        }
        Err(asked.failure(Code::Protocol, format!("more than {REDIRECTS_MAX} redirects")))
    }

    /// Waits for the head of an answer, and counts. What it tells of the registry's load goes to `turn`,
    /// except for a refusal, which is for [`Self::heed`] when it has been read.
    pub(super) async fn sent(
        &self,
        turn: &Turn,
        asked: &Asked,
        place: Place,
        within: Duration,
        response: impl Future<Output = reqwest::Result<Response>>,
    ) -> Fallible<Response> {
        self.counters.sent(asked.operation);
        let began = Instant::now();
        let response = match tokio::time::timeout(within, response).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => {
                turn.unanswered();
                let failure = asked.unanswered(&error);
                let is_refused = matches!(failure.code, Code::Tls | Code::Proxy);
                if place == Place::Home && error.is_connect() && !is_refused {
                    self.host.contact.unconnected(&failure.message);
                }
                return Err(failure);
            }
            Err(_) => {
                turn.unanswered();
                let message = format!("no answer within {} s", within.as_secs());
                return Err(asked.failure(Code::Timeout, message));
            }
        };
        if place == Place::Home {
            self.host.contact.answered();
        }
        if !matches!(response.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            turn.answered(began.elapsed());
        }
        if !is_passing(response.status().as_u16()) {
            self.host.budget.served();
        }
        if let (Some(announced), true) =
            (announced(response.headers()), same_origin(response.url(), &self.host.base))
        {
            turn.announced(announced);
        }
        tracing::trace!(method = %asked.method, repository = asked.repository, operation = ?asked.operation,
            status = response.status().as_u16(), "answered");
        self.counters.answered(response.headers(), self.quota.reserve);
        if same_origin(response.url(), &self.host.base) {
            self.counters.told_the_time(response.headers(), SystemTime::now());
        }
        self.counters.warned(&self.host.registry, response.headers());
        Ok(response)
    }

    pub(super) async fn judge(&self, call: &Call, answer: Answer) -> Fallible<Answer> {
        let status = answer.response.status();
        if status.is_success() || call.expected.contains(&status) {
            return Ok(answer);
        }
        let failure = answer.asked.refused(answer.response).await;
        self.heed(&answer.turn, &failure);
        Err(failure)
    }

    /// Asks less of the registry where a failure of the request of `turn` says that it was too much: the
    /// lane is slowed, and where the registry asks for a pause, everybody waits.
    pub(super) fn heed(&self, turn: &Turn, failure: &Failure) {
        if failure.code == Code::Quota {
            self.counters.throttled();
            if failure.operation == Operation::ManifestGet {
                self.quota.used_up();
            }
        }
        let Some(refusal) = refusal(failure) else { return };
        self.counters.throttled();
        turn.refused(refusal);
        match (wait_before_retry(1, failure, fastrand::f64()), failure.retry_after) {
            (Some(wait), Some(_)) => {
                if self.host.throttle.pause(wait) >= PAUSE_TOLD_MIN {
                    let seconds = wait.as_secs();
                    tracing::warn!(registry = %self.host.registry, seconds, "the registry asks for a pause");
                }
            }
            (Some(wait), None) => self.host.throttle.hold(Lane::of(failure.operation), wait),
            (None, _) => {}
        }
    }
}

/// A failure without the words of a registry that repeats what it was shown.
pub(super) fn hushed(mut failure: Box<Failure>, shown: Option<&Authorization>) -> Box<Failure> {
    let repeats = |text: &str| shown.is_some_and(|shown| shown.is_repeated_in(text));
    let code = failure.http.as_ref().and_then(|http| http.registry_code.as_deref());
    if repeats(&failure.message) || code.is_some_and(repeats) {
        failure.message = "it repeats the credential that it was shown; its words are left out".to_owned();
        failure.http.iter_mut().for_each(|http| http.registry_code = None);
    }
    failure
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

pub(super) async fn read_document(answer: Answer, bytes_max: usize) -> Fallible<Document> {
    let status = answer.response.status();
    let headers = answer.response.headers().clone();
    let mut pieces = Pieces::of(answer);
    // The answer to a HEAD has a length but no body.
    let body = match pieces.asked.method == Method::HEAD {
        true => Bytes::new(),
        false => read_body(&mut pieces, bytes_max).await?,
    };
    Ok(Document { status, headers, body, asked: pieces.asked })
}

async fn read_body(pieces: &mut Pieces, bytes_max: usize) -> Fallible<Bytes> {
    let mut body = BytesMut::new();
    while let Some(piece) = pieces.next().await? {
        if body.len() + piece.len() > bytes_max {
            let message = format!("the answer is larger than {bytes_max} bytes");
            return Err(pieces.asked.failure(Code::LimitExceeded, message));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}
