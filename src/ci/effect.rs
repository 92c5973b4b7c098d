//! What a CI is to be told, as something that the caller does. Does nothing itself.

use std::path::PathBuf;

/// One thing to do for a CI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Print a line that the CI reads as a command, or that people read: as it is.
    Line(String),
    /// Append to a file that the CI named. It may hold what others wrote.
    Append {
        /// The file.
        path: PathBuf,
        /// What is appended, with line ends.
        text: String,
    },
    /// Write a file that is ours alone, whole.
    Write {
        /// The file.
        path: PathBuf,
        /// All of it.
        text: String,
    },
    /// Run a program of the CI, where it is on the search path. Its failure is none of the run.
    Run {
        /// Its name.
        program: &'static str,
        /// Its arguments; no secrets are among them.
        arguments: Vec<String>,
        /// What it reads on stdin.
        input: String,
    },
}
