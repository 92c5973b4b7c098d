//! Links: what lets referrers be found at a target. Where it does not list them itself, several write to the
//! same tag, so each subject is one at a time, and what is there is read right before it is written.

use super::Shared;
use super::manifests::gone;
use super::mending::SETTLING;
use super::recipient::Recipient;
use super::writing::Put;
use crate::failure::{Code, Failure, Fallible, Operation, Side};
use crate::oci::{
    At, Digest, ListError, RawManifest, Referrer, ReferrerEntry, Repository, Tag, keeps_layers,
    referrers_tag, with_referrers,
};
use crate::store::{MANIFEST_BYTES_MAX, Reader, Writer};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// How often a list is written that the target refuses because it does not see what it just got.
const LIST_ATTEMPTS_MAX: u32 = 3;
/// A subject in a repository: one at a time has it.
type Turn = Arc<tokio::sync::Mutex<Found>>;

/// How the referrers of each subject are found in each repository, as far as this run knows.
#[derive(Debug, Default)]
pub(super) struct Links(Mutex<HashMap<(Repository, Digest), Turn>>);

/// How the referrers of one subject are found in one repository.
#[derive(Debug, Default)]
struct Found {
    /// Those that are listed, by the repository or under the tag of the subject.
    listed: BTreeSet<Digest>,
    /// What the tags name that cosign looks for.
    tags: BTreeMap<Tag, Digest>,
}

impl Links {
    /// Whoever holds this lock waits for stores only, never for what other copies bring.
    fn of(&self, repository: &Repository, subject: &Digest) -> Turn {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry((repository.clone(), subject.clone())).or_default())
    }

    /// Notes that a repository lists a referrer itself.
    pub(super) async fn note(&self, repository: &Repository, referrer: &Referrer) {
        let found = self.of(repository, &referrer.subject);
        found.lock().await.listed.insert(referrer.digest.clone());
    }
}

impl Shared {
    /// Lets `tag`, by which cosign finds what speaks about `subject`, name `raw`. What the tag names is
    /// written over only where nothing of it is lost.
    pub(super) async fn put_beside(
        &self,
        recipient: &Recipient,
        writer: &dyn Writer,
        (subject, tag): (&Digest, &Tag),
        raw: &RawManifest,
    ) -> Fallible<Put> {
        let found = self.links.of(recipient.repository(), subject);
        let mut found = self.stop.or(found.lock()).await?;
        if found.tags.get(tag) == Some(&raw.digest) {
            return Ok(Put::Found);
        }
        let at = At::Tag(tag.clone());
        let put = match self.stop.or(writer.manifest(&at)).await?? {
            Some(there) if there.digest == raw.digest => Put::Found,
            Some(there) if !keeps_layers(&there, raw) => return Err(not_ours(recipient, tag)),
            Some(_) | None => writer.put_manifest(&at, raw).await.map(|_| Put::Written)?,
        };
        found.tags.insert(tag.clone(), raw.digest.clone());
        Ok(put)
    }

    /// Lets `referrers` of `subject`, which are at the target, be found there.
    pub(super) async fn list(
        &self,
        source: &dyn Reader,
        recipient: &Recipient,
        subject: &Digest,
        referrers: &[&Referrer],
    ) -> Fallible<()> {
        let found = self.links.of(recipient.repository(), subject);
        let mut found = self.stop.or(found.lock()).await?;
        let is_listed = |found: &Found| referrers.iter().all(|one| found.listed.contains(&one.digest));
        let writer = recipient.writer()?;
        if !is_listed(&found) {
            // It may list them without a word of that when it got them.
            let own =
                self.stop.or(writer.referrers(subject)).await?.map_err(|failure| failure.on(Side::Target))?;
            found.listed.extend(own.list.into_iter().flatten().map(|one| one.digest));
        }
        if is_listed(&found) {
            return Ok(());
        }
        let mut entries = Vec::new();
        for Referrer { digest, .. } in referrers.iter().filter(|one| !found.listed.contains(&one.digest)) {
            // It was fetched just now, and is on the shelf.
            entries.push(ReferrerEntry::new(&fetched(source, digest).await?));
        }
        self.list_by_tag(recipient, writer, subject, &entries)
            .await
            .map_err(|failure| failure.on(Side::Target))?;
        found.listed.extend(referrers.iter().map(|one| one.digest.clone()));
        Ok(())
    }

    /// Adds to the list under the tag of the subject. distribution-spec, "Pushing Manifests with Subject".
    async fn list_by_tag(
        &self,
        recipient: &Recipient,
        writer: &dyn Writer,
        subject: &Digest,
        entries: &[ReferrerEntry],
    ) -> Fallible<()> {
        let Some(tag) = referrers_tag(subject) else {
            return Err(not_listed(recipient, &ListError::Other(format!("{subject} makes no tag"))));
        };
        let at = At::Tag(tag);
        let mut attempt = 1;
        loop {
            let there = self.stop.or(writer.manifest(&at)).await??;
            let list = with_referrers(subject, there.as_ref(), entries, MANIFEST_BYTES_MAX)
                .map_err(|error| not_listed(recipient, &error))?;
            let Some(list) = list else { return Ok(()) };
            match writer.put_manifest(&at, &list).await {
                Err(refused) if refused.code == Code::ContentUnknown && attempt < LIST_ATTEMPTS_MAX => {
                    tracing::debug!(%refused, attempt, "the target does not see what it just got: waiting");
                    self.stop.or(tokio::time::sleep(SETTLING)).await?;
                    attempt += 1;
                }
                Err(refused) => return Err(refused),
                Ok(_) => {
                    recipient.count(|tally| tally.manifests_put += 1);
                    return Ok(());
                }
            }
        }
    }
}

async fn fetched(source: &dyn Reader, digest: &Digest) -> Fallible<RawManifest> {
    let fetched =
        source.manifest(&At::Digest(digest.clone())).await.map_err(|failure| failure.on(Side::Source))?;
    fetched.ok_or_else(|| gone(source, digest))
}

/// A tag of cosign's has what the source does not.
fn not_ours(recipient: &Recipient, tag: &Tag) -> Box<Failure> {
    let message =
        format!("{tag} has signatures at the target that the source does not have: they would be lost");
    Failure::new(Code::Refused, recipient.repository(), Operation::Compare, message)
        .hint("delete that tag at the target if they are not wanted, or write `referrers: none` in the rule")
}

/// The target can not be told which referrers it has.
fn not_listed(recipient: &Recipient, error: &ListError) -> Box<Failure> {
    let (code, why) = match error {
        ListError::Itself => (
            Code::UnsupportedManifest,
            "it has no list of its own, and takes the tag that would be one for the image itself".to_owned(),
        ),
        ListError::Other(_) => (Code::UnsupportedManifest, format!("the tag that would list them: {error}")),
        ListError::TooLong => (Code::LimitExceeded, format!("their list: {error}")),
    };
    let message = format!("the referrers are there, but the target cannot list them: {why}");
    Failure::new(code, recipient.repository(), Operation::ManifestPut, message).on(Side::Target).hint(
        "write `referrers: none` in the rule, or the types that the target can hold; tags of cosign work \
         everywhere",
    )
}
