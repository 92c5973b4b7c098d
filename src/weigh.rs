//! Weighing: what carrying entries out costs at most, from the manifests at the sources. Never
//! reads a blob, and never writes.

use crate::facts::Parts;
use crate::failure::Fallible;
use crate::oci::{At, Digest, Reference, Referrer, StoreKey};
use crate::plan::{Cost, Drift, Entry, Origin, Pin};
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

/// What one entry is made of, and for which stores it counts.
#[derive(Debug, Default)]
pub struct Weight(Vec<Part>);

/// An image, or one of its referrers.
#[derive(Debug)]
struct Part {
    pin: Pin,
    stores: BTreeSet<StoreKey>,
    made_of: Parts,
}

impl Scale {
    /// Reads what an entry is made of; none where nothing of it is pending that is not weighed yet.
    ///
    /// An image whose manifests cannot be read counts as nothing here: copying it will tell why.
    pub fn weigh(&mut self, entry: &Entry, sight: &Arc<dyn Sight>) -> Option<BoxFuture<'static, Weight>> {
        let mut parts = self.parts(entry)?;
        let (source, sight) = (entry.source.clone(), Arc::clone(sight));
        let weighed = async move {
            for Part { pin, made_of, .. } in &mut parts {
                if let Err(failure) = read(&source, pin, &*sight, made_of).await {
                    tracing::debug!(%failure, "cannot be weighed");
                }
            }
            Weight(parts)
        };
        Some(weighed.boxed())
    }

    /// What of an entry some target lacks and was not asked for yet: the image, and its referrers.
    fn parts(&mut self, entry: &Entry) -> Option<Vec<Part>> {
        let mut parts: Vec<Part> = Vec::new();
        for target in entry.targets.iter().filter(|target| target.drift.is_pending()) {
            let store = target.reference.repository.store();
            let is_there = matches!(target.drift, Drift::Incomplete { .. });
            let image = entry.pin.clone().filter(|_| !is_there);
            let plain = |Referrer { digest, media_type, .. }: &Referrer| Pin {
                digest: digest.clone(),
                media_type: media_type.clone(),
                origin: None,
            };
            for pin in image.into_iter().chain(target.lacks.iter().map(plain)) {
                if !self.images.insert((store.clone(), pin.digest.clone())) {
                    continue;
                }
                match parts.iter_mut().find(|part| part.pin == pin) {
                    Some(part) => drop(part.stores.insert(store.clone())),
                    None => {
                        let (stores, made_of) = (BTreeSet::from([store.clone()]), Parts::default());
                        parts.push(Part { pin, stores, made_of });
                    }
                }
            }
        }
        (!parts.is_empty()).then_some(parts)
    }

    /// Adds what an entry is made of.
    pub fn put(&mut self, Weight(parts): Weight) {
        for Part { pin: _, stores, made_of: Parts { manifests, blobs, .. } } in parts {
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
    }

    /// What everything on it costs at most.
    pub fn cost(&self) -> Cost {
        self.cost
    }
}

/// Reads what is mirrored for a pin.
async fn read(source: &Reference, pin: &Pin, sight: &dyn Sight, made_of: &mut Parts) -> Fallible<()> {
    let mut reader = sight.source(&source.repository).await?;
    if let Some(Origin { digest, form, .. }) = &pin.origin {
        let Some(formed) = Formed::make(&*reader, &At::Digest(digest.clone()), form).await? else {
            return Ok(());
        };
        reader = formed.before(reader);
    }
    made_of.add(&*reader, pin.digest.clone()).await
}
