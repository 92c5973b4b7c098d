//! Each command as a user sees it: exit codes, both outputs, files, and what was asked of whom.

mod apply;
mod check;
mod collisions;
mod copy;
mod exit_codes;
mod explain;
mod help;
mod init;
mod invalid;
pub(crate) mod pair;
mod plan;
mod policies;
mod report;
mod secrets;
mod setting;
mod stopping;
mod sync;

pub use pair::Pair;
