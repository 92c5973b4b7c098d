//! Stands in front of a real registry and writes down what passes. Changes nothing, but may cut what
//! is long, and refuse what a test wants refused.
//!
//! Plain HTTP only. Bodies stream through; each request gets a connection of its own behind it.

use super::listening::{Listening, free_port};
use super::memory::recording::{Log, Ticket, record};
use super::memory::{RequestKind, Requests};
use bytes::Bytes;
use futures::StreamExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, BodyStream, Empty, Full, StreamBody};
use hyper::body::{Body as _, Incoming};
use hyper::header::CONNECTION;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// How long bytes that were sent have to leave before the connection is closed on them.
const FLUSH_WAIT: Duration = Duration::from_millis(20);

/// What a proxy does not pass on as it is.
#[derive(Debug, Clone, Copy)]
enum Bars {
    Nothing,
    /// Blobs that come with the PUT, as old Artifactory does.
    FullPuts,
    /// This PATCH, from 1.
    Patch(usize),
    /// What an answer's body has after so many bytes.
    After(u64),
}

/// A recording proxy. What is asked of it is asked of the registry behind it.
pub struct Proxy {
    log: Arc<Log>,
    listening: Listening,
}

type Body = UnsyncBoxBody<Bytes, io::Error>;

impl Proxy {
    /// In front of the registry at `host:port`.
    pub fn before(host: &str) -> Self {
        Self::barring(Bars::Nothing, host)
    }

    /// The same, which closes the connection after `bytes` of the body of any answer that has more.
    pub fn cutting(host: &str, bytes: u64) -> Self {
        Self::barring(Bars::After(bytes), host)
    }

    /// The same, but a blob that comes with the PUT is refused: its bytes have to come before.
    pub fn with_empty_puts(host: &str) -> Self {
        Self::barring(Bars::FullPuts, host)
    }

    /// The same, but this PATCH, counted from 1, meets an error and is not passed on.
    pub fn failing_patch(number: usize, host: &str) -> Self {
        Self::barring(Bars::Patch(number), host)
    }

    fn barring(bars: Bars, host: &str) -> Self {
        let (log, behind): (Arc<Log>, Arc<str>) = (Arc::default(), host.into());
        let recording = Arc::clone(&log);
        let serve = move |listener| serve(listener, behind, recording, bars);
        Self { log, listening: Listening::start("proxy", free_port(), serve) }
    }

    /// `127.0.0.1:port`, as it stands in a reference.
    pub fn host(&self) -> String {
        self.listening.address().to_string()
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Requests {
        self.log.requests()
    }

    /// Forgets every request so far.
    pub fn clear_requests(&self) {
        self.log.clear();
    }
}

async fn serve(listener: TcpListener, behind: Arc<str>, log: Arc<Log>, bars: Bars) {
    let mut connections = 0;
    while let Ok((stream, _)) = listener.accept().await {
        connections += 1;
        let (connection, behind, log) = (connections, Arc::clone(&behind), Arc::clone(&log));
        let service = service_fn(move |request| {
            let (behind, log) = (Arc::clone(&behind), Arc::clone(&log));
            async move { Ok::<_, Infallible>(pass(request, connection, &behind, &log, bars).await) }
        });
        tokio::spawn(async move {
            // An error here is a client that went away.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// Passes one request on; 502 where the registry behind does not answer.
async fn pass(
    request: Request<Incoming>,
    connection: u64,
    behind: &str,
    log: &Arc<Log>,
    bars: Bars,
) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    let ticket = Arc::new(log.open(record(&parts, connection)));
    let refused = match (bars, ticket.request().kind) {
        (Bars::FullPuts, RequestKind::UploadPut) if !body.is_end_stream() => Some((404, "BLOB_UNKNOWN")),
        (Bars::Patch(number), RequestKind::UploadPatch)
            if log.requests().count(RequestKind::UploadPatch) == number =>
        {
            Some((500, "UNKNOWN"))
        }
        _ => None,
    };
    if let Some((status, code)) = refused {
        // An error here is a client that went away.
        let _ = body.collect().await;
        ticket.answered(status);
        return refusal(status, code);
    }
    // `Host` stays, so that the registry builds its `Location`s for the proxy.
    parts.headers.remove(CONNECTION);
    let counting = Arc::clone(&ticket);
    let body = body.map_frame(move |frame| {
        counting.received(frame.data_ref().map_or(0, Bytes::len));
        frame
    });
    let body = body.map_err(io::Error::other);
    let answer = ask(Request::from_parts(parts, body.boxed_unsync()), behind).await;
    match answer {
        Some(answer) => {
            ticket.answered(answer.status().as_u16());
            let (mut parts, body) = answer.into_parts();
            parts.headers.remove(CONNECTION);
            Response::from_parts(parts, sent(body, ticket, bars))
        }
        None => {
            ticket.answered(502);
            let nothing = Empty::new().map_err(|never: Infallible| match never {});
            let mut answer = Response::new(nothing.boxed_unsync());
            *answer.status_mut() = StatusCode::BAD_GATEWAY;
            answer
        }
    }
}

fn refusal(status: u16, code: &str) -> Response<Body> {
    let said = serde_json::json!({ "errors": [{ "code": code, "message": "refused by the proxy" }] });
    let body = Full::from(said.to_string()).map_err(|never: Infallible| match never {});
    let mut answer = Response::new(body.boxed_unsync());
    *answer.status_mut() = StatusCode::from_u16(status).expect("a legal status");
    answer
}

async fn ask(request: Request<Body>, behind: &str) -> Option<Response<Incoming>> {
    let stream = TcpStream::connect(behind).await.ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(async move {
        // An error here shows as an error of the answer too.
        let _ = connection.await;
    });
    sender.send_request(request).await.ok()
}

/// The body as it is sent: counted, and cut.
fn sent(body: Incoming, ticket: Arc<Ticket>, bars: Bars) -> Body {
    let mut left = if let Bars::After(bytes) = bars { bytes } else { u64::MAX };
    let mut is_cut = false;
    let frames = BodyStream::new(body).map(move |frame| {
        let mut frame = frame.map_err(io::Error::other)?;
        if is_cut {
            return Err(io::Error::other("cut, as the test wants it"));
        }
        if let Some(data) = frame.data_mut() {
            is_cut = data.len() as u64 > left;
            data.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            left -= data.len() as u64;
            ticket.sent(data.len());
        }
        Ok(frame)
    });
    let frames = frames.then(|frame| async {
        if frame.is_err() {
            // What was sent before shall have left.
            tokio::time::sleep(FLUSH_WAIT).await;
        }
        frame
    });
    StreamBody::new(frames).boxed_unsync()
}
