//! `crossdock lint`: checks the spec. Touches nothing but the file.

use super::ending::Ending;
use super::given::given;
use super::setting::Setting;
use crate::report::{Command, Exit};

/// Checks the spec and says what is wrong with it.
pub(super) fn lint(setting: &Setting) -> Exit {
    let given = match given(setting) {
        Ok(given) => given,
        Err(early) => return early.end(setting, Command::Lint),
    };
    let rules = given.spec.mirrors.len();
    let plural = if rules == 1 { "" } else { "s" };
    setting.print(&format!("{}: {rules} rule{plural}, no problems.\n", given.facts.path));
    let mut ending = Ending::new(setting, Command::Lint, Some(given.facts));
    ending.run.problems = given.warnings;
    ending.silent()
}
