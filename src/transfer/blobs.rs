//! Settling a blob: held, mounted or copied, for all recipients of an entry at once.

use super::Shared;
use super::bringing::Bringer;
use super::ledger::Claim;
use super::recipient::Recipient;
use crate::oci::Descriptor;
use crate::store::Reader;
use futures::future::join_all;

impl Shared {
    /// Makes `blob` present at every recipient that lives.
    pub(super) async fn settle_blob(
        &self,
        source: &dyn Reader,
        blob: &Descriptor,
        recipients: &[&Recipient],
    ) {
        let mut open: Vec<&Recipient> = recipients.to_vec();
        loop {
            open.retain(|recipient| recipient.lives());
            let wanted = open.iter().map(|r| (r.blob_key(&blob.digest), r.repository().clone()));
            let claims = self.blobs.claim(wanted);
            let mut bringers = Vec::new();
            let mut changes = Vec::new();
            let mut waiting = Vec::new();
            for (recipient, claim) in open.into_iter().zip(claims) {
                match claim {
                    Claim::Held => recipient.count(|tally| tally.present(blob)),
                    Claim::Yours { promise, way } => {
                        bringers.push(Bringer::new(recipient, promise, way));
                    }
                    Claim::Wait(change) => {
                        changes.push(change);
                        waiting.push(recipient);
                    }
                }
            }
            // Promises are kept before anybody is waited for: see the ledger.
            self.bring(source, blob, bringers).await;
            if waiting.is_empty() {
                return;
            }
            if let Err(stopped) = self.stop.or(join_all(changes)).await {
                waiting.iter().for_each(|recipient| recipient.fail(stopped.clone()));
            }
            open = waiting;
        }
    }
}
