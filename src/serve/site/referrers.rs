//! Who speaks about what, in the descriptors that a registry lists. distribution-spec, "Listing Referrers".

use crate::oci::{Digest, RawManifest, ReferrerEntry};
use std::collections::{BTreeMap, HashMap};

/// Most bytes of descriptors that are kept, in bytes: they have the annotations of their manifests, which may be
/// as long as manifests are. Real ones have some hundred bytes.
pub(super) const REFERRER_BYTES_MAX: usize = 256 * 1024 * 1024;

/// The referrers of everything that is served.
#[derive(Default)]
pub(super) struct Referrers(HashMap<Digest, Vec<Entry>>);

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::serve) struct Entry {
    pub(in crate::serve) digest: Digest,
    /// What it is about its subject.
    pub(in crate::serve) artifact_type: Option<String>,
    /// Its descriptor, as JSON.
    pub(in crate::serve) descriptor: String,
}

impl Entry {
    /// What a manifest says of itself.
    pub(super) fn new(raw: &RawManifest) -> Result<Self, serde_json::Error> {
        let entry = ReferrerEntry::new(raw);
        Ok(Self {
            digest: raw.digest.clone(),
            artifact_type: entry.artifact_type().map(ToString::to_string),
            descriptor: serde_json::to_string(&entry)?,
        })
    }
}

impl Referrers {
    /// Those that were found, each with its subject; none where they have more than [`REFERRER_BYTES_MAX`].
    pub(super) fn of_all(found: Vec<(Digest, Entry)>) -> Option<Self> {
        let bytes: usize = found.iter().map(|(_, entry)| entry.descriptor.len()).sum();
        if bytes > REFERRER_BYTES_MAX {
            return None;
        }
        let mut sorted: HashMap<Digest, BTreeMap<Digest, Entry>> = HashMap::new();
        for (subject, entry) in found {
            sorted.entry(subject).or_default().insert(entry.digest.clone(), entry);
        }
        let listed = sorted.into_iter().map(|(subject, entries)| (subject, entries.into_values().collect()));
        Some(Self(listed.collect()))
    }

    /// Those of one manifest, by digest.
    pub(super) fn of(&self, subject: &Digest) -> &[Entry] {
        self.0.get(subject).map_or(&[], Vec::as_slice)
    }
}
