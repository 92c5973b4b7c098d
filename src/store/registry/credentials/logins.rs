//! Logins that whoever runs us hands in: those that go before everything else, and those that are used
//! where nothing else is configured.

use crate::oci::{Registry, RepositoryPath};
use crate::store::registry::{CredentialSettings, Scope};

/// Logins from outside of the spec and of the places of docker and podman.
#[derive(Clone, Default)]
pub(super) struct Logins {
    first: Vec<Login>,
    last: Vec<Login>,
}

/// One login.
#[derive(Clone)]
pub(super) struct Login {
    scope: Scope,
    pub(super) settings: CredentialSettings,
    /// Where it was given: completes the phrase "from …".
    pub(super) place: &'static str,
}

impl Logins {
    pub(super) fn add_first(&mut self, scope: Scope, settings: CredentialSettings, place: &'static str) {
        self.first.push(Login { scope, settings, place });
    }

    pub(super) fn add_last(&mut self, scope: Scope, settings: CredentialSettings, place: &'static str) {
        self.last.push(Login { scope, settings, place });
    }

    /// What goes before the spec: the longest path that fits.
    pub(super) fn first(&self, registry: &Registry, path: &RepositoryPath) -> Option<&Login> {
        best(&self.first, registry, path)
    }

    /// What is used where nothing else is.
    pub(super) fn last(&self, registry: &Registry, path: &RepositoryPath) -> Option<&Login> {
        best(&self.last, registry, path)
    }
}

fn best<'a>(logins: &'a [Login], registry: &Registry, path: &RepositoryPath) -> Option<&'a Login> {
    let fitting = logins.iter().filter(|login| login.scope.holds(registry, path.as_str()));
    fitting.max_by_key(|login| login.scope.length())
}
