//! What is known of repositories: their tags, and who speaks about which of their manifests. Each is asked
//! once; who comes later waits for the answer.

use super::asking::Asking;
use super::source_tags::{SourceTags, Tags, belonging};
use crate::failure::Fallible;
use crate::oci::{Digest, MediaType, Referrer, Repository, Tag};
use crate::store::{Extent, Head, Listed};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Values that are made once, each when it is first asked for.
#[derive(Debug)]
pub(super) struct Cells<K, V>(Mutex<HashMap<K, Arc<OnceCell<V>>>>);

/// Repositories, and what is known of them.
#[derive(Debug, Default)]
pub(super) struct Places(Mutex<HashMap<Repository, Arc<Place>>>);

/// What is known of one repository.
#[derive(Debug, Default)]
pub(super) struct Place {
    tags: OnceCell<Tags>,
    /// By subject, what the store itself lists; none where it has no lists.
    pub(super) listed: Cells<Digest, Option<Vec<Referrer>>>,
    /// By subject, what tags say.
    pub(super) tagged: Cells<Digest, Vec<Referrer>>,
    /// What manifests say that they are.
    pub(super) types: Cells<Digest, Option<MediaType>>,
    /// What tags name that cosign wrote.
    pub(super) heads: Cells<Tag, Option<Head>>,
}

impl<K, V> Default for Cells<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash + Clone, V: Clone> Cells<K, V> {
    /// The value for `key`; made when it is not there. What fails is tried again by whoever asks next.
    pub(super) async fn get(&self, key: &K, make: impl Future<Output = Fallible<V>>) -> Fallible<V> {
        let cell = {
            let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(key.clone()).or_default())
        };
        cell.get_or_try_init(|| make).await.cloned()
    }
}

impl Places {
    pub(super) fn of(&self, repository: &Repository) -> Arc<Place> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(repository.clone()).or_default())
    }
}

impl Place {
    /// The tags of the repository that belong to digests: those of a list that was made anyway, or else of
    /// one list for all images. Asking for each tells what is wrong where there is no list.
    pub(super) async fn tags(&self, asking: Asking<'_>, known: &SourceTags) -> &Tags {
        let listed = async {
            let listing = match known {
                SourceTags::Listed(listing) => Arc::clone(listing),
                SourceTags::Named(_) => match asking.list(known.pages_max()).await {
                    Ok(Listed::Tags(listing)) => Arc::new(belonging(&listing)),
                    Ok(Listed::Nowhere | Listed::Untold) | Err(_) => return Tags::Unlisted,
                },
            };
            let rest = match (listing.extent, before_all()) {
                (Extent::MayBeCut, Some(before)) => {
                    Some(asking.list_after(&before).await.unwrap_or(Listed::Untold))
                }
                _ => None,
            };
            Tags::of(&listing, rest)
        };
        self.tags.get_or_init(|| listed).await
    }
}

/// What stands before every tag that belongs to a digest.
fn before_all() -> Option<Tag> {
    "sha256-".parse().ok()
}
