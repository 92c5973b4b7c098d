//! Tags that wait for a manifest which somebody brings: where the target takes several at once, who brings it
//! writes theirs, too.

use super::Shared;
use super::manifests::Fetched;
use super::recipient::Recipient;
use super::sighting::{Expected, Now};
use crate::failure::Fallible;
use crate::oci::{At, Digest, Repository, Tag};
use crate::store::Writer;
use futures::future::join_all;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::time::Instant;

/// A manifest in a repository.
type Key = (Repository, Digest);

/// The tags that wait, by what they wait for.
#[derive(Debug, Default)]
pub(super) struct Waiting(Mutex<HashMap<Key, Vec<Offer>>>);

/// A tag that whoever brings its manifest may write.
#[derive(Debug, Clone)]
struct Offer {
    tag: Tag,
    /// What the tag has to name for it to be written.
    expected: Option<Expected>,
    /// Set when it was.
    written: Arc<OnceLock<()>>,
}

/// Takes an offer back when dropped.
pub(super) struct Offered<'a> {
    waiting: &'a Waiting,
    key: Key,
    written: Arc<OnceLock<()>>,
}

impl Waiting {
    /// Offers the tag of a recipient to whoever brings `digest`, as long as what is returned lives.
    pub(super) fn offer(&self, recipient: &Recipient, digest: &Digest) -> Option<Offered<'_>> {
        let tag = recipient.reference.tag.clone()?;
        let key = (recipient.repository().clone(), digest.clone());
        let written = Arc::clone(&recipient.written_together);
        let offer = Offer { tag, expected: recipient.expected.clone(), written: Arc::clone(&written) };
        let mut offers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        offers.entry(key.clone()).or_default().push(offer);
        Some(Offered { waiting: self, key, written })
    }

    fn offers(&self, key: &Key) -> Vec<Offer> {
        let offers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        offers.get(key).cloned().unwrap_or_default()
    }
}

impl Drop for Offered<'_> {
    fn drop(&mut self) {
        let mut offers = self.waiting.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_key) = offers.get_mut(&self.key) {
            of_key.retain(|offer| !Arc::ptr_eq(&offer.written, &self.written));
            if of_key.is_empty() {
                offers.remove(&self.key);
            }
        }
    }
}

impl Shared {
    /// Writes the manifest under the tag of `recipient`, which was looked at, together with the tags that wait
    /// for it. True when the tag of `recipient` was written; what was not is written by itself.
    ///
    /// # Errors
    /// The target does not answer, or the run is to end.
    pub(super) async fn put_together(
        &self,
        recipient: &Recipient,
        writer: &dyn Writer,
        tag: &Tag,
        fetched: &Fetched<'_>,
    ) -> Fallible<bool> {
        let wanted = &fetched.raw.digest;
        let Some(least) = writer.tags_together() else { return Ok(false) };
        let offers = self.waiting.offers(&(recipient.repository().clone(), wanted.clone()));
        if offers.len() + 1 < least {
            return Ok(false);
        }
        let looks = join_all(offers.into_iter().map(|offer| offer.looked_at(writer, wanted)));
        let ready: Vec<Offer> = self.stop.or(looks).await?.into_iter().flatten().collect();
        if ready.len() + 1 < least {
            return Ok(false);
        }
        let tags: Vec<Tag> = [tag].into_iter().chain(ready.iter().map(|offer| &offer.tag)).cloned().collect();
        let written = writer.put_tagged(&tags, fetched.raw).await?;
        for offer in ready.into_iter().filter(|offer| written.contains(&offer.tag)) {
            let _ = offer.written.set(());
        }
        Ok(written.contains(tag))
    }
}

impl Offer {
    /// Itself where the tag may be written now. Where it may not, or nobody knows, its own recipient finds out
    /// what that means.
    async fn looked_at(self, writer: &dyn Writer, wanted: &Digest) -> Option<Self> {
        let Some(expected) = self.expected.as_ref().filter(|expected| expected.is_old(Instant::now())) else {
            return Some(self);
        };
        let now = writer.head(&At::Tag(self.tag.clone())).await.ok()?.map(|head| head.digest);
        (expected.compare(now.as_ref(), wanted) == Now::AsSeen).then_some(self)
    }
}
