//! A YAML document as a tree that knows where each of its parts stands. Scalars keep their text:
//! `1.10` is never made a number here. Holds secrets, so nothing of it can be printed.

use super::Span;
use std::rc::Rc;

/// One value of the document. An alias shares the node that it names.
pub(super) struct Node {
    pub span: Span,
    pub kind: Kind,
    /// What the node costs with all aliases written out; see `compose`.
    pub cost: usize,
    /// Levels of lists and mappings inside it, itself included; a scalar has none.
    pub height: usize,
}

pub(super) enum Kind {
    Scalar(Scalar),
    List(Vec<Rc<Node>>),
    Mapping(Vec<Pair>),
    /// A problem was reported for it; nothing more is to be said.
    Broken,
}

pub(super) struct Scalar {
    pub text: String,
    pub style: Style,
}

/// Whether a scalar may mean something other than its text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `yes`, `1.10`, `null`: what it means depends on who asks.
    Plain,
    /// Quoted, a block, or tagged `!!str`: always a text.
    Text,
}

#[derive(Clone)]
pub(super) struct Pair {
    pub key: Key,
    pub value: Rc<Node>,
}

#[derive(Clone)]
pub(super) struct Key {
    pub text: String,
    pub span: Span,
}

impl Node {
    /// What it is, for a message: "a list".
    pub fn what(&self) -> &'static str {
        match &self.kind {
            Kind::List(_) => "a list",
            Kind::Mapping(_) => "a mapping",
            Kind::Broken => "unreadable",
            Kind::Scalar(scalar) if scalar.is_null() => "nothing",
            Kind::Scalar(_) => "a single value",
        }
    }

    /// Whether nothing was written, or `null`.
    pub fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar(scalar) if scalar.is_null())
    }
}

impl Scalar {
    /// The null of YAML 1.2's core schema.
    pub fn is_null(&self) -> bool {
        self.style == Style::Plain && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }
}
