//! The environment, as it was handed in. Never reads the real one, and never shows a value.

use super::logins::Logins;
use crate::access::{Credentials, Scope};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::env::{consts::EXE_SUFFIX, split_paths};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// The variables in which credentials, and the programs that keep them, are looked for. An empty
/// variable is an unset one. And the logins that whoever runs us hands in.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    witness: Witness,
    pub(super) logins: Logins,
    github_token: Option<(SecretString, &'static str)>,
}

/// Who is told of each secret that is made during a run: nobody, unless somebody wants to know.
#[derive(Clone, Default)]
pub(in crate::store::registry) struct Witness(Option<Arc<Tell>>);

type Tell = dyn Fn(&str) + Send + Sync;

impl Environment {
    /// An environment of these variables, such as `std::env::vars_os()`.
    pub fn of<N: Into<OsString>, V: Into<OsString>>(variables: impl IntoIterator<Item = (N, V)>) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { variables, witness: Witness::default(), logins: Logins::default(), github_token: None }
    }

    /// Has `witness` told of each secret that is made during the run, before anything is done with
    /// it: so that a CI system can hide it in its log. It is called on any thread, with each secret
    /// at least once, and must not keep others waiting.
    pub fn witnessed_by(mut self, witness: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.witness = Witness(Some(Arc::new(witness)));
        self
    }

    pub(in crate::store::registry) fn witness(&self) -> Witness {
        self.witness.clone()
    }

    /// Adds a login that goes before the spec and before every place. `place` completes the phrase
    /// "from …".
    pub fn with_login(mut self, scope: Scope, settings: Credentials, place: &'static str) -> Self {
        self.logins.add(scope, settings, place);
        self
    }

    /// Hands in the token of a GitHub workflow, which goes before `GITHUB_TOKEN`. `place` completes the
    /// phrase "from …".
    pub fn with_github_token(mut self, token: impl Into<SecretString>, place: &'static str) -> Self {
        self.github_token = Some((token.into(), place));
        self
    }

    /// The token of a GitHub workflow, and where it is from.
    pub(super) fn github_token(&self) -> Option<(SecretString, &'static str)> {
        let variable = || Some((self.secret("GITHUB_TOKEN")?, "$GITHUB_TOKEN"));
        self.github_token.clone().or_else(variable)
    }

    /// The value of a variable.
    pub(super) fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// The value of a variable that is text.
    pub(in crate::store::registry) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.to_str()
    }

    /// The value of a variable that holds a secret.
    pub(super) fn secret(&self, name: &str) -> Option<SecretString> {
        self.text(name).map(|text| SecretString::from(text.trim()))
    }

    /// Whether a variable says yes.
    pub(super) fn is_true(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| text.eq_ignore_ascii_case("true") || text == "1")
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

impl Witness {
    /// Tells of a secret that was just made.
    pub(in crate::store::registry) fn tell(&self, secret: &SecretString) {
        if let Some(tell) = &self.0 {
            tell(secret.expose_secret());
        }
    }
}
