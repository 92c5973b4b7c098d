//! One line for one target tag: what is planned for it, or what became of it.

use super::human::{Bytes, Count, Elapsed};
use super::paint::{Ink, Page};
use super::verdict::Verdict;
use crate::colour::Colour;
use crate::outcome::Outcome;
use crate::plan::{Drift, Entry, Rename, RenamedBy, TargetEntry};
use std::time::Duration;

/// Widest column of source references, in characters; longer ones push their line out.
const SOURCE_CHARS_MAX: usize = 64;

/// What became of one target tag, as one line without its end: for a log while a run goes on.
pub fn item_line(entry: &Entry, target: &TargetEntry, outcome: &Outcome, colour: Colour) -> String {
    let mut page = Page::new(colour);
    outcome_line(&mut page, entry, target, outcome, 0);
    page.into_text()
}

/// The column of source references of these entries.
pub(super) fn source_width<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> usize {
    let width = |entry: &Entry| super::escape::foreign(&entry.source).chars().count();
    entries.into_iter().map(width).max().unwrap_or(0).min(SOURCE_CHARS_MAX)
}

/// `+ source → target  digest`, without the end of the line.
pub(super) fn drift_line(page: &mut Page, entry: &Entry, target: &TargetEntry, width: usize) {
    let TargetEntry { reference: _, drift, lacks } = target;
    head(page, mark_of(drift), entry, target, width);
    page.own("  ");
    match drift {
        Drift::Absent => pin(page, entry),
        Drift::Stale { found } => {
            page.say(found.short()).own(" → ");
            pin(page, entry);
        }
        Drift::Incomplete { found } => {
            page.say_in(Ink::Faint, found.short());
        }
        Drift::Current { found: Some(found) } => {
            page.say_in(Ink::Faint, found.short());
        }
        Drift::Current { found: None } => {
            page.own_in(Ink::Faint, "immutable, not asked for");
        }
        Drift::Refused { found, reason } => {
            page.own("refused: ").say(reason);
            if let Some(found) = found {
                page.own(" (").say(found.short()).own(")");
            }
        }
    }
    if !lacks.is_empty() {
        page.own(", ").say(Count(lacks.len() as u64, "referrer")).own(" to add");
    }
    rename(page, entry, target);
}

/// `+ source → target  digest, 12.0 MiB in 2.2 s`, without the end of the line.
pub(super) fn outcome_line(
    page: &mut Page,
    entry: &Entry,
    target: &TargetEntry,
    outcome: &Outcome,
    width: usize,
) {
    let Outcome { result, digest_after, tally, attempts: _, duration_ms } = outcome;
    let verdict = Verdict::of(result);
    head(page, mark_of_verdict(&verdict), entry, target, width);
    page.own("  ");
    let elapsed = Elapsed(Duration::from_millis(*duration_ms));
    match &verdict {
        Verdict::Created | Verdict::Updated => {
            let before = target.drift.found().filter(|before| digest_after.as_ref() != Some(before));
            if let (Verdict::Updated, Some(before)) = (&verdict, before) {
                page.say(before.short()).own(" → ");
            }
            if let Some(after) = digest_after {
                page.say(after.short()).own(", ");
            }
            page.say(Bytes(tally.bytes_copied)).own(" in ").say(elapsed);
            if tally.repaired > 0 {
                page.own(", ").say(tally.repaired).own(" repaired");
            }
            if tally.referrers_copied > 0 {
                page.own(", ").say(Count(tally.referrers_copied, "referrer"));
            }
        }
        Verdict::Current | Verdict::Pending => {
            page.own_in(Ink::Faint, "current");
        }
        Verdict::Refused(failure) => {
            page.own("refused: ").say(&failure.message);
        }
        Verdict::Deferred(failure) => {
            page.own("deferred: ").say(&failure.message);
        }
        Verdict::Failed(failure) => {
            page.own_in(Ink::Wrong, "failed: ").say(failure);
        }
    }
    rename(page, entry, target);
}

/// `+ source → target`.
pub(super) fn head(
    page: &mut Page,
    (ink, mark): (Ink, &'static str),
    entry: &Entry,
    target: &TargetEntry,
    width: usize,
) {
    page.own_in(ink, mark).own(" ").say_padded(&entry.source, width);
    page.own(" → ").say(&target.reference);
}

pub(super) fn mark_of(drift: &Drift) -> (Ink, &'static str) {
    match drift {
        Drift::Absent => (Ink::New, "+"),
        Drift::Stale { .. } | Drift::Incomplete { .. } => (Ink::Changed, "~"),
        Drift::Current { .. } => (Ink::Faint, "="),
        Drift::Refused { .. } => (Ink::Wrong, "!"),
    }
}

fn mark_of_verdict(verdict: &Verdict<'_>) -> (Ink, &'static str) {
    match verdict {
        Verdict::Created | Verdict::Pending => (Ink::New, "+"),
        Verdict::Updated => (Ink::Changed, "~"),
        Verdict::Current => (Ink::Faint, "="),
        Verdict::Refused(_) | Verdict::Deferred(_) | Verdict::Failed(_) => (Ink::Wrong, "!"),
    }
}

fn pin(page: &mut Page, entry: &Entry) {
    match &entry.pin {
        Some(pin) => page.say(pin.digest.short()),
        None => page.own("not asked for"),
    };
    if let Some(pin) = entry.pin.as_ref()
        && pin.at_source() != &pin.digest
    {
        page.own_in(Ink::Faint, ", made of ").say_in(Ink::Faint, pin.at_source().short());
    }
}

/// Of several targets, some may have the source's tag.
fn rename(page: &mut Page, entry: &Entry, target: &TargetEntry) {
    if let Some(Rename { by, from, to: _ }) = &entry.rename
        && target.reference.tag.as_ref() != Some(from)
    {
        let (by, name) = match by {
            RenamedBy::Pattern => ("`rename`", ""),
            RenamedBy::Filter { name } => ("the filter ", name.as_str()),
            RenamedBy::CommandLine => ("the command line", ""),
        };
        page.own_in(Ink::Faint, ", renamed from ").say_in(Ink::Faint, from);
        page.own_in(Ink::Faint, " by ").own_in(Ink::Faint, by);
        if !name.is_empty() {
            page.say_in(Ink::Faint, name);
        }
    }
}
