//! All registries of a run: each opened once, with the settings and credentials that are for it.

use super::account::{Account, Host};
use super::auth::{Actions, Authority, Origin, Scopes};
use super::clients::Clients;
use super::contact::Contact;
use super::counters::{Counters, Counts};
use super::credentials::ambient::{Ambient, Clocks};
use super::credentials::{Credential, Environment, Keychain, Witness};
use super::identity_calls::IdentityCalls;
use super::profile::{self, Probe};
use super::quota::Quota;
use super::repository::RegistryRepository;
use super::settings::{Scope, Settings, TlsSettings};
use super::throttle::Throttle;
use super::token_calls::TokenCalls;
use crate::failure::Fallible;
use crate::oci::{Registry, Repository, RepositoryPath};
use crate::store::{Reader, Writer};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

/// The registries of a run.
pub struct Registries {
    settings: BTreeMap<Scope, Settings>,
    keychain: Keychain,
    witness: Witness,
    opened: Mutex<Opened>,
}

#[derive(Default)]
struct Opened {
    clients: HashMap<TlsSettings, Clients>,
    hosts: HashMap<Scope, Arc<Host>>,
    accounts: Vec<(Scope, Arc<Account>)>,
}

/// What one registry was asked under one credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// The registry.
    pub registry: Registry,
    /// Who we were: the user name, if there is one, and where the credential is from.
    pub credential: Option<(Option<String>, String)>,
    /// What was asked.
    pub counts: Counts,
}

impl Registries {
    /// Registries with the settings of a spec; credentials that it does not give are looked for in
    /// the places that `environment` names.
    pub fn new(settings: BTreeMap<Scope, Settings>, environment: Environment) -> Self {
        let clocks = Clocks { steady: Arc::new(Instant::now), wall: Arc::new(SystemTime::now) };
        let ambient = Ambient::new(environment.clone(), Arc::new(IdentityCalls::default()), clocks);
        let witness = environment.witness();
        let keychain = Keychain::new(environment, ambient);
        Self { settings, keychain, witness, opened: Mutex::default() }
    }

    /// A repository for reading: tokens are asked to allow nothing else.
    pub async fn reader(&self, registry: &Registry, path: &RepositoryPath) -> Fallible<Arc<dyn Reader>> {
        Ok(Arc::new(self.repository(registry, path, Actions::Pull).await?))
    }

    /// A repository for writing as well.
    pub async fn writer(&self, registry: &Registry, path: &RepositoryPath) -> Fallible<Arc<dyn Writer>> {
        Ok(Arc::new(self.repository(registry, path, Actions::PullPush).await?))
    }

    /// What was asked of whom so far.
    pub fn usage(&self) -> Vec<Usage> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let usage = |account: &Arc<Account>| {
            let credential = account.authority.credential();
            Usage {
                registry: account.host.registry.clone(),
                credential: credential.map(|credential| {
                    (credential.username().map(str::to_owned), credential.source().to_owned())
                }),
                counts: account.counters.counts(),
            }
        };
        opened.accounts.iter().map(|(_, account)| usage(account)).collect()
    }

    async fn repository(
        &self,
        registry: &Registry,
        path: &RepositoryPath,
        actions: Actions,
    ) -> Fallible<RegistryRepository> {
        let (scope, settings) = self.settings_for(registry, path.as_str());
        let credential = self.keychain.lookup(registry, path, &settings).await?;
        let repository = Repository::Registry { registry: registry.clone(), path: path.clone() };
        let account = self.account(scope, &settings, credential)?;
        let scopes = Scopes::new(path.clone(), actions);
        Ok(RegistryRepository { account, repository, path: path.clone(), scopes })
    }

    /// The settings with the longest prefix that holds `path`.
    pub(super) fn settings_for(&self, registry: &Registry, path: &str) -> (Scope, Settings) {
        let holding = self.settings.iter().filter(|(scope, _)| scope.holds(registry, path));
        let longest = holding.max_by_key(|(scope, _)| scope.length());
        match longest {
            Some((scope, settings)) => (scope.clone(), settings.clone()),
            None => (Scope { registry: registry.clone(), prefix: None }, Settings::default()),
        }
    }

    /// The account for settings and a credential; two credentials of one user are two.
    pub(super) fn account(
        &self,
        scope: Scope,
        settings: &Settings,
        credential: Option<Credential>,
    ) -> Fallible<Arc<Account>> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |(other, account): &&(Scope, Arc<Account>)| {
            *other == scope && account.authority.credential() == credential.as_ref()
        };
        if let Some((_, account)) = opened.accounts.iter().find(same) {
            return Ok(account.clone());
        }
        let host = opened.host(&scope, settings)?;
        let counters = Arc::new(Counters::default());
        let transport = TokenCalls { host: host.clone(), counters: counters.clone() };
        let authority = Authority::new(
            Origin::of(&scope.registry, settings)?,
            scope.registry.clone(),
            credential,
            Arc::new(transport),
            Arc::new(Instant::now),
        )
        .witnessed_by(self.witness.clone());
        let quota = Quota::new(settings.limits.quota_reserve, host.profile.quota);
        let account = Arc::new(Account { host, authority, counters, quota });
        opened.accounts.push((scope, account.clone()));
        Ok(account)
    }
}

impl Opened {
    fn host(&mut self, scope: &Scope, settings: &Settings) -> Fallible<Arc<Host>> {
        if let Some(host) = self.hosts.get(scope) {
            return Ok(host.clone());
        }
        let clients = match self.clients.get(&settings.tls) {
            Some(clients) => clients.clone(),
            None => {
                let clients = Clients::new(&settings.tls)?;
                self.clients.insert(settings.tls.clone(), clients.clone());
                clients
            }
        };
        let named = settings.profile.as_deref().and_then(profile::named);
        let profile = named.unwrap_or_else(|| profile::of(&scope.registry));
        let host = Arc::new(Host {
            registry: scope.registry.clone(),
            base: Origin::of(&scope.registry, settings)?.url().clone(),
            clients,
            throttle: Throttle::new(&settings.limits, profile),
            contact: Contact::default(),
            profile,
            mounts_fail: AtomicBool::new(profile.probe == Probe::Head),
        });
        self.hosts.insert(scope.clone(), host.clone());
        Ok(host)
    }
}
