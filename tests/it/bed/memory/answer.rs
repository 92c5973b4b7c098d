//! An answer before it is sent: what a rule may still change.

use super::Canned;
use crate::bed::images::Blob;
use bytes::Bytes;

/// Status, headers and body.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: AnswerBody,
}

/// The body of an answer.
#[derive(Debug)]
pub(super) enum AnswerBody {
    Bytes(Bytes),
    /// A part of a blob, from `start` up to but without `end`.
    Blob {
        blob: Blob,
        start: u64,
        end: u64,
    },
}

impl Answer {
    /// An answer without a body.
    pub(super) fn empty(status: u16) -> Self {
        Self::bytes(status, Bytes::new())
    }

    /// An answer with these bytes.
    pub(super) fn bytes(status: u16, body: impl Into<Bytes>) -> Self {
        Self { status, headers: Vec::new(), body: AnswerBody::Bytes(body.into()) }
    }

    /// `application/json`.
    pub(super) fn json(status: u16, value: &serde_json::Value) -> Self {
        Self::bytes(status, value.to_string()).header("content-type", "application/json; charset=utf-8")
    }

    /// Adds a header.
    pub(super) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Takes every header of this name away.
    pub(super) fn without(&mut self, name: &str) {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
    }

    /// Keeps the headers, and says how long the body would have been: the answer to HEAD.
    pub(super) fn without_body(mut self) -> Self {
        let length = self.body.length_bytes().to_string();
        self.without("content-length");
        self.body = AnswerBody::Bytes(Bytes::new());
        self.header("content-length", length)
    }

    /// The first header of this name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let named = |(key, _): &&(String, String)| key.eq_ignore_ascii_case(name);
        self.headers.iter().find(named).map(|(_, value)| value.as_str())
    }
}

impl AnswerBody {
    pub(super) fn length_bytes(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Blob { start, end, .. } => end - start,
        }
    }

    /// At most one block of bytes of the body, from `offset` on and not beyond `end`.
    pub(super) fn piece(&self, offset: u64, end: u64) -> Bytes {
        match self {
            Self::Bytes(bytes) => {
                let at = |position: u64| usize::try_from(position).expect("in memory").min(bytes.len());
                bytes.slice(at(offset)..at(end))
            }
            Self::Blob { blob, start, .. } => {
                blob.piece(start + offset, start + end).expect("a forgotten blob has no body")
            }
        }
    }
}

impl From<Canned> for Answer {
    fn from(canned: Canned) -> Self {
        let Canned { status, headers, body } = canned;
        Self { status, headers, body: AnswerBody::Bytes(body.into()) }
    }
}
