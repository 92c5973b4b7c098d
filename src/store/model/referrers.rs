//! How stores in memory find referrers, and what must be found before an image has its tag.

use super::{Contents, State, World};
use crate::oci::{At, Digest, Link, RawManifest, Referrer, Repository, Tag, is_of_referrers, referrers_tag};
use crate::store::Subject;

/// The host whose repositories list referrers themselves.
const LISTS_ITSELF: &str = "u.test/";

impl World {
    /// From now on, a tag may be written only when all of these are found in its repository.
    pub(crate) fn await_referrers(&self, repository: &Repository, tag: &Tag, referrers: &[Referrer]) {
        let awaited = (repository.clone(), tag.clone());
        self.lock().awaited.entry(awaited).or_default().extend(referrers.iter().cloned());
    }

    /// Which of these are not found in the repository.
    pub(crate) fn not_found(&self, repository: &Repository, referrers: &[Referrer]) -> Vec<Referrer> {
        let mut state = self.lock();
        let contents = state.contents(repository);
        let is_lost = |referrer: &&Referrer| !contents.finds(repository, referrer);
        referrers.iter().filter(is_lost).cloned().collect()
    }
}

impl State {
    /// What is wrong with a manifest that is about to be put.
    pub(super) fn wrong_order(
        &mut self,
        repository: &Repository,
        at: &At,
        raw: &RawManifest,
    ) -> Option<String> {
        let At::Tag(tag) = at else { return None };
        let awaited = self.awaited.get(&(repository.clone(), tag.clone())).cloned().unwrap_or_default();
        let contents = self.contents(repository);
        if !is_of_referrers(tag) {
            let missing = awaited.iter().find(|referrer| !contents.finds(repository, referrer))?;
            return Some(format!("{repository}:{tag} came before {missing:?}"));
        }
        let old = contents.tags.get(tag).and_then(|old| contents.manifests.get(old))?;
        let (old, new) = (old.parse().ok()?.manifests, raw.parse().ok()?.manifests);
        let lost = old.iter().find(|entry| !new.contains(entry))?;
        Some(format!("{repository}:{tag} does not list {} any more", lost.digest))
    }
}

impl Contents {
    /// What the repository says of a manifest that it took.
    pub(super) fn told(repository: &Repository, raw: &RawManifest) -> Subject {
        let names_one = raw.parse().is_ok_and(|manifest| manifest.subject.is_some());
        match names_one && lists(repository) {
            true => Subject::Listed,
            false => Subject::Untold,
        }
    }

    /// The referrers that the repository lists itself; none where it does not list any.
    pub(super) fn listed(&self, repository: &Repository, subject: &Digest) -> Option<Vec<Referrer>> {
        let names = |raw: &&RawManifest| {
            raw.parse().is_ok_and(|manifest| manifest.subject.is_some_and(|named| named.digest == *subject))
        };
        let referrer = |raw: &RawManifest| Referrer {
            subject: subject.clone(),
            digest: raw.digest.clone(),
            media_type: raw.media_type.clone(),
            artifact_type: None,
            link: Link::Subject,
        };
        lists(repository).then(|| self.manifests.values().filter(names).map(referrer).collect())
    }

    fn finds(&self, repository: &Repository, referrer: &Referrer) -> bool {
        let Referrer { subject, digest, link, .. } = referrer;
        let named = |tag: Option<_>| self.manifests.get(self.tags.get(&tag?)?);
        let is_found = match link {
            Link::Tag(cosign) => named(cosign.of(subject)).is_some_and(|raw| raw.digest == *digest),
            Link::Subject if lists(repository) => self.manifests.contains_key(digest),
            Link::Subject => named(referrers_tag(subject)).is_some_and(|list| {
                list.parse().is_ok_and(|list| list.manifests.iter().any(|entry| entry.digest == *digest))
            }),
        };
        is_found && self.missing_below(digest).is_empty()
    }
}

fn lists(repository: &Repository) -> bool {
    repository.to_string().starts_with(LISTS_ITSELF)
}
