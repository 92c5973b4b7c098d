//! Connections and requests: recorded, put through the rules, let in or not, answered.

use super::answer::Answer;
use super::body::{self, Body, Dropped, Pieces, Receiving};
use super::contents::Contents;
use super::errors::{page_not_found, unsupported};
use super::options::Writes;
use super::personality::Creates;
use super::recording::{Log, Ticket};
use super::route::Route;
use super::script::Script;
use super::socket::{self, Line, Lines};
use super::tokens::Tokens;
use super::uploads::{self, Sessions};
use super::{
    Options, Request, RequestKind, Rule, auth, blobs, manifests, quota, recording, referrers, storage,
    strangers, tags, tokens,
};
use hyper::Response;
use hyper::body::Incoming;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
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
    pub(super) connections: Lines,
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
            connections: Lines::default(),
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
    let respond = {
        let shared = Arc::clone(&shared);
        move |line, request| respond(Arc::clone(&shared), line, request)
    };
    socket::serve(listener, &shared.connections, respond).await;
}

async fn respond(
    shared: Arc<Shared>,
    line: Line,
    request: hyper::Request<Incoming>,
) -> Result<Response<Body>, Dropped> {
    let (parts, body) = request.into_parts();
    let route = Route::parse(parts.uri.path());
    let path_and_query = parts.uri.path_and_query().map_or("", |whole| whole.as_str());
    let ticket = shared.log.open(recording::record(&parts, line.number));
    if let Some(what) = strangers::shown(&shared, ticket.request(), &route) {
        shared.violated(what);
    }
    if parts.method == "DELETE" && ticket.request().kind != RequestKind::UploadDelete {
        shared.violated(format!("content was to be deleted: {}", ticket.request()));
    }
    let mut script = {
        let rules = shared.rules.lock().expect("no panic while answering");
        Script::of(&rules, ticket.request(), path_and_query)
    };
    line.resets.store(script.reset, Ordering::SeqCst);
    tokio::time::sleep(shared.options.latency).await;
    script.before().await?;
    let mut receiving = Receiving::new(body, ticket, script);
    let mut answer = match receiving.script.instead.take() {
        None => dispatch(&shared, &route, &mut receiving).await?,
        Some(instead) => instead.answer(&mut receiving, path_and_query).await?,
    };
    answer = answer.header("docker-distribution-api-version", "registry/2.0");
    if parts.method == "HEAD" {
        answer = answer.without_body();
    }
    answer = answer.measured();
    receiving.script.after(&mut answer)?;
    let Receiving { ticket, script, .. } = receiving;
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

/// An answer on its way.
pub(in crate::bed) fn response(answer: Answer, ticket: Ticket, script: Script) -> Response<Body> {
    let (answer, body) = answer.parted();
    passed_on(&answer, Pieces::Held(body), ticket, script)
}

/// Status and headers of `answer`, with this body.
pub(in crate::bed) fn passed_on(
    answer: &Answer,
    body: Pieces,
    ticket: Ticket,
    script: Script,
) -> Response<Body> {
    ticket.answered(answer.status);
    let mut builder = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        builder = builder.header(name, value);
    }
    builder.body(body::sending(body, ticket, script)).expect("rules and answers have legal headers")
}
