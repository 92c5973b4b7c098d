//! The record of every request, for every server of the bed. Judges nothing.

use super::route::Route;
use super::{Request, RequestKind};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// The requests of one registry, in the order in which they arrived.
#[derive(Debug, Clone)]
pub struct Requests(Vec<Request>);

/// Where a registry writes its requests down.
#[derive(Debug, Default)]
pub(in crate::bed) struct Log {
    entries: Mutex<Vec<Arc<Entry>>>,
    ticks: AtomicU64,
}

/// One request, while it runs and after.
#[derive(Debug)]
struct Entry {
    request: Request,
    status: AtomicU16,
    body_bytes: AtomicU64,
    sent_bytes: AtomicU64,
    finished: AtomicU64,
}

/// Belongs to a request while it runs; dropping it ends the request.
#[derive(Debug)]
pub(in crate::bed) struct Ticket {
    log: Arc<Log>,
    entry: Arc<Entry>,
}

impl Log {
    /// Writes down that a request arrived; the tick of its `started` is set here.
    pub(in crate::bed) fn open(self: &Arc<Self>, mut request: Request) -> Ticket {
        let mut entries = self.entries.lock().expect("no panic while writing");
        request.started = self.tick();
        let entry = Arc::new(Entry {
            request,
            status: AtomicU16::new(0),
            body_bytes: AtomicU64::new(0),
            sent_bytes: AtomicU64::new(0),
            finished: AtomicU64::new(0),
        });
        entries.push(Arc::clone(&entry));
        Ticket { log: Arc::clone(self), entry }
    }

    /// Every request so far.
    pub(in crate::bed) fn requests(&self) -> Requests {
        let entries = self.entries.lock().expect("no panic while writing");
        Requests(entries.iter().map(|entry| entry.read()).collect())
    }

    /// Forgets every request so far.
    pub(in crate::bed) fn clear(&self) {
        self.entries.lock().expect("no panic while writing").clear();
    }

    fn tick(&self) -> u64 {
        self.ticks.fetch_add(1, Ordering::SeqCst) + 1
    }
}

impl Entry {
    fn read(&self) -> Request {
        let nonzero = |number: u64| (number > 0).then_some(number);
        Request {
            status: Some(self.status.load(Ordering::SeqCst)).filter(|status| *status > 0),
            body_bytes: self.body_bytes.load(Ordering::SeqCst),
            sent_bytes: self.sent_bytes.load(Ordering::SeqCst),
            finished: nonzero(self.finished.load(Ordering::SeqCst)),
            ..self.request.clone()
        }
    }
}

impl Ticket {
    /// The request as it arrived.
    pub(in crate::bed) fn request(&self) -> &Request {
        &self.entry.request
    }

    pub(in crate::bed) fn answered(&self, status: u16) {
        self.entry.status.store(status, Ordering::SeqCst);
    }

    /// Counts bytes that arrived; returns how many there are now.
    pub(in crate::bed) fn received(&self, bytes: usize) -> u64 {
        self.entry.body_bytes.fetch_add(bytes as u64, Ordering::SeqCst) + bytes as u64
    }

    pub(in crate::bed) fn sent(&self, bytes: usize) {
        self.entry.sent_bytes.fetch_add(bytes as u64, Ordering::SeqCst);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.entry.finished.store(self.log.tick(), Ordering::SeqCst);
    }
}

impl Requests {
    /// Those of one kind.
    pub fn of(&self, kind: RequestKind) -> Self {
        Self(self.0.iter().filter(|request| request.kind == kind).cloned().collect())
    }

    /// How many are of one kind.
    pub fn count(&self, kind: RequestKind) -> usize {
        self.0.iter().filter(|request| request.kind == kind).count()
    }

    /// How many there are of each kind that occurs.
    pub fn tally(&self) -> BTreeMap<RequestKind, usize> {
        let mut tally = BTreeMap::new();
        for request in &self.0 {
            *tally.entry(request.kind).or_default() += 1;
        }
        tally
    }

    /// Those that change something.
    pub fn writes(&self) -> Self {
        Self(self.0.iter().filter(|request| request.is_write()).cloned().collect())
    }

    /// Bytes of all bodies that arrived.
    pub fn received_bytes(&self) -> u64 {
        self.0.iter().map(|request| request.body_bytes).sum()
    }

    /// Bytes of all bodies that were sent.
    pub fn sent_bytes(&self) -> u64 {
        self.0.iter().map(|request| request.sent_bytes).sum()
    }

    /// How many connections they came over.
    pub fn connections(&self) -> usize {
        self.0.iter().map(|request| request.connection).collect::<std::collections::BTreeSet<_>>().len()
    }

    /// The most of them that were under way at the same time.
    pub fn at_once_max(&self) -> usize {
        let mut events: BTreeMap<u64, isize> = BTreeMap::new();
        for request in &self.0 {
            events.insert(request.started, 1);
            request.finished.map(|finished| events.insert(finished, -1));
        }
        let running = events.values().scan(0, |running, change| {
            *running += change;
            Some(*running)
        });
        usize::try_from(running.max().unwrap_or(0)).expect("no request ends before it starts")
    }
}

impl Deref for Requests {
    type Target = [Request];

    fn deref(&self) -> &[Request] {
        &self.0
    }
}

impl fmt::Display for Requests {
    /// One line each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|request| writeln!(f, "{request}"))
    }
}

/// What is to be written down of a request that came over `connection`.
pub(in crate::bed) fn record(parts: &hyper::http::request::Parts, connection: u64) -> Request {
    let query = parts.uri.query().unwrap_or_default();
    let query: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let text = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let mounts = query.iter().any(|(key, _)| key == "mount");
    let kind = Route::parse(parts.uri.path()).kind(&parts.method, mounts);
    Request {
        started: 0,
        finished: None,
        connection,
        kind,
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query,
        headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body_bytes: 0,
        sent_bytes: 0,
        status: None,
    }
}
