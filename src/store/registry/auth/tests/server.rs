//! A token server on loopback that records what it is asked. Holds no opinion of its own.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// One request, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) path: String,
    /// Of the query, or of the form of a POST; sorted by neither.
    pub(super) parameters: Vec<(String, String)>,
    pub(super) authorization: Option<String>,
}

/// A canned answer.
#[derive(Clone)]
pub(super) struct Canned {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

type Rule = dyn Fn(&Asked, usize) -> Canned + Send + Sync;

/// A server that answers by a rule until it is dropped.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    log: Arc<Mutex<Vec<Asked>>>,
    accepting: AbortHandle,
}

impl Asked {
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        self.parameters.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }
}

impl Canned {
    pub(super) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    /// A token that names its number, and lives as long as it is said.
    pub(super) fn token(number: usize, expires_in: &str) -> Self {
        Self::new(200, format!(r#"{{"token":"token-{number}","expires_in":{expires_in}}}"#))
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl Server {
    /// Starts a server; the rule gets each request and its number, from 1.
    pub(super) async fn start(rule: impl Fn(&Asked, usize) -> Canned + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (rule, log): (Arc<Rule>, Arc<Mutex<Vec<Asked>>>) = (Arc::new(rule), Arc::default());
        let seen = Arc::clone(&log);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (rule, log) = (Arc::clone(&rule), Arc::clone(&seen));
                tokio::spawn(async move {
                    let service = service_fn(|request| answer(request, Arc::clone(&rule), Arc::clone(&log)));
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self { address, log, accepting: accepting.abort_handle() }
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.log.lock().expect("not poisoned").clone()
    }

    pub(super) fn count(&self) -> usize {
        self.asked().len()
    }

    pub(super) fn realm(&self) -> String {
        format!("http://{}/token", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn answer(
    request: Request<Incoming>,
    rule: Arc<Rule>,
    log: Arc<Mutex<Vec<Asked>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let query = parts.uri.query().unwrap_or_default().as_bytes();
    let encoded = if parts.method == "POST" { &body } else { query };
    let authorization = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
    let asked = Asked {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        parameters: url::form_urlencoded::parse(encoded).into_owned().collect(),
        authorization: authorization.map(str::to_owned),
    };
    let number = {
        let mut log = log.lock().expect("not poisoned");
        log.push(asked.clone());
        log.len()
    };
    // Long enough for those who come at the same time to come before the answer.
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    let Canned { status, headers, body } = rule(&asked, number);
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    Ok(response.body(Full::from(body)).expect("a response"))
}
