//! One request, one answer. distribution-spec, "Pull" and "Content Discovery".

mod content;
mod lists;

use super::answer::{Refusal, bare, document};
use super::auth::{Doorkeeper, Entry};
use super::body::{Body, Proven};
use super::page::parameter;
use super::pulse::{Pulse, Waiting};
use super::route::{Asked, route};
use super::site::{Repository, Site};
use super::{Limits, log};
use crate::failure::Failure;
use crate::oci::RepositoryPath;
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode, header};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::{Notify, Semaphore};

/// Hands out what is served; shared by all connections.
pub(super) struct Counter {
    site: Site,
    door: Option<Doorkeeper>,
    blobs: Arc<Semaphore>,
    reads: Arc<Semaphore>,
    proven: Arc<Proven>,
}

/// What one connection has to itself.
pub(super) struct Visit {
    counter: Arc<Counter>,
    peer: SocketAddr,
    pub(super) pulse: Arc<Pulse>,
    failed_logins: AtomicU32,
    failed_logins_max: u32,
    /// Told when the connection is to end.
    pub(super) leaving: Notify,
}

/// A request, as far as it matters.
struct Query<'a> {
    head: &'a hyper::http::request::Parts,
    waiting: &'a Waiting,
}

impl Counter {
    pub(super) fn new(site: Site, door: Option<Doorkeeper>, limits: &Limits) -> Self {
        let blobs = Arc::new(Semaphore::new(limits.blobs_at_once));
        let reads = Arc::new(Semaphore::new(limits.reads_at_once));
        Self { site, door, blobs, reads, proven: Arc::default() }
    }
}

impl Visit {
    pub(super) fn new(counter: Arc<Counter>, peer: SocketAddr, failed_logins_max: u32) -> Self {
        let (failed_logins, pulse, leaving) = (AtomicU32::new(0), Arc::default(), Notify::new());
        Self { counter, peer, pulse, failed_logins, failed_logins_max, leaving }
    }

    /// Answers a request. Its body is not read: nothing that is asked for here has one.
    pub(super) async fn respond(&self, request: Request<Incoming>) -> Response<Body> {
        let waiting = self.pulse.begin();
        let (head, body) = request.into_parts();
        drop(body);
        let answered = match self.enter(&head).await {
            Ok(()) => self.counter.answer(&Query { head: &head, waiting: &waiting }).await,
            Err(refusal) => Err(refusal),
        };
        let mut answer = answered.unwrap_or_else(Refusal::answer);
        // What we did not read lies in the way of the next request.
        if answer.status() == StatusCode::METHOD_NOT_ALLOWED && head.version < hyper::Version::HTTP_2 {
            super::answer::set(&mut answer, header::CONNECTION, "close");
        }
        if head.method == Method::HEAD {
            *answer.body_mut() = Body::Nothing;
        }
        log::told(self.peer, &head.method, &head.uri, &answer);
        answer
    }

    /// Lets a request in, or says why not.
    async fn enter(&self, head: &hyper::http::request::Parts) -> Result<(), Refusal> {
        let Some(door) = &self.counter.door else { return Ok(()) };
        let authorization = head.headers.get(header::AUTHORIZATION).map(|value| value.as_bytes());
        match door.ask(authorization).await {
            Entry::Known => return Ok(()),
            Entry::Nobody => {}
            Entry::Wrong => {
                let failed = self.failed_logins.fetch_add(1, Ordering::Relaxed) + 1;
                if failed >= self.failed_logins_max {
                    self.leaving.notify_one();
                }
            }
        }
        Err(Refusal::unauthorized())
    }
}

impl Counter {
    async fn answer(&self, query: &Query<'_>) -> Result<Response<Body>, Refusal> {
        if !matches!(query.head.method, Method::GET | Method::HEAD) {
            return Err(Refusal::read_only());
        }
        match route(query.head.uri.path())? {
            Asked::Base => Ok(document(StatusCode::OK, "application/json", "{}")),
            Asked::Catalog => lists::catalog(&self.site, query),
            Asked::Tags(name) => lists::tags(self.repository(&name, query)?, &name, query),
            Asked::Referrers(name, subject) => {
                self.repository(&name, query)?;
                lists::referrers(&self.site, &name, &subject, query)
            }
            Asked::Manifest(name, at) => {
                let repository = self.repository(&name, query)?;
                content::manifest(&self.site, repository, &at, query).await
            }
            Asked::Blob(name, digest) => {
                self.repository(&name, query)?;
                content::blob(self, &digest, query).await
            }
        }
    }

    fn repository(&self, name: &RepositoryPath, query: &Query<'_>) -> Result<&Repository, Refusal> {
        let registry = parameter(query.head.uri.query(), "ns");
        self.site.repository(name, registry.as_deref()).ok_or_else(Refusal::name_unknown)
    }
}

impl Query<'_> {
    /// The values of a header, but for those that are no text.
    fn values(&self, name: header::HeaderName) -> impl Iterator<Item = &str> {
        self.head.headers.get_all(name).iter().filter_map(|value| value.to_str().ok())
    }

    fn value(&self, name: header::HeaderName) -> Option<&str> {
        self.values(name).next()
    }

    fn parameter(&self, name: &str) -> Option<String> {
        parameter(self.head.uri.query(), name)
    }
}

/// A place cannot be read: the log says why, and the client that it is so.
fn unreadable(failure: &Failure) -> Refusal {
    tracing::error!("{}", crate::report::escape::foreign(failure));
    Refusal::unreadable()
}

/// The client has it already.
fn not_modified() -> Response<Body> {
    bare(StatusCode::NOT_MODIFIED)
}
