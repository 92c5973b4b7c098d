//! The end of a run as variables, one `NAME=value` a line: for GitLab's dotenv reports.

use super::exit::{exit_code, result};
use super::run::Run;

/// The variables of a run.
pub fn render(run: &Run) -> String {
    format!("CROSSDOCK_RESULT={}\nCROSSDOCK_EXIT_CODE={}\n", result(run).as_str(), exit_code(run).code())
}
