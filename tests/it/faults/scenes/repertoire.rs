//! What goes wrong: the faults that are played at every place.

use crate::bed::memory::{Behaviour, Canned, Rule};

/// One fault.
pub(super) struct Fault {
    pub(super) name: String,
    pub(super) times: Times,
    pub(super) behaviours: Vec<Behaviour>,
}

/// How often it happens.
#[derive(Debug, Clone, Copy)]
pub(super) enum Times {
    Once,
    Always,
}

impl Times {
    pub(super) fn of(self, rule: Rule) -> Rule {
        match self {
            Self::Once => rule.first(1),
            Self::Always => rule,
        }
    }
}

impl Fault {
    pub(super) fn once(name: impl Into<String>, behaviours: impl Into<Vec<Behaviour>>) -> Self {
        Self { name: name.into(), times: Times::Once, behaviours: behaviours.into() }
    }

    pub(super) fn always(name: impl Into<String>, behaviours: impl Into<Vec<Behaviour>>) -> Self {
        Self { name: format!("{} always", name.into()), times: Times::Always, behaviours: behaviours.into() }
    }
}

fn status(status: u16) -> [Behaviour; 1] {
    [Behaviour::Answer(Canned::new(status))]
}

fn header(name: &str, value: &str) -> Behaviour {
    Behaviour::SetHeader(name.to_owned(), value.to_owned())
}

/// Statuses that may pass: each is met once.
pub(super) fn passing() -> Vec<Fault> {
    let all = [408, 425, 429, 499, 500, 502, 503, 504, 520, 521, 522, 523, 524];
    all.into_iter().map(|code| Fault::once(code.to_string(), status(code))).collect()
}

/// Statuses that do not pass: each is met for ever.
pub(super) fn lasting() -> Vec<Fault> {
    let all = [402, 403, 406, 407, 409, 410, 411, 412, 414, 415, 417, 418, 421, 422, 423, 451];
    let server = [501, 505, 506, 507, 508, 511, 525];
    let plain = all.into_iter().chain(server).map(|code| Fault::always(code.to_string(), status(code)));
    let permanent = ["MANIFEST_INVALID", "NAME_INVALID", "UNSUPPORTED"].map(|code| {
        let canned = Canned::new(500).error(code, "no");
        Fault::always(format!("500 {code}"), [Behaviour::Answer(canned)])
    });
    plain.chain(permanent).collect()
}

/// Connections that end, and one that is slow.
pub(super) fn connections() -> Vec<Fault> {
    let slow = Behaviour::Delay(std::time::Duration::from_millis(700));
    vec![
        Fault::once("closed before the answer", [Behaviour::Drop]),
        Fault::once("reset before the answer", [Behaviour::Drop, Behaviour::Reset]),
        Fault::once("done, and the answer lost", [Behaviour::DropAfter]),
        Fault::once("done, and reset", [Behaviour::DropAfter, Behaviour::Reset]),
        Fault::once("refused without reading", [Behaviour::AnswerUnread(Canned::new(503))]),
        Fault::once("a page instead of an answer", [Behaviour::Answer(Canned::new(502).body("<html>"))]),
        Fault::once("slow", [slow]),
    ]
}

/// What a registry says of when to come back. All are met once, and none is waited for longer than a
/// second.
pub(super) fn pauses() -> Vec<Fault> {
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    let later = "Sun, 06 Nov 1994 08:49:38 GMT";
    let busy = |status: u16, value: &str| Canned::new(status).header("retry-after", value);
    let dated = |value: &str| busy(429, value).header("date", date);
    let told = [
        ("429 for a second", busy(429, "1")),
        ("503 for a second", busy(503, "1")),
        ("429 until a date", dated(later)),
        ("429 until an old form of date", dated("Sunday, 06-Nov-94 08:49:38 GMT")),
        ("429 until an older form of date", dated("Sun Nov  6 08:49:38 1994")),
        ("429 until a date that is over", dated("Sun, 06 Nov 1994 08:49:00 GMT")),
        ("429 for 0", busy(429, "0")),
        ("429 for -1", busy(429, "-1")),
        ("429 for 1e9", busy(429, "1e9")),
        ("429 for words", busy(429, "soon")),
        ("429 for ever", busy(429, "1000000000")),
        ("503 for ever", busy(503, "1000000000")),
        ("429 for more than can be counted", busy(429, "99999999999999999999999")),
    ];
    told.map(|(name, canned)| Fault::once(name, [Behaviour::Answer(canned)])).into()
}

/// Bodies that break on the way to us.
pub(super) fn answers() -> Vec<Fault> {
    vec![
        Fault::once("cut before the first byte", [Behaviour::CutResponse(0)]),
        Fault::once("cut in the middle", [Behaviour::CutResponse(100)]),
        Fault::once("reset in the middle", [Behaviour::CutResponse(100), Behaviour::Reset]),
        Fault::once("wrong bytes", [Behaviour::WrongBytes]),
        Fault::always("wrong bytes", [Behaviour::WrongBytes]),
        Fault::once("compressed, it says", [header("content-encoding", "gzip")]),
        Fault::once("empty", [Behaviour::Answer(Canned::new(200))]),
        Fault::always("empty", [Behaviour::Answer(Canned::new(200))]),
        Fault::always("204", status(204)),
        Fault::always("something else", [Behaviour::Answer(Canned::new(200).body("<html>hello</html>"))]),
    ]
}

/// Bodies that break on the way from us.
pub(super) fn requests() -> Vec<Fault> {
    vec![
        Fault::once("closed before its first byte", [Behaviour::CutRequest(0)]),
        Fault::once("closed in the middle", [Behaviour::CutRequest(200)]),
        Fault::once("reset in the middle", [Behaviour::CutRequest(200), Behaviour::Reset]),
    ]
}

/// What stays bad until it is given up.
pub(super) fn endless() -> Vec<Fault> {
    vec![Fault::always("502", status(502)), Fault::always("closed before the answer", [Behaviour::Drop])]
}
