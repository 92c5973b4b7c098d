//! The instants at which a run is killed: before each request that an undisturbed run makes, in the
//! middle of what it sends or gets, and when the server has done it but not answered yet.

use crate::bed::memory::{Behaviour, Moment, Request, RequestKind, Requests, Rule};
use crate::bed::program::Victim;
use std::collections::BTreeMap;
use std::fmt;

/// One instant of a run.
#[derive(Debug, Clone)]
pub(super) struct Point {
    /// Whose request it is: 0 is the source, and then come the targets.
    pub(super) registry: usize,
    kind: RequestKind,
    /// What is found in the path or the query of this request only, up to its repetitions.
    pattern: String,
    /// Which of the repetitions, from 1.
    nth: u64,
    when: When,
}

/// When, in the course of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// It arrived, and nothing of it is done.
    Before,
    /// So many bytes of its body arrived, and no other will.
    WithinRequest(u64),
    /// So many bytes of the body of its answer were sent.
    WithinAnswer(u64),
    /// It is done, and not answered.
    Done,
}

/// Every point of a run that made these requests, registry by registry.
pub(super) fn every(registries: &[Requests]) -> Vec<Point> {
    registries.iter().enumerate().flat_map(|(registry, requests)| of_one(registry, requests)).collect()
}

fn of_one(registry: usize, requests: &Requests) -> Vec<Point> {
    let mut points = Vec::new();
    let mut seen: BTreeMap<(RequestKind, String), u64> = BTreeMap::new();
    for request in requests.iter() {
        let pattern = pattern(request);
        let nth = seen.entry((request.kind, pattern.clone())).or_default();
        *nth += 1;
        let within = match (request.body_bytes, request.sent_bytes) {
            (2.., _) => Some(When::WithinRequest(request.body_bytes / 2)),
            (_, 2..) => Some(When::WithinAnswer(request.sent_bytes / 2)),
            _ => None,
        };
        for when in [Some(When::Before), within, Some(When::Done)].into_iter().flatten() {
            points.push(Point { registry, kind: request.kind, pattern: pattern.clone(), nth: *nth, when });
        }
    }
    points
}

/// What tells a request from others: the id of an upload does not, the digest of its blob does.
fn pattern(request: &Request) -> String {
    let blob = ["mount", "digest"].into_iter().find_map(|key| Some((key, request.query(key)?)));
    match blob.and_then(|(key, digest)| Some((key, digest.split_once(':')?))) {
        Some((key, (algorithm, hex))) => format!("[?&]{key}={algorithm}(:|%3A){hex}"),
        None => format!("^{}([?]|$)", regex::escape(&request.path)),
    }
}

impl Point {
    /// A rule for its request.
    pub(super) fn request(&self) -> Rule {
        Rule::on(self.kind).path(&self.pattern).nth(self.nth)
    }

    /// The rule that kills there.
    pub(super) fn kills(&self, victim: &Victim) -> Rule {
        let rule = self.request();
        match self.when {
            When::Before => rule.kills(victim, Moment::Before).then(Behaviour::Drop),
            When::WithinRequest(at) => {
                rule.kills(victim, Moment::RequestByte(at)).then(Behaviour::CutRequest(at))
            }
            When::WithinAnswer(at) => {
                rule.kills(victim, Moment::ResponseByte(at)).then(Behaviour::CutResponse(at))
            }
            When::Done => rule.kills(victim, Moment::Committed).then(Behaviour::DropAfter),
        }
    }

    /// Whether its request changes what others see.
    pub(super) fn writes(&self) -> bool {
        matches!(self.kind, RequestKind::ManifestPut | RequestKind::UploadPut)
    }

    /// Whether it is before, within, or after.
    pub(super) fn is(&self, part: Part) -> bool {
        part == match self.when {
            When::Before => Part::Before,
            When::WithinRequest(_) | When::WithinAnswer(_) => Part::Within,
            When::Done => Part::Done,
        }
    }
}

/// A third of all points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Before,
    Within,
    Done,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { registry, kind, pattern, nth, when } = self;
        write!(f, "killed {when:?} {kind:?} {nth} of {pattern} at registry {registry}")
    }
}
