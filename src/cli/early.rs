//! Runs that end before anybody was contacted: what is said, what the report tells, the exit code.

use super::ending::Ending;
use super::setting::Setting;
use crate::plan::Unresolved;
use crate::report::{Command, Exit, Problem};

/// Why a run ends before it began.
#[derive(Debug)]
pub(super) enum Early {
    /// How the program was called, or a file that it was given, is wrong.
    Invalid(String),
    /// The spec is wrong; its problems have been shown.
    Spec(Vec<Problem>),
    /// Nothing of these rules can be resolved; why has been shown.
    Unresolved(Vec<Unresolved>),
}

impl Early {
    /// Says it, and writes the reports.
    pub(super) fn end(self, setting: &Setting, command: Command) -> Exit {
        let mut unresolved = Vec::new();
        let problems = match self {
            Self::Spec(problems) => problems,
            Self::Unresolved(rules) => {
                unresolved = rules;
                Vec::new()
            }
            Self::Invalid(message) => {
                setting.complain(&message);
                vec![Problem::usage(message)]
            }
        };
        let mut ending = Ending::new(setting, command, None);
        ending.run.problems = problems;
        ending.run.unresolved = unresolved;
        ending.silent()
    }
}
