//! Weighing: what carrying entries out costs at most, from the manifests at the sources. Never
//! reads a blob, and never writes.

use crate::facts::Parts;
use crate::failure::Fallible;
use crate::oci::{At, Digest, Reference, StoreKey};
use crate::plan::{Cost, Entry, Origin, Pin};
use crate::store::{Formed, Sight};
use futures::future::{BoxFuture, FutureExt as _};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// What entries weigh together: each manifest and each blob counts once for each target store. What is
/// at the target already is not known before it is tried.
#[derive(Debug, Default)]
pub struct Scale {
    /// The images that were asked for, and for which stores.
    images: HashSet<(StoreKey, Digest)>,
    counted: HashSet<(StoreKey, Digest)>,
    cost: Cost,
}

/// What one image is made of, and for which stores it counts.
#[derive(Debug, Default)]
pub struct Weight {
    stores: BTreeSet<StoreKey>,
    parts: Parts,
}

impl Scale {
    /// Reads what an entry is made of; none where nothing of it is pending that is not weighed yet.
    ///
    /// An image whose manifests cannot be read counts as nothing here: copying it will tell why.
    pub fn weigh(&mut self, entry: &Entry, sight: &Arc<dyn Sight>) -> Option<BoxFuture<'static, Weight>> {
        let pin = entry.pin.clone()?;
        let digest = pin.digest.clone();
        let pending = entry.targets.iter().filter(|target| target.drift.is_pending());
        let stores = pending.map(|target| target.reference.repository.store());
        let is_new = |store: &StoreKey| self.images.insert((store.clone(), digest.clone()));
        let stores: BTreeSet<StoreKey> = stores.filter(is_new).collect();
        if stores.is_empty() {
            return None;
        }
        let (source, sight) = (entry.source.clone(), Arc::clone(sight));
        let weighed = async move {
            let mut weight = Weight { stores, ..Weight::default() };
            if let Err(failure) = read(&source, pin, &*sight, &mut weight.parts).await {
                tracing::debug!(%failure, "cannot be weighed");
            }
            weight
        };
        Some(weighed.boxed())
    }

    /// Adds what an image is made of.
    pub fn put(&mut self, weight: Weight) {
        let Weight { stores, parts: Parts { manifests, blobs, .. } } = weight;
        for store in stores {
            for digest in &manifests {
                self.cost.manifests += u64::from(self.counted.insert((store.clone(), digest.clone())));
            }
            for (digest, size_bytes) in &blobs {
                if self.counted.insert((store.clone(), digest.clone())) {
                    self.cost.blobs += 1;
                    self.cost.bytes_max += size_bytes;
                }
            }
        }
    }

    /// What everything on it costs at most.
    pub fn cost(&self) -> Cost {
        self.cost
    }
}

/// Reads what is mirrored for a pin.
async fn read(source: &Reference, pin: Pin, sight: &dyn Sight, parts: &mut Parts) -> Fallible<()> {
    let mut reader = sight.source(&source.repository).await?;
    if let Some(Origin { digest, form, .. }) = pin.origin {
        let Some(formed) = Formed::make(&*reader, &At::Digest(digest), &form).await? else { return Ok(()) };
        reader = formed.before(reader);
    }
    parts.add(&*reader, pin.digest).await
}
