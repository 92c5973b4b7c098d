//! What an image is made of, by its manifests: all that copying it would read, and no blob.

use super::document::{Document, is_attestation};
use crate::failure::Fallible;
use crate::oci::{At, Descriptor, Digest, Manifest};
use crate::store::{IMAGE_MANIFESTS_MAX, INDEX_DEPTH_MAX, Reader};
use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Manifests of one image that are read at once.
const MANIFESTS_AT_ONCE: usize = 16;

/// What an image is made of.
#[derive(Debug, Default)]
pub struct Parts {
    /// Its manifests: itself and all that it reaches.
    pub manifests: HashSet<Digest>,
    /// Their blobs with their lengths in bytes; without those that stay where they are.
    pub blobs: HashMap<Digest, u64>,
    /// Of each manifest that is no index, nor listed as an attestation only, the config where it is that of an
    /// image.
    pub images: BTreeMap<Digest, Option<Descriptor>>,
    /// What could not be followed: copying it will tell why.
    pub unread: Unread,
}

/// Whether all of an image was read.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub enum Unread {
    /// Yes.
    #[default]
    Nothing,
    /// A manifest is not there or cannot be read; of several, any.
    Manifest(Digest),
    /// It names more manifests than an image may, or nests them deeper.
    Rest,
}

impl Parts {
    /// Adds what `root` is made of: reads it and all that it reaches, one depth after the other.
    ///
    /// # Errors
    /// The reader fails.
    pub async fn add(&mut self, reader: &dyn Reader, root: Digest) -> Fallible<()> {
        let mut open = vec![root];
        let (mut attestations, mut others) = (HashSet::new(), HashSet::new());
        for _ in 0..=INDEX_DEPTH_MAX {
            open.retain(|digest| self.manifests.insert(digest.clone()));
            let mut reading: Vec<Reading<'_>> = Vec::new();
            for digest in std::mem::take(&mut open) {
                reading.push(read(reader, digest).boxed());
            }
            let mut reading = stream::iter(reading).buffer_unordered(MANIFESTS_AT_ONCE);
            while let Some((digest, read)) = reading.try_next().await? {
                let Some(Read { manifest: Manifest { manifests, blobs, .. }, config, is_index }) = read
                else {
                    self.unread = Unread::Manifest(digest);
                    continue;
                };
                if self.manifests.len() + open.len() + manifests.len() > IMAGE_MANIFESTS_MAX {
                    self.unread = Unread::Rest;
                    return Ok(());
                }
                if !is_index {
                    self.images.insert(digest, config);
                }
                for child in manifests.into_iter().filter(|child| !reader.leaves_out(&child.digest)) {
                    let listed = if is_attestation(&child) { &mut attestations } else { &mut others };
                    listed.insert(child.digest.clone());
                    open.push(child.digest);
                }
                let counted = blobs.into_iter().filter(|blob| !blob.stays_away());
                self.blobs.extend(counted.map(|Descriptor { digest, size_bytes, .. }| (digest, size_bytes)));
            }
        }
        if !open.is_empty() {
            self.unread = Unread::Rest;
        }
        self.images.retain(|digest, _| others.contains(digest) || !attestations.contains(digest));
        Ok(())
    }
}

/// A manifest that is being read; none where it is not there or cannot be read.
type Reading<'a> = BoxFuture<'a, Fallible<(Digest, Option<Read>)>>;

/// A manifest that was read.
struct Read {
    manifest: Manifest,
    config: Option<Descriptor>,
    is_index: bool,
}

async fn read(reader: &dyn Reader, digest: Digest) -> Fallible<(Digest, Option<Read>)> {
    let raw = reader.manifest(&At::Digest(digest.clone())).await?;
    let read = raw.and_then(|raw| {
        let config = Document::of(&raw).image_config().cloned();
        Some(Read { manifest: raw.parse().ok()?, config, is_index: raw.media_type.is_index() })
    });
    Ok((digest, read))
}
