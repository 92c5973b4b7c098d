//! Weighing: what carrying entries out costs at most, from the manifests at the sources. Never
//! reads a blob, and never writes.

use crate::failure::Fallible;
use crate::oci::{At, Descriptor, Digest, Manifest, Reference, Referrer, StoreKey};
use crate::plan::{Cost, Drift, Entry, Origin, Pin};
use crate::store::{Formed, IMAGE_MANIFESTS_MAX, INDEX_DEPTH_MAX, Reader, Sight};
use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Manifests of one image that are read at once.
const MANIFESTS_AT_ONCE: usize = 16;

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
    made_of: MadeOf,
}

/// Content by its digest.
#[derive(Debug, Default)]
struct MadeOf {
    manifests: HashSet<Digest>,
    blobs: HashMap<Digest, u64>,
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
                        let (stores, made_of) = (BTreeSet::from([store.clone()]), MadeOf::default());
                        parts.push(Part { pin, stores, made_of });
                    }
                }
            }
        }
        (!parts.is_empty()).then_some(parts)
    }

    /// Adds what an entry is made of.
    pub fn put(&mut self, Weight(parts): Weight) {
        for Part { pin: _, stores, made_of: MadeOf { manifests, blobs } } in parts {
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

/// Reads a manifest and all that it reaches, one depth after the other.
async fn read(source: &Reference, pin: &Pin, sight: &dyn Sight, made_of: &mut MadeOf) -> Fallible<()> {
    let mut reader = sight.source(&source.repository).await?;
    if let Some(Origin { digest, form, .. }) = &pin.origin {
        let Some(formed) = Formed::make(&*reader, &At::Digest(digest.clone()), form).await? else {
            return Ok(());
        };
        reader = formed.before(reader);
    }
    let mut open = vec![pin.digest.clone()];
    for _ in 0..=INDEX_DEPTH_MAX {
        open.retain(|digest| made_of.manifests.insert(digest.clone()));
        let mut reading: Vec<BoxFuture<'_, Fallible<Option<Manifest>>>> = Vec::new();
        for digest in std::mem::take(&mut open) {
            reading.push(parsed(&*reader, digest).boxed());
        }
        let mut read = stream::iter(reading).buffer_unordered(MANIFESTS_AT_ONCE);
        while let Some(manifest) = read.try_next().await? {
            let Some(Manifest { manifests, blobs, .. }) = manifest else { continue };
            if made_of.manifests.len() + open.len() + manifests.len() > IMAGE_MANIFESTS_MAX {
                // Copying it will tell why not.
                return Ok(());
            }
            let children = manifests.into_iter().map(|child| child.digest);
            open.extend(children.filter(|child| !reader.leaves_out(child)));
            let counted = blobs.into_iter().filter(|blob| !blob.stays_away());
            made_of.blobs.extend(counted.map(|Descriptor { digest, size_bytes, .. }| (digest, size_bytes)));
        }
    }
    Ok(())
}

/// A manifest; none where it is not there or cannot be read.
async fn parsed(reader: &dyn Reader, digest: Digest) -> Fallible<Option<Manifest>> {
    let raw = reader.manifest(&At::Digest(digest)).await?;
    Ok(raw.and_then(|raw| raw.parse().ok()))
}
