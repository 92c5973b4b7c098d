//! What the words of the table mean. A word that is none of them is what the default is: it was refused before.

use super::inputs::{Depth, LogLevel, Verb, Verify};
use super::table::{Input, Kind};
use crate::ci::{FailOn, Shown, Summary};

/// The words of an input that is a choice.
pub(super) fn words(name: &str) -> &'static [&'static str] {
    match Input::named(name).map(|input| input.kind) {
        Some(Kind::Choice(words) | Kind::Choices(words)) => words,
        _ => &[],
    }
}

pub(super) fn depth(word: &str) -> Depth {
    match word {
        "content" => Depth::Content,
        _ => Depth::Tags,
    }
}

pub(super) fn verify(word: &str) -> Verify {
    match word {
        "always" => Verify::Always,
        _ => Verify::Never,
    }
}

pub(super) fn verb(word: &str) -> Verb {
    match word {
        "lint" => Verb::Lint,
        "plan" => Verb::Plan,
        "check" => Verb::Check,
        "apply" => Verb::Apply,
        "verify" => Verb::Verify,
        _ => Verb::Sync,
    }
}

pub(super) fn fail_on(word: &str) -> FailOn {
    match word {
        "drift" => FailOn::Drift,
        "partial" => FailOn::Partial,
        "never" => FailOn::Never,
        _ => FailOn::Error,
    }
}

pub(super) fn summary(word: &str) -> Summary {
    match word {
        "always" => Summary::Always,
        "changes" => Summary::Changes,
        "never" => Summary::Never,
        _ => Summary::Auto,
    }
}

pub(super) fn shown(word: &str) -> Shown {
    match word {
        "errors" => Shown::Errors,
        "none" => Shown::None,
        _ => Shown::Auto,
    }
}

pub(super) fn log_level(word: &str) -> LogLevel {
    match word {
        "error" => LogLevel::Error,
        "info" => LogLevel::Info,
        "debug" => LogLevel::Debug,
        "trace" => LogLevel::Trace,
        _ => LogLevel::Warn,
    }
}
