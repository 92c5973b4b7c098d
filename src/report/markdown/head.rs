//! The first lines of a summary: how the run ended, and what it was about.

use super::words::Code;
use crate::outcome::Tally;
use crate::plan;
use crate::report::exit::{RunResult, result};
use crate::report::human::{Bytes, Count, Elapsed};
use crate::report::run::{Command, Run, Severity, Signal};
use crate::report::text::moved;
use crate::report::verdict::Counts;

/// `Sync: 3 of 42 failed`. Our own words and numbers, nothing else.
pub(super) fn heading(run: &Run, counts: Counts) -> String {
    let of_all = |count: u64, word: &str| format!("{count} of {} {word}", total(counts));
    let said = match result(run) {
        RunResult::Cancelled => match run.cancelled {
            Some(Signal::Terminate) => "stopped by SIGTERM".to_owned(),
            Some(Signal::Interrupt) | None => "stopped by SIGINT".to_owned(),
        },
        RunResult::Invalid => {
            let errors = run.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
            format!("not started, {}", Count(errors as u64, "problem"))
        }
        RunResult::Failed | RunResult::Partial => of_all(counts.failed, "failed"),
        RunResult::Denied => of_all(counts.failed, "denied"),
        RunResult::Refused => of_all(counts.refused, "refused"),
        RunResult::Deferred => of_all(counts.deferred, "left for the next run"),
        RunResult::Changed => format!("{} created, {} updated", counts.created, counts.updated),
        RunResult::Drift | RunResult::Ok if counts.pending > 0 => pending(run),
        RunResult::Drift | RunResult::Ok => match (run.command, run.problems.is_empty()) {
            (Command::Lint, true) => "no problems".to_owned(),
            (Command::Lint, false) => Count(run.problems.len() as u64, "warning").to_string(),
            (Command::Explain | Command::Doctor | Command::Inventory, _) => "done".to_owned(),
            _ => "nothing to change".to_owned(),
        },
    };
    format!("{}: {said}", title(run.command))
}

/// What the run was about, in one line.
pub(super) fn facts(run: &Run, counts: Counts) -> String {
    let mut facts = Vec::new();
    if let Some(path) = run.spec_path() {
        facts.push(Code(path).to_string());
    }
    if total(counts) > 0 {
        facts.push(Count(total(counts), "target tag").to_string());
    }
    facts.push(Elapsed(run.duration()).to_string());
    let Tally { bytes_copied, bytes_mounted, bytes_present, .. } = moved(&run.verdicts().collect::<Vec<_>>());
    if run.command.writes() && counts.created + counts.updated > 0 {
        facts.push(format!("{} copied", Bytes(bytes_copied)));
        facts.push(format!("{} mounted or present", Bytes(bytes_mounted + bytes_present)));
    }
    if let Some(cost) = run.cost.filter(|_| counts.pending > 0) {
        facts.push(format!("{} to copy at most", Bytes(cost.bytes_max)));
    }
    format!("{}. crossdock {}", facts.join(", "), Code(&run.tool_version))
}

/// Why it ended before it was done.
pub(super) fn stopped(run: &Run) -> Option<&'static str> {
    match (run.cancelled, run.deadline_hit) {
        (Some(_), _) => Some("It was stopped by a signal. Run again to go on."),
        (None, true) => Some("It was stopped at the deadline. Run again to go on."),
        (None, false) => None,
    }
}

/// How many target tags ended how.
pub(super) fn counted(run: &Run, counts: Counts) -> String {
    let Counts { created, updated, current, refused, deferred, failed, pending: _, dropped } = counts;
    let mut parts = match run.command.writes() {
        true => vec![format!("{created} created"), format!("{updated} updated")],
        false => vec![pending(run)],
    };
    parts.extend([format!("{current} current"), format!("{refused} refused")]);
    if run.command.writes() || deferred > 0 {
        parts.push(format!("{deferred} deferred"));
    }
    parts.push(format!("{failed} failed"));
    if dropped > 0 {
        parts.push(format!("{dropped} dropped by filters"));
    }
    format!("{}.", parts.join(", "))
}

fn pending(run: &Run) -> String {
    let plan::Counts { create, update, .. } =
        plan::Counts::of(run.entries.iter().map(|settled| &settled.entry), &[]);
    match run.command {
        Command::Check | Command::Verify => format!("{create} absent, {update} stale"),
        _ => format!("{create} to create, {update} to update"),
    }
}

fn total(counts: Counts) -> u64 {
    let Counts { created, updated, current, refused, deferred, failed, pending, dropped: _ } = counts;
    created + updated + current + refused + deferred + failed + pending
}

fn title(command: Command) -> &'static str {
    match command {
        Command::Plan { .. } => "Plan",
        Command::Apply => "Apply",
        Command::Sync => "Sync",
        Command::Check => "Check",
        Command::Verify => "Verify",
        Command::Copy => "Copy",
        Command::Lint => "Lint",
        Command::Explain => "Explain",
        Command::Doctor => "Doctor",
        Command::Bundle => "Bundle",
        Command::Inventory => "Inventory",
    }
}
