//! What a pipeline adds to the setting of a run: logins, a spec without a file, colour, and a part of
//! the log that its CI folds.

use super::progress::Screen;
use crate::ci::input::{Inputs, LogLevel};
use crate::ci::{Dialect, Variables, detect};
use crate::colour::Colour;
use crate::spec::RegistryAuth;
use crate::store::registry::Environment;
use crate::stores;
use std::sync::atomic::{AtomicBool, Ordering};
use time::OffsetDateTime;

/// What `crossdock ci` puts into the setting. Empty for every other command.
pub(super) struct Pipeline {
    /// The text of the spec.
    pub(super) spec_text: Option<String>,
    /// Credentials that go before all others.
    pub(super) registry_auth: RegistryAuth,
    /// The token of a GitHub workflow.
    pub(super) github_token: Option<String>,
    /// Colour where nobody said anything and there is no terminal.
    pub(super) colour: Colour,
    /// Who folds the log.
    pub(super) dialect: Option<&'static dyn Dialect>,
    is_open: AtomicBool,
}

/// Shortest secret that the CI is asked to hide: shorter ones would hide half of the log.
const MASKED_CHARS_MIN: usize = 8;
/// The title of the part of the log that is folded.
const TITLE: &str = "crossdock: progress";

impl Default for Pipeline {
    fn default() -> Self {
        Self {
            spec_text: None,
            registry_auth: RegistryAuth::default(),
            github_token: None,
            colour: Colour::Never,
            dialect: None,
            is_open: AtomicBool::new(false),
        }
    }
}

/// Lets the CI hide what nobody may see.
pub(super) fn mask(dialect: &dyn Dialect, variables: &Variables, screen: &Screen, secret: &str) {
    for line in secret.lines().filter(|line| line.chars().count() >= MASKED_CHARS_MIN) {
        if let Some(line) = dialect.mask(line, variables) {
            screen.command(&line);
        }
    }
}

impl Pipeline {
    /// The places for credentials, with those that the pipeline handed in.
    pub(super) fn with_logins(&self, environment: Environment) -> Environment {
        let environment = stores::with_registry_auth(environment, &self.registry_auth);
        match &self.github_token {
            Some(token) => environment.with_github_token(token.clone(), "the input github-token"),
            None => environment,
        }
    }

    /// Begins the part of the log that is folded.
    pub(super) fn open_fold(&self, screen: &Screen) {
        let line = self.dialect.and_then(|dialect| dialect.open(TITLE, now()));
        if let Some(line) = line
            && !self.is_open.swap(true, Ordering::Relaxed)
        {
            screen.heading(&line);
        }
    }

    /// Ends it, if it was begun. What would be empty is not told.
    pub(super) fn close_fold(&self, screen: &Screen) {
        if self.is_open.swap(false, Ordering::Relaxed)
            && screen.take_heading().is_none()
            && let Some(line) = self.dialect.and_then(|dialect| dialect.close(now()))
        {
            screen.command(&line);
        }
    }
}

fn now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

/// How much a pipeline logs: what its input says, else more where its CI is to debug.
pub(super) fn log_level(variables: &Variables) -> LogLevel {
    let (inputs, _) = Inputs::read(variables);
    let switch = detect(variables).dialect().debug_variable();
    let is_debug = switch.is_some_and(|name| variables.says_yes(name));
    inputs.log_level.unwrap_or(if is_debug { LogLevel::Debug } else { LogLevel::Warn })
}
