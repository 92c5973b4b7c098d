//! How many pieces were compared, each once for each repository.

use super::{Compared, Standing, Verification};
use crate::oci::{Digest, Link, Repository};
use crate::outcome::{Content, Damage, Findings, Loss};
use crate::report::human::Count;
use std::collections::BTreeSet;

/// The pieces of all images.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    pub(super) manifests: Tally,
    pub(super) blobs: Tally,
    pub(super) referrers: Tally,
}

/// How many of one kind are in which condition.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) same: u64,
    pub(super) differs: u64,
    pub(super) missing: u64,
    pub(super) damaged: u64,
}

impl Pieces {
    pub(super) fn of(verification: &Verification) -> Self {
        let mut pieces = Self::default();
        let (mut seen, mut told) = (BTreeSet::new(), BTreeSet::new());
        for ((_, _, target), Compared { root, named: _, findings, referrers }) in &verification.images {
            pieces.add(&target.repository, root, findings, &mut seen);
            for beside in referrers {
                pieces.add(&target.repository, &beside.referrer.digest, &beside.findings, &mut seen);
                let link = match &beside.referrer.link {
                    Link::Subject => None,
                    Link::Tag(tag) => Some(tag.suffix()),
                };
                let key = (&target.repository, &beside.referrer.subject, &beside.referrer.digest, link);
                if told.insert(key) {
                    *match beside.standing {
                        Standing::Same => &mut pieces.referrers.same,
                        Standing::Differs => &mut pieces.referrers.differs,
                        Standing::Missing => &mut pieces.referrers.missing,
                    } += 1;
                }
            }
        }
        pieces
    }

    fn add<'a>(
        &mut self,
        repository: &'a Repository,
        root: &'a Digest,
        findings: &'a Findings,
        seen: &mut BTreeSet<(&'a Repository, bool, &'a Digest)>,
    ) {
        let mut first = |is_blob: bool, digest: &'a Digest| seen.insert((repository, is_blob, digest));
        let Findings { damages, sound, torn } = findings;
        let is_lost = damages.iter().any(|damage| damage.content.is_manifest(root));
        let there = torn.iter().chain((!is_lost).then_some(root));
        self.manifests.same += there.filter(|digest| first(false, digest)).count() as u64;
        for content in sound {
            match content {
                Content::Manifest(digest) if first(false, digest) => self.manifests.same += 1,
                Content::Blob(digest) if first(true, digest) => self.blobs.same += 1,
                Content::Manifest(_) | Content::Blob(_) => {}
            }
        }
        for Damage { content, loss, why: _ } in damages {
            let tally = match content {
                Content::Manifest(digest) if first(false, digest) => &mut self.manifests,
                Content::Blob(digest) if first(true, digest) => &mut self.blobs,
                Content::Manifest(_) | Content::Blob(_) => continue,
            };
            *match loss {
                Loss::Absent => &mut tally.missing,
                Loss::Broken => &mut tally.damaged,
            } += 1;
        }
    }

    /// One line, with a line feed at its end.
    pub(super) fn line(&self) -> String {
        let Self { manifests, blobs, referrers } = self;
        let all = |tally: &Tally| tally.same + tally.differs + tally.missing + tally.damaged;
        let compared = format!(
            "Compared: {}, {}, {}",
            Count(all(manifests), "manifest"),
            Count(all(blobs), "blob"),
            Count(all(referrers), "referrer")
        );
        let sum = |pick: fn(&Tally) -> u64| pick(manifests) + pick(blobs) + pick(referrers);
        let wrong = [
            (sum(|tally| tally.missing), "missing"),
            (sum(|tally| tally.differs), "different"),
            (sum(|tally| tally.damaged), "damaged"),
        ];
        let wrong: Vec<String> = wrong
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        match wrong.is_empty() {
            true => format!("{compared}: all the same.\n"),
            false => format!("{compared}: {} the same, {}.\n", sum(|tally| tally.same), wrong.join(", ")),
        }
    }
}
