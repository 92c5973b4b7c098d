//! How the verdict about one case is shown: what it used, and by tag what is not as expected.

use super::told;
use crate::cases::{self, Case, CaseFile, Difference, Mismatch, Trial};
use crate::filter::{Decision, Fault, Measured};
use crate::report::Detail;
use crate::report::escape::foreign;
use crate::report::human::{Bytes, Count, Grouped};
use serde_json::{Value, json};

/// Most tags that are shown of one case, unless everything is asked for.
const TAGS_SHOWN_MAX: usize = 20;

/// What is said of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The answer is what is expected.
    Ok,
    /// It is not.
    Failed,
    /// It was not, and now it is.
    Blessed,
}

/// A case and what became of it.
pub(super) struct Judged {
    file: String,
    /// What people call it: the file, and its name or number where the file has several.
    title: String,
    case: Case,
    trial: Trial,
    pub(super) verdict: Verdict,
}

impl Judged {
    pub(super) fn new(file: &CaseFile, number: usize, case: Case, trial: Trial, verdict: Verdict) -> Self {
        Self { file: file.file().to_owned(), title: title(file, number), case, trial, verdict }
    }
}

/// `tests/cases.json: the newest minors`.
pub(super) fn title(file: &CaseFile, number: usize) -> String {
    match &file.cases[number].name {
        Some(name) => format!("{}: {name}", file.file()),
        None if file.cases.len() == 1 => file.file().to_owned(),
        None => format!("{}: case {}", file.file(), number + 1),
    }
}

/// One line for a case that is as expected, more for others.
pub(super) fn text(Judged { title, case, trial, verdict, .. }: &Judged, detail: Detail) -> String {
    let word = match verdict {
        Verdict::Ok => "ok",
        Verdict::Failed => "FAILED",
        Verdict::Blessed => "blessed",
    };
    let images = Count(case.images.len() as u64, "image");
    let used = match trial.used {
        Some(Measured { fuel, memory_bytes }) => {
            format!(", {} fuel, {}", Grouped(fuel), Bytes(memory_bytes))
        }
        None => String::new(),
    };
    let mut lines = vec![format!("{word:<8}{}  ({images}{used})", foreign(title))];
    if *verdict != Verdict::Ok {
        lines.extend(mismatch(case, trial, detail));
    }
    lines.extend(trial.lacks.iter().map(|lack| format!("  note: {lack}")));
    if detail == Detail::All {
        lines.extend(told::log_lines(&trial.log, detail));
        // An error that is not expected is shown with its log above.
        if let (Err(error), None) = (&trial.answer, &trial.mismatch) {
            lines.extend(told::log_lines(&error.log, detail));
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn mismatch(case: &Case, trial: &Trial, detail: Detail) -> Vec<String> {
    let Some(mismatch) = &trial.mismatch else { return Vec::new() };
    let mut lines = match mismatch {
        Mismatch::Decisions(differences) => return diff(case, differences, detail),
        Mismatch::Error => vec!["  expected decisions, got an error".to_owned()],
        Mismatch::NoError(text) => {
            vec![format!("  expected an error with {}, got decisions", foreign(format!("{text:?}")))]
        }
        Mismatch::OtherError(text) => {
            vec![format!("  expected an error with {}, got another", foreign(format!("{text:?}")))]
        }
        Mismatch::NothingExpected => {
            vec!["  the case does not say what it expects: add `expect`, or let --bless write it".to_owned()]
        }
    };
    if let Err(error) = &trial.answer {
        let mut error = error.clone();
        if error.fault == Fault::Config {
            error.hint = Some("correct `config` of the case, or expect the error: `expect_error`".to_owned());
        }
        lines.extend(told::error_lines(&error, detail).iter().map(|line| format!("  {line}")));
    }
    lines
}

fn diff(case: &Case, differences: &[Difference], detail: Detail) -> Vec<String> {
    let shown = match detail {
        Detail::All => differences.len(),
        Detail::Changes => differences.len().min(TAGS_SHOWN_MAX),
    };
    let words = |decision: &Option<Decision>, none: &str| match decision {
        Some(decision) => foreign(cases::shown(decision, &case.target)),
        None => none.to_owned(),
    };
    let mut lines = Vec::new();
    for Difference { tag, expected, found } in &differences[..shown] {
        lines.push(format!("  {tag}"));
        lines.push(format!("    - expected  {}", words(expected, "nothing: `expect` does not have it")));
        lines.push(format!("    + got       {}", words(found, "nothing: the request does not have it")));
    }
    if shown < differences.len() {
        lines.push(format!("  … and {} more; -v shows them", differences.len() - shown));
    }
    lines
}

/// The last line: how many cases there were.
pub(super) fn summary(judged: &[Judged]) -> String {
    let count = |verdict| judged.iter().filter(|one| one.verdict == verdict).count();
    let mut parts = vec![format!("{} ok", count(Verdict::Ok))];
    let others = [(count(Verdict::Failed), "failed"), (count(Verdict::Blessed), "blessed")];
    parts
        .extend(others.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")));
    format!("{}: {}.\n", Count(judged.len() as u64, "case"), parts.join(", "))
}

/// How many cases there were, for programs.
pub(super) fn counts(judged: &[Judged]) -> Value {
    let count = |verdict| judged.iter().filter(|one| one.verdict == verdict).count();
    json!({ "ok": count(Verdict::Ok), "failed": count(Verdict::Failed), "blessed": count(Verdict::Blessed) })
}

/// One case, for programs.
pub(super) fn json(Judged { file, case, trial, verdict, .. }: &Judged) -> Value {
    let decision = |decision: &Option<Decision>| {
        decision.as_ref().map(|decision| cases::written(decision, &case.target))
    };
    let (mismatch, differences) = match &trial.mismatch {
        None => (None, Vec::new()),
        Some(Mismatch::Decisions(differences)) => (Some("decisions"), differences.clone()),
        Some(Mismatch::Error) => (Some("error"), Vec::new()),
        Some(Mismatch::NoError(_)) => (Some("noError"), Vec::new()),
        Some(Mismatch::OtherError(_)) => (Some("otherError"), Vec::new()),
        Some(Mismatch::NothingExpected) => (Some("nothingExpected"), Vec::new()),
    };
    let differences: Vec<Value> = differences
        .iter()
        .map(|one| {
            json!({ "tag": one.tag, "expected": decision(&one.expected), "found": decision(&one.found) })
        })
        .collect();
    json!({
        "file": file,
        "name": case.name,
        "result": match verdict {
            Verdict::Ok => "ok",
            Verdict::Failed => "failed",
            Verdict::Blessed => "blessed",
        },
        "images": case.images.len(),
        "prepareFuel": trial.prepared.map(|used| used.fuel),
        "fuel": trial.used.map(|used| used.fuel),
        "memoryBytes": trial.used.map(|used| used.memory_bytes),
        "mismatch": mismatch,
        "differences": differences,
        "error": trial.answer.as_ref().err().map(|error| told::error_json(error)),
        "notes": trial.lacks.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "log": told::log_json(&trial.log),
    })
}
