//! Why a file is not a plan that can be carried out: the place, the cause, the next step.

use super::{KIND, VERSION};
use std::fmt;

/// Why a file is not a plan that can be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanFileError {
    /// The file is larger than [`super::BYTES_MAX`].
    TooLarge,
    /// It is not JSON.
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column in bytes, from 1.
        column: usize,
        /// What is wrong there.
        cause: String,
    },
    /// It is JSON of another kind.
    OtherKind {
        /// What its `kind` says, if anything.
        found: Option<String>,
    },
    /// It has a version that this program does not read.
    OtherVersion {
        /// What its `schemaVersion` says.
        found: String,
        /// The version of the program that wrote it, if it says so.
        written_by: Option<String>,
    },
    /// A key is missing, unknown, or has a value of the wrong type.
    Shape {
        /// The line, from 1.
        line: usize,
        /// The column in bytes, from 1.
        column: usize,
        /// What is wrong there.
        cause: String,
    },
    /// A value is not what it should be.
    Value {
        /// Where: `entries[3].source.digest`.
        path: String,
        /// The value, cut to a readable length.
        value: String,
        /// Why it cannot be that.
        cause: String,
    },
}

impl fmt::Display for PlanFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let again = "make the plan again with `crossdock plan -o`";
        match self {
            Self::TooLarge => {
                write!(
                    f,
                    "the plan is larger than {} MiB; split the spec, or use `--only`",
                    super::BYTES_MAX >> 20
                )
            }
            Self::NotJson { line, column, cause } => {
                write!(f, "not JSON: line {line}, column {column}: {cause}; {again}")
            }
            Self::OtherKind { found: None } => {
                write!(f, "not a plan: it has no `kind`, which would be {KIND:?}; {again}")
            }
            Self::OtherKind { found: Some(found) } => {
                write!(f, "not a plan: its `kind` is {found:?}, not {KIND:?}; {again}")
            }
            Self::OtherVersion { found, written_by } => {
                let (major, minor) = VERSION;
                write!(f, "the plan has format {found:?}, and this program reads {major}.{minor}; {again}")?;
                match written_by {
                    Some(version) => write!(f, ", or apply it with crossdock {version:?}, which wrote it"),
                    None => Ok(()),
                }
            }
            Self::Shape { line, column, cause } => {
                write!(f, "not a plan: line {line}, column {column}: {cause}; {again}")
            }
            Self::Value { path, value, cause } => {
                write!(f, "`{path}` is {value:?}: {cause}; {again}")
            }
        }
    }
}

impl std::error::Error for PlanFileError {}
