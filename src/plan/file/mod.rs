//! The saved plan: versioned JSON that `apply` carries out to the letter. Pure: bytes in, bytes out.
//!
//! It has no time, no host name and no value of a variable in it: the same plan gives the same
//! bytes, and a plan may be published as an artifact of a CI run.

mod error;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod lacking;
mod made;
mod read;
mod shape;
#[cfg(test)]
mod tests;
mod write;

pub use error::PlanFileError;

use super::{Plan, SpecFacts};

/// What `kind` says in a saved plan.
pub const KIND: &str = "crossdock.plan";
/// The version of the format that is written, and the newest that is read.
pub const VERSION: (u32, u32) = (1, 2);
/// Largest file that is read, in bytes: about a million entries. Check it before reading the file.
pub const BYTES_MAX: u64 = 512 << 20;

/// A plan with what it was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFile {
    /// The version of the crossdock that made the plan.
    pub tool_version: String,
    /// The spec; none for a single image that was named on the command line.
    pub spec: Option<SpecFacts>,
    /// The plan.
    pub plan: Plan,
}

impl PlanFile {
    /// The JSON of the file, with a line feed at the end.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(&write::shape_of(self))
            .expect("text, numbers and lists always serialise");
        text.push('\n');
        text
    }

    /// Reads a file that may come from anywhere.
    ///
    /// # Errors
    /// What is not a plan, is a plan of a newer format, or has a value that is not what it should
    /// be. Unknown keys are errors too: they could mean something that must not be skipped.
    pub fn from_json(bytes: &[u8]) -> Result<Self, PlanFileError> {
        read::parse(bytes)
    }
}

/// The JSON Schema (draft-07) of a saved plan.
pub fn schema() -> serde_json::Value {
    schemars::generate::SchemaSettings::draft07()
        .into_generator()
        .into_root_schema_for::<shape::File>()
        .to_value()
}
