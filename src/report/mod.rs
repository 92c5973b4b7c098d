//! Reports: what a run tells, in one format a file, and as an exit code. Pure: the caller writes the
//! files, and says when it started and ended.

mod cause;
pub mod codequality;
pub mod dotenv;
mod dropped_text;
pub mod escape;
mod event;
mod exit;
mod failure_text;
mod format;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
pub mod human;
pub mod json;
pub mod jsonl;
pub mod junit;
mod lines;
pub mod markdown;
pub mod openmetrics;
mod paint;
mod place;
pub mod plan_text;
mod run;
#[cfg(any(test, fuzzing))]
#[cfg_attr(not(test), expect(dead_code, unused_imports, reason = "fuzzers need one run, tests need more"))]
pub(crate) mod sample;
pub mod sarif;
mod stamp;
pub mod text;
mod verdict;
pub mod verification;

pub use event::ItemEvent;
pub use exit::{Exit, RunResult, exit_code, result};
pub use format::Format;
pub use json::schema;
pub use lines::item_line;
pub use paint::Detail;
pub use run::{
    Command, CredentialUse, PlanExit, Problem, RateLimit, RegistryUse, Run, Settled, Severity, Signal,
};
pub use verdict::{Counts, Judged, Subject, Verdict};
