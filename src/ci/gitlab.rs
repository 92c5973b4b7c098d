//! GitLab CI/CD: sections in the log, and a dotenv file, which the pipeline declares as a report.

use super::{Dialect, Stamps, Variables};
use crate::colour::Colour;

/// GitLab CI/CD.
#[derive(Debug)]
pub(super) struct GitLab;

/// The name of our section: letters, digits, `_`, `.` and `-`.
const SECTION: &str = "crossdock_run";
/// Since this version GitLab writes the time before each line.
const STAMPS_SINCE: u32 = 17;

impl Dialect for GitLab {
    fn colour(&self) -> Colour {
        Colour::Always
    }

    fn stamps(&self, variables: &Variables) -> Stamps {
        let major = variables.get("CI_SERVER_VERSION_MAJOR").and_then(|major| major.parse().ok());
        match major.is_some_and(|major: u32| major >= STAMPS_SINCE) {
            true => Stamps::Theirs,
            false => Stamps::Ours,
        }
    }

    fn debug_variable(&self) -> Option<&'static str> {
        Some("CI_DEBUG_TRACE")
    }

    fn open(&self, title: &str, at: i64) -> Option<String> {
        Some(format!("\u{1b}[0Ksection_start:{at}:{SECTION}[collapsed=true]\r\u{1b}[0K{title}"))
    }

    fn close(&self, at: i64) -> Option<String> {
        Some(format!("\u{1b}[0Ksection_end:{at}:{SECTION}\r\u{1b}[0K"))
    }
}
