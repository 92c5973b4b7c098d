//! Who we are by what surrounds the run: a cloud's machine, a CI system. Asked last, and only for the
//! registries that it is about.

mod aliyun;
mod apis;
mod aws;
mod azure;
mod bureau;
mod carrier;
mod endpoint;
mod forge;
mod google;
mod huawei;
mod id_token;
mod jwt;
mod keys;
mod mint;
mod refusal;
mod signing;
mod tencent;

#[cfg(test)]
pub(super) mod tests;

pub use bureau::Clocks;
pub use carrier::{Carrier, Route};
pub use forge::{ForgeLogin, forge_logins};
pub use mint::{Minted, Service};

use super::{Credential, CredentialKind, Environment};
use crate::access::{IdToken, Identity, RegistrySettings};
use crate::failure::{Class, Failure, Fallible};
use crate::oci::{AliyunHost, AzureCloud, Home, Registry, SwrHost, TencentHost};
use crate::store::registry::auth::Origin;
use aliyun::Aliyun;
use apis::no_cloud_keys;
use aws::{Ecr, EcrService, KeySource};
use azure::{Acr, AzureSource};
use bureau::Bureau;
use google::{Gar, GoogleSource};
use huawei::Swr;
use keys::Variables;
use mint::Issuer;
use signing::Keys;
use std::sync::{Arc, Mutex, PoisonError};
use tencent::Api;
use tokio::sync::OnceCell;
use url::Url;

/// The identities of a run. Each is found once, and its passwords are shared by all who need them.
pub struct Ambient {
    environment: Environment,
    carrier: Arc<dyn Carrier>,
    clocks: Clocks,
    known: Mutex<Vec<Known>>,
    /// The users of clouds whose machines did not answer: no other registry of theirs waits for them.
    silent: Mutex<Vec<String>>,
    /// The APIs of clouds, each with the registry that is asked about and the keys that it is asked with.
    apis: Mutex<Vec<(Registry, String, Arc<Api>)>>,
}

/// What was found for a registry, with what the spec asked for.
struct Known {
    registry: Registry,
    chosen: Option<Identity>,
    /// The id of the keys that the spec has for it.
    keys: Option<String>,
    cell: Arc<OnceCell<Option<Credential>>>,
}

/// Whether something says that an identity is there.
enum Evidence {
    /// The spec, a variable or a file.
    Named,
    /// Nothing: whether it is there shows when it is asked.
    None,
}

impl Ambient {
    /// Identities that `environment` speaks of; `carrier` carries the requests for them.
    pub fn new(environment: Environment, carrier: Arc<dyn Carrier>, clocks: Clocks) -> Self {
        Self {
            environment,
            carrier,
            clocks,
            known: Mutex::default(),
            silent: Mutex::default(),
            apis: Mutex::default(),
        }
    }

    /// The identity that the spec asks for, or a login that was handed in.
    ///
    /// # Errors
    /// `CredentialUnavailable` when nothing here says who we are, or what does is broken.
    pub(super) async fn chosen(
        &self,
        registry: &Registry,
        settings: &RegistrySettings,
        identity: &Identity,
    ) -> Fallible<Credential> {
        let cell = self.cell(registry, settings, Some(identity));
        let find = async { self.by_choice(registry, settings, identity).await.map(Some) };
        let found = cell.get_or_try_init(|| find).await?;
        found.clone().ok_or_else(|| self.bureau(registry).failure("there is no identity"))
    }

    /// The identity that goes with a registry where nobody said anything else; none is anonymous.
    ///
    /// What is for a cloud is not sent in the clear, and `public.ecr.aws` is for everybody: there an
    /// identity is used only where the spec asks for one.
    ///
    /// # Errors
    /// `CredentialUnavailable` when the environment says who we are, and what it says is broken.
    pub(super) async fn found(
        &self,
        registry: &Registry,
        settings: &RegistrySettings,
    ) -> Fallible<Option<Credential>> {
        if let Some(credential) = forge::gitlab(&self.environment).and_then(|login| login.at(registry)) {
            return Ok(Some(credential));
        }
        if settings.plain_http {
            return Ok(None);
        }
        let Some(home) = registry.home() else { return Ok(None) };
        let cell = self.cell(registry, settings, None);
        cell.get_or_try_init(|| self.by_home(registry, settings, home)).await.cloned()
    }

    async fn by_choice(
        &self,
        registry: &Registry,
        settings: &RegistrySettings,
        identity: &Identity,
    ) -> Fallible<Credential> {
        let bureau = self.bureau(registry);
        match (identity, registry.home()) {
            (Identity::GitHub, Some(Home::GitHub)) => {
                self.of_github(registry).ok_or_else(|| no_github_token(&bureau))
            }
            (Identity::Ecr { role, token }, Some(home)) if let Some(service) = ecr_service(&home) => {
                let keys = match role {
                    Some(arn) => KeySource::of_role(arn, token, &bureau)?,
                    None => KeySource::of_surroundings(token, &bureau).await?.unwrap_or(KeySource::Machine),
                };
                Ok(self.ecr(bureau, service, keys))
            }
            (Identity::Gar { provider, service_account, token }, Some(Home::Google)) => {
                let source = match provider {
                    Some(provider) => GoogleSource::of_provider(provider, token, &bureau)?,
                    None => GoogleSource::of_surroundings(&bureau).await?.unwrap_or(GoogleSource::Machine),
                };
                Ok(self.gar(bureau, source, service_account.clone()))
            }
            (Identity::Acr { tenant, client, token }, Some(Home::Azure(cloud))) => {
                let found = AzureSource::of(tenant.as_deref(), client.as_deref(), token, &bureau)?;
                let source = found.unwrap_or_else(|| AzureSource::Machine { client: client.clone() });
                self.acr(bureau, source, cloud, registry, settings)
            }
            (Identity::Aliyun, Some(Home::Aliyun(host))) => {
                let keys = aliyun::KEYS.keys(&bureau)?.ok_or_else(|| no_keys(&bureau, &aliyun::KEYS))?;
                Ok(self.aliyun(bureau, host, keys))
            }
            (Identity::Swr, Some(Home::Swr(host))) => {
                let keys = huawei::KEYS.keys(&bureau)?.ok_or_else(|| no_keys(&bureau, &huawei::KEYS))?;
                Ok(self.swr(bureau, host, keys))
            }
            (Identity::Tcr, Some(Home::Tencent(host @ TencentHost::Enterprise(_)))) => {
                self.tcr(bureau, settings, host)?.ok_or_else(|| no_cloud_keys(&self.bureau(registry)))
            }
            _ => {
                let message = format!("{registry} is no registry for the identity that was asked for");
                Err(bureau.failure(message).hint("use `username` and `password` there"))
            }
        }
    }

    async fn by_home(
        &self,
        registry: &Registry,
        settings: &RegistrySettings,
        home: Home,
    ) -> Fallible<Option<Credential>> {
        let bureau = self.bureau(registry);
        let none = IdToken::default();
        let (credential, evidence) = match home {
            Home::GitHub => return Ok(self.of_github(registry)),
            // Their machines are not asked: keys stand in the environment, or are not there.
            Home::Aliyun(host) => {
                let keys = aliyun::KEYS.keys(&bureau)?;
                return Ok(keys.map(|keys| self.aliyun(bureau, host, keys)));
            }
            Home::Swr(host) => {
                let keys = huawei::KEYS.keys(&bureau)?;
                return Ok(keys.map(|keys| self.swr(bureau, host, keys)));
            }
            // The personal edition has passwords of its own only, which its user sets.
            Home::EcrPublic | Home::Tencent(TencentHost::Personal(_)) => return Ok(None),
            Home::Tencent(host) => return self.tcr(bureau, settings, host),
            Home::Ecr(host) => {
                let found = KeySource::of_surroundings(&none, &bureau).await?;
                let evidence = Evidence::of(&found);
                let keys = found.unwrap_or(KeySource::Machine);
                (self.ecr(bureau, EcrService::Private(host), keys), evidence)
            }
            Home::Google => {
                let found = GoogleSource::of_surroundings(&bureau).await?;
                let evidence = Evidence::of(&found);
                (self.gar(bureau, found.unwrap_or(GoogleSource::Machine), None), evidence)
            }
            Home::Azure(cloud) => {
                let found = AzureSource::of(None, None, &none, &bureau)?;
                let evidence = Evidence::of(&found);
                let source = found.unwrap_or(AzureSource::Machine { client: None });
                (self.acr(bureau, source, cloud, registry, settings)?, evidence)
            }
        };
        match (evidence, credential.kind()) {
            (Evidence::None, CredentialKind::Minted(minted)) => {
                let there = self.is_there(registry, minted).await;
                Ok(there.then_some(credential))
            }
            _ => Ok(Some(credential)),
        }
    }

    /// Whether the machine has an identity of which nothing tells, and which does.
    async fn is_there(&self, registry: &Registry, minted: &Minted) -> bool {
        let silent = || self.silent.lock().unwrap_or_else(PoisonError::into_inner);
        if silent().iter().any(|user| user == minted.username()) {
            return false;
        }
        match minted.password().await {
            Ok(_) => true,
            // That there is none is the usual case, and worth no line.
            Err(why) if why.code.class() == Class::Transient => {
                tracing::debug!(%registry, %why, "this machine has no identity for it");
                silent().push(minted.username().to_owned());
                false
            }
            Err(why) if why.http.as_ref().is_none_or(|http| http.status == Some(404)) => {
                tracing::debug!(%registry, %why, "this machine has no identity for it");
                false
            }
            Err(why) => {
                tracing::warn!(%registry, %why, "the identity of this machine is not used: anonymous");
                false
            }
        }
    }

    fn of_github(&self, registry: &Registry) -> Option<Credential> {
        forge::github(&self.environment)?.at(registry)
    }

    fn ecr(&self, bureau: Bureau, service: EcrService, keys: KeySource) -> Credential {
        let source = format!("ECR by {}", keys.describe());
        self.minted(aws::USERNAME, source, Ecr { bureau, service, keys })
    }

    fn gar(&self, bureau: Bureau, source: GoogleSource, service_account: Option<String>) -> Credential {
        let described = match &service_account {
            Some(email) => format!("GAR by {}, as {}", source.describe(), email.escape_debug()),
            None => format!("GAR by {}", source.describe()),
        };
        self.minted(google::USERNAME, described, Gar { bureau, source, service_account })
    }

    fn acr(
        &self,
        bureau: Bureau,
        source: AzureSource,
        cloud: AzureCloud,
        registry: &Registry,
        settings: &RegistrySettings,
    ) -> Fallible<Credential> {
        let described = format!("ACR by {}", source.describe());
        let registry: Url = Origin::of(registry, settings)?.url().clone();
        Ok(self.minted(azure::USERNAME, described, Acr { bureau, source, cloud, registry }))
    }

    fn aliyun(&self, bureau: Bureau, host: AliyunHost, keys: Keys) -> Credential {
        let source = format!("ACR EE by {}", aliyun::SOURCE);
        self.minted(aliyun::USERNAME, source, Aliyun { bureau, host, keys, id: OnceCell::new() })
    }

    fn swr(&self, bureau: Bureau, host: SwrHost, keys: Keys) -> Credential {
        let source = format!("SWR by {}", huawei::SOURCE);
        let swr = Swr { bureau, host, keys };
        self.minted(swr.username(), source, swr)
    }

    fn minted(
        &self,
        username: impl Into<String>,
        source: String,
        issuer: impl Issuer + 'static,
    ) -> Credential {
        let minted = Minted::new(username, Arc::new(issuer), self.clocks.steady.clone());
        Credential::new(CredentialKind::Minted(minted), source)
    }

    fn bureau(&self, registry: &Registry) -> Bureau {
        Bureau {
            registry: registry.clone(),
            environment: self.environment.clone(),
            carrier: Arc::clone(&self.carrier),
            clocks: self.clocks.clone(),
        }
    }

    fn cell(
        &self,
        registry: &Registry,
        settings: &RegistrySettings,
        chosen: Option<&Identity>,
    ) -> Arc<OnceCell<Option<Credential>>> {
        let keys = settings.cloud_keys.as_ref().map(|keys| keys.id.clone());
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let same =
            |one: &&Known| one.registry == *registry && one.chosen.as_ref() == chosen && one.keys == keys;
        if let Some(found) = known.iter().find(same) {
            return Arc::clone(&found.cell);
        }
        let cell = Arc::new(OnceCell::new());
        let (registry, chosen) = (registry.clone(), chosen.cloned());
        known.push(Known { registry, chosen, keys, cell: Arc::clone(&cell) });
        cell
    }
}

impl Evidence {
    fn of<T>(found: &Option<T>) -> Self {
        match found {
            Some(_) => Self::Named,
            None => Self::None,
        }
    }
}

fn ecr_service(home: &Home) -> Option<EcrService> {
    match home {
        Home::Ecr(host) => Some(EcrService::Private(host.clone())),
        Home::EcrPublic => Some(EcrService::Public),
        _ => None,
    }
}

fn no_keys(bureau: &Bureau, variables: &Variables) -> Box<Failure> {
    let Variables { id, secret, .. } = variables;
    bureau.failure("there are no access keys in the environment").hint(format!("set {id} and {secret}"))
}

fn no_github_token(bureau: &Bureau) -> Box<Failure> {
    bureau.failure("there is no GITHUB_TOKEN of a workflow of github.com").hint(
        "hand it to the program: `env: { GITHUB_TOKEN: \"${{ github.token }}\" }`, or the input \
         github-token; tokens of other forges are not shown to ghcr.io",
    )
}
