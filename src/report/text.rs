//! The end of a run for people: what changed, what went wrong and why, and one line that can be
//! grepped for. A run that changes nothing has exactly three lines.

use super::failure_text;
use super::human::{Bytes, Elapsed};
use super::lines;
use super::paint::{Detail, Ink, Page};
use super::plan_text;
use super::run::{Command, Run, Signal};
use super::verdict::{Counts, Judged, Subject, Verdict};
use crate::colour::Colour;
use crate::outcome::Tally;
use crate::plan;

/// The text of a run that has ended. `files` are the paths of the reports that were written.
///
/// For `plan` and `check` it lists the drift, for everything else what became of it. `plan` itself
/// has [`plan_text::render`], which knows what it costs.
pub fn render(run: &Run, files: &[&str], detail: Detail, colour: Colour) -> String {
    let mut page = Page::new(colour);
    match run.command.writes() {
        true => outcomes(&mut page, run, detail),
        false => drifts(&mut page, run, detail),
    }
    footer(&mut page, run, files);
    page.into_text()
}

fn drifts(page: &mut Page, run: &Run, detail: Detail) {
    let sorted = run.sorted();
    let entries: Vec<&plan::Entry> = sorted.entries.iter().map(|settled| &settled.entry).collect();
    let dropped = match detail {
        Detail::All => sorted.dropped.as_slice(),
        Detail::Changes => &[],
    };
    let unchanged = plan_text::drifts(page, &entries, &sorted.unresolved, dropped, detail);
    let examined: Vec<Judged<'_>> = run.verdicts().filter(is_examined).collect();
    if let (Some(current), true) = (unchanged, examined.is_empty()) {
        plan_text::unchanged(page, current);
    }
    failure_text::failures(page, &examined, detail);
    stopped(page, run);
    let plan::Counts { create, update, .. } = plan::Counts::of(entries.iter().copied(), &[]);
    let Counts { current, refused, deferred, failed, .. } = Counts::of(run);
    page.own_in(Ink::Strong, title(run.command)).own(" ").say(create).own(" absent, ").say(update);
    page.own(" stale, ").say(current).own(" current, ").say(refused).own(" refused");
    if deferred > 0 {
        page.own(", ").say(deferred).own(" deferred");
    }
    if failed > 0 {
        page.own(", ").say(failed).own(" failed");
    }
    page.own(", in ").say(Elapsed(run.duration())).own(".").end();
}

/// Whether it has an outcome although nothing was written: what it names was looked at closely.
fn is_examined(judged: &Judged<'_>) -> bool {
    matches!(judged.subject, Subject::Target { outcome: Some(_), .. })
}

fn outcomes(page: &mut Page, run: &Run, detail: Detail) {
    let judged: Vec<Judged<'_>> = run.verdicts().collect();
    changed(page, &judged, detail);
    failure_text::failures(page, &judged, detail);
    let Counts { created, updated, current, refused, deferred, failed, .. } = Counts::of(run);
    if created + updated + refused + deferred + failed == 0 {
        plan_text::unchanged(page, current);
    }
    stopped(page, run);
    let tally = moved(&judged);
    page.own_in(Ink::Strong, title(run.command)).own(" ").say(created).own(" created, ").say(updated);
    page.own(" updated, ").say(current).own(" current, ").say(refused).own(" refused, ").say(deferred);
    page.own(" deferred, ").say(failed).own(" failed. ").say(Bytes(tally.bytes_copied)).own(" copied, ");
    page.say(Bytes(tally.bytes_mounted + tally.bytes_present)).own(" mounted or present, in ");
    page.say(Elapsed(run.duration())).own(".").end();
}

fn changed(page: &mut Page, judged: &[Judged<'_>], detail: Detail) {
    let mut changed = Vec::new();
    for Judged { subject, verdict } in judged {
        match (verdict, subject) {
            (
                Verdict::Created | Verdict::Updated,
                Subject::Target { entry, target, outcome: Some(outcome), .. },
            ) => {
                changed.push((*entry, *target, Some(*outcome)));
            }
            (Verdict::Current, Subject::Target { entry, target, .. }) if detail == Detail::All => {
                changed.push((*entry, *target, None));
            }
            _ => (),
        }
    }
    let width = lines::source_width(changed.iter().map(|(entry, ..)| *entry));
    for (entry, target, outcome) in changed {
        page.own("  ");
        match outcome {
            Some(outcome) => lines::outcome_line(page, entry, target, outcome, width),
            None => lines::head(page, (Ink::Faint, "="), entry, target, width),
        }
        page.end();
    }
}

/// What moved in all outcomes together.
pub(super) fn moved(judged: &[Judged<'_>]) -> Tally {
    let mut sum = Tally::default();
    for Judged { subject, .. } in judged {
        let Subject::Target { outcome: Some(outcome), .. } = subject else { continue };
        sum += outcome.tally;
    }
    sum
}

fn stopped(page: &mut Page, run: &Run) {
    let words = match (run.cancelled, run.deadline_hit) {
        (Some(Signal::Interrupt), _) => "Stopped by SIGINT. Run again to go on.",
        (Some(Signal::Terminate), _) => "Stopped by SIGTERM. Run again to go on.",
        (None, true) => "Stopped at the deadline. Run again to go on.",
        (None, false) => return,
    };
    page.own_in(Ink::Changed, words).end();
}

fn footer(page: &mut Page, run: &Run, files: &[&str]) {
    let requests: u64 = run.requests.values().sum();
    page.own("Requests: ").say(requests).own(" to ");
    match run.registries.len() {
        1 => page.own("1 registry"),
        count => page.say(count).own(" registries"),
    };
    let retries: u64 = run.registries.iter().map(|registry| registry.retries).sum();
    if retries > 0 {
        page.own(", ").say(retries).own(" of them repeated");
    }
    page.own(".");
    for (at, file) in files.iter().enumerate() {
        page.own(if at == 0 { " Report: " } else { ", " }).say(file);
    }
    page.end();
}

fn title(command: Command) -> &'static str {
    match command {
        Command::Plan { .. } => "Plan:",
        Command::Apply => "Apply:",
        Command::Sync => "Sync:",
        Command::Check => "Check:",
        Command::Verify => "Verify:",
        Command::Copy => "Copy:",
        Command::Lint => "Lint:",
        Command::Explain => "Explain:",
        Command::Doctor => "Doctor:",
        Command::Bundle => "Bundle:",
        Command::Inventory => "Inventory:",
    }
}

#[cfg(test)]
mod tests;
