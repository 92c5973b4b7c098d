//! A server that nobody should trust: it writes down every byte that it is sent, and answers whatever a
//! test wants, legal or not.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// Another address of this machine than that of the registries.
pub(super) const ELSEWHERE: &str = "127.0.0.2";
/// How long a client may be silent in the middle of a request.
const SILENCE_MAX: Duration = Duration::from_secs(20);
/// Most bytes that are kept of a request.
const HEARD_BYTES_MAX: usize = 1 << 20;

/// What came over one connection.
#[derive(Debug, Clone)]
pub(super) struct Heard(Vec<u8>);

/// Writes an answer, or what it likes.
type Answer = dyn Fn(&Heard, &mut TcpStream) -> std::io::Result<()> + Send + Sync;

/// The server. Dropping it stops it.
pub(super) struct Evil {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Heard {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    /// The method.
    pub(super) fn method(&self) -> String {
        self.text().split(' ').next().unwrap_or_default().to_owned()
    }

    /// The path with its query.
    pub(super) fn target(&self) -> String {
        self.text().split(' ').nth(1).unwrap_or_default().to_owned()
    }

    /// A header, whose name is given in lower case.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let text = self.text();
        let mut fields = text.lines().skip(1).filter_map(|line| line.split_once(':'));
        let found = fields.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim().to_owned())
    }
}

impl Evil {
    /// A server elsewhere that has nothing.
    pub(super) fn start() -> Self {
        Self::saying(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    }

    /// A server elsewhere that answers these bytes, and closes.
    pub(super) fn saying(answer: &[u8]) -> Self {
        let answer = answer.to_vec();
        Self::answering(move |_, stream| stream.write_all(&answer))
    }

    /// A server elsewhere with answers of its own.
    pub(super) fn answering(
        answer: impl Fn(&Heard, &mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self::at(ELSEWHERE, answer)
    }

    /// The same at an address of this machine.
    pub(super) fn at(
        address: &str,
        answer: impl Fn(&Heard, &mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((address, 0)).expect("loopback has many addresses");
        let address = listener.local_addr().expect("a bound socket has an address");
        let (heard, stopped): (Arc<Mutex<Vec<Heard>>>, Arc<AtomicBool>) = Default::default();
        let (log, stops, answer): (_, _, Arc<Answer>) =
            (Arc::clone(&heard), Arc::clone(&stopped), Arc::new(answer));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stops.load(Ordering::SeqCst) {
                    return;
                }
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &log, &*answer));
            }
        });
        Self { address, heard, stopped, thread: Some(thread) }
    }

    /// `address:port`
    pub(super) fn host(&self) -> String {
        self.address.to_string()
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    /// `http://address:port`
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What came, in order.
    pub(super) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().expect("no panic while writing").clone()
    }

    /// Nobody came.
    pub(super) fn assert_unasked(&self) {
        assert!(self.heard().is_empty(), "{:#?}", self.heard().iter().map(Heard::text).collect::<Vec<_>>());
    }

    /// Whoever came brought no credential, and nothing of a secret.
    pub(super) fn assert_learnt_nothing(&self) {
        for heard in self.heard() {
            let text = heard.text();
            for header in ["authorization", "proxy-authorization", "cookie", "referer"] {
                assert_eq!(heard.header(header), None, "{text}");
            }
            assert!(!text.contains(super::CANARY) && !text.contains("bob"), "{text}");
        }
    }
}

impl Drop for Evil {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread, which looks at the flag.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<Heard>>, answer: &Answer) {
    let _ = stream.set_read_timeout(Some(SILENCE_MAX));
    let heard = Heard(received(&mut stream));
    if heard.0.is_empty() {
        return;
    }
    log.lock().expect("no panic while writing").push(heard.clone());
    // Who hangs up early may not want all of it.
    let _ = answer(&heard, &mut stream);
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.read_to_end(&mut Vec::new());
}

/// A request with its body, or what is none: whatever comes until the client is silent for a moment.
fn received(stream: &mut TcpStream) -> Vec<u8> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    while bytes.len() < HEARD_BYTES_MAX {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let head = String::from_utf8_lossy(&bytes[..end.unwrap_or_default()]).to_ascii_lowercase();
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
        let is_whole = end.is_some_and(|end| bytes.len() >= end + 4 + length.unwrap_or(0_usize));
        // A record of TLS is no request.
        if is_whole || bytes.first() == Some(&0x16) {
            break;
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => break,
            Ok(count) => bytes.extend_from_slice(&piece[..count]),
        }
    }
    bytes
}

/// An answer with a body, that ends the connection.
pub(super) fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!(
        "HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
