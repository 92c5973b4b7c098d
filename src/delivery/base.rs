//! What a delta needs of its targets: the blobs that it leaves out are looked for there before anything is
//! written. Asks; never writes.

use crate::bundle::LeftBlob;
use crate::failure::{Code, Fallible};
use crate::oci::{At, Descriptor, Digest, MediaType, Repository};
use crate::plan::{Entry, TargetEntry};
use crate::store::{Condition, Depth, INDEX_DEPTH_MAX, Reader, Sight};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Blobs that are asked for at once.
const LOOKS_AT_ONCE: usize = 16;

/// What the targets have of what is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Base {
    /// Repositories with a blob that they have.
    pub has: Vec<(Repository, Digest)>,
    /// Repositories with the blobs that they lack and that can be mounted from nowhere, and their lengths in
    /// bytes.
    pub lacks: BTreeMap<Repository, BTreeMap<Digest, u64>>,
}

/// Looks for the blobs of `left_out` that the pending targets of `entries` need.
///
/// # Errors
/// A bundle or a target cannot be read.
pub async fn base(entries: &[Entry], left_out: &[LeftBlob], sight: &dyn Sight) -> Fallible<Base> {
    let left_out: HashMap<&Digest, &LeftBlob> = left_out.iter().map(|blob| (&blob.digest, blob)).collect();
    let mut needed: BTreeSet<(&Repository, Digest)> = BTreeSet::new();
    let mut known: HashMap<Digest, Vec<Digest>> = HashMap::new();
    for entry in entries {
        let source = sight.source(&entry.source.repository).await?;
        for target in entry.targets.iter().filter(|target| target.drift.is_pending()) {
            for root in roots(entry, target) {
                if !known.contains_key(root) {
                    known.insert(root.clone(), blobs(&*source, root, &left_out).await?);
                }
                let blobs = known.get(root).into_iter().flatten();
                needed.extend(blobs.map(|blob| (&target.reference.repository, blob.clone())));
            }
        }
    }
    let looks = needed.iter().map(|(target, digest)| look(target, left_out[digest], sight));
    let looks: Vec<_> = looks.collect();
    let found: Vec<Found> = stream::iter(looks).buffered(LOOKS_AT_ONCE).try_collect().await?;
    let mut base = Base::default();
    for ((target, digest), found) in needed.iter().zip(found) {
        match found {
            Found::At(repository) => base.has.push((repository, digest.clone())),
            Found::Nowhere => {
                let lacks = base.lacks.entry((*target).clone()).or_default();
                lacks.insert(digest.clone(), left_out[digest].size_bytes);
            }
        }
    }
    Ok(base)
}

/// The manifests that are going to be written: the image, and what speaks about it.
fn roots<'a>(entry: &'a Entry, target: &'a TargetEntry) -> impl Iterator<Item = &'a Digest> {
    let image = entry.pin.iter().map(|pin| &pin.digest);
    image.chain(target.lacks.iter().map(|referrer| &referrer.digest))
}

/// What is left out of all that a manifest reaches. A manifest that is not there is told when it is copied.
async fn blobs(
    source: &dyn Reader,
    root: &Digest,
    left_out: &HashMap<&Digest, &LeftBlob>,
) -> Fallible<Vec<Digest>> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut level = vec![root.clone()];
    for _ in 0..=INDEX_DEPTH_MAX {
        let mut below = Vec::new();
        for digest in level {
            if !seen.insert(digest.clone()) {
                continue;
            }
            let Some(raw) = source.manifest(&At::Digest(digest)).await? else { continue };
            let Ok(manifest) = raw.parse() else { continue };
            below.extend(manifest.manifests.into_iter().map(|child| child.digest));
            let blobs = manifest.blobs.into_iter().map(|blob| blob.digest);
            found.extend(blobs.filter(|blob| left_out.contains_key(blob)));
        }
        level = below;
    }
    Ok(found)
}

/// Where a blob was found.
enum Found {
    At(Repository),
    Nowhere,
}

/// Looks in the repository that needs the blob, then in those of its store that had it.
async fn look(target: &Repository, left: &LeftBlob, sight: &dyn Sight) -> Fallible<Found> {
    let elsewhere = left.at.iter().filter(|at| at.store() == target.store() && *at != target);
    let blob = Descriptor::new(octets(), left.digest.clone(), left.size_bytes);
    for (repository, must_answer) in std::iter::once((target, true)).chain(elsewhere.map(|at| (at, false))) {
        let there = async { sight.target(repository).await?.look_at(&blob, Depth::Word).await };
        match there.await {
            Ok(Condition::Sound) => return Ok(Found::At(repository.clone())),
            Ok(Condition::Absent | Condition::Damaged(_)) => {}
            Err(failure) if failure.code == Code::NotFound || !must_answer => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(Found::Nowhere)
}

fn octets() -> MediaType {
    "application/octet-stream".parse().expect("it is a media type")
}
