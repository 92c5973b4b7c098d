//! All registries of a run: each opened once, with the settings and credentials that are for it.

use super::account::{Account, Host};
use super::auth::{Actions, Authority, Origin, Scopes};
use super::body::ranges::Ranges;
use super::budget::Budget;
use super::clients::{Clients, Names, Way};
use super::contact::Contact;
use super::counters::{Counters, Counts};
use super::creation::{Creations, Prepared};
use super::credentials::ambient::{Ambient, Clocks};
use super::credentials::{Credential, CredentialKind, Environment, Keychain, Witness};
use super::identity_calls::IdentityCalls;
use super::pace::Pace;
use super::profile::{self, Probe};
use super::quota::Quota;
use super::referrers::ReferrersApi;
use super::repository::RegistryRepository;
use super::throttle::Throttle;
use super::token_calls::TokenCalls;
use super::upload::{Lessons, Tagging};
use crate::access::{RegistrySettings, Scope, Tls};
use crate::failure::Fallible;
use crate::oci::{Registry, Repository, RepositoryPath};
use crate::store::{Reader, Writer};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

/// The registries of a run.
pub struct Registries {
    settings: BTreeMap<Scope, RegistrySettings>,
    keychain: Keychain,
    witness: Witness,
    identities: Arc<IdentityCalls>,
    /// `NO_PROXY`.
    no_proxy: Option<String>,
    opened: Mutex<Opened>,
}

#[derive(Default)]
struct Opened {
    clients: HashMap<(Tls, Way), Clients>,
    names: Names,
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
    pub fn new(settings: BTreeMap<Scope, RegistrySettings>, environment: Environment) -> Self {
        let clocks = Clocks { steady: Arc::new(Instant::now), wall: Arc::new(SystemTime::now) };
        let identities = Arc::new(IdentityCalls::default());
        let ambient = Ambient::new(environment.clone(), identities.clone(), clocks);
        let witness = environment.witness();
        let no_proxy = environment.text("NO_PROXY").or_else(|| environment.text("no_proxy"));
        let no_proxy = no_proxy.map(str::to_owned);
        let keychain = Keychain::new(environment, ambient);
        Self { settings, keychain, witness, identities, no_proxy, opened: Mutex::default() }
    }

    /// A repository for reading: tokens are asked to allow nothing else.
    pub async fn reader(&self, registry: &Registry, path: &RepositoryPath) -> Fallible<Arc<dyn Reader>> {
        let inner = self.repository(registry, path, Actions::Pull).await?;
        match inner.account.creations.clone() {
            Some(creations) => Ok(Arc::new(self.prepared(inner, creations)?)),
            None => Ok(Arc::new(inner)),
        }
    }

    /// A repository for writing as well.
    pub async fn writer(&self, registry: &Registry, path: &RepositoryPath) -> Fallible<Arc<dyn Writer>> {
        let inner = self.repository(registry, path, Actions::PullPush).await?;
        match inner.account.creations.clone() {
            Some(creations) => Ok(Arc::new(self.prepared(inner, creations)?)),
            None => Ok(Arc::new(inner)),
        }
    }

    fn prepared(&self, inner: RegistryRepository, creations: Arc<Creations>) -> Fallible<Prepared> {
        let api = self.maker(&inner.account)?;
        Ok(Prepared { inner, creations, api })
    }

    /// What was asked of whom so far. What was asked of others about who we are counts for the registry
    /// that wanted to know: under the credential that came of it, or under none.
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
        let mut all: Vec<Usage> = opened.accounts.iter().map(|(_, account)| usage(account)).collect();
        for (registry, counts) in self.identities.counts() {
            let is_ours = |account: &Account| {
                account.host.registry == registry && account.authority.credential().is_some_and(is_minted)
            };
            match opened.accounts.iter().position(|(_, account)| is_ours(account)) {
                Some(at) => all[at].counts.add(&counts),
                None => all.push(Usage { registry, credential: None, counts }),
            }
        }
        all
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
    pub(super) fn settings_for(&self, registry: &Registry, path: &str) -> (Scope, RegistrySettings) {
        let holding = self.settings.iter().filter(|(scope, _)| scope.holds(registry, path));
        let longest = holding.max_by_key(|(scope, _)| scope.length());
        match longest {
            Some((scope, settings)) => (scope.clone(), settings.clone()),
            None => (Scope { registry: registry.clone(), prefix: None }, RegistrySettings::default()),
        }
    }

    /// The credential for what lies below a path; for all of a registry where the path is empty.
    pub(super) async fn credential_for(
        &self,
        registry: &Registry,
        path: &str,
        settings: &RegistrySettings,
    ) -> Fallible<Option<Credential>> {
        // No file has an entry for this path alone, so what is for the whole registry is found.
        const ANYWHERE: &str = "catalog";
        match path.parse().or_else(|_| ANYWHERE.parse()) {
            Ok(path) => self.keychain.lookup(registry, &path, settings).await,
            Err(_) => Ok(None),
        }
    }

    /// The account for settings and a credential; two credentials of one user are two.
    pub(super) fn account(
        &self,
        scope: Scope,
        settings: &RegistrySettings,
        credential: Option<Credential>,
    ) -> Fallible<Arc<Account>> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |(other, account): &&(Scope, Arc<Account>)| {
            *other == scope && account.authority.credential() == credential.as_ref()
        };
        if let Some((_, account)) = opened.accounts.iter().find(same) {
            return Ok(account.clone());
        }
        let host = opened.host(&scope, settings, self.no_proxy.as_deref())?;
        let counters = Arc::new(Counters::default());
        let transport = TokenCalls::new(host.clone(), counters.clone());
        let authority = Authority::new(
            Origin::of(&scope.registry, settings)?,
            scope.registry.clone(),
            credential,
            Arc::new(transport),
            Arc::new(Instant::now),
        )
        .witnessed_by(self.witness.clone());
        let reserve = settings.limits.quota_reserve.map_or(0, |reserve| u64::from(reserve.get()));
        let quota = Quota::new(reserve, host.profile.quota);
        let creations = settings.create.clone().map(|wanted| Arc::new(Creations::new(wanted)));
        let service = self.keychain.service(&scope.registry, settings);
        let account = Arc::new(Account { host, authority, counters, quota, creations, service });
        opened.accounts.push((scope, account.clone()));
        Ok(account)
    }
}

/// Whether others were asked for a credential.
fn is_minted(credential: &Credential) -> bool {
    matches!(credential.kind(), CredentialKind::Minted(_))
}

impl Opened {
    fn host(
        &mut self,
        scope: &Scope,
        settings: &RegistrySettings,
        no_proxy: Option<&str>,
    ) -> Fallible<Arc<Host>> {
        if let Some(host) = self.hosts.get(scope) {
            return Ok(host.clone());
        }
        let base = Origin::of(&scope.registry, settings)?.url().clone();
        let way = Way::to(&base, no_proxy);
        let setup = (settings.tls.clone(), way);
        let clients = match self.clients.get(&setup) {
            Some(clients) => clients.clone(),
            None => {
                let clients = Clients::new(&settings.tls, way, &self.names)?;
                self.clients.insert(setup, clients.clone());
                clients
            }
        };
        let profile = settings.profile.map_or_else(|| profile::of(&scope.registry), profile::named);
        let allowed = settings.realm_hosts.union(&settings.redirect_hosts).cloned().collect();
        let host = Arc::new(Host {
            registry: scope.registry.clone(),
            elsewhere: clients.elsewhere(base.host(), allowed)?,
            base,
            clients,
            throttle: Throttle::new(&settings.limits, profile),
            pace: Arc::new(Pace::new(settings.limits.bytes_per_second)),
            ranges: Ranges::new(settings.limits.ranges_per_blob),
            contact: Contact::default(),
            budget: Budget::default(),
            profile,
            mounts_fail: AtomicBool::new(profile.probe == Probe::Head),
            lessons: Lessons::new(profile.uploads),
            referrers: ReferrersApi::new(profile.referrers),
            tagging: Tagging::new(profile.tags),
        });
        self.hosts.insert(scope.clone(), host.clone());
        Ok(host)
    }
}
