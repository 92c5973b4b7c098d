//! The shelf: manifests that were fetched lately, for whoever needs the same again: a filter's facts,
//! the weighing of a plan, the copying of other tags. Bounded in bytes; holds verified content only.

use super::{BlobStream, Condition, Costs, Depth, Head, Listed, ListedReferrers, Reader};
use crate::failure::Fallible;
use crate::oci::{At, Descriptor, Digest, RawManifest, Repository, StoreKey, Tag};
use async_trait::async_trait;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// Most bytes of manifests that are kept: some thousand indexes, each asked for by a filter first and
/// by the copy that follows.
const BYTES_MAX: usize = 32 << 20;

/// What is kept: a manifest as one store serves it. No store is believed about what another has.
type Key = (StoreKey, Digest);

/// Manifests by store and digest; the oldest make room for new ones.
#[derive(Debug, Default)]
pub struct Shelf(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    manifests: HashMap<Key, RawManifest>,
    by_age: VecDeque<Key>,
    bytes: usize,
}

/// A reader that takes manifests from a shelf where they are on it.
struct Shelved {
    shelf: Arc<Shelf>,
    reader: Arc<dyn Reader>,
}

impl Shelf {
    /// `reader`, but what is on the shelf is not fetched again.
    pub fn before(self: &Arc<Self>, reader: Arc<dyn Reader>) -> Arc<dyn Reader> {
        Arc::new(Shelved { shelf: Arc::clone(self), reader })
    }

    fn find(&self, key: &Key) -> Option<RawManifest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).manifests.get(key).cloned()
    }

    fn keep(&self, key: Key, raw: &RawManifest) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.manifests.insert(key.clone(), raw.clone()).is_some() {
            return;
        }
        kept.by_age.push_back(key);
        kept.bytes += raw.bytes.len();
        while kept.bytes > BYTES_MAX {
            let Some(oldest) = kept.by_age.pop_front() else { return };
            let gone = kept.manifests.remove(&oldest);
            kept.bytes -= gone.map_or(0, |gone| gone.bytes.len());
        }
    }
}

#[async_trait]
impl Reader for Shelved {
    fn repository(&self) -> &Repository {
        self.reader.repository()
    }

    async fn tags(&self) -> Fallible<Option<Vec<Tag>>> {
        self.reader.tags().await
    }

    async fn list(&self, pages_max: usize) -> Fallible<Listed> {
        self.reader.list(pages_max).await
    }

    async fn list_after(&self, last: &Tag) -> Fallible<Listed> {
        self.reader.list_after(last).await
    }

    async fn pushed(&self) -> Fallible<Option<Vec<Tag>>> {
        self.reader.pushed().await
    }

    fn costs(&self) -> Costs {
        self.reader.costs()
    }

    async fn head(&self, at: &At) -> Fallible<Option<Head>> {
        self.reader.head(at).await
    }

    async fn manifest(&self, at: &At) -> Fallible<Option<RawManifest>> {
        let key = |digest: &Digest| (self.repository().store(), digest.clone());
        if let At::Digest(digest) = at
            && let Some(raw) = self.shelf.find(&key(digest))
        {
            return Ok(Some(raw));
        }
        let fetched = self.reader.manifest(at).await?;
        // What cannot be read was perhaps damaged on its way, and shall be asked for again.
        if let Some(raw) = fetched.as_ref().filter(|raw| raw.parse().is_ok()) {
            self.shelf.keep(key(&raw.digest), raw);
        }
        Ok(fetched)
    }

    async fn referrers(&self, subject: &Digest) -> Fallible<ListedReferrers> {
        self.reader.referrers(subject).await
    }

    async fn blob(&self, blob: &Descriptor, start: u64) -> Fallible<BlobStream> {
        self.reader.blob(blob, start).await
    }

    async fn look_at(&self, blob: &Descriptor, depth: Depth) -> Fallible<Condition> {
        self.reader.look_at(blob, depth).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::MediaType;
    use bytes::Bytes;

    #[test]
    fn old_manifests_make_room_for_new_ones() {
        let store = "r.test/app".parse::<Repository>().expect("a repository").store();
        let raw =
            |byte: u8| RawManifest::new(MediaType::oci_index(), Bytes::from(vec![byte; BYTES_MAX / 3]), None);
        let key = |raw: &RawManifest| (store.clone(), raw.digest.clone());
        let shelf = Shelf::default();
        let [first, second, third, fourth] = [1, 2, 3, 4].map(raw);
        for manifest in [&first, &second, &second, &third] {
            shelf.keep(key(manifest), manifest);
        }
        assert_eq!(shelf.find(&key(&first)), Some(first.clone()));
        shelf.keep(key(&fourth), &fourth);
        assert_eq!(shelf.find(&key(&first)), None);
        assert_eq!(shelf.find(&key(&fourth)), Some(fourth));
        let elsewhere = "other.test/app".parse::<Repository>().expect("a repository").store();
        assert_eq!(shelf.find(&(elsewhere, second.digest.clone())), None);
        assert_eq!(shelf.find(&key(&second)), Some(second));
    }
}
