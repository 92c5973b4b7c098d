//! A server of the Kubernetes API, as far as lists of it are asked for: over TLS, with pages and selectors.
//! Who asks has to show a token or a certificate. Records every request, and misbehaves when told to.

use crate::bed::certificates::Certificates;
use crate::bed::listening::free_port;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// The token that opens it.
pub const TOKEN: &str = "t0ken-CANARY";
/// Objects in a page, however many are asked for.
const PAGE_OBJECTS: usize = 2;

/// A request, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The path.
    pub path: String,
    /// The query, decoded, in its order.
    pub query: Vec<(String, String)>,
    /// Whether it came with the token, or with a certificate.
    pub is_known: bool,
}

/// What is answered instead: a status, and a body.
pub type Answer = (u16, Value);
type Rule = Box<dyn Fn(&Seen) -> Option<Answer> + Send>;

/// The server. Dropping it stops it.
pub struct Server {
    shared: Arc<Shared>,
    pub certificates: Certificates,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    address: SocketAddr,
    /// Objects by what they are called in paths.
    objects: Mutex<Vec<(&'static str, Value)>>,
    rule: Mutex<Option<Rule>>,
    seen: Mutex<Vec<Seen>>,
    stops: AtomicBool,
}

impl Seen {
    /// A parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// What is listed, such as `pods`.
    pub fn plural(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

impl Server {
    /// A server without any objects.
    pub fn start() -> Self {
        let certificates = Certificates::new();
        let listener = free_port();
        let shared = Arc::new(Shared {
            address: listener.local_addr().expect("a bound socket has an address"),
            objects: Mutex::default(),
            rule: Mutex::default(),
            seen: Mutex::default(),
            stops: AtomicBool::new(false),
        });
        let config = Arc::new(config(&certificates));
        let serving = Arc::clone(&shared);
        let thread = std::thread::spawn(move || serve(&listener, &serving, &config));
        Self { shared, certificates, thread: Some(thread) }
    }

    /// Adds an object.
    pub fn add(&self, plural: &'static str, object: Value) {
        self.shared.objects.lock().expect("no panic while answering").push((plural, object));
    }

    /// Answers by a rule where it says something.
    pub fn rule(&self, rule: impl Fn(&Seen) -> Option<Answer> + Send + 'static) {
        *self.shared.rule.lock().expect("no panic while answering") = Some(Box::new(rule));
    }

    /// Every request so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().expect("no panic while answering").clone()
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.shared.address.port()
    }

    /// A kubeconfig for it, with this user.
    pub fn kubeconfig(&self, user: &Value) -> String {
        let cluster = json!({
            "server": format!("https://{}", self.shared.address),
            "certificate-authority": self.certificates.file("trust/ca.crt"),
        });
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "here",
            "clusters": [{ "name": "bed", "cluster": cluster }],
            "users": [{ "name": "me", "user": user }],
            "contexts": [{ "name": "here", "context": { "cluster": "bed", "user": "me" } }],
        });
        config.to_string()
    }
}

/// An error, as the API has them.
pub fn refusal(code: u16, reason: &str, message: &str) -> Answer {
    let status = json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
        "reason": reason, "message": message });
    (code, status)
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stops.store(true, Ordering::SeqCst);
        // Wakes the one that waits for connections.
        let _ = TcpStream::connect(self.shared.address);
        let ended = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            assert!(matches!(ended, Some(Ok(()))), "a server of the bed panicked");
        }
    }
}

fn config(certificates: &Certificates) -> ServerConfig {
    let chain = CertificateDer::from_pem_file(certificates.file("server/server.crt"));
    let key = PrivateKeyDer::from_pem_file(certificates.file("server/server.key"));
    let authority = CertificateDer::from_pem_file(certificates.file("trust/ca.crt"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.expect("a certificate")).expect("an authority");
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let verifier = verifier.allow_unauthenticated().build().expect("an authority");
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring speaks TLS")
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![chain.expect("a certificate")], key.expect("a key"))
        .expect("the certificate is for the key")
}

fn serve(listener: &TcpListener, shared: &Arc<Shared>, config: &Arc<ServerConfig>) {
    for socket in listener.incoming().map_while(Result::ok) {
        if shared.stops.load(Ordering::SeqCst) {
            return;
        }
        let (shared, config) = (Arc::clone(shared), Arc::clone(config));
        // A client that goes away ends its thread.
        std::thread::spawn(move || answer(socket, &shared, config));
    }
}

/// Answers one request and closes the connection.
fn answer(socket: TcpStream, shared: &Shared, config: Arc<ServerConfig>) -> Option<()> {
    let connection = ServerConnection::new(config).ok()?;
    let mut stream = BufReader::new(StreamOwned::new(connection, socket));
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut stream = stream.into_inner();
    let target = lines.first()?.split(' ').nth(1)?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let token = format!("authorization: bearer {TOKEN}").to_lowercase();
    let is_known = lines.iter().any(|line| line.to_lowercase() == token)
        || stream.conn.peer_certificates().is_some_and(|chain| !chain.is_empty());
    let seen = Seen { path: path.to_owned(), query, is_known };
    shared.seen.lock().ok()?.push(seen.clone());
    let (status, body) = shared.answer(&seen)?;
    let body = match body {
        Value::String(raw) => raw,
        body => body.to_string(),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: \
         close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).ok()?;
    stream.conn.send_close_notify();
    stream.flush().ok()
}

impl Shared {
    fn answer(&self, seen: &Seen) -> Option<Answer> {
        if !seen.is_known {
            return Some(refusal(401, "Unauthorized", "Unauthorized"));
        }
        if let Some(answer) = self.rule.lock().ok()?.as_ref().and_then(|rule| rule(seen)) {
            return Some(answer);
        }
        let parts: Vec<&str> = seen.path.split('/').collect();
        let namespace = parts.iter().position(|part| *part == "namespaces").and_then(|at| parts.get(at + 1));
        if seen.path.ends_with(&format!("/namespaces/{}", namespace.unwrap_or(&"/"))) {
            return Some(match namespace {
                Some(&"nowhere") => refusal(404, "NotFound", "namespaces \"nowhere\" not found"),
                _ => (200, json!({ "kind": "Namespace" })),
            });
        }
        let wanted = |(plural, object): &&(&'static str, Value)| {
            let meta = &object["metadata"];
            let is_labelled = seen.parameter("labelSelector").is_none_or(|labels| {
                labels
                    .split(',')
                    .all(|pair| pair.split_once('=').is_some_and(|(key, value)| meta["labels"][key] == value))
            });
            *plural == seen.plural()
                && namespace.is_none_or(|name| meta["namespace"] == **name)
                && is_labelled
        };
        let objects = self.objects.lock().ok()?;
        let all: Vec<&Value> = objects.iter().filter(wanted).map(|(_, object)| object).collect();
        let from = seen.parameter("continue").map_or(0, |token| token.parse().expect("a token of ours"));
        let to = all.len().min(from + PAGE_OBJECTS);
        let next = if to < all.len() { to.to_string() } else { String::new() };
        Some((200, json!({ "kind": "List", "metadata": { "continue": next }, "items": &all[from..to] })))
    }
}
