//! What can be wrong with a filter, in words that tell its author what to do next.

use super::Line;
use super::cut::cut;
use super::limits::ERROR_BYTES_MAX;
use crate::oci::Tag;
use std::fmt;

/// One thing that is wrong with a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    /// What the filter is called.
    pub filter: String,
    /// What kind of thing it is.
    pub fault: Fault,
    /// What happened, in one sentence. May quote the filter: escape it before it is shown.
    pub message: String,
    /// What the author or the user can do about it.
    pub hint: Option<String>,
    /// The image that makes it fail.
    pub blamed: Option<Blamed>,
    /// What it logged before.
    pub log: Vec<Line>,
}

/// The first image that makes a filter fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blamed {
    /// The repository that it is in: `docker.io/library/nginx`.
    pub repository: String,
    /// Its tag.
    pub tag: Tag,
    /// Which one of the request, from 1.
    pub position: usize,
    /// How many the request has.
    pub of: usize,
}

/// Kinds of what is wrong with a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is not where the spec says, or what is there cannot be one.
    Source,
    /// It is not what its pin says.
    Pin,
    /// It is not a component of this contract, or imports what no filter gets.
    Contract,
    /// It cannot be compiled.
    Compile,
    /// It refused its configuration.
    Config,
    /// It ran out of fuel, memory, stack, output or calls.
    Limit,
    /// It panicked, trapped or called `exit`.
    Crash,
    /// It said that it cannot decide.
    Refused,
    /// It answered what cannot be: a wrong number of decisions, an illegal tag, a path out of bounds.
    Answer,
    /// A mistake of ours.
    Internal,
}

/// Longest message of an error, in bytes: the longest error of a filter, and what we say of it.
const MESSAGE_BYTES_MAX: usize = ERROR_BYTES_MAX + 256;

/// What is wrong, before it is known whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) fault: Fault,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Wrong {
    /// A message may quote what is foreign: it is cut.
    pub(super) fn new(fault: Fault, message: impl Into<String>) -> Self {
        Self { fault, message: cut(message.into(), MESSAGE_BYTES_MAX), hint: None }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// As the error of the filter `name`, with what it logged.
    pub(super) fn of(self, name: &str, log: Vec<Line>) -> Box<FilterError> {
        let Self { fault, message, hint } = self;
        Box::new(FilterError { filter: name.to_owned(), fault, message, hint, blamed: None, log })
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the filter `{}`: ", self.filter)?;
        if let Some(Blamed { repository, tag, position, of }) = &self.blamed {
            write!(f, "{repository}:{tag} (image {position} of {of}): ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for FilterError {}
