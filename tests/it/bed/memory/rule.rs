//! Rules: which requests a registry answers badly, and how.

use super::{Gate, Request, RequestKind};
use crate::bed::digest::sha256;
use crate::bed::program::Victim;
use regex::Regex;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The longest row of bad luck for one thing: whoever tries six times gets over it. Without an end, one
/// request of a thousand would fail six times, at three in ten.
const STREAK_MAX: u32 = 4;

/// Makes a registry misbehave for some requests.
///
/// Rules see a request before authentication does. Every rule that matches a request counts it;
/// the oldest whose turn it is acts, with all its behaviours.
#[derive(Debug, Clone)]
pub struct Rule {
    kind: Option<RequestKind>,
    method: Option<String>,
    path: Option<Regex>,
    header: Option<(String, Regex)>,
    times: Times,
    pub(super) behaviours: Vec<Behaviour>,
    tally: Arc<Tally>,
}

/// How often a rule matched and acted; shared with the test that made it.
#[derive(Debug, Default)]
pub struct Tally {
    matched: AtomicU64,
    acted: AtomicU64,
    /// How many were for the same thing, and how many of them, the last ones, were unlucky.
    things: Mutex<BTreeMap<String, (u64, u32)>>,
}

#[derive(Debug, Clone, Copy)]
enum Times {
    Always,
    First(u64),
    Nth(u64),
    Every(u64),
    Chance { percent: u32, seed: u64 },
}

/// What a registry does instead of, or on top of, what it should.
#[derive(Debug, Clone)]
pub enum Behaviour {
    /// Reads the request's body, then answers this; nothing is changed.
    Answer(Canned),
    /// Answers this without reading the request's body.
    AnswerUnread(Canned),
    /// 307 to the same path and query below this origin.
    RedirectTo(String),
    /// Waits before anything else.
    Delay(Duration),
    /// Waits until the gate is opened.
    Hold(Gate),
    /// Never answers, and keeps the connection.
    Stall,
    /// Closes the connection without doing anything.
    Drop,
    /// Does what was asked for, then closes the connection without an answer.
    DropAfter,
    /// Closes the connection after this many bytes of the request's body, if it has more: as if no
    /// other byte had come.
    CutRequest(u64),
    /// Stops to read after this many bytes of the request's body, if it has more.
    StallRequest(u64),
    /// Closes the connection after this many bytes of the answer's body.
    CutResponse(u64),
    /// Sends nothing more after this many bytes of the answer's body.
    StallResponse(u64),
    /// Sends the answer's body in pieces of `piece_bytes`, with a pause before each.
    Drip {
        /// Bytes of one piece.
        piece_bytes: u64,
        /// The pause.
        pause: Duration,
    },
    /// Flips the first byte of the answer's body.
    WrongBytes,
    /// Makes the answer's body so many bytes longer, by zeros, or shorter; its `content-length` says so.
    WrongLength(i64),
    /// Waits so long after the last byte of the answer's body before it ends; who was told a length
    /// notices nothing.
    LateEnd(Duration),
    /// Acts as if the request did not have this header, which is given in lower case.
    Overlook(String),
    /// Leaves a header out, also `content-length`.
    OmitHeader(String),
    /// Sets a header, also `content-length`.
    SetHeader(String, String),
    /// Sends a header once more, beside what is there.
    AddHeader(String, String),
    /// Where this rule ends a connection, it is reset (RST) and not closed (FIN).
    Reset,
    /// Calls the test.
    Call(Moment, Call),
}

/// When a test is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The request's head arrived; nothing is done yet.
    Before,
    /// This many bytes of the request's body arrived.
    RequestByte(u64),
    /// Everything is done; the answer is not sent yet.
    Committed,
    /// This many bytes of the answer's body are to be sent.
    ResponseByte(u64),
}

/// A function of the test, called on the registry's thread: it must not wait for the registry.
#[derive(Clone)]
pub struct Call(Arc<dyn Fn() + Send + Sync>);

/// An answer that is made by the test.
#[derive(Debug, Clone)]
pub struct Canned {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Rule {
    /// For every request.
    pub fn any() -> Self {
        let (tally, times) = (Arc::default(), Times::Always);
        Self { kind: None, method: None, path: None, header: None, times, behaviours: Vec::new(), tally }
    }

    /// For requests of this kind.
    pub fn on(kind: RequestKind) -> Self {
        Self { kind: Some(kind), ..Self::any() }
    }

    /// Only for this method.
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Only where this pattern is found in `path` or `path?query`.
    pub fn path(mut self, pattern: &str) -> Self {
        self.path = Some(Regex::new(pattern).expect("the test gives a valid pattern"));
        self
    }

    /// Only where this pattern is found in this header, which is given in lower case.
    pub fn header(mut self, name: &str, pattern: &str) -> Self {
        self.header = Some((name.to_owned(), Regex::new(pattern).expect("the test gives a valid pattern")));
        self
    }

    /// Only the first `n` of them.
    pub fn first(mut self, n: u64) -> Self {
        self.times = Times::First(n);
        self
    }

    /// Only the `n`th of them, from 1.
    pub fn nth(mut self, n: u64) -> Self {
        self.times = Times::Nth(n);
        self
    }

    /// Every `n`th of them.
    pub fn every(mut self, n: u64) -> Self {
        self.times = Times::Every(n);
        self
    }

    /// So many of a hundred of them, by chance, but no more than [`STREAK_MAX`] in a row for one thing. The
    /// seed decides over the first, the second, … request for it, so that it does not matter who comes
    /// first.
    pub fn chance(mut self, percent: u32, seed: u64) -> Self {
        self.times = Times::Chance { percent, seed };
        self
    }

    /// What happens; several behaviours add up.
    pub fn then(mut self, behaviour: Behaviour) -> Self {
        self.behaviours.push(behaviour);
        self
    }

    /// Kills a program, as `kill -9` does: at this moment nothing of it is left.
    pub fn kills(self, victim: &Victim, moment: Moment) -> Self {
        let victim = victim.clone();
        self.then(Behaviour::Call(moment, Call::new(move || victim.kill())))
    }

    /// Answers with this status and no body.
    pub fn answer(self, status: u16) -> Self {
        self.then(Behaviour::Answer(Canned::new(status)))
    }

    pub(in crate::bed) fn tally(&self) -> Arc<Tally> {
        Arc::clone(&self.tally)
    }

    /// Whether the rule acts on this request; counts it.
    pub(super) fn claims(&self, request: &Request, path_and_query: &str) -> bool {
        let matches = self.kind.is_none_or(|kind| kind == request.kind)
            && self.method.as_ref().is_none_or(|method| *method == request.method)
            && self.path.as_ref().is_none_or(|path| path.is_match(path_and_query))
            && self.header.as_ref().is_none_or(|(name, pattern)| {
                request.header(name).is_some_and(|value| pattern.is_match(value))
            });
        if !matches {
            return false;
        }
        let number = self.tally.matched.fetch_add(1, Ordering::SeqCst) + 1;
        match self.times {
            Times::Always => true,
            Times::First(n) => number <= n,
            Times::Nth(n) => number == n,
            Times::Every(n) => number.is_multiple_of(n),
            Times::Chance { percent, seed } => self.tally.draw(&thing(request), percent, seed),
        }
    }

    pub(super) fn acts(&self) {
        self.tally.acted.fetch_add(1, Ordering::SeqCst);
    }
}

/// What a request is for: without the names that a registry makes up for uploads.
fn thing(request: &Request) -> String {
    let digest = request.query("digest").or_else(|| request.query("mount")).unwrap_or_default();
    let path = match request.path.split_once("/blobs/uploads/") {
        Some((repository, _)) => repository,
        None => &request.path,
    };
    format!("{:?} {path} {digest}", request.kind)
}

impl Tally {
    /// Whether the next request for this thing is one of the unlucky.
    fn draw(&self, thing: &str, percent: u32, seed: u64) -> bool {
        let mut things = self.things.lock().expect("no panic while counting");
        let (nth, streak) = things.entry(thing.to_owned()).or_default();
        *nth += 1;
        // The digest of a name and a number is as even as any dice.
        let drawn = sha256(format!("{seed} {thing} {nth}").as_bytes());
        let drawn = u32::from_str_radix(&drawn[drawn.len() - 6..], 16).expect("hexadecimal");
        let is_unlucky = drawn % 100 < percent && *streak < STREAK_MAX;
        *streak = if is_unlucky { *streak + 1 } else { 0 };
        is_unlucky
    }

    /// How many requests matched.
    pub fn matched(&self) -> u64 {
        self.matched.load(Ordering::SeqCst)
    }

    /// How many requests were answered badly.
    pub fn acted(&self) -> u64 {
        self.acted.load(Ordering::SeqCst)
    }
}

impl Call {
    /// Wraps a function.
    pub fn new(function: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(function))
    }

    pub(super) fn call(&self) {
        (self.0)();
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call(…)")
    }
}

impl Canned {
    /// An answer with this status and no body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new() }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: &str) -> Self {
        body.clone_into(&mut self.body);
        self
    }

    /// Sets the body to an error with this code of the specification.
    pub fn error(self, code: &str, message: &str) -> Self {
        let body = serde_json::json!({ "errors": [{ "code": code, "message": message }] });
        self.header("content-type", "application/json").body(&body.to_string())
    }
}
