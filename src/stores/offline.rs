//! Sources that are read from places on this disk instead of from where they are: no registry is asked for
//! them.

use crate::bundle::layout_name;
use crate::failure::{Code, Fallible};
use crate::oci::{Area, At, Descriptor, Digest, RawManifest, Referrer, Repository, StoreKey, Tag};
use crate::store::{BlobStream, Head, ListedReferrers, ReadPlace, Reader};
use async_trait::async_trait;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The places, in which repositories have the names of their sources: bundles do.
pub struct Offline(Vec<Arc<dyn ReadPlace>>);

/// A repository of which each of several places may have a part.
struct Joined(Vec<Arc<dyn Reader>>);

impl Offline {
    /// Reads from `places`, of which at least one is there: what the first has is not looked for in the second.
    pub fn new(places: Vec<Arc<dyn ReadPlace>>) -> Self {
        Self(places)
    }

    /// A source, as the places have it.
    pub fn reader(&self, repository: &Repository) -> Arc<dyn Reader> {
        let name = layout_name(repository);
        let mut readers: Vec<Arc<dyn Reader>> =
            self.0.iter().map(|place| place.reader(name.clone())).collect();
        match readers.len() {
            1 => readers.remove(0),
            _ => Arc::new(Joined(readers)),
        }
    }

    /// The repositories of a store that the places have.
    pub(super) async fn catalog(&self, area: &Area) -> Fallible<Vec<String>> {
        let before = match area.store() {
            StoreKey::Registry(registry) => format!("{registry}/"),
            StoreKey::Local(_) => String::new(),
        };
        let mut all = BTreeSet::new();
        for place in &self.0 {
            let names = place.names().await?;
            all.extend(names.iter().filter_map(|name| name.strip_prefix(&before)).map(str::to_owned));
        }
        Ok(all.into_iter().collect())
    }
}

#[async_trait]
impl Reader for Joined {
    fn repository(&self) -> &Repository {
        self.0[0].repository()
    }

    async fn tags(&self) -> Fallible<Option<Vec<Tag>>> {
        let mut all: Option<BTreeSet<Tag>> = None;
        for reader in &self.0 {
            if let Some(tags) = reader.tags().await? {
                all.get_or_insert_default().extend(tags);
            }
        }
        Ok(all.map(|all| all.into_iter().collect()))
    }

    async fn head(&self, at: &At) -> Fallible<Option<Head>> {
        for reader in &self.0 {
            if let Some(head) = reader.head(at).await? {
                return Ok(Some(head));
            }
        }
        Ok(None)
    }

    async fn manifest(&self, at: &At) -> Fallible<Option<RawManifest>> {
        for reader in &self.0 {
            if let Some(manifest) = reader.manifest(at).await? {
                return Ok(Some(manifest));
            }
        }
        Ok(None)
    }

    async fn referrers(&self, subject: &Digest) -> Fallible<ListedReferrers> {
        let mut all: Option<BTreeSet<Referrer>> = None;
        for reader in &self.0 {
            if let Some(list) = reader.referrers(subject).await?.list {
                all.get_or_insert_default().extend(list);
            }
        }
        Ok(ListedReferrers { list: all.map(|all| all.into_iter().collect()), requests: 0 })
    }

    async fn blob(&self, blob: &Descriptor, start: u64) -> Fallible<BlobStream> {
        let (last, others) = (self.0.len() - 1, &self.0[..self.0.len() - 1]);
        for reader in others {
            match reader.blob(blob, start).await {
                Err(failure) if failure.code == Code::NotFound => {}
                other => return other,
            }
        }
        self.0[last].blob(blob, start).await
    }
}
