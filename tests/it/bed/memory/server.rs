//! Connections and requests: recorded, put through the rules, let in or not, answered.

use super::answer::{Answer, AnswerBody};
use super::body::{self, Body, Dropped, Receiving};
use super::contents::Contents;
use super::errors::{page_not_found, unsupported};
use super::options::Writes;
use super::personality::Creates;
use super::recording::Log;
use super::route::Route;
use super::script::{Instead, Script};
use super::socket::Socket;
use super::tokens::Tokens;
use super::uploads::{self, Sessions};
use super::{
    Options, Request, RequestKind, Rule, auth, blobs, manifests, quota, recording, referrers, storage, tags,
    tokens,
};
use hyper::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::net::TcpListener;

/// Longest body of a manifest or a form that is kept, in bytes; what is longer is refused.
const DOCUMENT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What all connections share.
pub(super) struct Shared {
    pub(super) options: Options,
    pub(super) address: SocketAddr,
    pub(super) log: Arc<Log>,
    pub(super) rules: Mutex<Vec<Rule>>,
    pub(super) violations: Mutex<Vec<String>>,
    connections: AtomicU64,
    contents: Mutex<Contents>,
    sessions: Mutex<Sessions>,
    tokens: Mutex<Tokens>,
    /// Where blobs are that are not handed out here.
    pub(super) storage: SocketAddr,
    pub(super) quota_left: AtomicU32,
    pub(super) is_full: AtomicBool,
    pub(super) protected: Mutex<BTreeSet<(String, String)>>,
}

impl Shared {
    pub(super) fn new(options: Options, address: SocketAddr, storage: SocketAddr) -> Self {
        Self {
            storage,
            quota_left: AtomicU32::new(options.quota.unwrap_or_default()),
            is_full: AtomicBool::new(false),
            protected: Mutex::default(),
            options,
            address,
            log: Arc::default(),
            rules: Mutex::default(),
            violations: Mutex::default(),
            connections: AtomicU64::new(0),
            contents: Mutex::default(),
            sessions: Mutex::default(),
            tokens: Mutex::default(),
        }
    }

    /// `http://host:port`
    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().expect("no panic while answering")
    }

    pub(super) fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().expect("no panic while answering")
    }

    pub(super) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().expect("no panic while answering")
    }

    /// Whether a tag is one that may not be moved.
    pub(super) fn is_protected(&self, repository: &str, tag: &str) -> bool {
        let protected = self.protected.lock().expect("no panic while answering");
        protected.contains(&(repository.to_owned(), tag.to_owned()))
    }

    pub(super) fn violated(&self, what: String) {
        self.violations.lock().expect("no panic while answering").push(what);
    }
}

/// Takes connections for ever.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let (shared, resets) = (Arc::clone(&shared), Arc::new(AtomicBool::new(false)));
        let socket = Socket { stream, resets: Arc::clone(&resets) };
        let connection = shared.connections.fetch_add(1, Ordering::SeqCst) + 1;
        let service =
            service_fn(move |request| respond(Arc::clone(&shared), connection, Arc::clone(&resets), request));
        tokio::spawn(async move {
            // An error here is a client that went away, or a rule that closed the connection.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(socket), service)
                .await;
        });
    }
}

async fn respond(
    shared: Arc<Shared>,
    connection: u64,
    resets: Arc<AtomicBool>,
    request: hyper::Request<Incoming>,
) -> Result<Response<Body>, Dropped> {
    let (parts, body) = request.into_parts();
    let route = Route::parse(parts.uri.path());
    let path_and_query = parts.uri.path_and_query().map_or("", |whole| whole.as_str());
    let ticket = shared.log.open(recording::record(&parts, connection));
    if parts.method == "DELETE" && ticket.request().kind != RequestKind::UploadDelete {
        shared.violated(format!("content was to be deleted: {}", ticket.request()));
    }
    let mut script = {
        let rules = shared.rules.lock().expect("no panic while answering");
        Script::of(&rules, ticket.request(), path_and_query)
    };
    resets.store(script.reset, Ordering::SeqCst);
    tokio::time::sleep(shared.options.latency).await;
    script.before().await?;
    let mut receiving = Receiving::new(body, ticket, script);
    let mut answer = match receiving.script.instead.take() {
        None => dispatch(&shared, &route, &mut receiving).await?,
        Some(Instead::CannedUnread(canned)) => Answer::from(canned),
        Some(Instead::Canned(canned)) => {
            receiving.drain().await?;
            Answer::from(canned)
        }
        Some(Instead::Redirect(origin)) => {
            receiving.drain().await?;
            Answer::empty(307).header("location", format!("{origin}{path_and_query}"))
        }
    };
    answer = answer.header("docker-distribution-api-version", "registry/2.0");
    if parts.method == "HEAD" {
        answer = answer.without_body();
    }
    receiving.script.after(&mut answer)?;
    let Receiving { ticket, script, .. } = receiving;
    ticket.answered(answer.status);
    Ok(response(answer, ticket, script))
}

/// Does what a request asks for.
async fn dispatch(shared: &Shared, route: &Route, receiving: &mut Receiving) -> Result<Answer, Dropped> {
    let request = receiving.script.seen(receiving.ticket.request().clone());
    if let Some(answer) = auth::refusal(shared, &request, route) {
        receiving.drain().await?;
        return Ok(answer);
    }
    if request.is_write() && shared.options.writes == Writes::Refused {
        receiving.drain().await?;
        return Ok(shared.options.traits.read_only.answer(route.repository().unwrap_or_default(), ""));
    }
    if let Some(answer) = absent(shared, &request, route).or_else(|| quota::refusal(shared, &request)) {
        receiving.drain().await?;
        return Ok(answer);
    }
    if let (Route::Upload { name, id }, "PATCH") = (route, request.method.as_str()) {
        return uploads::append(shared, &request, receiving, name, id).await;
    }
    if let (Route::Upload { name, id }, "PUT") = (route, request.method.as_str()) {
        return uploads::finish(shared, &request, receiving, name, id).await;
    }
    let bytes = receiving.whole(DOCUMENT_BYTES_MAX).await?;
    let answer = match (route, request.method.as_str()) {
        (Route::Ping, "GET" | "HEAD") => Answer::json(200, &serde_json::json!({})),
        (Route::Token, "GET" | "POST") => tokens::answer(shared, &request, &bytes),
        (Route::Tags { name }, "GET") => tags::list(shared, &request, name),
        (Route::Manifest { name, at }, "GET" | "HEAD") => manifests::read(shared, &request, name, at),
        (Route::Manifest { name, at }, "PUT") => manifests::put(shared, &request, name, at, bytes),
        (Route::Blob { name, digest }, "GET" | "HEAD") => blobs::read(shared, &request, name, digest),
        (Route::Uploads { name }, "POST") => uploads::start(shared, &request, name),
        (Route::Upload { name, id }, "GET" | "HEAD") => uploads::progress(shared, name, id),
        (Route::Upload { name, id }, "DELETE") => uploads::cancel(shared, name, id),
        (Route::Referrers { name, digest }, "GET") => referrers::list(shared, &request, name, digest),
        (Route::Stored { digest }, "GET") => storage::read(shared, &request, digest),
        (Route::Unknown, _) => page_not_found(),
        _ => unsupported(),
    };
    Ok(quota::told(shared, &request, answer))
}

/// What is answered about a repository that is not there, where that is not its own answer.
fn absent(shared: &Shared, request: &Request, route: &Route) -> Option<Answer> {
    let name = route.repository()?;
    let contents = shared.contents();
    let traits = &shared.options.traits;
    if contents.repositories.contains_key(name) {
        return None;
    }
    let refusal = match (request.is_write(), traits.creates) {
        (false, _) => traits.missing?,
        (true, Creates::Always) => return None,
        (true, Creates::Never(refusal)) => refusal,
        (true, Creates::InProjects(refusal)) => {
            let project = |name: &str| name.split('/').next().map(str::to_owned);
            if contents.repositories.keys().any(|known| project(known) == project(name)) {
                return None;
            }
            refusal
        }
    };
    Some(auth::worded(shared, request, route, refusal))
}

fn response(answer: Answer, ticket: super::recording::Ticket, script: Script) -> Response<Body> {
    let mut builder = Response::builder().status(answer.status);
    let length = answer.body.length_bytes().to_string();
    if answer.get("content-length").is_none() && !matches!(answer.status, 204 | 304) {
        builder = builder.header("content-length", length);
    }
    for (name, value) in &answer.headers {
        builder = builder.header(name, value);
    }
    let body: AnswerBody = answer.body;
    builder.body(body::sending(body, ticket, script)).expect("rules and answers have legal headers")
}
