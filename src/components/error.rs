//! Why a filter cannot be had.

use crate::failure::Failure;
use crate::filter::{Fault, FilterError};
use std::fmt;

/// Why the filters of a spec cannot be had.
#[derive(Debug, Clone)]
pub enum LoadError {
    /// One of them is wrong: its file, its pin, its contract, its configuration.
    Filter(Box<FilterError>),
    /// One of them could not be fetched.
    Store(Box<Failure>),
}

impl LoadError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Filter(error) => error.hint.as_deref(),
            Self::Store(failure) => failure.hint.as_deref(),
        }
    }

    /// Says which filter could not be fetched.
    pub(super) fn store(filter: &str, mut failure: Box<Failure>) -> Self {
        failure.message = format!("the filter `{filter}` cannot be fetched: {}", failure.message);
        if failure.hint.is_none() && !failure.retryable() {
            failure.hint = Some(format!("check `wasm` of the filter `{filter}`"));
        }
        Self::Store(failure)
    }

    /// It is not where the spec says, or what is there cannot be one.
    pub(super) fn source(filter: &str, message: String, hint: impl Into<String>) -> Self {
        Self::wrong(filter, Fault::Source, message, hint.into())
    }

    /// It is not what its pin says.
    pub(super) fn pin(filter: &str, message: String, hint: String) -> Self {
        Self::wrong(filter, Fault::Pin, message, hint)
    }

    fn wrong(filter: &str, fault: Fault, message: String, hint: String) -> Self {
        Self::Filter(Box::new(FilterError {
            filter: filter.to_owned(),
            fault,
            message,
            hint: Some(hint),
            blamed: None,
            log: Vec::new(),
        }))
    }
}

impl From<Box<FilterError>> for LoadError {
    fn from(error: Box<FilterError>) -> Self {
        Self::Filter(error)
    }
}

/// May quote a filter or a registry: escape it before it is shown.
impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filter(error) => error.fmt(f),
            Self::Store(failure) => failure.fmt(f),
        }
    }
}

impl std::error::Error for LoadError {}
