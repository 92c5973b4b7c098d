//! Weighing: what carrying entries out costs at most, from the manifests at the sources. Never
//! reads a blob, and never writes.

use crate::failure::Fallible;
use crate::oci::{At, Descriptor, Digest, Reference, StoreKey};
use crate::plan::{Cost, Entry};
use crate::store::{INDEX_DEPTH_MAX, Reader, Sight};
use futures::StreamExt as _;
use futures::future::{BoxFuture, FutureExt as _};
use futures::stream;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Entries that are weighed at once.
const ENTRIES_AT_ONCE: usize = 16;

/// What one image is made of.
#[derive(Default)]
struct Weight {
    manifests: HashSet<Digest>,
    blobs: HashMap<Digest, u64>,
}

/// Weighs the entries that have something pending. Each blob counts once for each target store; what
/// is at the target already is not known before it is tried.
///
/// An image whose manifests cannot be read counts as nothing here: copying it will tell why.
pub async fn weigh(entries: &[Entry], sight: &Arc<dyn Sight>) -> Cost {
    let mut images: HashMap<&Digest, (&Entry, BTreeSet<StoreKey>)> = HashMap::new();
    for entry in entries {
        let pending = entry.targets.iter().filter(|target| target.drift.is_pending());
        let stores: BTreeSet<StoreKey> = pending.map(|target| target.reference.repository.store()).collect();
        if let (Some(pin), false) = (&entry.pin, stores.is_empty()) {
            images.entry(&pin.digest).or_insert((entry, BTreeSet::new())).1.extend(stores);
        }
    }
    let mut weighings: Vec<BoxFuture<'_, (BTreeSet<StoreKey>, Weight)>> = Vec::new();
    for (digest, (entry, stores)) in images {
        weighings.push(weigh_image(&entry.source, digest, stores, Arc::clone(sight)).boxed());
    }
    let mut weighed = stream::iter(weighings).buffer_unordered(ENTRIES_AT_ONCE);
    let mut counted: HashSet<(StoreKey, Digest)> = HashSet::new();
    let mut cost = Cost::default();
    while let Some((stores, weight)) = weighed.next().await {
        for store in stores {
            for digest in &weight.manifests {
                cost.manifests += u64::from(counted.insert((store.clone(), digest.clone())));
            }
            for (digest, size_bytes) in &weight.blobs {
                if counted.insert((store.clone(), digest.clone())) {
                    cost.blobs += 1;
                    cost.bytes_max += size_bytes;
                }
            }
        }
    }
    cost
}

async fn weigh_image(
    source: &Reference,
    digest: &Digest,
    stores: BTreeSet<StoreKey>,
    sight: Arc<dyn Sight>,
) -> (BTreeSet<StoreKey>, Weight) {
    let mut weight = Weight::default();
    let weighed = async {
        let reader = sight.source(&source.repository).await?;
        add(&*reader, digest, &mut weight).await
    };
    if let Err(failure) = weighed.await {
        tracing::debug!(%failure, "cannot be weighed");
    }
    (stores, weight)
}

/// Adds a manifest and all that it reaches.
async fn add(reader: &dyn Reader, root: &Digest, weight: &mut Weight) -> Fallible<()> {
    let mut open = vec![(root.clone(), 0)];
    while let Some((digest, depth)) = open.pop() {
        if depth > INDEX_DEPTH_MAX || !weight.manifests.insert(digest.clone()) {
            continue;
        }
        let Some(raw) = reader.manifest(&At::Digest(digest)).await? else { continue };
        let Ok(manifest) = raw.parse() else { continue };
        open.extend(manifest.manifests.into_iter().map(|child| (child.digest, depth + 1)));
        let counted = manifest.blobs.into_iter().filter(|blob| !blob.stays_away());
        weight.blobs.extend(counted.map(|Descriptor { digest, size_bytes, .. }| (digest, size_bytes)));
    }
    Ok(())
}
