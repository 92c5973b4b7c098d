//! Catalogs: which repositories a registry has, by whichever way its kind has to tell that.
//!
//! Each way only says what is asked and what a page means ([`page::Catalog`]); `listing` reads the pages, and
//! `found` decides whether they are all. The credential is always that of the registry.

mod aliyun;
mod amazon;
mod distribution;
mod dockerhub;
mod found;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod github;
mod gitlab;
mod google;
mod harbor;
mod listing;
mod page;
mod quay;
mod swr;
mod tencent;
mod way;

use super::account::Account;
use super::auth::{Authorization, Scopes};
use super::credentials::ambient::Minted;
use super::credentials::{Credential, CredentialKind};
use super::exchange::Call;
use super::pool::Registries;
use super::throttle::Lane;
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{Area, Registry, RegistryKind};
use page::Catalog;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;
use url::Url;
use way::Way;

pub(super) use google::place as google_place;
pub(super) use way::as_shown;

/// Most bytes of the answer to a login.
const LOGIN_BYTES_MAX: usize = 1024 * 1024;

impl Registries {
    /// The names of the repositories in `area` of `registry`, sorted, each once.
    ///
    /// # Errors
    /// The registry does not list them, not to us, or not all of them.
    pub async fn catalog(&self, registry: &Registry, area: &Area) -> Fallible<Vec<String>> {
        let listed = async {
            let (catalog, way) = self.way(registry, area).await?;
            listing::whole(&*catalog, &way, area).await
        };
        listed.await.map_err(|mut failure| {
            failure.repository = area.to_string();
            failure
        })
    }

    async fn way(&self, registry: &Registry, area: &Area) -> Fallible<(Box<dyn Catalog>, Way)> {
        let (scope, settings) = self.settings_for(registry, area.path());
        let credential = self.credential_for(registry, area.path(), &settings).await?;
        let account = self.account(scope, &settings, credential.clone())?;
        let owner = || owner(area);
        Ok(match account.host.profile.kind() {
            RegistryKind::Harbor => {
                let shown = shown(credential.as_ref(), area, Authorization::password)?;
                (Box::new(harbor::Harbor::new(area)), Way::Api(account, shown))
            }
            RegistryKind::DockerHub => {
                let api = self.api(dockerhub::HOST, credential.clone())?;
                let shown = docker_login(&api, credential.as_ref(), area).await?;
                (Box::new(dockerhub::DockerHub::new(owner()?)), Way::Api(api, shown))
            }
            RegistryKind::Ghcr => {
                let api = self.api(github::HOST, credential.clone())?;
                let shown = github_token(credential.as_ref(), area)?;
                (Box::new(github::GitHub::new(owner()?)), Way::Api(api, Some(shown)))
            }
            RegistryKind::GitLab => {
                owner()?;
                let server = token_server(&account).await?;
                let host = authority_of(&server);
                let api = self.api(&host, credential.clone())?;
                let shown = shown(credential.as_ref(), area, |_, token| Authorization::token(token))?;
                (Box::new(gitlab::GitLab::new(&server, area.path())), Way::Api(api, shown))
            }
            RegistryKind::Quay => match credential.as_ref().map(Credential::kind) {
                None => (Box::new(quay::Quay::new(owner()?)), Way::Api(account, None)),
                Some(CredentialKind::Password { username, password }) if username == quay::TOKEN_USER => {
                    let shown = Authorization::token(password);
                    (Box::new(quay::Quay::new(owner()?)), Way::Api(account, shown))
                }
                // Users and robots have no API, but the registry lists what they see.
                Some(_) => (Box::new(distribution::Distribution::QUAY), Way::Registry(account)),
            },
            RegistryKind::Ecr | RegistryKind::EcrPublic => match credential.as_ref().map(Credential::kind) {
                Some(CredentialKind::Minted(minted)) if minted.service().is_some() => {
                    (Box::new(amazon::Amazon::new(registry)), Way::Service(minted.clone()))
                }
                _ => (Box::new(distribution::Distribution::PLAIN), Way::Registry(account)),
            },
            RegistryKind::Acr => (Box::new(distribution::Distribution::AZURE), Way::Registry(account)),
            RegistryKind::Gar => {
                let google = google::Google::of(registry, area.path()).ok_or_else(|| too_large(area))?;
                let shown = access_token(credential.as_ref(), area).await?;
                (Box::new(google), Way::Api(self.api(google::HOST, credential)?, Some(shown)))
            }
            RegistryKind::Aliyun => {
                (Box::new(aliyun::Aliyun::new(area)), Way::Service(service(credential, area)?))
            }
            // Whoever has nothing but a password gets what the registry lists, if it does.
            RegistryKind::Swr => match service(credential, area) {
                Ok(minted) => (Box::new(swr::Swr::new(area)), Way::Service(minted)),
                Err(_) => (Box::new(distribution::Distribution::PLAIN), Way::Registry(account)),
            },
            RegistryKind::Ccr => (Box::new(tencent::Personal), cloud(&account, area)?),
            RegistryKind::Tcr => (Box::new(tencent::Enterprise::new(area)), cloud(&account, area)?),
            RegistryKind::Artifactory
            | RegistryKind::Nexus
            | RegistryKind::Zot
            | RegistryKind::Distribution => {
                (Box::new(distribution::Distribution::PLAIN), Way::Registry(account))
            }
        })
    }

    /// What makes repositories of `account`: the account itself, or that of an API at another host.
    ///
    /// # Errors
    /// There can be no connection to it.
    pub(super) fn maker(&self, account: &Arc<Account>) -> Fallible<Arc<Account>> {
        match account.host.profile.kind() {
            RegistryKind::Gar => self.api(google::HOST, account.authority.credential().cloned()),
            _ => Ok(Arc::clone(account)),
        }
    }

    /// The API at another host, spoken to with what the spec says of that host, by the registry's credential.
    fn api(&self, host: &str, credential: Option<Credential>) -> Fallible<Arc<Account>> {
        let registry: Registry = host.parse().map_err(|why: crate::oci::ReferenceError| {
            Failure::new(Code::Protocol, host, Operation::Catalog, why.to_string())
        })?;
        let (scope, settings) = self.settings_for(&registry, "");
        self.account(scope, &settings, credential)
    }
}

fn failure(area: &Area, code: Code, message: &str) -> Box<Failure> {
    Failure::new(code, area, Operation::Catalog, message)
}

/// The API of the cloud that the registry belongs to: the registry itself lists nothing.
fn cloud(account: &Account, area: &Area) -> Fallible<Way> {
    match account.service.clone()? {
        Some(service) => Ok(Way::Cloud(service)),
        None => {
            let message = "Tencent Cloud lists repositories for keys of the account only";
            Err(failure(area, Code::CredentialUnavailable, message).hint(
                "set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, or write `cloud_keys` for it under \
                 `registries`",
            ))
        }
    }
}

/// The first part of the path: a namespace, an organisation, a group.
fn owner(area: &Area) -> Fallible<&str> {
    match area.path().split('/').next() {
        Some(owner) if !owner.is_empty() => Ok(owner),
        _ => Err(failure(area, Code::Refused, "this registry has no list of all its repositories")
            .hint(format!("name a namespace: `{}/NAMESPACE/**`", area.store()))),
    }
}

/// What an API is shown of a credential; none for nobody.
fn shown(
    credential: Option<&Credential>,
    area: &Area,
    as_what: impl Fn(&str, &SecretString) -> Option<Authorization>,
) -> Fallible<Option<Authorization>> {
    let Some((username, password)) = pair(credential, area)? else { return Ok(None) };
    let unfit = || failure(area, Code::CredentialUnavailable, "the credential does not make a header");
    as_what(username, password).map(Some).ok_or_else(unfit)
}

/// The user name and password of a credential. Whoever has another kind is somebody: as nobody, a part of the
/// list would be taken for the whole.
fn pair<'a>(
    credential: Option<&'a Credential>,
    area: &Area,
) -> Fallible<Option<(&'a str, &'a SecretString)>> {
    match credential.map(Credential::kind) {
        None => Ok(None),
        Some(CredentialKind::Password { username, password }) => Ok(Some((username, password))),
        Some(_) => {
            let message =
                "the list of repositories needs a user name and a password, or a token in its place";
            Err(failure(area, Code::CredentialUnavailable, message)
                .hint("give `username` and `password` for this registry under `registries` in the spec"))
        }
    }
}

/// What GitHub's API takes, of which it lists nothing to nobody.
fn github_token(credential: Option<&Credential>, area: &Area) -> Fallible<Authorization> {
    let shown = shown(credential, area, |_, token| Authorization::token(token))?;
    shown.ok_or_else(|| {
        let message = "GitHub lists packages for nobody without a token";
        failure(area, Code::CredentialUnavailable, message)
            .hint("give a token with the right `read:packages` for ghcr.io")
    })
}

/// The service behind a credential that has one.
fn service(credential: Option<Credential>, area: &Area) -> Fallible<Minted> {
    match credential.as_ref().map(Credential::kind) {
        Some(CredentialKind::Minted(minted)) if minted.service().is_some() => Ok(minted.clone()),
        _ => {
            let message = "the list of repositories needs keys of the account, and a password is none";
            Err(failure(area, Code::CredentialUnavailable, message)
                .hint("docs/credentials.md says where keys come from"))
        }
    }
}

fn too_large(area: &Area) -> Box<Failure> {
    let message = "Google's registries have no list of all their repositories";
    failure(area, Code::Refused, message).hint(google::HINT)
}

/// What Google's APIs take.
async fn access_token(credential: Option<&Credential>, area: &Area) -> Fallible<Authorization> {
    let token = google_token(credential).await?;
    token.ok_or_else(|| {
        let message = "the list of repositories needs an access token of Google";
        failure(area, Code::CredentialUnavailable, message).hint(
            "write `credentials: { identity: gar }`, or give an access token as the password of `oauth2accesstoken`",
        )
    })
}

/// The access token of Google in a credential, if it is one.
pub(super) async fn google_token(credential: Option<&Credential>) -> Fallible<Option<Authorization>> {
    Ok(match credential.map(Credential::kind) {
        Some(CredentialKind::Minted(minted)) if minted.username() == google::USERNAME => {
            Authorization::token(&minted.password().await?.value)
        }
        Some(CredentialKind::Password { username, password }) if username == google::USERNAME => {
            Authorization::token(password)
        }
        _ => None,
    })
}

/// A token for the API of Docker Hub, which takes no password beside its login.
async fn docker_login(
    api: &Account,
    credential: Option<&Credential>,
    area: &Area,
) -> Fallible<Option<Authorization>> {
    let Some((username, password)) = pair(credential, area)? else { return Ok(None) };
    let mut call = Call::new(Operation::Catalog, Method::POST, api.host.url(dockerhub::LOGIN));
    call.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let body = serde_json::json!({ "identifier": username, "secret": password.expose_secret() });
    call.body = body.to_string().into();
    let answer = as_shown(api, &call, None, LOGIN_BYTES_MAX).await.map_err(|mut failure| {
        // A server that repeats what it was sent must not get it into a report.
        failure.message = "Docker Hub did not take the user name and the password".to_owned();
        failure.http.iter_mut().for_each(|http| http.registry_code = None);
        failure
    })?;
    let malformed =
        || answer.asked.failure(Code::Protocol, "the answer to the login is not what it should be");
    let dockerhub::Login { access_token } = serde_json::from_slice(&answer.body).map_err(|_| malformed())?;
    Authorization::token(&access_token.into()).map(Some).ok_or_else(malformed)
}

/// The token server that a registry names: GitLab's is where its API is.
async fn token_server(account: &Account) -> Fallible<Url> {
    let mut call = Call::new(Operation::Ping, Method::GET, account.host.url("/v2/"));
    call.expected = &[StatusCode::UNAUTHORIZED];
    let once = || async {
        let turn = account.host.throttle.turn(Lane::Look).await;
        let answer = account.follow(&call, None, turn).await?;
        account.judge(&call, answer).await
    };
    let answer = account.until_done(once).await?;
    let server = account.authority.token_server(answer.response.headers(), &Scopes::catalog())?;
    server.ok_or_else(|| {
        let message = "the registry names no token server of a GitLab that may see the credential";
        answer
            .asked
            .failure(Code::Protocol, message)
            .hint("where it is the right one, name its host under `realm_hosts` of the registry in the spec")
    })
}

/// `host` or `host:port` of a URL.
fn authority_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}
