//! Verdicts: what a report says of each target tag, whether it was written, compared or not reached.

use super::run::{Run, Settled};
use crate::failure::{Class, Code, Failure, Operation, Side};
use crate::oci::Digest;
use crate::outcome::{Done, Outcome};
use crate::plan::{Drift, Entry, TargetEntry, Unresolved};
use std::borrow::Cow;

/// What a report says of one target tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// The tag is new.
    Created,
    /// The tag named another manifest before.
    Updated,
    /// The tag is as it shall be.
    Current,
    /// Would be written; only in `plan` and `check`.
    Pending,
    /// Not touched, by policy or because a plan went stale.
    Refused(Cow<'a, Failure>),
    /// Left for the next run.
    Deferred(Cow<'a, Failure>),
    /// It went wrong.
    Failed(Cow<'a, Failure>),
}

/// One target tag, or one mapping that has none yet.
#[derive(Debug, Clone)]
pub struct Judged<'a> {
    /// What it is about.
    pub subject: Subject<'a>,
    /// What came of it.
    pub verdict: Verdict<'a>,
}

/// What a verdict is about.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// A target of an entry.
    Target {
        /// The entry.
        entry: &'a Entry,
        /// Its target.
        target: &'a TargetEntry,
        /// What became of it.
        outcome: Option<&'a Outcome>,
        /// What the source tag named at the end, where that was asked.
        source_after: Option<&'a Digest>,
    },
    /// A mapping that did not become an entry.
    Unresolved(&'a Unresolved),
}

/// How many verdicts of each kind a run has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Target tags that are new.
    pub created: u64,
    /// Target tags that named another manifest before.
    pub updated: u64,
    /// Target tags that are as they shall be.
    pub current: u64,
    /// Target tags that were not touched.
    pub refused: u64,
    /// Target tags and mappings that are left for the next run.
    pub deferred: u64,
    /// Target tags and mappings that went wrong.
    pub failed: u64,
    /// Target tags that would be written; only in `plan` and `check`.
    pub pending: u64,
    /// Source tags that filters left out.
    pub dropped: u64,
}

impl Counts {
    /// Counts the verdicts of a run.
    pub fn of(run: &Run) -> Self {
        let mut counts = Self { dropped: run.dropped.len() as u64, ..Self::default() };
        for judged in run.verdicts() {
            *match judged.verdict {
                Verdict::Created => &mut counts.created,
                Verdict::Updated => &mut counts.updated,
                Verdict::Current => &mut counts.current,
                Verdict::Pending => &mut counts.pending,
                Verdict::Refused(_) => &mut counts.refused,
                Verdict::Deferred(_) => &mut counts.deferred,
                Verdict::Failed(_) => &mut counts.failed,
            } += 1;
        }
        counts
    }
}

impl Run {
    /// A verdict on every target tag and every unresolved mapping, in the order of reports.
    pub fn verdicts(&self) -> impl Iterator<Item = Judged<'_>> {
        let sorted = self.sorted();
        let entries = sorted.entries.into_iter().flat_map(|settled| self.judge_entry(settled));
        let unresolved = sorted.unresolved.into_iter().map(|unresolved| Judged {
            subject: Subject::Unresolved(unresolved),
            verdict: Verdict::of_unresolved(&unresolved.failure),
        });
        entries.chain(unresolved)
    }

    pub(super) fn judge_entry<'a>(
        &'a self,
        Settled { entry, outcomes, source_after }: &'a Settled,
    ) -> impl Iterator<Item = Judged<'a>> {
        entry.targets.iter().enumerate().map(move |(at, target)| {
            let outcome = outcomes.get(at).and_then(Option::as_ref);
            let verdict = match outcome {
                Some(outcome) => Verdict::of(&outcome.result),
                None => self.without_outcome(target),
            };
            let source_after = source_after.as_ref();
            Judged { subject: Subject::Target { entry, target, outcome, source_after }, verdict }
        })
    }

    fn without_outcome<'a>(&self, target: &'a TargetEntry) -> Verdict<'a> {
        match &target.drift {
            Drift::Current { .. } => Verdict::Current,
            Drift::Refused { reason, .. } => Verdict::Refused(Cow::Owned(*reason.failure(&target.reference))),
            Drift::Absent | Drift::Stale { .. } | Drift::Incomplete { .. } if !self.command.writes() => {
                Verdict::Pending
            }
            Drift::Absent | Drift::Stale { .. } | Drift::Incomplete { .. } => {
                let failure = |code, message| {
                    let repository = &target.reference.repository;
                    Failure::new(code, repository, Operation::ManifestPut, message).on(Side::Target)
                };
                let (code, message) = match (self.cancelled, self.deadline_hit) {
                    (Some(_), _) => (Code::Cancelled, "not reached before the signal"),
                    (None, true) => (Code::Deadline, "not reached before the deadline"),
                    (None, false) => {
                        let failure = failure(Code::Internal, "nothing was recorded for this target tag");
                        return Verdict::Failed(Cow::Owned(*failure.hint("please report this as a bug")));
                    }
                };
                Verdict::Deferred(Cow::Owned(*failure(code, message).hint("run again to go on")))
            }
        }
    }
}

impl<'a> Verdict<'a> {
    /// What an outcome amounts to.
    pub fn of(done: &'a Done) -> Self {
        match done {
            Done::Created => Self::Created,
            Done::Updated => Self::Updated,
            Done::Current => Self::Current,
            Done::Refused(failure) => Self::Refused(Cow::Borrowed(failure)),
            Done::Deferred(failure) => Self::Deferred(Cow::Borrowed(failure)),
            Done::Failed(failure) => Self::Failed(Cow::Borrowed(failure)),
        }
    }

    /// What the failure of an unresolved mapping amounts to.
    pub fn of_unresolved(failure: &'a Failure) -> Self {
        let class = failure.code.class();
        let failure = Cow::Borrowed(failure);
        match class {
            Class::Refused => Self::Refused(failure),
            Class::Deferred => Self::Deferred(failure),
            Class::Denied | Class::Missing | Class::Transient | Class::Corrupt | Class::Other => {
                Self::Failed(failure)
            }
        }
    }

    /// What a report says as `outcome`; none for what is pending.
    pub fn word(&self) -> Option<&'static str> {
        match self {
            Self::Created => Some("created"),
            Self::Updated => Some("updated"),
            Self::Current => Some("current"),
            Self::Pending => None,
            Self::Refused(_) => Some("refused"),
            Self::Deferred(_) => Some("deferred"),
            Self::Failed(_) => Some("failed"),
        }
    }

    /// What went wrong, if anything.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Created | Self::Updated | Self::Current | Self::Pending => None,
            Self::Refused(failure) | Self::Deferred(failure) | Self::Failed(failure) => Some(failure),
        }
    }
}
