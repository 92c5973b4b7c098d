//! The shelf: manifests that were fetched lately, for other tags and repositories that need the same.
//! Bounded in bytes; holds verified content only.

use crate::oci::{Digest, RawManifest};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Most bytes of manifests that are kept.
const BYTES_MAX: usize = 8 << 20;

/// Manifests by digest; the oldest make room for new ones.
#[derive(Debug, Default)]
pub(super) struct Shelf(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    manifests: HashMap<Digest, RawManifest>,
    by_age: VecDeque<Digest>,
    bytes: usize,
}

impl Shelf {
    /// The manifest, if it is still kept.
    pub(super) fn find(&self, digest: &Digest) -> Option<RawManifest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).manifests.get(digest).cloned()
    }

    /// Keeps a manifest whose digest was verified.
    pub(super) fn keep(&self, raw: &RawManifest) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.manifests.insert(raw.digest.clone(), raw.clone()).is_some() {
            return;
        }
        kept.by_age.push_back(raw.digest.clone());
        kept.bytes += raw.bytes.len();
        while kept.bytes > BYTES_MAX {
            let Some(oldest) = kept.by_age.pop_front() else { return };
            let gone = kept.manifests.remove(&oldest);
            kept.bytes -= gone.map_or(0, |gone| gone.bytes.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::MediaType;
    use bytes::Bytes;

    #[test]
    fn old_manifests_make_room_for_new_ones() {
        let raw =
            |byte: u8| RawManifest::new(MediaType::oci_index(), Bytes::from(vec![byte; BYTES_MAX / 3]), None);
        let shelf = Shelf::default();
        let [first, second, third, fourth] = [1, 2, 3, 4].map(raw);
        for manifest in [&first, &second, &second, &third] {
            shelf.keep(manifest);
        }
        assert_eq!(shelf.find(&first.digest), Some(first.clone()));
        shelf.keep(&fourth);
        assert_eq!(shelf.find(&first.digest), None);
        assert_eq!(shelf.find(&second.digest), Some(second));
        assert_eq!(shelf.find(&fourth.digest), Some(fourth));
    }
}
