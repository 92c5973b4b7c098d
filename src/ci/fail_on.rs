//! `fail-on`: which exit codes make a part of a pipeline red. The outputs tell the code in any case.

use crate::report::{Command, Exit};

/// What makes a step red.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FailOn {
    /// What went wrong, and what a `check` found.
    #[default]
    Error,
    /// That, and changes that a plan shows.
    Drift,
    /// What went wrong, and what was left for the next run.
    Partial,
    /// Nothing but wrong inputs and signals.
    Never,
}

/// What a pipeline sees of the end of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Light {
    /// It goes on.
    Green,
    /// It is told so with this code.
    Red(Exit),
}

impl FailOn {
    /// The end of `command` as the pipeline sees it. A signal always shows: the pipeline sent it.
    pub fn step(self, command: Command, exit: Exit) -> Light {
        let red = match exit {
            Exit::Ok => false,
            Exit::Interrupted | Exit::Terminated => true,
            Exit::Failed | Exit::Partial | Exit::Invalid | Exit::Denied | Exit::Refused => {
                self != Self::Never
            }
            Exit::Drift => match self {
                Self::Drift => true,
                Self::Error | Self::Partial => matches!(command, Command::Check | Command::Verify),
                Self::Never => false,
            },
            Exit::Deferred => self == Self::Partial,
        };
        if red { Light::Red(exit) } else { Light::Green }
    }
}

impl Light {
    /// What the process ends with.
    pub fn exit(self) -> Exit {
        match self {
            Self::Green => Exit::Ok,
            Self::Red(exit) => exit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::PlanExit;

    #[test]
    fn each_choice_hides_what_it_says_and_nothing_else() {
        use Exit::*;
        let all = [Ok, Failed, Drift, Partial, Invalid, Denied, Refused, Deferred, Interrupted, Terminated];
        let red = |fail_on: FailOn, command| -> Vec<u8> {
            let codes = all.map(|exit| fail_on.step(command, exit).exit().code());
            codes.into_iter().filter(|code| *code != 0).collect()
        };
        let plan = Command::Plan { exit: PlanExit::Detailed };
        assert_eq!(red(FailOn::Error, Command::Sync), [1, 3, 4, 5, 6, 130, 143]);
        assert_eq!(red(FailOn::Error, plan), [1, 3, 4, 5, 6, 130, 143]);
        assert_eq!(red(FailOn::Error, Command::Check), [1, 2, 3, 4, 5, 6, 130, 143]);
        assert_eq!(red(FailOn::Drift, plan), [1, 2, 3, 4, 5, 6, 130, 143]);
        assert_eq!(red(FailOn::Partial, Command::Sync), [1, 3, 4, 5, 6, 7, 130, 143]);
        assert_eq!(red(FailOn::Never, Command::Check), [130, 143]);
    }
}
