//! An HTTP/1.1 client of few lines: asks a registry without Crossdock, and shows how an answer ended.
//!
//! One connection a request, no redirects, no TLS, no chunked bodies.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// How long the other side may be silent.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// A request to be sent.
#[derive(Debug, Clone)]
pub struct Ask {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    silence_max: Duration,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers; names are in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as far as it came.
    pub body: Vec<u8>,
    /// How it ended.
    pub ended: Ended,
}

/// How an answer, or the wait for it, ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// As long as `Content-Length` says.
    Whole,
    /// The connection was closed before.
    Closed,
    /// The connection was reset.
    Reset,
    /// Nothing came for too long.
    Silent,
}

impl Ask {
    /// A request for a path with its query.
    pub fn new(method: &str, target: &str) -> Self {
        let (method, target) = (method.to_owned(), target.to_owned());
        Self { method, target, headers: Vec::new(), body: Vec::new(), silence_max: SILENCE_MAX }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the body; its length is announced.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// How long the other side may be silent.
    pub fn silence_max(mut self, silence_max: Duration) -> Self {
        self.silence_max = silence_max;
        self
    }

    /// Sends it to `host:port`.
    ///
    /// # Errors
    /// How the connection ended, when no status came.
    pub fn send(&self, host: &str) -> Result<Reply, Ended> {
        let mut stream = TcpStream::connect(host).map_err(|_| Ended::Closed)?;
        stream.set_read_timeout(Some(self.silence_max)).expect("a socket takes the option");
        let mut head = format!("{} {} HTTP/1.1\r\nhost: {host}\r\n", self.method, self.target);
        head += &format!("connection: close\r\ncontent-length: {}\r\n", self.body.len());
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        // Who is cut off while sending may still find an answer.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&self.body));
        let mut received = Vec::new();
        let mut piece = vec![0; 64 * 1024];
        let ended = loop {
            match stream.read(&mut piece) {
                Ok(0) => break Ended::Closed,
                Ok(length) => received.extend_from_slice(&piece[..length]),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    break Ended::Silent;
                }
                Err(_) => break Ended::Reset,
            }
        };
        self.reply(&received, ended).ok_or(ended)
    }

    fn reply(&self, received: &[u8], ended: Ended) -> Option<Reply> {
        let end = received.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&received[..end]).into_owned();
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let mut reply = Reply { status, headers, body: received[end + 4..].to_vec(), ended };
        let announced = reply.header("content-length").and_then(|length| length.parse().ok());
        let has_body = self.method != "HEAD" && !matches!(status, 204 | 304);
        if reply.body.len() == if has_body { announced.unwrap_or(0) } else { 0 } {
            reply.ended = Ended::Whole;
        }
        Some(reply)
    }
}

impl Reply {
    /// The first header of this name, which is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }
}
