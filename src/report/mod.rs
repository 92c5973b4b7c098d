//! Reports: what a run tells, as JSON, as text and as an exit code. Pure: the caller writes the
//! files, and says when it started and ended.

pub mod dotenv;
pub mod escape;
mod exit;
mod failure_text;
pub mod human;
pub mod json;
mod lines;
pub mod markdown;
mod paint;
pub mod plan_text;
mod run;
#[cfg(test)]
pub(crate) mod sample;
pub mod text;
mod verdict;

pub use exit::{Exit, RunResult, exit_code, result};
pub use json::schema;
pub use lines::item_line;
pub use paint::Detail;
pub use run::{
    Command, CredentialUse, PlanExit, Problem, RateLimit, RegistryUse, Run, Settled, Severity, Signal,
};
pub use verdict::{Counts, Judged, Subject, Verdict};
