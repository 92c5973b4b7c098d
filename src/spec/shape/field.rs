//! One key of a mapping: absent, wrong, or given. Knows places, not meanings.

use super::{Reading, Shape};
use crate::spec::node::Pair;
use crate::spec::{Code, Span};

/// What became of one key.
pub(in crate::spec) enum Field<T> {
    /// Not there.
    Absent,
    /// There, and a problem was reported.
    Wrong,
    /// There and well-formed.
    Given(Given<T>),
}

/// A value and where it stands.
pub(in crate::spec) struct Given<T> {
    /// Where the key is.
    pub key: Span,
    /// Where the value is.
    pub span: Span,
    pub value: T,
}

impl<T: Shape> Field<T> {
    /// `slips` are the keys that unknown ones were probably meant to be: not there, but not missed.
    pub fn take(pairs: &[Pair], slips: &[&str], key: &str, reading: &mut Reading<'_>) -> Self {
        let Some(Pair { key, value: node }) = pairs.iter().find(|pair| pair.key.text == key) else {
            return match slips.contains(&key) {
                true => Self::Wrong,
                false => Self::Absent,
            };
        };
        if node.is_null() {
            let message = format!("`{}` has no value", key.text);
            reading.problem(
                Code::EmptyValue,
                key.span,
                message,
                Some("give it a value, or leave the key out"),
            );
            return Self::Wrong;
        }
        match T::read(node, reading) {
            Some(value) => Self::Given(Given { key: key.span, span: node.span, value }),
            None => Self::Wrong,
        }
    }
}

impl<T> Field<T> {
    pub fn given(&self) -> Option<&Given<T>> {
        match self {
            Self::Given(given) => Some(given),
            Self::Absent | Self::Wrong => None,
        }
    }

    pub fn value(&self) -> Option<&T> {
        self.given().map(|given| &given.value)
    }

    /// What a check makes of the value: none means that it reported a problem.
    pub fn check<U>(&self, check: impl FnOnce(&T) -> Option<U>) -> Field<U> {
        match self {
            Self::Absent => Field::Absent,
            Self::Wrong => Field::Wrong,
            Self::Given(Given { key, span, value }) => match check(value) {
                Some(value) => Field::Given(Given { key: *key, span: *span, value }),
                None => Field::Wrong,
            },
        }
    }

    /// The default where the key is absent.
    pub fn or<'a>(&'a self, default: &'a Self) -> &'a Self {
        match self {
            Self::Absent => default,
            Self::Wrong | Self::Given(_) => self,
        }
    }

    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}
