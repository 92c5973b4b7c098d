//! Writes what a filter answered into the text of its cases. Nothing else of the text changes.

use super::layout::{Open, laid_out};
use super::trial::{Mismatch, Trial};
use super::{Case, CaseFile, Expected, Spot, expect};
use crate::filter::{Decision, Fault, FilterError};
use crate::oci::Tag;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::ops::Range;

/// Longest message that is written as `expect_error`, in characters: a part of it is enough.
const ERROR_CHARS_MAX: usize = 200;

/// What blessing a file came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blessing {
    /// The new text of the file.
    pub text: String,
    /// Which cases changed, by their numbers from 0.
    pub changed: Vec<usize>,
    /// Which cases did not, although they should.
    pub left: Vec<(usize, Unblessed)>,
}

/// Why an answer is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unblessed {
    /// The filter crashed, ran out of something or answered what cannot be: nobody wants that, unless
    /// the case says that it expects an error.
    Broken,
}

pub(super) fn bless(file: &CaseFile, trials: &[Trial]) -> Blessing {
    let mut blessing = Blessing { text: file.text.clone(), changed: Vec::new(), left: Vec::new() };
    // From the end, so that the places before stay where they are.
    for (number, (case, trial)) in file.cases.iter().zip(trials).enumerate().rev() {
        let Some(mismatch) = &trial.mismatch else { continue };
        let (key, value) = match &trial.answer {
            Ok(decisions) => ("expect", decisions_of(case, decisions)),
            Err(error) if may_be_expected(error, mismatch) => ("expect_error", Value::String(part_of(error))),
            Err(_) => {
                blessing.left.push((number, Unblessed::Broken));
                continue;
            }
        };
        put(&mut blessing.text, &case.spot, key, &value);
        blessing.changed.push(number);
    }
    blessing.changed.reverse();
    blessing.left.reverse();
    blessing
}

/// Errors that the filter wanted, and any where an error is expected.
fn may_be_expected(error: &FilterError, mismatch: &Mismatch) -> bool {
    matches!(mismatch, Mismatch::OtherError(_)) || matches!(error.fault, Fault::Config | Fault::Refused)
}

/// The decisions by tag: first those that were expected, in their order, then the others.
fn decisions_of(case: &Case, decisions: &[Decision]) -> Value {
    let mut found: Vec<(&Tag, &Decision)> = case.images.iter().map(|told| &told.tag).zip(decisions).collect();
    if let Expected::Decisions(expected) = &case.expected {
        let places: BTreeMap<&Tag, usize> =
            expected.iter().enumerate().map(|(at, (tag, _))| (tag, at)).collect();
        found.sort_by_key(|(tag, _)| places.get(tag).copied().unwrap_or(usize::MAX));
    }
    let decided = found.into_iter();
    let decided = decided.map(|(tag, decision)| (tag.to_string(), expect::written(decision, &case.target)));
    Value::Object(decided.collect::<Map<_, _>>())
}

/// What of an error a case keeps: its first line, cut. Of an error that the filter returned, its own
/// words are enough: ours go before the first colon.
pub(super) fn part_of(error: &FilterError) -> String {
    let own = match (error.fault, error.message.split_once(": ")) {
        (Fault::Config | Fault::Refused, Some((_, own))) => own,
        _ => &error.message,
    };
    // A filter may say nothing at all; then our words are what there is.
    let mut lines = own.lines().chain(error.message.lines());
    let line = lines.find(|line| !line.trim().is_empty()).unwrap_or_default();
    line.trim().chars().take(ERROR_CHARS_MAX).collect()
}

fn put(text: &mut String, spot: &Spot, key: &str, value: &Value) {
    let start = match spot {
        Spot::Member(range) => range.start,
        Spot::Behind(end) => *end,
    };
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let indent = text[line_start..].chars().take_while(|c| *c == ' ').count();
    let open = if key == "expect" { Open::Always } else { Open::WhenLong };
    let member = format!("\"{key}\": {}", laid_out(value, open, indent, indent + key.len() + 4));
    let (range, member): (Range<usize>, String) = match spot {
        Spot::Member(range) => (range.clone(), member),
        Spot::Behind(end) => (*end..*end, format!(",\n{}{member}", " ".repeat(indent))),
    };
    text.replace_range(range, &member);
}
