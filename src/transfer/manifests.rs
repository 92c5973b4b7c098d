//! Settling a manifest: first everything that it reaches, then itself, then its tag.

use super::Shared;
use super::ledger::{Claim, Promise};
use super::recipient::Recipient;
use crate::failure::{Code, Failure, Fallible, Operation, Side};
use crate::oci::{
    At, Descriptor, Digest, Link, Manifest, ManifestError, MediaType, RawManifest, Referrer, Repository, Tag,
};
use crate::store::{IMAGE_MANIFESTS_MAX, INDEX_DEPTH_MAX, Reader};
use futures::StreamExt as _;
use futures::future::{BoxFuture, FutureExt as _, join, join_all};
use futures::stream::{self, FuturesUnordered};
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Child manifests in one run that are settled at once beside the first of each index: each holds a
/// manifest in memory.
pub(super) const MORE_CHILDREN_AT_ONCE: usize = 256;
/// Blobs of one manifest that are settled at once: more than images have, of those that mean well.
/// What is begun at once is up to the queue.
const BLOBS_AT_ONCE: usize = 128;

/// Under which name a manifest is written at its targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written<'a> {
    /// Under the tag of each recipient.
    ByTag,
    /// Under the tag of each recipient that lacks nothing else. The others get it under its digest, and
    /// their tag when the rest is there.
    ByTagWhereAlone,
    /// Under its digest, as the child of an index.
    ByDigest,
    /// Under its digest, or under the tag by which cosign finds it.
    AsReferrer(&'a Referrer),
}

impl Written<'_> {
    /// Whether it is the image of an entry, and not a part of one, nor what speaks about one.
    fn is_image(self) -> bool {
        matches!(self, Self::ByTag | Self::ByTagWhereAlone)
    }

    /// The tag that names it at a recipient.
    pub(super) fn tag(self, recipient: &Recipient) -> Option<Tag> {
        match self {
            Self::ByTag => recipient.reference.tag.clone(),
            Self::ByTagWhereAlone if recipient.lacks.is_empty() => recipient.reference.tag.clone(),
            Self::ByTagWhereAlone | Self::ByDigest => None,
            Self::AsReferrer(Referrer { subject, link: Link::Tag(cosign), .. }) => cosign.of(subject),
            Self::AsReferrer(Referrer { link: Link::Subject, .. }) => None,
        }
    }
}

/// The manifest that is to be settled.
pub(super) struct Wanted<'a> {
    pub(super) digest: &'a Digest,
    pub(super) media_type: &'a MediaType,
    pub(super) written: Written<'a>,
    pub(super) depth: u32,
    pub(super) budget: &'a Budget,
}

/// How many more manifests an image may name.
pub(super) struct Budget(AtomicUsize);

impl Default for Budget {
    fn default() -> Self {
        Self(AtomicUsize::new(IMAGE_MANIFESTS_MAX))
    }
}

impl Budget {
    /// Whether there is enough left for `count` more, which is taken.
    fn take(&self, count: usize) -> bool {
        let left = |left: usize| left.checked_sub(count);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).is_ok()
    }
}

/// A manifest that was fetched and read, on its way to its targets.
pub(super) struct Fetched<'a> {
    pub(super) source: &'a dyn Reader,
    pub(super) raw: &'a RawManifest,
    pub(super) manifest: &'a Manifest,
    pub(super) wanted: &'a Wanted<'a>,
}

type Bringer<'a> = (&'a Recipient, Promise<(Repository, Digest)>);

impl Shared {
    /// Makes the manifest, and all that it reaches, present at every recipient that lives.
    pub(super) fn settle_manifest<'a>(
        &'a self,
        source: &'a dyn Reader,
        wanted: Wanted<'a>,
        recipients: &'a [&'a Recipient],
    ) -> BoxFuture<'a, ()> {
        async move {
            let mut open: Vec<&Recipient> = recipients.to_vec();
            loop {
                open.retain(|recipient| recipient.lives() && !recipient.is_written_together());
                let key = |r: &&Recipient| {
                    ((r.repository().clone(), wanted.digest.clone()), r.repository().clone())
                };
                let claims = self.manifests.claim(open.iter().map(key));
                let mut bringers = Vec::new();
                let mut held = Vec::new();
                let mut changes = Vec::new();
                let mut waiting = Vec::new();
                let mut offered = Vec::new();
                for (recipient, claim) in open.into_iter().zip(claims) {
                    match claim {
                        Claim::Held => held.push(recipient),
                        Claim::Yours { promise, .. } => bringers.push((recipient, promise)),
                        Claim::Wait(change) => {
                            changes.push(change);
                            if wanted.written.is_image() && wanted.written.tag(recipient).is_some() {
                                offered.extend(self.waiting.offer(recipient, wanted.digest));
                            }
                            waiting.push(recipient);
                        }
                    }
                }
                held.retain(|recipient: &&Recipient| wanted.written.tag(recipient).is_some());
                self.bring_manifest(source, &wanted, bringers, held).await;
                if waiting.is_empty() {
                    return;
                }
                // Whoever is waited for notices a stop, too.
                join_all(changes).await;
                open = waiting;
            }
        }
        .boxed()
    }

    /// `bringers` need the manifest and all below it; `held` have it and need the tag only.
    async fn bring_manifest(
        &self,
        source: &dyn Reader,
        wanted: &Wanted<'_>,
        bringers: Vec<Bringer<'_>>,
        held: Vec<&Recipient>,
    ) {
        let everybody = || bringers.iter().map(|(recipient, _)| *recipient).chain(held.iter().copied());
        if everybody().next().is_none() {
            return;
        }
        let fetched = match self.stop.or(fetch(source, wanted)).await {
            Ok(fetched) => fetched,
            Err(stopped) => Err(stopped),
        };
        let (raw, manifest) = match fetched {
            Ok(fetched) => fetched,
            Err(failure) => return everybody().for_each(|recipient| recipient.fail(failure.clone())),
        };
        let needy: Vec<&Recipient> = bringers.iter().map(|(recipient, _)| *recipient).collect();
        let children = self.settle_children(source, &manifest, wanted, &needy);
        join(children, self.settle_blobs(source, &manifest.blobs, &needy)).await;
        let fetched = Fetched { source, raw: &raw, manifest: &manifest, wanted };
        let mut writes = Vec::new();
        for (recipient, promise) in bringers {
            writes.push(self.write(recipient, Some(promise), &fetched));
        }
        for recipient in held {
            writes.push(self.write(recipient, None, &fetched));
        }
        join_all(writes).await;
    }

    pub(super) async fn settle_children(
        &self,
        source: &dyn Reader,
        manifest: &Manifest,
        parent: &Wanted<'_>,
        recipients: &[&Recipient],
    ) {
        // One index may name a manifest many times.
        let mut seen = HashSet::new();
        let wanted = manifest.manifests.iter().filter(|child| !source.leaves_out(&child.digest));
        let mut waiting = wanted.filter(|child| seen.insert(&child.digest));
        let mut running = FuturesUnordered::new();
        loop {
            // One goes on whoever has the places, so that no index waits for another one's children.
            let place =
                if running.is_empty() { Some(None) } else { self.more_children.try_acquire().ok().map(Some) };
            let next = place.and_then(|place| Some((place, waiting.next()?)));
            if let Some((place, Descriptor { digest, media_type, .. })) = next {
                let Wanted { depth, budget, .. } = *parent;
                let wanted =
                    Wanted { digest, media_type, written: Written::ByDigest, depth: depth + 1, budget };
                let settled = self.settle_manifest(source, wanted, recipients);
                running.push(settled.map(|()| drop(place)));
            } else if running.next().await.is_none() {
                return;
            }
        }
    }

    pub(super) async fn settle_blobs(
        &self,
        source: &dyn Reader,
        blobs: &[Descriptor],
        recipients: &[&Recipient],
    ) {
        let mut seen = HashSet::new();
        let mut settled: Vec<BoxFuture<'_, ()>> = Vec::new();
        for blob in blobs {
            // One image may name a blob twice.
            if !blob.stays_away() && seen.insert(&blob.digest) {
                settled.push(self.settle_blob(source, blob, recipients).boxed());
            }
        }
        stream::iter(settled).buffer_unordered(BLOBS_AT_ONCE).collect::<()>().await;
    }
}

/// Whether a manifest that is listed among the referrers of another one names that itself. What is found by
/// a tag names nothing.
fn speaks_as_told(manifest: &Manifest, written: Written<'_>) -> bool {
    match written {
        Written::AsReferrer(Referrer { subject, link: Link::Subject, .. }) => {
            manifest.subject.as_ref().is_some_and(|named| named.digest == *subject)
        }
        Written::AsReferrer(_) | Written::ByTag | Written::ByTagWhereAlone | Written::ByDigest => true,
    }
}

/// A manifest that was announced is not at the source.
pub(super) fn gone(source: &dyn Reader, digest: &Digest) -> Box<Failure> {
    let message = format!("the manifest {digest} is not there (any more)");
    Failure::new(Code::NotFound, source.repository(), Operation::ManifestGet, message).on(Side::Source)
}

/// Gets and reads the manifest, and checks that it is what its parent or the plan says.
async fn fetch(source: &dyn Reader, wanted: &Wanted<'_>) -> Fallible<(RawManifest, Manifest)> {
    let refuse = |code: Code, message: String| {
        Failure::new(code, source.repository(), Operation::ManifestGet, message).on(Side::Source)
    };
    if wanted.depth > INDEX_DEPTH_MAX {
        return Err(refuse(
            Code::LimitExceeded,
            format!("indexes are nested more than {INDEX_DEPTH_MAX} deep"),
        ));
    }
    let at = At::Digest(wanted.digest.clone());
    let fetched = source.manifest(&at).await.map_err(|failure| failure.on(Side::Source))?;
    let Some(raw) = fetched else { return Err(gone(source, wanted.digest)) };
    if raw.media_type != *wanted.media_type {
        let message = format!(
            "{} is served as {} but was announced as {}",
            raw.digest, raw.media_type, wanted.media_type
        );
        return Err(refuse(Code::Corrupt, message));
    }
    match raw.parse() {
        Ok(manifest) if !speaks_as_told(&manifest, wanted.written) => {
            let message = format!("{} does not name the manifest that it is listed for", raw.digest);
            Err(refuse(Code::Corrupt, message))
        }
        Ok(manifest) if wanted.budget.take(manifest.manifests.len()) => Ok((raw, manifest)),
        Ok(_) => {
            let message = format!("the image names more than {IMAGE_MANIFESTS_MAX} manifests");
            Err(refuse(Code::LimitExceeded, message))
        }
        Err(ManifestError::Schema1) => {
            Err(refuse(Code::UnsupportedManifest, ManifestError::Schema1.to_string())
                .hint("have the image rebuilt or pushed again with a current tool; it is not converted"))
        }
        Err(error @ ManifestError::TooManyEntries) => Err(refuse(Code::LimitExceeded, error.to_string())),
        Err(error) => Err(refuse(Code::Corrupt, error.to_string())),
    }
}
