//! Bringing what speaks about an image: each after its subject, all of it before the tag of the image, and
//! none for a target that misses one.

use super::Shared;
use super::manifests::{Budget, Wanted, Written};
use super::recipient::Recipient;
use crate::failure::{Class, Failure};
use crate::oci::{Digest, Link, Referrer};
use crate::store::Reader;
use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::{self, StreamExt as _};
use std::collections::{BTreeMap, BTreeSet};

/// Referrers of one image that are brought, or listed, at once: each holds its manifest.
const REFERRERS_AT_ONCE: usize = 16;

impl Shared {
    /// Brings the referrers that `recipients` lack, and lets them be found there. A recipient that misses
    /// one has failed.
    pub(super) async fn settle_referrers(
        &self,
        source: &dyn Reader,
        recipients: &[&Recipient],
        budget: &Budget,
    ) {
        let lacking: BTreeSet<&Referrer> = recipients.iter().flat_map(|recipient| &recipient.lacks).collect();
        for wave in waves(lacking) {
            let mut settled: Vec<BoxFuture<'_, ()>> = Vec::new();
            for referrer in wave {
                settled.push(self.settle_referrer(source, referrer, recipients, budget).boxed());
            }
            stream::iter(settled).buffer_unordered(REFERRERS_AT_ONCE).collect::<()>().await;
        }
        let mut listed: Vec<BoxFuture<'_, ()>> = Vec::new();
        for recipient in recipients {
            for (subject, referrers) in by_subject(&recipient.lacks) {
                listed.push(self.settle_list(source, recipient, subject, referrers).boxed());
            }
        }
        stream::iter(listed).buffer_unordered(REFERRERS_AT_ONCE).collect::<()>().await;
    }

    async fn settle_referrer(
        &self,
        source: &dyn Reader,
        referrer: &Referrer,
        recipients: &[&Recipient],
        budget: &Budget,
    ) {
        let lacks = |recipient: &&&Recipient| recipient.lives() && recipient.lacks.contains(referrer);
        let lacking: Vec<&Recipient> = recipients.iter().filter(lacks).copied().collect();
        let parts: Vec<Recipient> = lacking.iter().map(|recipient| recipient.part()).collect();
        let wanted = Wanted {
            digest: &referrer.digest,
            media_type: &referrer.media_type,
            written: Written::AsReferrer(referrer),
            depth: 0,
            budget,
        };
        self.settle_manifest(source, wanted, &parts.iter().collect::<Vec<_>>()).await;
        for (recipient, part) in lacking.iter().zip(&parts) {
            if part.lives() && referrer.link != Link::Subject {
                part.count(|tally| tally.referrers_copied += 1);
            }
            recipient.join(part, |failure| {
                named(failure, format_args!("the referrer {} of {}", referrer.digest, referrer.subject))
            });
        }
    }

    async fn settle_list(
        &self,
        source: &dyn Reader,
        recipient: &Recipient,
        subject: &Digest,
        referrers: Vec<&Referrer>,
    ) {
        if !recipient.lives() {
            return;
        }
        match self.list(source, recipient, subject, &referrers).await {
            Ok(()) => recipient.count(|tally| tally.referrers_copied += referrers.len() as u64),
            Err(failure) => {
                recipient.fail(Box::new(named(*failure, format_args!("the referrers of {subject}"))));
            }
        }
    }
}

/// Says what a failure is about; one that ends the run is about nothing in particular.
fn named(failure: Failure, what: std::fmt::Arguments<'_>) -> Failure {
    match failure.code.class() {
        Class::Deferred => failure,
        _ => Failure { message: format!("{what}: {}", failure.message), ..failure },
    }
}

/// Those that name their subject, by what that is.
fn by_subject(referrers: &[Referrer]) -> BTreeMap<&Digest, Vec<&Referrer>> {
    let mut subjects: BTreeMap<&Digest, Vec<&Referrer>> = BTreeMap::new();
    for referrer in referrers.iter().filter(|referrer| referrer.link == Link::Subject) {
        subjects.entry(&referrer.subject).or_default().push(referrer);
    }
    subjects
}

/// Parts referrers into waves: none speaks about one of its own wave or of a later one. Those that speak
/// about each other in a circle, as none can, make the last.
fn waves(referrers: BTreeSet<&Referrer>) -> Vec<Vec<&Referrer>> {
    let mut left: Vec<&Referrer> = referrers.into_iter().collect();
    let mut waves = Vec::new();
    while !left.is_empty() {
        let open: BTreeSet<&Digest> = left.iter().map(|referrer| &referrer.digest).collect();
        let (waiting, next): (Vec<_>, Vec<_>) =
            left.iter().copied().partition(|referrer| open.contains(&referrer.subject));
        if next.is_empty() {
            waves.push(waiting);
            return waves;
        }
        waves.push(next);
        left = waiting;
    }
    waves
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::MediaType;

    fn referrer(subject: &str, own: &str) -> Referrer {
        Referrer {
            subject: Digest::of(subject.as_bytes()),
            digest: Digest::of(own.as_bytes()),
            media_type: MediaType::oci_manifest(),
            artifact_type: None,
            link: Link::Subject,
        }
    }

    /// Who is in each wave, of referrers that are named by their own digest.
    fn parted(rows: &[(&str, &'static str)]) -> Vec<String> {
        let all: Vec<(Referrer, &str)> = rows.iter().map(|(of, own)| (referrer(of, own), *own)).collect();
        let name = |wanted: &Referrer| all.iter().find(|(one, _)| one == wanted).map_or("", |(_, name)| name);
        let waves = waves(all.iter().map(|(one, _)| one).collect()).into_iter();
        waves
            .map(|wave| {
                let mut names: Vec<&str> = wave.into_iter().map(name).collect();
                names.sort_unstable();
                names.concat()
            })
            .collect()
    }

    #[test]
    fn each_referrer_comes_in_a_wave_after_its_subject() {
        assert_eq!(parted(&[]), [""; 0]);
        assert_eq!(parted(&[("image", "a"), ("child", "b")]), ["ab"]);
        assert_eq!(parted(&[("b", "c"), ("image", "a"), ("a", "b"), ("a", "d")]), ["a", "bd", "c"]);
        assert_eq!(parted(&[("image", "a"), ("c", "b"), ("b", "c")]), ["a", "bc"], "a circle ends");
        assert_eq!(parted(&[("a", "a")]), ["a"], "so does one of itself");
    }
}
