//! The stores of a run: from what a spec says about registries to opened repositories. Decides who
//! may write by the type that it hands out.

mod local;
mod offline;

pub use offline::Offline;

use crate::failure::{Failure, Fallible};
use crate::oci::{Area, Place, Repository, StoreKey};
use crate::spec::{RegistryAuth, Spec};
use crate::store::registry::{Environment, Registries, Usage};
use crate::store::{Download, Reach, ReadPlace, Reader, Shelf, Sight, WritePlace, Writer};
use async_trait::async_trait;
use bytes::Bytes;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;
use url::Url;

/// Stores that can only be looked at: what `plan` and `check` get.
pub struct ReadStores {
    registries: Registries,
    /// What was read of the sources lately.
    shelf: Arc<Shelf>,
    places: Cells<dyn ReadPlace>,
    /// Places that may not be there yet: the same one may be a source, which must be.
    target_places: Cells<dyn ReadPlace>,
    /// Where sources are read instead, if anywhere.
    offline: Option<Offline>,
}

/// Stores that can be written to: what `sync`, `apply` and `copy` get.
pub struct WriteStores {
    read: ReadStores,
    places: Cells<dyn WritePlace>,
}

/// Places, each opened once.
struct Cells<P: ?Sized>(Mutex<HashMap<Place, Arc<OnceCell<Arc<P>>>>>);

impl ReadStores {
    /// The stores that `spec` speaks of, or others with default settings.
    pub fn new(spec: Option<&Spec>, environment: Environment) -> Self {
        let settings = spec.map(|spec| spec.registries.clone()).unwrap_or_default();
        Self {
            registries: Registries::new(settings, environment),
            shelf: Arc::default(),
            places: Cells::default(),
            target_places: Cells::default(),
            offline: None,
        }
    }

    /// Reads all sources there, whatever registry they are in.
    pub fn reading(self, offline: Offline) -> Self {
        Self { offline: Some(offline), ..self }
    }

    /// What was asked of whom so far.
    pub fn usage(&self) -> Vec<Usage> {
        self.registries.usage()
    }
}

impl WriteStores {
    /// The stores that `spec` speaks of, or others with default settings.
    pub fn new(spec: Option<&Spec>, environment: Environment) -> Self {
        Self { read: ReadStores::new(spec, environment), places: Cells::default() }
    }

    /// Reads all sources there, whatever registry they are in.
    pub fn reading(self, offline: Offline) -> Self {
        Self { read: self.read.reading(offline), ..self }
    }

    /// What was asked of whom so far.
    pub fn usage(&self) -> Vec<Usage> {
        self.read.usage()
    }
}

#[async_trait]
impl Sight for ReadStores {
    async fn source(&self, repository: &Repository) -> Fallible<Arc<dyn Reader>> {
        let reader = match repository {
            _ if let Some(offline) = &self.offline => offline.reader(repository),
            Repository::Registry { registry, path } => self.registries.reader(registry, path).await?,
            Repository::Local { place, name } => {
                self.places.get(place, local::source(place)).await?.reader(name.clone())
            }
        };
        Ok(self.shelf.before(reader))
    }

    async fn target(&self, repository: &Repository) -> Fallible<Arc<dyn Reader>> {
        match repository {
            Repository::Registry { registry, path } => self.registries.reader(registry, path).await,
            Repository::Local { place, name } => {
                let place = self.target_places.get(place, local::target(place)).await?;
                Ok(place.reader(name.clone()))
            }
        }
    }

    async fn catalog(&self, area: &Area) -> Fallible<Vec<String>> {
        if let Some(offline) = &self.offline {
            return offline.catalog(area).await;
        }
        match area.store() {
            StoreKey::Registry(registry) => self.registries.catalog(registry, area).await,
            StoreKey::Local(place) => self.places.get(place, local::source(place)).await?.names().await,
        }
    }
}

#[async_trait]
impl Download for ReadStores {
    async fn download(&self, url: &Url, bytes_max: u64) -> Fallible<Bytes> {
        self.registries.download(url, bytes_max).await
    }
}

#[async_trait]
impl Reach for WriteStores {
    async fn source(&self, repository: &Repository) -> Fallible<Arc<dyn Reader>> {
        self.read.source(repository).await
    }

    async fn target(&self, repository: &Repository) -> Fallible<Arc<dyn Writer>> {
        match repository {
            Repository::Registry { registry, path } => self.read.registries.writer(registry, path).await,
            Repository::Local { place, name } => {
                Ok(self.places.get(place, local::writable(place)).await?.writer(name.clone()))
            }
        }
    }

    async fn finish(&self) -> Vec<(StoreKey, Box<Failure>)> {
        let mut failed = Vec::new();
        for (place, opened) in self.places.opened() {
            if let Err(failure) = opened.finish().await {
                failed.push((StoreKey::Local(place), failure));
            }
        }
        failed
    }
}

/// What is going to be written to is looked at with the same rights, which saves tokens.
#[async_trait]
impl Sight for WriteStores {
    async fn source(&self, repository: &Repository) -> Fallible<Arc<dyn Reader>> {
        self.read.source(repository).await
    }

    async fn target(&self, repository: &Repository) -> Fallible<Arc<dyn Reader>> {
        let writer: Arc<dyn Writer> = Reach::target(self, repository).await?;
        Ok(writer)
    }

    async fn catalog(&self, area: &Area) -> Fallible<Vec<String>> {
        self.read.catalog(area).await
    }
}

#[async_trait]
impl Download for WriteStores {
    async fn download(&self, url: &Url, bytes_max: u64) -> Fallible<Bytes> {
        self.read.download(url, bytes_max).await
    }
}

impl<P: ?Sized> Default for Cells<P> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<P: ?Sized> Cells<P> {
    /// Those that were opened, sorted.
    fn opened(&self) -> BTreeMap<Place, Arc<P>> {
        let cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cells.iter().filter_map(|(place, cell)| Some((place.clone(), Arc::clone(cell.get()?)))).collect()
    }

    async fn get(&self, place: &Place, open: impl Future<Output = Fallible<Arc<P>>>) -> Fallible<Arc<P>> {
        let cell = {
            let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(place.clone()).or_default())
        };
        cell.get_or_try_init(|| open).await.cloned()
    }
}

/// Adds the credentials of the input `registry-auth`, which go before those of the spec.
pub fn with_registry_auth(environment: Environment, auth: &RegistryAuth) -> Environment {
    const PLACE: &str = "the input registry-auth";
    auth.iter().fold(environment, |environment, (scope, credentials)| {
        environment.with_login(scope.clone(), credentials.clone(), PLACE)
    })
}
