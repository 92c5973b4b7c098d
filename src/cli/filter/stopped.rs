//! Why a command about a filter ends before its work is done, and with which code.

use super::told;
use crate::cli::early::Early;
use crate::cli::setting::Setting;
use crate::components::LoadError;
use crate::failure::{Class, Failure};
use crate::filter::{Fault, FilterError};
use crate::report::Exit;
use crate::report::escape::foreign;
use crate::transfer::StopCause;

/// Why a command about a filter ends early.
pub(super) enum Stopped {
    /// How it was called, or a file that it was given, is wrong: one message for each thing.
    Invalid(Vec<String>),
    /// The filter is wrong.
    Filter(Box<FilterError>),
    /// A store could not be asked.
    Store(Box<Failure>),
    /// A file could not be written.
    Unwritten(String),
    /// What is wrong has been said.
    Said(Exit),
    /// A signal came, or the deadline.
    Signal,
}

impl Stopped {
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid(vec![message.into()])
    }

    /// Says it, and gives the code.
    pub(super) fn end(self, setting: &Setting) -> Exit {
        match self {
            Self::Invalid(messages) => {
                messages.iter().for_each(|message| setting.complain(message));
                Exit::Invalid
            }
            Self::Filter(error) => {
                told::say(setting, &error);
                exit_of(error.fault)
            }
            Self::Store(failure) => {
                setting.complain(&failure.to_string());
                if let Some(hint) = &failure.hint {
                    setting.screen.line(&format!("  what to do: {}", foreign(hint)));
                }
                match failure.code.class() {
                    Class::Denied => Exit::Denied,
                    Class::Refused => Exit::Refused,
                    Class::Deferred => Self::Signal.end(setting),
                    Class::Missing | Class::Transient | Class::Corrupt | Class::Other => Exit::Failed,
                }
            }
            Self::Unwritten(message) => {
                setting.complain(&message);
                Exit::Failed
            }
            Self::Said(exit) => exit,
            Self::Signal => match setting.stop.cause() {
                Some(StopCause::Interrupted) => Exit::Interrupted,
                Some(StopCause::Terminated) => Exit::Terminated,
                Some(StopCause::Deadline) | None => Exit::Deferred,
            },
        }
    }
}

/// A filter that cannot be used is an invalid one; one that fails at its work has failed.
fn exit_of(fault: Fault) -> Exit {
    match fault {
        Fault::Limit | Fault::Crash | Fault::Refused | Fault::Answer | Fault::Internal => Exit::Failed,
        _ => Exit::Invalid,
    }
}

impl From<Early> for Stopped {
    fn from(early: Early) -> Self {
        match early {
            Early::Invalid(message) => Self::invalid(message),
            Early::Spec(_) => Self::Said(Exit::Invalid),
            // No command about filters resolves rules.
            Early::Unresolved(_) => Self::Said(Exit::Failed),
        }
    }
}

impl From<Box<FilterError>> for Stopped {
    fn from(error: Box<FilterError>) -> Self {
        Self::Filter(error)
    }
}

impl From<LoadError> for Stopped {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Filter(error) => Self::Filter(error),
            LoadError::Store(failure) => Self::Store(failure),
        }
    }
}

impl From<Box<Failure>> for Stopped {
    fn from(failure: Box<Failure>) -> Self {
        Self::Store(failure)
    }
}
