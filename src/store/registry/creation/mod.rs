//! Making repositories: what a registry wants to be made before anything is written to it, by the way that its
//! kind has, as the spec asks for it. Never changes what is there.

mod aliyun;
mod amazon;
mod google;
mod harbor;
mod kinds;
mod prepared;
mod quay;
mod swr;
mod tencent;

pub(super) use prepared::Prepared;

use super::account::Account;
use super::credentials::ambient::Service;
use super::credentials::{Credential, CredentialKind};
use crate::access::{Creation, Making};
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{RegistryKind, RepositoryPath};
use async_trait::async_trait;
use kinds::Refusal;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// What is made at one registry with one credential in a run.
#[derive(Debug)]
pub(super) struct Creations {
    wanted: Creation,
    names: Mutex<HashMap<String, Arc<Name>>>,
}

/// What became of one name. Each is found out once in a run; whoever wants to know meanwhile waits for that.
#[derive(Debug, Default)]
struct Name {
    /// Whether it is there, as the API says.
    is_there: OnceCell<Fallible<bool>>,
    made: OnceCell<Fallible<()>>,
}

/// How one name is made, where the registry says less of it than its API.
#[async_trait]
trait Maker: Send + Sync {
    /// Whether it is there.
    async fn is_there(&self) -> Fallible<bool>;

    /// Makes it.
    async fn make(&self, wanted: &Creation) -> Fallible<()>;
}

impl Creations {
    pub(super) fn new(wanted: Creation) -> Self {
        Self { wanted, names: Mutex::default() }
    }

    /// Makes what a repository needs, where a refusal to write says that it is not there, or may say so and the
    /// API says it. Then what was refused is worth another attempt. What somebody else made meanwhile is as good.
    ///
    /// # Errors
    /// The refusal, where it was about something else; or why nothing could be made.
    pub(super) async fn after(&self, refusal: Box<Failure>, place: &Place<'_>) -> Fallible<()> {
        let Some(meaning) = kinds::meaning(place.kind, refusal.code) else { return Err(refusal) };
        let name = self.name(place);
        if meaning == Refusal::Unclear {
            missing(refusal, &name, place).await?;
        } else if self.wanted.making == Making::Never {
            return Err(refusal);
        }
        if self.wanted.making == Making::Never {
            let message = "it is not there, as the API of the registry says";
            return Err(place.failure(Code::RepositoryMissing, message));
        }
        name.made.get_or_init(|| self.make(place)).await.clone()
    }

    /// Whether a refusal to read is about what is not there, as the API says.
    ///
    /// # Errors
    /// The refusal, where it is about something else.
    pub(super) async fn absent(&self, refusal: Box<Failure>, place: &Place<'_>) -> Fallible<()> {
        let name = self.name(place);
        match kinds::meaning(place.kind, refusal.code) {
            Some(Refusal::Unclear) if !name.made.initialized() => missing(refusal, &name, place).await,
            _ => Err(refusal),
        }
    }

    fn name(&self, place: &Place<'_>) -> Arc<Name> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(names.entry(place.name.to_owned()).or_default())
    }

    async fn make(&self, place: &Place<'_>) -> Fallible<()> {
        let Place { account, name, .. } = place;
        let made = match (place.kind, place.credential()) {
            (RegistryKind::Harbor, credential) => harbor::make(account, credential, name, &self.wanted).await,
            (RegistryKind::Ecr | RegistryKind::EcrPublic, Some(credential)) => {
                amazon::make(account, credential, name, &self.wanted).await
            }
            _ => self.by_maker(place).await,
        };
        if made.is_ok() {
            tracing::info!(registry = %account.host.registry, name, "made, because it was not there");
        }
        made.map_err(|failure| place.of(failure))
    }

    async fn by_maker(&self, place: &Place<'_>) -> Fallible<()> {
        let maker = kinds::maker(place).await?;
        match maker.make(&self.wanted).await {
            Ok(()) => Ok(()),
            // Of two who make it, one is told that it is there, each cloud in its own words.
            Err(failure) => match maker.is_there().await {
                Ok(true) => Ok(()),
                _ => Err(failure),
            },
        }
    }
}

/// Hands the refusal back, unless the API says that there is no such name.
async fn missing(refusal: Box<Failure>, name: &Name, place: &Place<'_>) -> Fallible<()> {
    let ask = || async { kinds::maker(place).await?.is_there().await };
    match name.is_there.get_or_init(ask).await {
        Ok(false) => Ok(()),
        Ok(true) => Err(refusal),
        Err(why) => {
            let hint = why.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
            Err(refusal.hint(format!("whether it is there could not be asked: {}{hint}", why.message)))
        }
    }
}

/// One name at one registry.
pub(super) struct Place<'a> {
    account: &'a Account,
    /// Where repositories are made: the registry itself, or an API beside it.
    api: &'a Account,
    kind: RegistryKind,
    /// The part of the path that is made.
    name: &'a str,
}

impl<'a> Place<'a> {
    pub(super) fn of_path(account: &'a Account, api: &'a Account, path: &'a RepositoryPath) -> Self {
        let kind = account.host.profile.kind();
        Self { account, api, kind, name: kinds::name(kind, path.as_str()) }
    }

    fn failure(&self, code: Code, message: &str) -> Box<Failure> {
        failure(self.account, self.name, code, message)
    }

    /// A failure as one to make this.
    fn of(&self, mut failure: Box<Failure>) -> Box<Failure> {
        failure.operation = Operation::Create;
        failure.repository = format!("{}/{}", self.account.host.registry, self.name);
        failure
    }

    fn credential(&self) -> Option<&'a Credential> {
        self.account.authority.credential()
    }

    /// The service behind the credential; `identity` is the word for it in a spec.
    fn service(&self, identity: &str) -> Fallible<&'a dyn Service> {
        let service = match self.credential().map(Credential::kind) {
            Some(CredentialKind::Minted(minted)) => minted.service(),
            _ => None,
        };
        service.ok_or_else(|| {
            let message = "making it needs keys of the account, and a password is none";
            let hint = format!("write `credentials: {{ identity: {identity} }}`: docs/credentials.md says where keys come from");
            self.failure(Code::CredentialUnavailable, message).hint(hint)
        })
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
