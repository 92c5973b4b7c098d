//! A run: everything that a report can tell, as plain values. The caller fills it in; nothing here
//! looks at a clock.

use crate::failure::Operation;
use crate::oci::Digest;
use crate::outcome::Outcome;
use crate::plan::{Cost, Dropped, Entry, SpecFacts, Unresolved};
use std::collections::BTreeMap;
use std::time::Duration;
use time::OffsetDateTime;

/// One run of one command, after it ended.
#[derive(Debug, Clone)]
pub struct Run {
    /// The version of crossdock.
    pub tool_version: String,
    /// What tells this run from others.
    pub id: String,
    /// What was run.
    pub command: Command,
    /// When it started.
    pub started_at: OffsetDateTime,
    /// When it ended.
    pub finished_at: OffsetDateTime,
    /// The signal that ended it early.
    pub cancelled: Option<Signal>,
    /// Whether the deadline came before the end.
    pub deadline_hit: bool,
    /// The name of the CI that it ran in.
    pub ci: Option<String>,
    /// The spec; none for a single image that was named on the command line.
    pub spec: Option<SpecFacts>,
    /// What was found, and what became of it; in any order.
    pub entries: Vec<Settled>,
    /// What could not be resolved or observed; in any order.
    pub unresolved: Vec<Unresolved>,
    /// The source tags that filters left out; in any order.
    pub dropped: Vec<Dropped>,
    /// The registries that were spoken to; in any order.
    pub registries: Vec<RegistryUse>,
    /// How many requests were made, retries included.
    pub requests: BTreeMap<Operation, u64>,
    /// What is wrong in the spec, and what is wrong with how the program was called.
    pub problems: Vec<Problem>,
    /// What carrying the plan out costs at most; only `plan` works it out.
    pub cost: Option<Cost>,
}

impl Settled {
    /// An entry of which nothing is done yet, or ever.
    pub fn pending(entry: Entry) -> Self {
        let outcomes = vec![None; entry.targets.len()];
        Self::new(entry, outcomes)
    }

    /// An entry with its outcomes, of which nothing was asked afterwards.
    pub fn new(entry: Entry, outcomes: Vec<Option<Outcome>>) -> Self {
        Self { entry, outcomes, source_after: None }
    }
}

/// An entry and what became of each of its targets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The entry.
    pub entry: Entry,
    /// One for each target, in the same order. None in `plan` and `check`, and for what was not
    /// reached before the run ended.
    pub outcomes: Vec<Option<Outcome>>,
    /// What the source tag named at the end; none where that was not asked, or it named nothing.
    pub source_after: Option<Digest>,
}

/// What was run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// `crossdock plan`.
    Plan {
        /// Whether pending changes show in the exit code.
        exit: PlanExit,
    },
    /// `crossdock apply`.
    Apply,
    /// `crossdock sync`.
    Sync,
    /// `crossdock check`.
    Check,
    /// `crossdock verify`.
    Verify,
    /// `crossdock copy`.
    Copy,
    /// `crossdock lint`.
    Lint,
    /// `crossdock explain`.
    Explain,
    /// `crossdock doctor`.
    Doctor,
    /// `crossdock bundle create`.
    Bundle,
    /// `crossdock inventory`.
    Inventory,
}

/// How `plan` ends when changes are pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanExit {
    /// With 0.
    Plain,
    /// With 2: `--detailed-exitcode`.
    Detailed,
}

/// The signals that end a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT, or Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

/// What one registry was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryUse {
    /// Host and port as in references.
    pub host: String,
    /// Who we were there; none when we were nobody.
    pub credential: Option<CredentialUse>,
    /// Requests, retries included.
    pub requests: u64,
    /// Requests that were made again.
    pub retries: u64,
    /// How often the registry asked us to slow down.
    pub throttled: u64,
    /// What the registry last said about its limit.
    pub rate_limit: Option<RateLimit>,
}

/// Who we were to a registry. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialUse {
    /// Where the credential came from: `spec`, `docker config`, `helper ecr-login`.
    pub source: String,
    /// The user name, where there is one.
    pub user: Option<String>,
}

/// How many requests a registry allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests in one window.
    pub limit: u64,
    /// Requests that are left.
    pub remaining: u64,
    /// The length of the window in seconds, where the registry said so.
    pub window_seconds: Option<u64>,
    /// Requests of those that are left for others.
    pub reserve: u64,
}

/// Something wrong in the spec, as a report tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// What kind of problem it is, stable across versions: the code of `lint`, or [`Problem::USAGE`].
    pub code: String,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The file.
    pub path: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The column in characters, from 1.
    pub column: Option<u32>,
    /// What to do about it.
    pub hint: Option<String>,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is run.
    Error,
    /// The run goes on.
    Warning,
}

impl Command {
    /// The word on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plan { .. } => "plan",
            Self::Apply => "apply",
            Self::Sync => "sync",
            Self::Check => "check",
            Self::Verify => "verify",
            Self::Copy => "copy",
            Self::Lint => "lint",
            Self::Explain => "explain",
            Self::Doctor => "doctor",
            Self::Bundle => "bundle",
            Self::Inventory => "inventory",
        }
    }

    /// Whether it writes to targets.
    pub fn writes(self) -> bool {
        match self {
            Self::Plan { .. }
            | Self::Check
            | Self::Verify
            | Self::Lint
            | Self::Explain
            | Self::Doctor
            | Self::Inventory => false,
            Self::Apply | Self::Sync | Self::Copy | Self::Bundle => true,
        }
    }
}

impl Problem {
    /// The code of what is wrong outside of the text of a spec: a flag, a variable, a file that cannot
    /// be read.
    pub const USAGE: &str = "usage";

    /// An error that has no place in a file.
    pub fn usage(message: impl Into<String>) -> Self {
        let (code, message) = (Self::USAGE.to_owned(), message.into());
        Self { severity: Severity::Error, code, message, path: None, line: None, column: None, hint: None }
    }
}

impl Run {
    /// How long it took; zero when the clock went back meanwhile.
    pub fn duration(&self) -> Duration {
        Duration::try_from(self.finished_at - self.started_at).unwrap_or_default()
    }

    /// The path of the spec, also of one that could not be used.
    pub fn spec_path(&self) -> Option<&str> {
        let of_problems = || self.problems.iter().find_map(|problem| problem.path.as_deref());
        self.spec.as_ref().map(|spec| spec.path.as_str()).or_else(of_problems)
    }

    /// Puts everything in the order of reports, whatever order it was found in.
    pub(crate) fn sorted(&self) -> Sorted<'_> {
        let mut entries: Vec<&Settled> = self.entries.iter().collect();
        entries.sort_by(|one, other| one.entry.in_spec_order(&other.entry));
        let mut unresolved: Vec<&Unresolved> = self.unresolved.iter().collect();
        unresolved.sort_by(|one, other| one.in_spec_order(other));
        let mut dropped: Vec<&Dropped> = self.dropped.iter().collect();
        dropped.sort_by(|one, other| one.in_spec_order(other));
        Sorted { entries, unresolved, dropped }
    }
}

/// What a run found, in the order of the rules in the spec.
pub(crate) struct Sorted<'a> {
    pub(crate) entries: Vec<&'a Settled>,
    pub(crate) unresolved: Vec<&'a Unresolved>,
    pub(crate) dropped: Vec<&'a Dropped>,
}
