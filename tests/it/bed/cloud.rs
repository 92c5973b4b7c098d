//! A cloud on loopback: an HTTP proxy that answers for hosts that are not there, and writes down what
//! each was sent. What it does not answer goes to a registry.
//!
//! Plain HTTP only, and bodies are held in memory.

use super::listening::{Listening, free_port};
use super::memory::Registry;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::HOST;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpStream};

/// One request, as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `host` or `host:port`, as the client named it.
    pub host: String,
    /// Whether the client took this for a proxy, rather than for the host itself.
    pub by_proxy: bool,
    /// The method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query, encoded.
    pub query: String,
    /// The headers; names are in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

/// An answer: a status and a body.
pub type Said = (u16, String);

/// An answer with headers.
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// Where registries are, by the names that they have for the program.
type Routes = BTreeMap<String, String>;

type Rule = dyn Fn(&Seen) -> Option<Answer> + Send + Sync;

/// A cloud, until it is dropped.
pub struct Cloud {
    log: Arc<Mutex<Vec<Seen>>>,
    listening: Listening,
}

impl Answer {
    /// An answer without headers of its own.
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    /// Adds a header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl Seen {
    /// A parameter of the query or of a form.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let encoded = [self.query.as_bytes(), &self.body];
        let mut pairs = encoded.into_iter().flat_map(url::form_urlencoded::parse);
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// A header; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }
}

impl Cloud {
    /// A cloud that answers by a rule; what the rule leaves open is asked of `registry`.
    pub fn before(registry: &Registry, rule: impl Fn(&Seen) -> Option<Said> + Send + Sync + 'static) -> Self {
        Self::answering(registry, move |seen| rule(seen).map(|(status, body)| Answer::new(status, body)))
    }

    /// The same with headers.
    pub fn answering(
        registry: &Registry,
        rule: impl Fn(&Seen) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        Self::routing(&[("", registry)], rule)
    }

    /// The same with a registry behind each name; what has none goes to the one that is called nothing.
    pub fn routing(
        routes: &[(&str, &Registry)],
        rule: impl Fn(&Seen) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        let routes = routes.iter().map(|(name, registry)| ((*name).to_owned(), registry.host()));
        let (log, behind): (Arc<Mutex<Vec<Seen>>>, Arc<Routes>) =
            (Arc::default(), Arc::new(routes.collect()));
        let (seen, rule): (_, Arc<Rule>) = (Arc::clone(&log), Arc::new(rule));
        let serve = move |listener| serve(listener, behind, rule, seen);
        Self { log, listening: Listening::start("cloud", free_port(), serve) }
    }

    /// `http://127.0.0.1:port`
    pub fn url(&self) -> String {
        format!("http://{}", self.listening.address())
    }

    /// Every request so far, in the order of arrival.
    pub fn seen(&self) -> Vec<Seen> {
        self.log.lock().expect("no panic while writing").clone()
    }

    /// The requests for a path.
    pub fn at(&self, path: &str) -> Vec<Seen> {
        self.seen().into_iter().filter(|seen| seen.path == path).collect()
    }
}

async fn serve(listener: TcpListener, behind: Arc<Routes>, rule: Arc<Rule>, log: Arc<Mutex<Vec<Seen>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (behind, rule, log) = (Arc::clone(&behind), Arc::clone(&rule), Arc::clone(&log));
        let service = service_fn(move |request| {
            let (behind, rule, log) = (Arc::clone(&behind), Arc::clone(&rule), Arc::clone(&log));
            async move { Ok::<_, Infallible>(answer(request, &behind, &*rule, &log).await) }
        });
        tokio::spawn(async move {
            // An error here is a client that went away.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    behind: &Routes,
    rule: &Rule,
    log: &Mutex<Vec<Seen>>,
) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let headers = parts.headers.iter();
    let headers: BTreeMap<String, String> = headers
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let seen = Seen {
        host: headers.get(HOST.as_str()).cloned().unwrap_or_default(),
        by_proxy: parts.uri.host().is_some(),
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers,
        body: body.to_vec(),
    };
    log.lock().expect("no panic while writing").push(seen.clone());
    if let Some(Answer { status, headers, body }) = rule(&seen) {
        let mut answer = Response::builder().status(StatusCode::from_u16(status).expect("a status"));
        for (name, value) in headers {
            answer = answer.header(name, value);
        }
        return answer.body(Full::from(body)).expect("the headers are legal");
    }
    // What lies on loopback is where it says; any other name stands for the registry.
    let known = behind.get(&seen.host).or_else(|| behind.get(""));
    let to = known.filter(|_| !seen.host.starts_with("127.0.0.1:")).unwrap_or(&seen.host);
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let mut request = Request::from_parts(parts, Full::new(body));
    *request.uri_mut() = path.parse::<Uri>().expect("it was one before");
    pass(request, to).await.unwrap_or_else(|| {
        let mut answer = Response::new(Full::default());
        *answer.status_mut() = StatusCode::BAD_GATEWAY;
        answer
    })
}

async fn pass(request: Request<Full<Bytes>>, to: &str) -> Option<Response<Full<Bytes>>> {
    let head = request.method() == "HEAD";
    let stream = TcpStream::connect(to).await.ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(async move {
        // An error here shows as an error of the answer too.
        let _ = connection.await;
    });
    let (mut parts, body) = sender.send_request(request).await.ok()?.into_parts();
    let body = body.collect().await.ok()?.to_bytes();
    if !head {
        parts.headers.remove("content-length");
    }
    parts.headers.remove("transfer-encoding");
    Some(Response::from_parts(parts, Full::new(body)))
}
