//! Logins that whoever runs us hands in: those that go before everything else.

use crate::access::{Credentials, Scope};
use crate::oci::{Registry, RepositoryPath};

/// Logins from outside of the spec and of the places of docker and podman.
#[derive(Clone, Default)]
pub(super) struct Logins(Vec<Login>);

/// One login.
#[derive(Clone)]
pub(super) struct Login {
    scope: Scope,
    pub(super) settings: Credentials,
    /// Where it was given: completes the phrase "from …".
    pub(super) place: &'static str,
}

impl Logins {
    pub(super) fn add(&mut self, scope: Scope, settings: Credentials, place: &'static str) {
        self.0.push(Login { scope, settings, place });
    }

    /// The one with the longest path that fits.
    pub(super) fn best(&self, registry: &Registry, path: &RepositoryPath) -> Option<&Login> {
        let fitting = self.0.iter().filter(|login| login.scope.holds(registry, path.as_str()));
        fitting.max_by_key(|login| login.scope.length())
    }
}
