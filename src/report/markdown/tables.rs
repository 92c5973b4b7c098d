//! The tables of a summary, each as rows of cells.

use super::document::{Above, Column, Document};
use super::words::{Code, Prose};
use crate::failure::HttpFacts;
use crate::oci::Digest;
use crate::outcome::Outcome;
use crate::plan::{Drift, Dropped, Entry, RenamedBy, TargetEntry};
use crate::report::cause::{Group, groups};
use crate::report::human::{Bytes, Count};
use crate::report::run::{CredentialUse, Problem, RateLimit, RegistryUse, Run, Severity};
use crate::report::verdict::{Counts, Judged, Subject, Verdict};
use std::fmt::Write as _;

/// How many target tags of one cause are listed.
const TAGS_SHOWN_MAX: usize = 20;
/// What stands in a cell that has nothing to say.
const NOTHING: &str = "–";

/// What is wrong in the spec: what is this bad.
pub(super) fn problems(document: &mut Document, run: &Run, severity: Severity) {
    let columns = ["Where", "What", "Next step"].map(Column::Text);
    let rows = run.problems.iter().filter(|problem| problem.severity == severity).map(|problem| {
        let Problem { severity: _, code, message, path, line, column, hint } = problem;
        let mut place = path.clone().unwrap_or_default();
        for number in [line, column].into_iter().flatten() {
            let _ = write!(place, ":{number}");
        }
        let what = format!("{} {}", Prose(message), Code(code));
        vec![Code(place).to_string(), what, or_nothing(hint.as_deref())]
    });
    let heading = match severity {
        Severity::Error => "Problems",
        Severity::Warning => "Warnings",
    };
    document.table(&Above::Heading(heading), &columns, rows);
}

/// What was refused, deferred or failed, by cause; failures first.
pub(super) fn failures(document: &mut Document, judged: &[Judged<'_>]) {
    let columns = ["", "Where", "Why", "Credential", "Next step"].map(Column::Text);
    let mut groups = groups(judged);
    // What a person has to do something about comes first.
    groups.sort_by_key(|group| {
        ["failed", "refused", "deferred"].iter().position(|word| *word == group.cause.word)
    });
    document.table(&Above::Heading("What went wrong"), &columns, groups.iter().map(failure));
}

fn failure(Group { cause, first, members }: &Group<'_>) -> Vec<String> {
    let mut places: Vec<String> =
        members.iter().take(TAGS_SHOWN_MAX).map(|judged| place(&judged.subject)).collect();
    if members.len() > TAGS_SHOWN_MAX {
        places.push(format!("and {} more", members.len() - TAGS_SHOWN_MAX));
    }
    let mut why = match cause.side {
        Some(side) => format!("{side} {}: ", Code(cause.repository)),
        None => String::new(),
    };
    let _ = write!(why, "{}", Prose(cause.message));
    if let Some(http @ HttpFacts { method, url: _, status, registry_code }) = &first.http {
        let mut answer = format!("{method} {}", http.bare_url());
        let _ = match status {
            Some(status) => write!(answer, " gave {status}"),
            None => write!(answer, " gave no answer"),
        };
        if let Some(code) = registry_code {
            let _ = write!(answer, " {code}");
        }
        let _ = write!(why, "<br>{}", Code(answer));
    }
    let _ = write!(why, "<br>{}", Code(cause.code.as_str()));
    vec![
        cause.word.to_owned(),
        places.join("<br>"),
        why,
        or_nothing(cause.credential),
        or_nothing(cause.hint),
    ]
}

fn place(subject: &Subject<'_>) -> String {
    match subject {
        Subject::Target { target, .. } => Code(&target.reference).to_string(),
        Subject::Unresolved(unresolved) => match &unresolved.target {
            Some(target) => Code(target).to_string(),
            None => Code(&unresolved.source).to_string(),
        },
    }
}

/// What was written; in `plan` and `check`, what would be.
pub(super) fn changes(document: &mut Document, run: &Run, judged: &[Judged<'_>]) {
    let rows = judged.iter().filter_map(|judged| change(run, judged));
    match run.command.writes() {
        true => {
            let text = ["Target", "Tag", "Before → now"].map(Column::Text);
            let columns = [&text[..], &[Column::Number("Copied")]].concat();
            document.table(&Above::Heading("Changed"), &columns, rows);
        }
        false => {
            let columns = ["Target", "Tag", "Now → then"].map(Column::Text);
            document.table(&Above::Heading("Would change"), &columns, rows);
        }
    }
}

fn change(run: &Run, Judged { subject, verdict }: &Judged<'_>) -> Option<Vec<String>> {
    let Subject::Target { entry, target, outcome, .. } = subject else { return None };
    let after = match (verdict, outcome) {
        (Verdict::Created | Verdict::Updated, Some(Outcome { digest_after, .. })) => digest_after.as_ref(),
        (Verdict::Pending, _) => entry.pin.as_ref().map(|pin| &pin.digest),
        _ => return None,
    };
    let before = match verdict {
        Verdict::Created => None,
        _ => target.drift.found(),
    };
    let digests = match target.drift {
        Drift::Incomplete { .. } => {
            let added = outcome.map_or(target.lacks.len() as u64, |outcome| outcome.tally.referrers_copied);
            format!("{} + {}", short(after), Count(added, "referrer"))
        }
        Drift::Absent | Drift::Stale { .. } | Drift::Current { .. } | Drift::Refused { .. } => {
            format!("{} → {}", short(before), short(after))
        }
    };
    let mut cells = vec![Code(&target.reference.repository).to_string(), tag(entry, target), digests];
    if run.command.writes() {
        cells.push(Bytes(outcome.map_or(0, |outcome| outcome.tally.bytes_copied)).to_string());
    }
    Some(cells)
}

fn tag(entry: &Entry, target: &TargetEntry) -> String {
    let Some(tag) = &target.reference.tag else { return NOTHING.to_owned() };
    match &entry.rename {
        Some(rename) if rename.from != *tag => {
            let by = match &rename.by {
                RenamedBy::Pattern => "renamed",
                RenamedBy::CommandLine => "named so on the command line",
                RenamedBy::Filter { .. } => "by the filter",
            };
            format!("{} ({by}, was {})", Code(tag), Code(&rename.from))
        }
        _ => Code(tag).to_string(),
    }
}

/// What is as it should be, folded.
pub(super) fn current(document: &mut Document, judged: &[Judged<'_>], counts: Counts) {
    let columns = ["Target", "Digest"].map(Column::Text);
    let rows = judged.iter().filter_map(|Judged { subject, verdict }| match (subject, verdict) {
        (Subject::Target { target, outcome, .. }, Verdict::Current) => {
            let written = outcome.and_then(|outcome| outcome.digest_after.as_ref());
            let found = match &target.drift {
                Drift::Current { found } => found.as_ref(),
                Drift::Absent | Drift::Stale { .. } | Drift::Incomplete { .. } | Drift::Refused { .. } => {
                    None
                }
            };
            Some(vec![Code(&target.reference).to_string(), short(written.or(found))])
        }
        _ => None,
    });
    let above = Above::Folded(format!("{} as it should be", Count(counts.current, "target tag")));
    document.table(&above, &columns, rows);
}

/// What filters left out, folded.
pub(super) fn dropped(document: &mut Document, run: &Run, counts: Counts) {
    let columns = ["Source", "Filter", "Why"].map(Column::Text);
    let rows = run.sorted().dropped.into_iter().map(|dropped| {
        let Dropped { mirror: _, spec_line: _, source, filter, reason } = dropped;
        let why = reason.as_ref().map_or(NOTHING.to_owned(), |reason| Prose(reason).to_string());
        vec![Code(source).to_string(), Code(filter).to_string(), why]
    });
    let above = Above::Folded(format!("{} dropped by filters", Count(counts.dropped, "source tag")));
    document.table(&above, &columns, rows);
}

/// What the registries were asked, and what they allow, folded.
pub(super) fn registries(document: &mut Document, run: &Run) {
    let numbers = ["Requests", "Repeated", "Throttled", "Left of the limit"].map(Column::Number);
    let columns = [&["Registry", "Credential"].map(Column::Text)[..], &numbers].concat();
    let mut registries: Vec<&RegistryUse> = run.registries.iter().collect();
    registries.sort_by(|one, other| one.host.cmp(&other.host));
    let rows = registries.into_iter().map(|registry| {
        let RegistryUse { host, credential, requests, retries, throttled, rate_limit } = registry;
        let credential = match credential {
            Some(CredentialUse { source, user: Some(user) }) => {
                format!("{}, {}", Code(user), Prose(source))
            }
            Some(CredentialUse { source, user: None }) => Prose(source).to_string(),
            None => NOTHING.to_owned(),
        };
        let left = match rate_limit {
            Some(RateLimit { limit, remaining, window_seconds: _, reserve: _ }) => {
                format!("{remaining} of {limit}")
            }
            None => NOTHING.to_owned(),
        };
        let mut cells = vec![Code(host).to_string(), credential];
        cells.extend([requests, retries, throttled].map(ToString::to_string));
        cells.push(left);
        cells
    });
    document.table(&Above::Folded("Registries and quotas".to_owned()), &columns, rows);
}

fn short(digest: Option<&Digest>) -> String {
    digest.map_or(NOTHING.to_owned(), |digest| Code(digest.short()).to_string())
}

fn or_nothing(text: Option<&str>) -> String {
    text.map_or(NOTHING.to_owned(), |text| Prose(text).to_string())
}
