//! What a bundle is made of, and what it says of itself: from entries and what they are made of. Pure.

use super::gather::Gathered;
use crate::bundle::{
    BundleIndex, BundledImage, BundledReferrer, Contents, Inventory, LEFT_OUT_TYPE, LeftBlob, LeftOut,
    layout_name,
};
use crate::oci::{Descriptor, Digest, Place, PlaceKind, Reference, Referrer, Repository, StoreKey};
use crate::plan::{Drift, Entry, TargetEntry};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

/// A bundle that can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// What is in it.
    pub contents: Contents,
    /// What is not, because an inventory has it.
    pub left_out: LeftOut,
}

/// Why entries cannot be packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unpackable {
    /// A manifest of an entry was not gathered: a mistake of ours.
    Missing(Digest),
}

/// The entry as the bundle at `path` takes it: one target, in the bundle, for all that are pending. Those
/// that are refused stay as they are. None where nothing is pending.
pub fn packed(entry: &Entry, path: &Path) -> Option<Entry> {
    let (pending, mut targets): (Vec<&TargetEntry>, Vec<TargetEntry>) = (
        entry.targets.iter().filter(|target| target.drift.is_pending()).collect(),
        entry.targets.iter().filter(|target| !target.drift.is_pending()).cloned().collect(),
    );
    if pending.is_empty() {
        return None;
    }
    let mut lacks: Vec<Referrer> = Vec::new();
    for referrer in pending.iter().flat_map(|target| &target.lacks) {
        if !lacks.contains(referrer) {
            lacks.push(referrer.clone());
        }
    }
    let repository = Repository::Local { place: place(path), name: layout_name(&entry.source.repository) };
    let Reference { tag, digest, .. } = entry.source.clone();
    let digest = digest.filter(|_| tag.is_none());
    let reference = Reference { repository, tag, digest };
    targets.insert(0, TargetEntry { reference, drift: Drift::Absent, lacks });
    Some(Entry { targets, ..entry.clone() })
}

/// What the bundle at `path` is made of where it has `entries`, without the blobs that `inventories` have.
///
/// # Errors
/// `gathered` lacks a manifest of an entry.
pub fn contents(
    entries: &[Entry],
    gathered: &Gathered,
    inventories: &[(Digest, Inventory)],
    path: &Path,
) -> Result<Packed, Unpackable> {
    let Gathered { manifests, configs, blobs } = gathered;
    let left_out = LeftOut { blobs: left_out(blobs, manifests, inventories) };
    let is_left: BTreeSet<&Digest> = left_out.blobs.iter().map(|blob| &blob.digest).collect();
    let mut contents = Contents { documents: manifests.clone(), ..Contents::default() };
    for (digest, (size_bytes, _)) in blobs {
        if is_left.contains(digest) || manifests.contains_key(digest) {
            continue;
        }
        let kind = if configs.contains(digest) { &mut contents.configs } else { &mut contents.layers };
        kind.insert(digest.clone(), *size_bytes);
    }
    let mut index = index(entries, manifests, path)?;
    if !inventories.is_empty() {
        let bytes = left_out.write();
        let digest = Digest::of(&bytes);
        let media_type = LEFT_OUT_TYPE.parse().expect("it is a media type");
        index.left_out = Some(Descriptor::new(media_type, digest.clone(), bytes.len() as u64));
        let bases: BTreeSet<&Digest> = inventories.iter().map(|(digest, _)| digest).collect();
        index.bases = bases.into_iter().cloned().collect();
        contents.documents.insert(digest, bytes.into());
    }
    contents.index = index.write();
    Ok(Packed { contents, left_out })
}

/// The blobs that need not travel. An inventory that knows a store which a blob goes to is asked about that
/// store; where no inventory knows any of them, as one of an older bundle, each is taken at its word.
fn left_out(
    blobs: &BTreeMap<Digest, (u64, BTreeSet<StoreKey>)>,
    manifests: &BTreeMap<Digest, bytes::Bytes>,
    inventories: &[(Digest, Inventory)],
) -> Vec<LeftBlob> {
    let mut known: BTreeMap<(&Digest, u64), BTreeMap<StoreKey, &Repository>> = BTreeMap::new();
    let mut stores: BTreeSet<StoreKey> = BTreeSet::new();
    for (_, inventory) in inventories {
        for repository in &inventory.repositories {
            stores.insert(repository.name.store());
            for (digest, size_bytes) in &repository.blobs {
                let at = known.entry((digest, *size_bytes)).or_default();
                at.entry(repository.name.store()).or_insert(&repository.name);
            }
        }
    }
    let mut left = Vec::new();
    for (digest, (size_bytes, wanted)) in blobs {
        let Some(at) = known.get(&(digest, *size_bytes)) else { continue };
        let is_known = wanted.iter().any(|store| stores.contains(store));
        let is_there = wanted.iter().all(|store| at.contains_key(store));
        if manifests.contains_key(digest) || (is_known && !is_there) {
            continue;
        }
        let at = at.values().map(|repository| (*repository).clone()).collect();
        left.push(LeftBlob { digest: digest.clone(), size_bytes: *size_bytes, at });
    }
    left
}

fn index(
    entries: &[Entry],
    manifests: &BTreeMap<Digest, bytes::Bytes>,
    path: &Path,
) -> Result<BundleIndex, Unpackable> {
    // Where nobody named a target, it is the bundle itself.
    let own = StoreKey::Local(place(path));
    let size = |digest: &Digest| {
        let bytes = manifests.get(digest).ok_or_else(|| Unpackable::Missing(digest.clone()))?;
        Ok(bytes.len() as u64)
    };
    let mut images: BTreeMap<(Reference, Digest), BundledImage> = BTreeMap::new();
    let mut referrers: BTreeMap<(Repository, Referrer), BundledReferrer> = BTreeMap::new();
    let mut names = BTreeMap::new();
    for entry in entries {
        let is_pending = entry.targets.iter().any(|target| target.drift.is_pending());
        let Some(pin) = entry.pin.as_ref().filter(|_| is_pending) else { continue };
        let source = &entry.source;
        let name = source.tag.clone().map(|tag| (layout_name(&source.repository), tag));
        // One name for one image: where two rules mirror it in two forms, the first has it.
        let name =
            name.filter(|name| *names.entry(name.clone()).or_insert_with(|| &pin.digest) == &pin.digest);
        let size_bytes = size(&pin.digest)?;
        let image = images.entry((source.clone(), pin.digest.clone())).or_insert_with(|| BundledImage {
            source: source.clone(),
            digest: pin.digest.clone(),
            media_type: pin.media_type.clone(),
            size_bytes,
            name,
            targets: BTreeSet::new(),
        });
        for target in entry.targets.iter().filter(|target| target.drift.is_pending()) {
            let is_elsewhere = target.reference.repository.store() != own;
            image.targets.extend(is_elsewhere.then(|| target.reference.clone()));
            for referrer in &target.lacks {
                let key = (source.repository.clone(), referrer.clone());
                let size_bytes = size(&referrer.digest)?;
                let bundled = referrers.entry(key).or_insert_with(|| BundledReferrer {
                    source: source.repository.clone(),
                    referrer: referrer.clone(),
                    size_bytes,
                    targets: BTreeSet::new(),
                });
                bundled.targets.extend(is_elsewhere.then(|| target.reference.repository.clone()));
            }
        }
    }
    let (images, referrers) = (images.into_values().collect(), referrers.into_values().collect());
    Ok(BundleIndex { images, referrers, ..BundleIndex::default() })
}

fn place(path: &Path) -> Place {
    Place { kind: PlaceKind::Archive, path: path.to_owned() }
}

impl fmt::Display for Unpackable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(digest) => write!(f, "the manifest {digest} was not gathered"),
        }
    }
}

impl std::error::Error for Unpackable {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::Stock;

    fn store(host: &str) -> StoreKey {
        format!("{host}/a").parse::<Repository>().expect("a repository").store()
    }

    fn stock(name: &str, blobs: &[&[u8]]) -> Stock {
        Stock {
            name: name.parse().expect("a repository"),
            tags: BTreeMap::new(),
            manifests: BTreeSet::new(),
            blobs: blobs.iter().map(|bytes| (Digest::of(bytes), bytes.len() as u64)).collect(),
        }
    }

    /// Which of the blobs that go to these hosts are left out, and where each lies.
    fn left(wanted: &[(&[u8], &[&str])], inventories: &[Vec<Stock>]) -> Vec<(Digest, Vec<String>)> {
        let blob = |(bytes, hosts): &(&[u8], &[&str])| {
            (Digest::of(bytes), (bytes.len() as u64, hosts.iter().map(|host| store(host)).collect()))
        };
        let blobs = wanted.iter().map(blob).collect();
        let inventory = |repositories: &Vec<Stock>| {
            (Digest::of(b"inventory"), Inventory { repositories: repositories.clone() })
        };
        let inventories: Vec<_> = inventories.iter().map(inventory).collect();
        let left = left_out(&blobs, &BTreeMap::new(), &inventories);
        left.into_iter()
            .map(|blob| (blob.digest, blob.at.iter().map(ToString::to_string).collect()))
            .collect()
    }

    #[test]
    fn a_blob_is_left_out_where_every_store_that_it_goes_to_has_it() {
        let (one, two): (&[u8], &[u8]) = (b"one", b"two2");
        let wanted: [(&[u8], &[&str]); 2] = [(one, &["a.corp"]), (two, &["a.corp", "b.corp"])];
        let at = |name: &str| vec![name.to_owned()];
        let a = vec![stock("a.corp/m/x", &[one, two]), stock("a.corp/m/y", &[one])];
        assert_eq!(left(&wanted, std::slice::from_ref(&a)), [(Digest::of(one), at("a.corp/m/x"))]);
        let b = vec![stock("b.corp/m/x", &[two])];
        let mut both = left(&wanted, &[a, b]);
        both.sort();
        let mut expected = vec![
            (Digest::of(one), at("a.corp/m/x")),
            (Digest::of(two), vec!["a.corp/m/x".to_owned(), "b.corp/m/x".to_owned()]),
        ];
        expected.sort();
        assert_eq!(both, expected);
    }

    #[test]
    fn an_inventory_that_knows_no_target_is_taken_at_its_word() {
        let one: &[u8] = b"one";
        let old = vec![stock("oci-archive:old.tar//docker.io/library/nginx", &[one])];
        let told = left(&[(one, &["a.corp", "b.corp"]), (b"new", &["a.corp"])], &[old]);
        assert_eq!(
            told,
            [(Digest::of(one), vec!["oci-archive:old.tar//docker.io/library/nginx".to_owned()])]
        );
    }

    #[test]
    fn a_blob_of_another_length_is_another_blob() {
        let one: &[u8] = b"one";
        let mut lies = stock("a.corp/m/x", &[one]);
        lies.blobs.values_mut().for_each(|size_bytes| *size_bytes += 1);
        assert_eq!(left(&[(one, &["a.corp"])], &[vec![lies]]), []);
    }
}
