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
    /// What became of each name.
    known: Mutex<HashMap<String, Arc<OnceCell<Fallible<Outcome>>>>>,
}

/// What became of a name that a registry does not let us write to.
#[derive(Debug, Clone)]
enum Outcome {
    /// It is there now, and was not.
    Made,
    /// It was there all the time: something else was wrong.
    There,
    /// It is not there, and nothing is made.
    Missing,
    /// Nobody could say whether it is there; why.
    Unknown(Box<Failure>),
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
        Self { wanted, known: Mutex::default() }
    }

    /// Makes what the repository `path` needs, where a refusal says that it is not there, or may say so and
    /// the API, which `api` leads to, says it. Then what was refused is worth another attempt.
    ///
    /// Each name is asked for and made once in a run; whoever asks meanwhile waits for that. One that somebody
    /// else made meanwhile is as good.
    ///
    /// # Errors
    /// The refusal, where it was about something else; or why nothing could be made.
    pub(super) async fn after(
        &self,
        refusal: Box<Failure>,
        account: &Account,
        api: &Account,
        path: &RepositoryPath,
    ) -> Fallible<()> {
        let kind = account.host.profile.kind();
        let Some(meaning) = kinds::meaning(kind, refusal.code) else { return Err(refusal) };
        if meaning == Refusal::Missing && self.wanted.making == Making::Never {
            return Err(refusal);
        }
        let name = kinds::name(kind, path.as_str());
        let cell = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(name.to_owned()).or_default())
        };
        let place = Place { account, api, name };
        match cell.get_or_init(|| self.once(&place, kind, meaning)).await.clone()? {
            Outcome::Made => Ok(()),
            Outcome::There => Err(refusal),
            Outcome::Missing => {
                let message = "it is not there, as the API of the registry says";
                Err(place.failure(Code::RepositoryMissing, message))
            }
            Outcome::Unknown(why) => {
                let hint = why.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
                Err(refusal.hint(format!("whether it is there could not be asked: {}{hint}", why.message)))
            }
        }
    }

    async fn once(&self, place: &Place<'_>, kind: RegistryKind, meaning: Refusal) -> Fallible<Outcome> {
        let Place { account, name, .. } = place;
        let made = match (kind, account.authority.credential()) {
            (RegistryKind::Harbor, credential) => {
                harbor::make(account, credential, name, &self.wanted).await.map(|()| Outcome::Made)
            }
            (RegistryKind::Ecr | RegistryKind::EcrPublic, Some(credential)) => {
                amazon::make(account, credential, name, &self.wanted).await.map(|()| Outcome::Made)
            }
            _ => self.by_maker(place, kind, meaning).await,
        };
        if matches!(made, Ok(Outcome::Made)) {
            tracing::info!(registry = %account.host.registry, name, "made, because it was not there");
        }
        made.map_err(|failure| place.of(failure))
    }

    async fn by_maker(&self, place: &Place<'_>, kind: RegistryKind, meaning: Refusal) -> Fallible<Outcome> {
        let maker = match kinds::maker(kind, place).await {
            Ok(maker) => maker,
            Err(why) if meaning == Refusal::Unclear => return Ok(Outcome::Unknown(why)),
            Err(why) => return Err(why),
        };
        if meaning == Refusal::Unclear {
            match maker.is_there().await {
                Ok(true) => return Ok(Outcome::There),
                Ok(false) => {}
                Err(why) => return Ok(Outcome::Unknown(why)),
            }
        }
        if self.wanted.making == Making::Never {
            return Ok(Outcome::Missing);
        }
        match maker.make(&self.wanted).await {
            Ok(()) => Ok(Outcome::Made),
            // Of two who make it, one is told that it is there, each cloud in its own words.
            Err(failure) => match maker.is_there().await {
                Ok(true) => Ok(Outcome::Made),
                _ => Err(failure),
            },
        }
    }
}

/// One name at one registry.
struct Place<'a> {
    account: &'a Account,
    /// Where repositories are made: the registry itself, or an API beside it.
    api: &'a Account,
    name: &'a str,
}

impl<'a> Place<'a> {
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
