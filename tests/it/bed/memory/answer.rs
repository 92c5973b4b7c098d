//! An answer before it is sent: what a rule may still change.

use super::Canned;
use crate::bed::images::Blob;
use bytes::Bytes;

/// Status, headers and body.
#[derive(Debug)]
pub(in crate::bed) struct Answer {
    pub(in crate::bed) status: u16,
    pub(in crate::bed) headers: Vec<(String, String)>,
    pub(in crate::bed) body: AnswerBody,
}

/// The body of an answer.
#[derive(Debug)]
pub(in crate::bed) enum AnswerBody {
    Bytes(Bytes),
    /// A part of a blob, from `start` up to but without `end`.
    Blob {
        blob: Blob,
        start: u64,
        end: u64,
    },
    /// Another body, but of this length: cut short, or with zeros behind it.
    Of {
        length_bytes: u64,
        body: Box<AnswerBody>,
    },
}

/// The most zeros that are sent at once, in bytes.
const ZEROS_MAX: u64 = 64 * 1024;

impl Answer {
    /// An answer without a body.
    pub(in crate::bed) fn empty(status: u16) -> Self {
        Self::bytes(status, Bytes::new())
    }

    /// An answer with these bytes.
    pub(in crate::bed) fn bytes(status: u16, body: impl Into<Bytes>) -> Self {
        Self { status, headers: Vec::new(), body: AnswerBody::Bytes(body.into()) }
    }

    /// `application/json`.
    pub(in crate::bed) fn json(status: u16, value: &serde_json::Value) -> Self {
        Self::bytes(status, value.to_string()).header("content-type", "application/json; charset=utf-8")
    }

    /// The answer without its body, and the body.
    pub(in crate::bed) fn parted(mut self) -> (Self, AnswerBody) {
        let body = self.take_body();
        (self, body)
    }

    fn take_body(&mut self) -> AnswerBody {
        std::mem::replace(&mut self.body, AnswerBody::Bytes(Bytes::new()))
    }

    /// Adds a header.
    pub(in crate::bed) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Takes every header of this name away.
    pub(in crate::bed) fn without(&mut self, name: &str) {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
    }

    /// Says how long the body is, unless it says something already, or has none by its status.
    pub(in crate::bed) fn measured(self) -> Self {
        let length = self.body.length_bytes().to_string();
        match self.get("content-length").is_some() || matches!(self.status, 204 | 304) {
            true => self,
            false => self.header("content-length", length),
        }
    }

    /// Keeps the headers, and says how long the body would have been: the answer to HEAD.
    pub(in crate::bed) fn without_body(mut self) -> Self {
        let length = self.body.length_bytes().to_string();
        self.without("content-length");
        self.body = AnswerBody::Bytes(Bytes::new());
        self.header("content-length", length)
    }

    /// Makes the body, or what is said of it, so many bytes longer or shorter.
    pub(in crate::bed) fn lengthen(&mut self, by: i64) {
        let there = self.body.length_bytes();
        let told = self.get("content-length").and_then(|told| told.parse::<u64>().ok());
        self.without("content-length");
        let length = told.unwrap_or(there).saturating_add_signed(by).to_string();
        self.headers.push(("content-length".to_owned(), length));
        // The answer to HEAD tells a length and has no body.
        if told.is_some_and(|told| told != there) {
            return;
        }
        let length_bytes = there.saturating_add_signed(by);
        let body = self.take_body();
        self.body = AnswerBody::Of { length_bytes, body: Box::new(body) };
    }

    /// The first header of this name.
    pub(in crate::bed) fn get(&self, name: &str) -> Option<&str> {
        let named = |(key, _): &&(String, String)| key.eq_ignore_ascii_case(name);
        self.headers.iter().find(named).map(|(_, value)| value.as_str())
    }
}

impl AnswerBody {
    pub(in crate::bed) fn length_bytes(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Blob { start, end, .. } => end - start,
            Self::Of { length_bytes, .. } => *length_bytes,
        }
    }

    /// At most one block of bytes of the body, from `offset` on and not beyond `end`.
    pub(in crate::bed) fn piece(&self, offset: u64, end: u64) -> Bytes {
        match self {
            Self::Bytes(bytes) => {
                let at = |position: u64| usize::try_from(position).expect("in memory").min(bytes.len());
                bytes.slice(at(offset)..at(end))
            }
            Self::Blob { blob, start, .. } => {
                blob.piece(start + offset, start + end).expect("a forgotten blob has no body")
            }
            Self::Of { length_bytes, body } => match body.length_bytes() {
                there if offset < there => body.piece(offset, end.min(there).min(*length_bytes)),
                _ => {
                    let zeros = (end.min(*length_bytes) - offset).min(ZEROS_MAX);
                    vec![0; usize::try_from(zeros).expect("a few")].into()
                }
            },
        }
    }
}

impl From<Canned> for Answer {
    fn from(canned: Canned) -> Self {
        let Canned { status, headers, body } = canned;
        Self { status, headers, body: AnswerBody::Bytes(body.into()) }
    }
}
