//! The environment, as it was handed in. Never reads the real one, and never shows a value.

use super::logins::Logins;
use crate::oci::Registry;
use crate::store::registry::{CredentialSettings, Scope};
use std::collections::BTreeMap;
use std::env::{consts::EXE_SUFFIX, split_paths};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

/// The variables in which credentials, and the programs that keep them, are looked for. An empty
/// variable is an unset one. And the logins that whoever runs us hands in.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    pub(super) logins: Logins,
}

impl Environment {
    /// An environment of these variables, such as `std::env::vars_os()`.
    pub fn of<N: Into<OsString>, V: Into<OsString>>(variables: impl IntoIterator<Item = (N, V)>) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self { variables: variables.collect(), logins: Logins::default() }
    }

    /// Adds a login that goes before the spec and before every place. `place` completes the phrase
    /// "from …".
    pub fn with_login(mut self, scope: Scope, settings: CredentialSettings, place: &'static str) -> Self {
        self.logins.add_first(scope, settings, place);
        self
    }

    /// Adds a login for `registry` that is used where neither the spec nor any place has one.
    pub fn with_last_resort(
        mut self,
        registry: Registry,
        username: String,
        password: String,
        place: &'static str,
    ) -> Self {
        let settings = CredentialSettings::Password { username, password: password.into() };
        self.logins.add_last(Scope { registry, prefix: None }, settings, place);
        self
    }

    /// The value of a variable.
    pub(super) fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// The path that a variable holds.
    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }

    /// The home directory.
    pub(super) fn home(&self) -> Option<PathBuf> {
        self.path("HOME").or_else(|| self.path("USERPROFILE"))
    }

    /// A program on the search path. Relative directories in it are passed over: what lies in the
    /// directory that we happen to run in is not ours to start.
    pub(super) fn program(&self, name: &str) -> Option<PathBuf> {
        let file = format!("{name}{EXE_SUFFIX}");
        split_paths(self.get("PATH")?)
            .filter(|directory| directory.is_absolute())
            .map(|directory| directory.join(&file))
            .find(|program| program.is_file())
    }

    /// A path as people know it: with `~` for the home directory.
    pub(super) fn short(&self, path: &std::path::Path) -> String {
        match self.home().and_then(|home| path.strip_prefix(home).ok()) {
            Some(rest) => format!("~/{}", rest.display()),
            None => path.display().to_string(),
        }
    }

    /// All variables.
    pub(super) fn all(&self) -> impl Iterator<Item = (&OsString, &OsString)> {
        self.variables.iter()
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Environment({} variables)", self.variables.len())
    }
}
