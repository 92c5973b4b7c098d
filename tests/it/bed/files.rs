//! A server of files over TLS, which can be told to misbehave. Records every request.

use super::certificates::Certificates;
use super::listening::free_port;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// The server. Dropping it stops it.
pub struct Files {
    shared: Arc<Shared>,
    certificates: Arc<Certificates>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    address: SocketAddr,
    /// What is answered for each path: the last one again and again.
    replies: Mutex<HashMap<String, Vec<Reply>>>,
    requests: Mutex<Vec<Fetched>>,
    stops: AtomicBool,
}

/// One request that came: its path, and its headers in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The path, with its query.
    pub path: String,
    /// Name and value.
    pub headers: Vec<(String, String)>,
}

/// What is answered.
#[derive(Debug, Clone)]
pub enum Reply {
    /// These bytes.
    File(Vec<u8>),
    /// These bytes, with one more header.
    With(&'static str, &'static str, Vec<u8>),
    /// This status, and no body.
    Status(u16),
    /// 302 to this address.
    Redirect(String),
    /// All of these bytes are announced, and so many come.
    Cut(Vec<u8>, usize),
    /// So many bytes are announced, and none comes.
    Announced(u64),
    /// Bytes without end, unannounced.
    Endless,
}

impl Files {
    /// A server with an authority of its own.
    pub fn start() -> Self {
        Self::under(Arc::new(Certificates::new()))
    }

    /// Another server, whose certificate the same authority signed.
    pub fn another(&self) -> Self {
        Self::under(Arc::clone(&self.certificates))
    }

    fn under(certificates: Arc<Certificates>) -> Self {
        let listener = free_port();
        let shared = Arc::new(Shared {
            address: listener.local_addr().expect("a bound socket has an address"),
            replies: Mutex::default(),
            requests: Mutex::default(),
            stops: AtomicBool::new(false),
        });
        let config = Arc::new(config(&certificates));
        let serving = Arc::clone(&shared);
        let thread = std::thread::spawn(move || serve(&listener, &serving, &config));
        Self { shared, certificates, thread: Some(thread) }
    }

    /// What is answered for a path, in this order; the last one from then on.
    pub fn put(&self, path: &str, replies: &[Reply]) {
        let mut replies = replies.to_vec();
        replies.reverse();
        self.shared.replies.lock().expect("no panic while answering").insert(path.to_owned(), replies);
    }

    /// `127.0.0.1:port`
    pub fn host(&self) -> String {
        self.shared.address.to_string()
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.host())
    }

    /// The entry under `registries` with which it is trusted, and other keys after that.
    pub fn trusted(&self, keys: &str) -> String {
        let file = self.ca_file();
        format!("{}: {{ tls: {{ ca_file: {} }}{keys} }}", self.host(), file.display())
    }

    /// The authority that signed its certificate.
    pub fn ca_file(&self) -> PathBuf {
        self.certificates.file("trust/ca.crt")
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<Fetched> {
        self.shared.requests.lock().expect("no panic while answering").clone()
    }

    /// The paths of the requests so far.
    pub fn paths(&self) -> Vec<String> {
        self.requests().into_iter().map(|request| request.path).collect()
    }
}

impl Drop for Files {
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
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring speaks TLS")
        .with_no_client_auth()
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

/// Answers one request and closes the connection. A client that goes away is none of our business.
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
    let path = lines.first()?.split(' ').nth(1)?.to_owned();
    let header = |line: &String| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_lowercase(), value.trim().to_owned()))
    };
    let headers = lines.iter().skip(1).filter_map(header).collect();
    shared.requests.lock().ok()?.push(Fetched { path: path.clone(), headers });
    let reply = {
        let mut replies = shared.replies.lock().ok()?;
        match replies.get_mut(&path) {
            Some(replies) if replies.len() > 1 => replies.pop(),
            Some(replies) => replies.last().cloned(),
            None => None,
        }
    };
    let mut stream = stream.into_inner();
    send(&mut stream, reply.unwrap_or(Reply::Status(404))).ok()?;
    stream.conn.send_close_notify();
    stream.flush().ok()
}

fn send(stream: &mut impl Write, reply: Reply) -> std::io::Result<()> {
    let head = |status: u16, headers: String| {
        format!("HTTP/1.1 {status} Said\r\n{headers}connection: close\r\n\r\n").into_bytes()
    };
    let length = |length: usize| format!("content-length: {length}\r\n");
    match reply {
        Reply::File(bytes) => {
            stream.write_all(&head(200, length(bytes.len())))?;
            stream.write_all(&bytes)
        }
        Reply::With(name, value, bytes) => {
            stream.write_all(&head(200, format!("{name}: {value}\r\n{}", length(bytes.len()))))?;
            stream.write_all(&bytes)
        }
        Reply::Status(status) => stream.write_all(&head(status, length(0))),
        Reply::Redirect(location) => {
            stream.write_all(&head(302, format!("location: {location}\r\n{}", length(0))))
        }
        Reply::Cut(bytes, sent) => {
            stream.write_all(&head(200, length(bytes.len())))?;
            stream.write_all(&bytes[..sent])
        }
        Reply::Announced(bytes) => stream.write_all(&head(200, format!("content-length: {bytes}\r\n"))),
        Reply::Endless => {
            stream.write_all(&head(200, String::new()))?;
            loop {
                stream.write_all(&[0; 64 * 1024])?;
            }
        }
    }
}
