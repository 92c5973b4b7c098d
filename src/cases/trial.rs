//! Runs a case and compares the answer with what is expected.

use super::expect::same;
use super::{Case, Expected, Lack};
use crate::filter::{Component, Decided, Decision, Filter, FilterError, Limits, Line, Measured, Needs};
use crate::oci::Tag;
use std::collections::BTreeMap;

/// What became of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// What the filter answered: one decision for each image of the case, or an error.
    pub answer: Result<Vec<Decision>, Box<FilterError>>,
    /// How that differs from what is expected; none when it does not.
    pub mismatch: Option<Mismatch>,
    /// What the filter asks for, if it got so far.
    pub needs: Option<Needs>,
    /// What it asks for in vain.
    pub lacks: Vec<Lack>,
    /// What preparing used.
    pub prepared: Option<Measured>,
    /// What deciding used.
    pub used: Option<Measured>,
    /// What it logged, while preparing and while deciding. After an error it is there instead.
    pub log: Vec<Line>,
}

/// How an answer differs from what is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    /// Other decisions, sorted by tag.
    Decisions(Vec<Difference>),
    /// An error where decisions are expected.
    Error,
    /// Decisions where an error with this text is expected.
    NoError(String),
    /// An error without this text.
    OtherError(String),
    /// The case does not say what it expects.
    NothingExpected,
}

/// One tag whose decision is not what is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The tag.
    pub tag: Tag,
    /// What `expect` says; none when it does not have the tag.
    pub expected: Option<Decision>,
    /// What the filter says; none when the request does not have the tag.
    pub found: Option<Decision>,
}

/// Runs one case: prepares the component with its configuration, and lets it decide.
pub fn trial(component: &Component, case: &Case, limits: Limits) -> Trial {
    let filter = match Filter::new(component, &case.config, limits) {
        Ok(filter) => filter,
        Err(error) => return Trial::of(case, Err(error)),
    };
    let needs = filter.needs();
    let (prepared, said) = filter.prepared();
    let (answer, used, log) = match filter.decide(&case.request(needs)) {
        Ok(Decided { decisions, log, used }) => (Ok(decisions), Some(used), log),
        Err(error) => (Err(error), None, Vec::new()),
    };
    Trial {
        needs: Some(needs),
        lacks: case.lacks(needs),
        prepared: Some(prepared),
        used,
        log: said.iter().cloned().chain(log).collect(),
        ..Trial::of(case, answer)
    }
}

impl Trial {
    /// An answer, compared; nothing else is known.
    pub(super) fn of(case: &Case, answer: Result<Vec<Decision>, Box<FilterError>>) -> Self {
        Self {
            mismatch: mismatch(case, &answer),
            answer,
            needs: None,
            lacks: Vec::new(),
            prepared: None,
            used: None,
            log: Vec::new(),
        }
    }
}

/// How an answer differs from what the case expects.
fn mismatch(case: &Case, answer: &Result<Vec<Decision>, Box<FilterError>>) -> Option<Mismatch> {
    match (&case.expected, answer) {
        (Expected::Nothing, _) => Some(Mismatch::NothingExpected),
        (Expected::Decisions(_), Err(_)) => Some(Mismatch::Error),
        (Expected::Decisions(expected), Ok(found)) => {
            let differences = differences(case, expected, found);
            (!differences.is_empty()).then_some(Mismatch::Decisions(differences))
        }
        (Expected::Error(text), Ok(_)) => Some(Mismatch::NoError(text.clone())),
        (Expected::Error(text), Err(error)) => {
            (!error.message.contains(text)).then(|| Mismatch::OtherError(text.clone()))
        }
    }
}

fn differences(case: &Case, expected: &[(Tag, Decision)], found: &[Decision]) -> Vec<Difference> {
    let tags = case.images.iter().map(|told| &told.tag);
    let found: BTreeMap<&Tag, &Decision> = tags.zip(found).collect();
    let expected: BTreeMap<&Tag, &Decision> = expected.iter().map(|(tag, wanted)| (tag, wanted)).collect();
    let mut tags: Vec<&Tag> = found.keys().chain(expected.keys()).copied().collect();
    tags.sort();
    tags.dedup();
    let differ = |tag: &&Tag| match (expected.get(tag), found.get(tag)) {
        (Some(expected), Some(found)) => !same(expected, found),
        _ => true,
    };
    let tags = tags.into_iter().filter(differ);
    let difference = |tag: &Tag| Difference {
        tag: tag.clone(),
        expected: expected.get(tag).copied().cloned(),
        found: found.get(tag).copied().cloned(),
    };
    tags.map(difference).collect()
}
