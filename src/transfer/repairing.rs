//! Repairing: what a target shows and does not have whole is brought again, by its bytes. What is whole is
//! neither sent nor asked for.

use super::Shared;
use super::sighting::{Care, Equal, Expected, Sighting};
use crate::oci::{Digest, Reference};
use crate::outcome::{Content, Damage, Done, Findings, Outcome};
use crate::plan::{Entry, Pin};
use crate::store::Reach;
use tokio::time::Instant;

/// An image that is not whole at one target.
#[derive(Debug)]
pub struct Broken<'a> {
    /// Where its content comes from.
    pub entry: &'a Entry,
    /// The target tag.
    pub target: &'a Reference,
    /// What the tag names, and goes on to name.
    pub pin: &'a Pin,
    /// What is broken of it.
    pub findings: &'a Findings,
}

impl Shared {
    /// Takes note of what is broken, and of what is not, before anything of it is brought.
    pub fn doubt(&self, Broken { target, findings, .. }: &Broken<'_>) {
        let repository = &target.repository;
        let key = |digest: &Digest| (repository.store(), digest.clone());
        let own_key = |digest: &Digest| (repository.clone(), digest.clone());
        for content in &findings.sound {
            match content {
                Content::Blob(digest) => self.blobs.note(key(digest), repository),
                Content::Manifest(digest) => self.manifests.note(own_key(digest), repository),
            }
        }
        for Damage { content, loss: _, why: _ } in &findings.damages {
            match content {
                Content::Blob(digest) => self.blobs.doubt(key(digest), repository),
                Content::Manifest(digest) => self.manifests.forget(&own_key(digest), repository),
            }
        }
        findings.torn.iter().for_each(|digest| self.manifests.forget(&own_key(digest), repository));
    }

    /// Brings what is in doubt, and the manifests above it, in the order of a copy. Whether it is whole
    /// then is not looked at here.
    pub async fn repair(&self, broken: &Broken<'_>, reach: &dyn Reach) -> Outcome {
        let started = Instant::now();
        let Broken { entry, target, pin, findings } = *broken;
        let root = Content::Manifest(pin.digest.clone());
        let equal = match findings.damages.iter().any(|damage| damage.content == root) {
            true => Equal::Rewritten,
            false => Equal::Kept,
        };
        let sighting = Sighting { at: started, care: Care::Strict };
        let expected = Expected { found: Some(pin.digest.clone()), sighting, equal };
        let recipient = self.open(target, Some(expected), reach).await;
        let recipients = [&recipient];
        if recipient.lives() {
            tokio::select! {
                () = self.settle_entry(entry, pin, &recipients, reach) => {}
                () = self.stop.dropped() => recipient.fail(self.stop.failure()),
            }
        }
        let result =
            recipient.failure().map_or(Done::Updated, |failure| Done::from(Box::new(failure.clone())));
        let digest_after = recipient.found_now().map_or(Some(&pin.digest), Option::as_ref).cloned();
        let duration_ms = started.elapsed().as_millis() as u64;
        Outcome {
            result,
            digest_after,
            tally: recipient.tally(),
            attempts: recipient.attempts(),
            duration_ms,
        }
    }
}
