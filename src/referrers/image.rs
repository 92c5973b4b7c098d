//! An image whose referrers are looked for: what can be spoken about.

use super::SourceTags;
use super::asking::Asking;
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{At, Digest, MediaType, RawManifest};
use crate::spec::Referrers;
use crate::store::{Formed, IMAGE_MANIFESTS_MAX, INDEX_DEPTH_MAX, ManifestGets, Reader};
use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use std::collections::HashSet;

/// Manifests of one image that are read or asked about at once.
pub(super) const MANIFESTS_AT_ONCE: usize = 16;

/// An image at its source, as it is mirrored.
#[derive(Clone, Copy)]
pub struct Image<'a> {
    /// Its repository, with what is made of the image.
    pub reader: &'a dyn Reader,
    /// The digest that its targets get.
    pub root: &'a Digest,
    /// The media type of that.
    pub root_type: &'a MediaType,
    /// How it was made, where it is in another form than at the source.
    pub formed: Option<&'a Formed>,
    /// Whether its manifest was read just now.
    pub is_at_hand: bool,
    /// Where else the same manifest can be read.
    pub twin: Option<&'a dyn Reader>,
    /// What is known of the tags of the source.
    pub tags: &'a SourceTags,
    /// Which referrers are mirrored.
    pub wanted: &'a Referrers,
}

impl Image<'_> {
    /// Whether the source has the manifest, so that somebody may speak about it there.
    pub(super) fn is_at_source(&self, manifest: &Digest) -> bool {
        !self.formed.is_some_and(|formed| formed.makes(manifest))
    }

    /// What the source has in place of which something else is mirrored.
    pub(super) fn replaced(&self) -> Vec<Digest> {
        self.formed.map(|formed| formed.replaced().cloned().collect()).unwrap_or_default()
    }

    /// Every manifest of the image as it is mirrored, the root first. Reads its indexes.
    pub(super) async fn manifests(&self, asking: Asking<'_>) -> Fallible<Vec<Digest>> {
        let mut all = vec![self.root.clone()];
        let mut seen: HashSet<Digest> = HashSet::from([self.root.clone()]);
        let mut indexes = Vec::from_iter(self.root_type.is_index().then(|| self.root.clone()));
        for _ in 0..=INDEX_DEPTH_MAX {
            let mut reading: Vec<BoxFuture<'_, Fallible<RawManifest>>> = Vec::new();
            for index in std::mem::take(&mut indexes) {
                reading.push(async move { self.read(&index, asking).await }.boxed());
            }
            let read: Vec<RawManifest> =
                stream::iter(reading).buffered(MANIFESTS_AT_ONCE).try_collect().await?;
            for raw in read {
                let manifest =
                    raw.parse().map_err(|error| self.unreadable(Code::Corrupt, error.to_string()))?;
                for child in manifest.manifests {
                    if self.reader.leaves_out(&child.digest) || !seen.insert(child.digest.clone()) {
                        continue;
                    }
                    if child.media_type.is_index() {
                        indexes.push(child.digest.clone());
                    }
                    all.push(child.digest);
                }
                if all.len() > IMAGE_MANIFESTS_MAX {
                    let message = format!("the image has more than {IMAGE_MANIFESTS_MAX} manifests");
                    return Err(self.unreadable(Code::LimitExceeded, message));
                }
            }
            if indexes.is_empty() {
                return Ok(all);
            }
        }
        let message = format!("indexes lie deeper than {INDEX_DEPTH_MAX} in each other");
        Err(self.unreadable(Code::LimitExceeded, message))
    }

    /// An index: at the source, or where reading is counted there and another has the same, from that.
    async fn read(&self, digest: &Digest, asking: Asking<'_>) -> Fallible<RawManifest> {
        if self.is_at_hand
            && digest == self.root
            && let Some(raw) = asking.manifest_at_hand(digest).await?
        {
            return Ok(raw);
        }
        let at = At::Digest(digest.clone());
        if asking.reader.costs().manifests == ManifestGets::Counted
            && let Some(twin) = self.twin
            && let Ok(Some(raw)) = asking.at(twin).manifest(&at).await
        {
            return Ok(raw);
        }
        asking.manifest(&at).await?.ok_or_else(|| {
            self.unreadable(
                Code::NotFound,
                format!("the manifest {digest}, which the image needs, is not there"),
            )
        })
    }

    fn unreadable(&self, code: Code, message: String) -> Box<Failure> {
        Failure::new(code, self.reader.repository(), Operation::ManifestGet, message)
    }
}
