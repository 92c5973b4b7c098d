//! Making repositories: what a registry wants to be made before anything is written to it, by the way that its
//! kind has, as the spec asks for it. Never changes what is there.

mod amazon;
mod harbor;
mod prepared;
mod tencent;

pub(super) use prepared::Prepared;

use super::account::Account;
use super::credentials::{Credential, CredentialKind};
use crate::access::Creation;
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{RegistryKind, RepositoryPath};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// What is made at one registry with one credential in a run.
#[derive(Debug)]
pub(super) struct Creations {
    wanted: Creation,
    /// What was made, or could not be, by the name that it is made under.
    made: Mutex<HashMap<String, Arc<OnceCell<Fallible<Made>>>>>,
}

/// What a registry said of a repository that could not be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It is not there.
    Missing,
    /// We may not: some say so of what is not there.
    Rights,
}

/// What was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    /// What was missing is there now.
    Now,
    /// Nothing, because nothing is known to be missing.
    Nothing,
}

impl Creations {
    pub(super) fn new(wanted: Creation) -> Self {
        Self { wanted, made: Mutex::default() }
    }

    /// Makes what the repository `path` needs: once, whoever asks meanwhile waits for that. One that is there
    /// already is as good: somebody else was quicker.
    ///
    /// # Errors
    /// The registry refuses, or has nothing that is made; with the right that it takes. It is asked once in a run.
    pub(super) async fn make(
        &self,
        account: &Account,
        path: &RepositoryPath,
        doubt: Doubt,
    ) -> Fallible<Made> {
        let kind = account.host.profile.kind();
        // Only there it can be asked whether that is what a refusal means.
        if doubt == Doubt::Rights && kind != RegistryKind::Tcr {
            return Ok(Made::Nothing);
        }
        let name = match kind {
            // The rest of the path comes by itself.
            RegistryKind::Harbor | RegistryKind::Tcr => path.as_str().split('/').next().unwrap_or_default(),
            _ => path.as_str(),
        };
        let cell = {
            let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(made.entry(name.to_owned()).or_default())
        };
        let once = async || {
            let made = self.once(account, kind, name, doubt).await;
            made.map_err(|mut failure| {
                failure.operation = Operation::Create;
                failure.repository = format!("{}/{name}", account.host.registry);
                failure
            })
        };
        cell.get_or_init(once).await.clone()
    }

    async fn once(&self, account: &Account, kind: RegistryKind, name: &str, doubt: Doubt) -> Fallible<Made> {
        let has_api = matches!(account.service, Ok(Some(_)));
        if doubt == Doubt::Rights && !(has_api && tencent::is_missing(account, name).await?) {
            return Ok(Made::Nothing);
        }
        match (kind, account.authority.credential()) {
            (RegistryKind::Tcr, _) => tencent::make(account, name, &self.wanted).await,
            (RegistryKind::Harbor, credential) => harbor::make(account, credential, name, &self.wanted).await,
            (RegistryKind::Ecr | RegistryKind::EcrPublic, Some(credential)) => {
                amazon::make(account, credential, name, &self.wanted).await
            }
            _ => Err(failure(account, name, Code::NotYet, "nothing is made at registries of this kind yet")
                .hint("create it there, and take `create_repositories` out of the spec")),
        }?;
        tracing::info!(registry = %account.host.registry, name, "made, because it was not there");
        Ok(Made::Now)
    }
}

fn failure(account: &Account, name: &str, code: Code, message: &str) -> Box<Failure> {
    let place = format!("{}/{name}", account.host.registry);
    Failure::new(code, place, Operation::Create, message)
}

/// The user name and the password that an API takes.
fn pair<'a>(
    account: &Account,
    credential: Option<&'a Credential>,
    name: &str,
) -> Fallible<(&'a str, &'a secrecy::SecretString)> {
    match credential.map(Credential::kind) {
        Some(CredentialKind::Password { username, password }) => Ok((username, password)),
        _ => Err(failure(
            account,
            name,
            Code::CredentialUnavailable,
            "making it needs a user name and a password",
        )
        .hint("give `username` and `password` for this registry under `registries` in the spec")),
    }
}
