//! Exit codes: the one place that decides how a run ends. Decides only; ends nothing.

use super::run::{Command, PlanExit, Run, Severity, Signal};
use super::verdict::{Counts, Verdict};
use crate::failure::Class;

/// How the program ends. The numbers are part of the public surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Converged; nothing wrong.
    Ok = 0,
    /// Nothing succeeded, or an internal error.
    Failed = 1,
    /// Changes are pending, and the user asked to be told so.
    Drift = 2,
    /// Some mappings failed; the rest is done.
    Partial = 3,
    /// Usage, spec or filter: nothing was contacted.
    Invalid = 4,
    /// Authentication or authorisation is the only kind of failure.
    Denied = 5,
    /// A policy stop, or a plan gone stale.
    Refused = 6,
    /// The deadline or a quota was reached: a clean stop, run again to go on.
    Deferred = 7,
    /// SIGINT.
    Interrupted = 130,
    /// SIGTERM.
    Terminated = 143,
}

impl Exit {
    /// The code that the process ends with.
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// How a run ended, in one word. The words are part of the public surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunResult {
    /// Nothing was wrong, and nothing was written.
    Ok,
    /// Nothing was wrong, and something was written.
    Changed,
    /// Something failed, and nothing succeeded.
    Failed,
    /// Changes are pending, and the user asked to be told so.
    Drift,
    /// Something failed; the rest is done.
    Partial,
    /// The usage, the spec or a filter is wrong.
    Invalid,
    /// Every failure is one of credentials.
    Denied,
    /// Something was refused.
    Refused,
    /// Something was left for the next run.
    Deferred,
    /// A signal ended the run.
    Cancelled,
}

impl RunResult {
    /// The word, as in the report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Changed => "changed",
            Self::Failed => "failed",
            Self::Drift => "drift",
            Self::Partial => "partial",
            Self::Invalid => "invalid",
            Self::Denied => "denied",
            Self::Refused => "refused",
            Self::Deferred => "deferred",
            Self::Cancelled => "cancelled",
        }
    }
}

/// How a run ended, in one word.
pub fn result(run: &Run) -> RunResult {
    match exit_code(run) {
        Exit::Ok => match Counts::of(run) {
            Counts { created: 0, updated: 0, .. } => RunResult::Ok,
            Counts { .. } => RunResult::Changed,
        },
        Exit::Failed => RunResult::Failed,
        Exit::Drift => RunResult::Drift,
        Exit::Partial => RunResult::Partial,
        Exit::Invalid => RunResult::Invalid,
        Exit::Denied => RunResult::Denied,
        Exit::Refused => RunResult::Refused,
        Exit::Deferred => RunResult::Deferred,
        Exit::Interrupted | Exit::Terminated => RunResult::Cancelled,
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// How a run ends. Where several apply, the first of these wins:
///
/// 1. **130, 143**: a signal came. Whatever else happened, the run was not allowed to end by itself.
/// 2. **4 invalid**: the spec, a filter or the usage has an error; nothing was contacted.
/// 3. **5 denied**: something failed, and every failure is one of credentials. It comes before
///    *partial* and *failed*, since it needs another cure than running again.
/// 4. **3 partial**: something failed, and something else succeeded (was written, is current, or,
///    in `plan` and `check`, was compared).
/// 5. **1 failed**: something failed, and nothing succeeded.
/// 6. **6 refused**: nothing failed, but something was refused, and stays so until a person decides.
/// 7. **7 deferred**: nothing failed or was refused, but something was left for the next run.
/// 8. **2 drift**: all is well, and changes are pending: in `check` and `verify`, and in `plan` where that was
///    asked for.
/// 9. **0 ok**.
pub fn exit_code(run: &Run) -> Exit {
    match run.cancelled {
        Some(Signal::Interrupt) => return Exit::Interrupted,
        Some(Signal::Terminate) => return Exit::Terminated,
        None => (),
    }
    if run.problems.iter().any(|problem| problem.severity == Severity::Error) {
        return Exit::Invalid;
    }
    let Counts { created, updated, current, refused, deferred, failed, pending, dropped: _ } =
        Counts::of(run);
    if failed > 0 {
        let only_denied = run.verdicts().all(|tag| match tag.verdict {
            Verdict::Failed(failure) => failure.code.class() == Class::Denied,
            _ => true,
        });
        let succeeded = created + updated + current + pending;
        return match (only_denied, succeeded) {
            (true, _) => Exit::Denied,
            (false, 0) => Exit::Failed,
            (false, _) => Exit::Partial,
        };
    }
    if refused > 0 {
        return Exit::Refused;
    }
    if deferred > 0 || run.deadline_hit {
        return Exit::Deferred;
    }
    match run.command {
        Command::Check | Command::Verify | Command::Plan { exit: PlanExit::Detailed } if pending > 0 => {
            Exit::Drift
        }
        _ => Exit::Ok,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn exit(command: Command, letters: &str) -> Exit {
        exit_code(&sample::of(command, letters))
    }

    #[test]
    fn the_first_rule_that_applies_decides() {
        let table = [
            ("", Exit::Ok),
            ("+=w", Exit::Ok),
            ("+=f", Exit::Partial),
            ("=u", Exit::Partial),
            ("f", Exit::Failed),
            ("u", Exit::Failed),
            ("fd!", Exit::Failed),
            ("fa", Exit::Failed),
            ("+fa", Exit::Partial),
            ("a", Exit::Denied),
            ("+=aA", Exit::Denied),
            ("+a!d", Exit::Denied),
            ("+!", Exit::Refused),
            ("+S", Exit::Refused),
            ("!dD", Exit::Refused),
            ("+!f", Exit::Partial),
            ("+d", Exit::Deferred),
            ("=D", Exit::Deferred),
            ("P", Exit::Invalid),
            ("Pf", Exit::Invalid),
            ("PI", Exit::Interrupted),
            ("+fa!dDT", Exit::Terminated),
        ];
        for (letters, expected) in table {
            assert_eq!(exit(Command::Sync, letters), expected, "{letters}");
        }
    }

    #[test]
    fn pending_changes_are_drift_only_for_who_asked() {
        let (plain, detailed) =
            (Command::Plan { exit: PlanExit::Plain }, Command::Plan { exit: PlanExit::Detailed });
        assert_eq!(exit(Command::Check, "=?"), Exit::Drift);
        assert_eq!(exit(detailed, "=?"), Exit::Drift);
        assert_eq!(exit(plain, "=?"), Exit::Ok);
        assert_eq!(exit(Command::Check, "=="), Exit::Ok);
        assert_eq!(exit(Command::Check, "?u"), Exit::Partial);
        assert_eq!(exit(Command::Check, "?!"), Exit::Refused);
    }

    #[test]
    fn a_tag_without_an_outcome_is_our_mistake_unless_the_run_was_cut_short() {
        assert_eq!(exit(Command::Sync, "+?"), Exit::Partial);
        assert_eq!(exit(Command::Sync, "+?D"), Exit::Deferred);
        assert_eq!(exit(Command::Sync, "+?I"), Exit::Interrupted);
    }

    #[test]
    fn the_numbers_are_the_published_ones() {
        use Exit::*;
        let all = [Ok, Failed, Drift, Partial, Invalid, Denied, Refused, Deferred, Interrupted, Terminated];
        assert_eq!(all.map(Exit::code), [0, 1, 2, 3, 4, 5, 6, 7, 130, 143]);
    }
}
