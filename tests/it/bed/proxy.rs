//! Stands in front of a real registry, writes down what passes, and misbehaves by the same rules as the
//! registry in memory: so a real one can be cut off, slowed down, or lose its answers.
//!
//! Plain HTTP only. Bodies stream through; each request gets a connection of its own behind it.

use super::listening::{Listening, free_port};
use super::memory::answer::Answer;
use super::memory::body::{Body, Dropped, FLUSH_WAIT, Pieces, Receiving};
use super::memory::recording::{Log, record};
use super::memory::script::Script;
use super::memory::server::{passed_on, response};
use super::memory::socket::{self, Line, Lines};
use super::memory::{Canned, Requests, Rule, Tally};
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty, StreamBody};
use hyper::body::{Body as _, Frame, Incoming};
use hyper::header::CONNECTION;
use hyper::http::request::Parts;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// A proxy that records. What is asked of it is asked of the registry behind it.
pub struct Proxy {
    shared: Arc<Shared>,
    listening: Listening,
}

struct Shared {
    behind: String,
    log: Arc<Log>,
    rules: Mutex<Vec<Rule>>,
    connections: Lines,
}

/// A body on its way to the registry behind.
type Passing = UnsyncBoxBody<Bytes, io::Error>;

impl Proxy {
    /// In front of the registry at `host:port`.
    pub fn before(host: &str) -> Self {
        let shared = Arc::new(Shared {
            behind: host.to_owned(),
            log: Arc::default(),
            rules: Mutex::default(),
            connections: Lines::default(),
        });
        let serving = Arc::clone(&shared);
        let serve = move |listener| serve(listener, serving);
        Self { shared, listening: Listening::start("proxy", free_port(), serve) }
    }

    /// `127.0.0.1:port`, as it stands in a reference.
    pub fn host(&self) -> String {
        self.listening.address().to_string()
    }

    /// Lets the proxy misbehave; the tally tells whether it did. What is done before a rule's answer is
    /// done behind. It cannot make an answer longer or shorter.
    pub fn rule(&self, rule: Rule) -> Arc<Tally> {
        let tally = rule.tally();
        self.shared.rules.lock().expect("no panic while passing").push(rule);
        tally
    }

    /// Lets the proxy behave again.
    pub fn clear_rules(&self) {
        self.shared.rules.lock().expect("no panic while passing").clear();
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Requests {
        self.shared.log.requests()
    }

    /// Forgets every request so far.
    pub fn clear_requests(&self) {
        self.shared.log.clear();
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let respond = {
        let shared = Arc::clone(&shared);
        move |line, request| pass(Arc::clone(&shared), line, request)
    };
    socket::serve(listener, &shared.connections, respond).await;
}

/// Passes one request on; 502 where the registry behind does not answer.
async fn pass(
    shared: Arc<Shared>,
    line: Line,
    request: Request<Incoming>,
) -> Result<Response<Body>, Dropped> {
    let (mut parts, body) = request.into_parts();
    let path_and_query = parts.uri.path_and_query().map_or("", |whole| whole.as_str()).to_owned();
    let ticket = shared.log.open(record(&parts, line.number));
    let mut script = {
        let rules = shared.rules.lock().expect("no panic while passing");
        Script::of(&rules, ticket.request(), &path_and_query)
    };
    line.resets.store(script.reset, Ordering::SeqCst);
    script.before().await?;
    let has_body = !body.is_end_stream();
    let mut receiving = Receiving::new(body, ticket, script);
    if let Some(instead) = receiving.script.instead.take() {
        let mut answer = instead.answer(&mut receiving, &path_and_query).await?.measured();
        receiving.script.after(&mut answer)?;
        return Ok(response(answer, receiving.ticket, receiving.script));
    }
    // `Host` stays, so that the registry builds its `Location`s for the proxy.
    parts.headers.remove(CONNECTION);
    receiving.script.overlooked().iter().for_each(|name| {
        parts.headers.remove(name);
    });
    match asked_behind(parts, has_body, &mut receiving, &shared.behind).await? {
        Some(answer) => {
            let (mut head, body) = (head(&answer), answer.into_body());
            receiving.script.after(&mut head)?;
            let body = Pieces::Passing { body, rest: Bytes::new() };
            Ok(passed_on(&head, body, receiving.ticket, receiving.script))
        }
        None => Ok(response(Answer::from(Canned::new(502)).measured(), receiving.ticket, receiving.script)),
    }
}

/// The answer of the registry behind, to which the body is sent on as far as the rules let it come; none
/// where it does not answer.
async fn asked_behind(
    parts: Parts,
    has_body: bool,
    receiving: &mut Receiving,
    behind: &str,
) -> Result<Option<Response<Incoming>>, Dropped> {
    if !has_body {
        let nothing = Empty::new().map_err(|never: Infallible| match never {}).boxed_unsync();
        return Ok(ask(Request::from_parts(parts, nothing), behind).await);
    }
    let (sender, mut receiver) = mpsc::channel::<io::Result<Frame<Bytes>>>(1);
    let frames = futures::stream::poll_fn(move |cx| receiver.poll_recv(cx));
    let asked = ask(Request::from_parts(parts, StreamBody::new(frames).boxed_unsync()), behind);
    let sent_on = async {
        loop {
            match receiving.next().await {
                Ok(Some(piece)) => {
                    // Who does not listen any more may still answer.
                    if sender.send(Ok(Frame::data(piece))).await.is_err() {
                        break Ok(());
                    }
                }
                Ok(None) => {
                    drop(sender);
                    break Ok(());
                }
                Err(dropped) => {
                    tokio::time::sleep(FLUSH_WAIT).await;
                    let _ = sender.send(Err(io::Error::other("cut, as the rule says"))).await;
                    break Err(dropped);
                }
            }
        }
    };
    let (answer, sent_on) = futures::join!(asked, sent_on);
    sent_on.map(|()| answer)
}

async fn ask(request: Request<Passing>, behind: &str) -> Option<Response<Incoming>> {
    let stream = TcpStream::connect(behind).await.ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(async move {
        // An error here shows as an error of the answer too.
        let _ = connection.await;
    });
    sender.send_request(request).await.ok()
}

/// Status and headers, for the rules to change.
fn head(answer: &Response<Incoming>) -> Answer {
    let headers = answer.headers().iter().filter(|(name, _)| *name != CONNECTION);
    headers.fold(Answer::empty(answer.status().as_u16()), |head, (name, value)| {
        head.header(name.as_str(), String::from_utf8_lossy(value.as_bytes()))
    })
}
