//! HTTP/2, frame by frame, from a server that ends connections as servers do, or lets them die.

use super::{Clients, Names, Way, showing, trusted};
use crate::access;
use rcgen::generate_simple_self_signed;
use rustls::{ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

type Stream = StreamOwned<ServerConnection, std::net::TcpStream>;

/// Frame types of RFC 9113 §6.
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
/// Flags: the end of the stream, and of the headers (§6.2); an acknowledgement (§6.5).
const END: u8 = 0x5;
const ACK: u8 = 0x1;
/// `:status: 200` in the static table (RFC 7541, appendix A).
const STATUS_200: [u8; 1] = [0x88];
/// Error codes (RFC 9113 §7).
const NO_ERROR: u32 = 0;
const REFUSED_STREAM: u32 = 7;
const INTERNAL_ERROR: u32 = 2;

/// What becomes of a connection when the nth request comes over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Answered,
    /// `GOAWAY`, by which this request was not looked at.
    Goaway(u32),
    Reset(u32),
    Closed,
    /// Nothing is read and nothing is sent any more.
    Dead,
}

/// A server whose connections have these fates, request by request; the last one is for all further
/// connections.
struct Server {
    url: String,
    connections: Arc<AtomicUsize>,
    ca_file: std::path::PathBuf,
    _directory: tempfile::TempDir,
}

impl Server {
    fn start(fates: &'static [&'static [Fate]]) -> Self {
        let signed = generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let (directory, ca_file) = trusted(&signed);
        let config = showing(&signed, "h2");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("https://localhost:{}/", listener.local_addr().expect("an address").port());
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let number = counted.fetch_add(1, Ordering::SeqCst);
                let fates = fates[number.min(fates.len() - 1)];
                let connection = ServerConnection::new(config.clone()).expect("a connection");
                std::thread::spawn(move || serve(StreamOwned::new(connection, stream), fates));
            }
        });
        Self { url, connections, ca_file, _directory: directory }
    }

    fn client(&self) -> reqwest::Client {
        let settings = access::Tls { ca_file: Some(self.ca_file.clone()), ..Default::default() };
        Clients::new(&settings, Way::Usual, &Names::default()).expect("a certificate that is one").api
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Connections that are dead and shall stay open.
static DEAD: Mutex<Vec<Stream>> = Mutex::new(Vec::new());

fn serve(mut stream: Stream, fates: &[Fate]) -> Option<()> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).ok()?;
    send(&mut stream, SETTINGS, 0, 0, &[])?;
    let mut fates = fates.iter();
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload).ok()?;
        let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        match (head[3], head[4]) {
            (SETTINGS, flags) if flags & ACK == 0 => send(&mut stream, SETTINGS, ACK, 0, &[])?,
            (HEADERS, _) => match fates.next().copied().unwrap_or(Fate::Answered) {
                Fate::Answered => send(&mut stream, HEADERS, END, id, &STATUS_200)?,
                Fate::Goaway(code) => {
                    let last = id.saturating_sub(2);
                    send(&mut stream, GOAWAY, 0, 0, &[last.to_be_bytes(), code.to_be_bytes()].concat())?;
                    stream.conn.send_close_notify();
                    let _ = stream.flush();
                    return None;
                }
                Fate::Reset(code) => send(&mut stream, RST_STREAM, 0, id, &code.to_be_bytes())?,
                Fate::Closed => return None,
                Fate::Dead => {
                    DEAD.lock().expect("no panic while waiting").push(stream);
                    return None;
                }
            },
            _ => {}
        }
    }
}

fn send(stream: &mut Stream, kind: u8, flags: u8, id: u32, payload: &[u8]) -> Option<()> {
    let length = u32::try_from(payload.len()).expect("a short frame").to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend_from_slice(&id.to_be_bytes());
    frame.extend_from_slice(payload);
    stream.write_all(&frame).ok()?;
    stream.flush().ok()
}

async fn status(client: &reqwest::Client, server: &Server) -> Option<u16> {
    client.get(&server.url).send().await.ok().map(|answer| answer.status().as_u16())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_the_server_ends_costs_no_request() {
    use Fate::{Answered, Goaway, Reset};
    // What was not looked at is sent again by the client itself, over another connection where it must.
    static FATES: [&[Fate]; 2] =
        [&[Answered, Goaway(NO_ERROR)], &[Answered, Reset(REFUSED_STREAM), Answered]];
    let server = Server::start(&FATES);
    let client = server.client();
    for _ in 0..4 {
        assert_eq!(status(&client, &server).await, Some(200));
    }
    assert_eq!(server.connections(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_http2_is_a_failure_that_may_pass() {
    use Fate::{Answered, Closed, Goaway, Reset};
    static FATES: [&[Fate]; 4] =
        [&[Reset(INTERNAL_ERROR), Closed], &[Goaway(INTERNAL_ERROR)], &[Answered, Closed], &[Answered]];
    let server = Server::start(&FATES);
    let client = server.client();
    let asked = crate::store::registry::answer::Asked {
        operation: crate::failure::Operation::ManifestHead,
        repository: "r.test/a".into(),
        method: reqwest::Method::GET,
        url: server.url.parse().expect("a URL"),
        credential: None,
    };
    let mut failures = 0;
    let mut answers = 0;
    for _ in 0..8 {
        match client.get(&server.url).send().await {
            Ok(_) => answers += 1,
            Err(error) => {
                let failure = asked.unanswered(&error);
                assert_eq!(failure.code, crate::failure::Code::Network, "{failure}");
                assert!(failure.retryable(), "{failure}");
                failures += 1;
            }
        }
    }
    assert!(failures >= 3 && answers >= 2, "{failures} failures, {answers} answers");
}

#[tokio::test]
async fn a_connection_that_died_is_found_out_and_the_next_request_has_another() {
    static FATES: [&[Fate]; 2] = [&[Fate::Answered, Fate::Dead], &[Fate::Answered]];
    let server = Server::start(&FATES);
    let client = server.client();
    assert_eq!(status(&client, &server).await, Some(200));
    // The connection is there, and time may pass: without a ping, the request would wait for ever.
    tokio::time::pause();
    let died = tokio::time::timeout(Duration::from_secs(3600), status(&client, &server)).await;
    assert_eq!(died, Ok(None));
    tokio::time::resume();
    assert_eq!(status(&client, &server).await, Some(200));
    assert_eq!(server.connections(), 2);
}
