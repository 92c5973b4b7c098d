//! Whether a filter answers the same twice, at the same cost.

use super::{Case, Lack, Trial, trial};
use crate::filter::{Component, Limits};

/// What running a case twice gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeated {
    /// The first time.
    pub first: Trial,
    /// What was not the same the second time, in words; empty for a filter as it should be.
    pub changed: Vec<&'static str>,
}

/// Runs a case twice, each time on fresh instances. Fuel and memory count too: a filter that works
/// more or less without a reason knows something that it was not told.
pub fn repeat(component: &Component, case: &Case, limits: Limits) -> Repeated {
    let (first, second) = (trial(component, case, limits), trial(component, case, limits));
    let changed = changed(&first, &second);
    Repeated { first, changed }
}

fn changed(first: &Trial, second: &Trial) -> Vec<&'static str> {
    let Trial { answer, mismatch: _, needs, lacks, prepared, used, log } = second;
    let without_words = |lacks: &[Lack]| lacks.len();
    let found = [
        (first.needs == *needs && without_words(&first.lacks) == without_words(lacks), "its needs"),
        (first.answer == *answer, "its answer"),
        (first.prepared == *prepared, "what preparing used"),
        (first.used == *used, "what deciding used"),
        (first.log == *log, "its log"),
    ];
    found.into_iter().filter(|(same, _)| !same).map(|(_, what)| what).collect()
}
