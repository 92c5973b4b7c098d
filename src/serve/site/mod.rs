//! What is served: gathered once from its places, and then a value that is only looked up in.

mod gather;
mod names;
mod one;
mod referrers;

pub use gather::Offer;

use crate::failure::Fallible;
use crate::oci::{Digest, MediaType, RepositoryPath, Tag};
use crate::store::{ReadPlace, Reader};
use names::Names;
use referrers::Referrers;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// By which names repositories are listed. They are found by either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// With the registry that they came from: `docker.io/library/nginx`.
    Full,
    /// Without it: `library/nginx`.
    Stripped,
}

/// Everything that is served.
pub struct Site {
    places: Vec<Arc<dyn ReadPlace>>,
    repositories: Vec<Repository>,
    names: Names,
    /// Every manifest that can be asked for, of all repositories: content is shared.
    manifests: HashMap<Digest, Known>,
    referrers: Referrers,
}

/// A repository, gathered from one place or several.
pub(super) struct Repository {
    /// What it is listed as.
    pub(super) listed: RepositoryPath,
    pub(super) tags: BTreeMap<Tag, Digest>,
}

/// A manifest that can be asked for.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) media_type: MediaType,
    pub(super) size_bytes: u64,
    pub(super) reader: Arc<dyn Reader>,
}

/// A blob that was found.
pub(super) struct Found {
    pub(super) size_bytes: u64,
    pub(super) place: Arc<dyn ReadPlace>,
}

impl Site {
    /// What the repositories are listed as, sorted.
    pub fn repositories(&self) -> impl Iterator<Item = &str> {
        self.repositories.iter().map(|repository| repository.listed.as_str())
    }

    /// How many tags there are.
    pub fn tags(&self) -> usize {
        self.repositories.iter().map(|repository| repository.tags.len()).sum()
    }

    /// The repository of this name; `registry` is the one that a mirror is asked in place of.
    pub(super) fn repository(&self, name: &RepositoryPath, registry: Option<&str>) -> Option<&Repository> {
        self.repositories.get(self.names.find(name.as_str(), registry)?)
    }

    pub(super) fn manifest(&self, digest: &Digest) -> Option<&Known> {
        self.manifests.get(digest)
    }

    /// The referrers of `subject` as descriptors in JSON, by digest.
    pub(super) fn referrers(&self, subject: &Digest) -> &[referrers::Entry] {
        self.referrers.of(subject)
    }

    /// Where a blob is; none where no place has it.
    ///
    /// # Errors
    /// A place cannot be read.
    pub(super) async fn blob(&self, digest: &Digest) -> Fallible<Option<Found>> {
        for place in &self.places {
            if let Some(size_bytes) = place.blob_size(digest).await? {
                return Ok(Some(Found { size_bytes, place: Arc::clone(place) }));
            }
        }
        Ok(None)
    }
}
