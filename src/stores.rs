//! The stores of a run: from what a spec says about registries to opened repositories. Decides who
//! may write by the type that it hands out.

use crate::failure::Fallible;
use crate::oci::{Area, Repository, StoreKey};
use crate::spec::{RegistryAuth, Spec};
use crate::store::layout::{ReadLayout, WriteLayout};
use crate::store::registry::{Environment, Registries, Usage};
use crate::store::{Download, Reach, Reader, Shelf, Sight, Writer};
use async_trait::async_trait;
use bytes::Bytes;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;
use url::Url;

/// Stores that can only be looked at: what `plan` and `check` get.
pub struct ReadStores {
    registries: Registries,
    /// What was read of the sources lately.
    shelf: Arc<Shelf>,
    layouts: Cells<ReadLayout>,
    /// Layouts that may not be there yet: the same directory may be a source, which must be.
    target_layouts: Cells<ReadLayout>,
}

/// Stores that can be written to: what `sync`, `apply` and `copy` get.
pub struct WriteStores {
    read: ReadStores,
    layouts: Cells<WriteLayout>,
}

/// Layouts, each opened once.
struct Cells<L>(Mutex<HashMap<PathBuf, Arc<OnceCell<Arc<L>>>>>);

impl ReadStores {
    /// The stores that `spec` speaks of, or others with default settings.
    pub fn new(spec: Option<&Spec>, environment: Environment) -> Self {
        let settings = spec.map(|spec| spec.registries.clone()).unwrap_or_default();
        Self {
            registries: Registries::new(settings, environment),
            shelf: Arc::default(),
            layouts: Cells::default(),
            target_layouts: Cells::default(),
        }
    }

    /// What was asked of whom so far.
    pub fn usage(&self) -> Vec<Usage> {
        self.registries.usage()
    }
}

impl WriteStores {
    /// The stores that `spec` speaks of, or others with default settings.
    pub fn new(spec: Option<&Spec>, environment: Environment) -> Self {
        Self { read: ReadStores::new(spec, environment), layouts: Cells::default() }
    }

    /// What was asked of whom so far.
    pub fn usage(&self) -> Vec<Usage> {
        self.read.usage()
    }

    async fn layout(&self, directory: &Path) -> Fallible<Arc<WriteLayout>> {
        self.layouts.get(directory, WriteLayout::open(directory)).await
    }
}

#[async_trait]
impl Sight for ReadStores {
    async fn source(&self, repository: &Repository) -> Fallible<Arc<dyn Reader>> {
        let reader = match repository {
            Repository::Registry { registry, path } => self.registries.reader(registry, path).await?,
            Repository::Layout { directory, name } => {
                let layout = self.layouts.get(directory, ReadLayout::open(directory)).await?;
                layout.reader(name.clone())
            }
        };
        Ok(self.shelf.before(reader))
    }

    async fn target(&self, repository: &Repository) -> Fallible<Arc<dyn Reader>> {
        match repository {
            Repository::Registry { registry, path } => self.registries.reader(registry, path).await,
            Repository::Layout { directory, name } => {
                let open = ReadLayout::open_or_vacant(directory);
                Ok(self.target_layouts.get(directory, open).await?.reader(name.clone()))
            }
        }
    }

    async fn catalog(&self, area: &Area) -> Fallible<Vec<String>> {
        match area.store() {
            StoreKey::Registry(registry) => self.registries.catalog(registry, area).await,
            StoreKey::Layout(directory) => {
                self.layouts.get(directory, ReadLayout::open(directory)).await?.names().await
            }
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
            Repository::Layout { directory, name } => Ok(self.layout(directory).await?.writer(name.clone())),
        }
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

impl<L> Default for Cells<L> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<L> Cells<L> {
    async fn get(&self, directory: &Path, open: impl Future<Output = Fallible<L>>) -> Fallible<Arc<L>> {
        let cell = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(directory.to_owned())
            .or_default()
            .clone();
        cell.get_or_try_init(|| async { Ok(Arc::new(open.await?)) }).await.cloned()
    }
}

/// Adds the credentials of the input `registry-auth`, which go before those of the spec.
pub fn with_registry_auth(environment: Environment, auth: &RegistryAuth) -> Environment {
    const PLACE: &str = "the input registry-auth";
    auth.iter().fold(environment, |environment, (scope, credentials)| {
        environment.with_login(scope.clone(), credentials.clone(), PLACE)
    })
}
