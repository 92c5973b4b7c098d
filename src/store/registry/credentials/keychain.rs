//! Finds the credential for a repository. Never guesses: what is broken is told, not passed over.

use super::ambient::{Ambient, Service};
use super::auth_file::{AuthFile, Keeper};
use super::helper::{HelperError, Helpers};
use super::key::helper_key;
use super::logins::Logins;
use super::program::TIME_MAX;
use super::source::{Source, sources};
use super::{Credential, CredentialKind, Environment};
use crate::access::{Credentials, RegistrySettings};
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{Registry, RepositoryPath};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// The credentials of a run: what the spec says, else what docker and podman would use, else who the
/// surroundings of the run say that we are.
///
/// Files are read once, and programs asked once for each registry.
pub struct Keychain {
    places: Vec<(Source, OnceCell<Read>)>,
    helpers: Helpers,
    ambient: Ambient,
    logins: Logins,
}

/// What a place held, or what is wrong with it.
type Read = Result<Option<AuthFile>, String>;

/// For whom a credential is looked for, to name it when that fails.
struct Search<'a> {
    registry: &'a Registry,
    path: &'a RepositoryPath,
}

impl Keychain {
    /// A keychain that looks into the places that `environment` names, and then asks `ambient`.
    pub fn new(environment: Environment, ambient: Ambient) -> Self {
        let places = sources(&environment).into_iter().map(|source| (source, OnceCell::new())).collect();
        let logins = environment.logins.clone();
        Self { places, helpers: Helpers::new(environment, TIME_MAX), ambient, logins }
    }

    /// The credential for the repository `path` of `registry`; none is anonymous.
    ///
    /// A login that was handed in goes before everything. Else what the spec says holds: nothing else
    /// is looked at. Without that the first place that has
    /// an entry decides, and the places after it are not even read. In a file, the registry's own
    /// credential program goes before an entry, and an entry before the general program. Where no
    /// place has one, the surroundings of the run are asked.
    ///
    /// # Errors
    /// `CredentialUnavailable`, with the place and what is wrong there: a place that cannot be
    /// read, a broken entry, a program that fails, or one that the spec names and that knows
    /// nothing.
    pub async fn lookup(
        &self,
        registry: &Registry,
        path: &RepositoryPath,
        settings: &RegistrySettings,
    ) -> Fallible<Option<Credential>> {
        let search = Search { registry, path };
        const SPEC: &str = "the spec";
        let login = self.logins.best(registry, path).map(|login| (&login.settings, login.place));
        let found = match login.or_else(|| settings.credentials.as_ref().map(|settings| (settings, SPEC))) {
            Some((Credentials::Identity(identity), _)) => {
                Some(self.ambient.chosen(registry, settings, identity).await?)
            }
            Some((credentials, place)) => self.of_settings(credentials, place, &search).await?,
            None => match self.of_places(&search).await? {
                Some(found) => Some(found),
                None => self.ambient.found(registry, settings).await?,
            },
        };
        match &found {
            Some(credential) => tracing::debug!(%registry, %credential, "credential found"),
            None => tracing::debug!(%registry, "no credential: anonymous"),
        }
        Ok(found)
    }

    /// The API of the cloud that a registry belongs to, where there are keys for it.
    ///
    /// # Errors
    /// `CredentialUnavailable` when there is half a pair of keys.
    pub(in crate::store::registry) fn service(
        &self,
        registry: &Registry,
        settings: &RegistrySettings,
    ) -> Fallible<Option<Arc<dyn Service>>> {
        self.ambient.service(registry, settings)
    }

    /// What is written at `place`.
    async fn of_settings(
        &self,
        settings: &Credentials,
        place: &str,
        search: &Search<'_>,
    ) -> Fallible<Option<Credential>> {
        let kind = match settings {
            Credentials::Anonymous | Credentials::Identity(_) => return Ok(None),
            Credentials::Password { username, password } => {
                CredentialKind::Password { username: username.clone(), password: password.clone() }
            }
            Credentials::IdentityToken(token) => CredentialKind::IdentityToken(token.clone()),
            Credentials::Helper(name) => {
                return match self.of_helper(name, place, search).await? {
                    Some(credential) => Ok(Some(credential)),
                    None => Err(search
                        .failure(format!(
                            "docker-credential-{name}, named in {place}, has no credential for it"
                        ))
                        .hint(format!("log in with it first; {}", see_why(name, search)))),
                };
            }
        };
        Ok(Some(Credential::new(kind, place)))
    }

    async fn of_places(&self, search: &Search<'_>) -> Fallible<Option<Credential>> {
        for (source, read) in &self.places {
            let file = read.get_or_init(|| source.read()).await;
            let file = file.as_ref().map_err(|why| search.broken(&source.name, why))?;
            if let Some(file) = file
                && let Some(credential) = self.of_file(file, &source.name, search).await?
            {
                return Ok(Some(credential));
            }
        }
        Ok(None)
    }

    async fn of_file(
        &self,
        file: &AuthFile,
        name: &str,
        search: &Search<'_>,
    ) -> Fallible<Option<Credential>> {
        let keeper = file.keeper(search.registry, search.path);
        if let Keeper::Own(helper) = keeper
            && let Some(credential) = self.of_helper(helper, name, search).await?
        {
            return Ok(Some(credential));
        }
        let entry = file.entry(search.registry, search.path).map_err(|why| search.broken(name, &why))?;
        match (entry, keeper) {
            (Some(kind), _) => Ok(Some(Credential::new(kind, name))),
            (None, Keeper::General(helper)) => self.of_helper(helper, name, search).await,
            (None, Keeper::Own(_) | Keeper::Nobody | Keeper::Unnamed) => Ok(None),
        }
    }

    async fn of_helper(
        &self,
        name: &str,
        named_in: &str,
        search: &Search<'_>,
    ) -> Fallible<Option<Credential>> {
        let said = self.helpers.ask(name, helper_key(search.registry)).await;
        let kind = said.map_err(|why| {
            let failure = search
                .failure(format!("docker-credential-{}, named in {named_in}, {why}", name.escape_debug()));
            match why {
                HelperError::Name => failure.hint("for the program `docker-credential-NAME` write NAME"),
                HelperError::Missing => failure.hint(format!("install it, or take it out of {named_in}")),
                _ => failure.hint(see_why(name, search)),
            }
        })?;
        Ok(kind.map(|kind| Credential::new(kind, format!("docker-credential-{name}, named in {named_in}"))))
    }
}

/// How a person finds out what a credential program has to say.
fn see_why(name: &str, search: &Search<'_>) -> String {
    let server = helper_key(search.registry);
    format!("to see why, run `echo {server} | docker-credential-{name} get` by hand: it may print a secret")
}

impl Search<'_> {
    fn failure(&self, message: String) -> Box<Failure> {
        let repository = format!("{}/{}", self.registry, self.path);
        Failure::new(Code::CredentialUnavailable, repository, Operation::Open, message)
    }

    fn broken(&self, place: &str, why: &str) -> Box<Failure> {
        self.failure(format!("no credential could be looked up: {place} {why}"))
            .hint(format!("repair it, or give the credentials for {} in the spec", self.registry))
    }
}
