//! Depositing: content that is at hand, and that no entry is about, goes to one target.

use super::Shared;
use super::manifests::{Budget, Wanted, Written};
use super::recipient::Recipient;
use crate::failure::Fallible;
use crate::oci::{RawManifest, Reference};
use crate::outcome::Tally;
use crate::store::{Reader, Writer};
use std::sync::Arc;

impl Shared {
    /// Makes `manifest`, which `source` holds with all that it reaches, present at `target`, and lets
    /// the tag of `target` name it. What is there is not sent again.
    ///
    /// # Errors
    /// The target does not take it, or the run is to end.
    pub async fn deposit(
        &self,
        source: &dyn Reader,
        manifest: &RawManifest,
        target: Reference,
        writer: Arc<dyn Writer>,
    ) -> Fallible<Tally> {
        let recipient = Recipient::new(target, Some(writer), None);
        let budget = Budget::default();
        let wanted = Wanted {
            digest: &manifest.digest,
            media_type: &manifest.media_type,
            written: Written::ByTag,
            depth: 0,
            budget: &budget,
        };
        let recipients = [&recipient];
        tokio::select! {
            () = self.settle_manifest(source, wanted, &recipients) => {}
            () = self.stop.dropped() => recipient.fail(self.stop.failure()),
        }
        match recipient.failure() {
            Some(failure) => Err(Box::new(failure.clone())),
            None => Ok(recipient.tally()),
        }
    }
}
