//! What is asked of whom.

use super::*;
use crate::form::Form;
use crate::oci::{Digest, MediaType, Repository, Tag};
use crate::plan::RefusalReason;
use crate::store::{BlobStream, Costs, Extent, Listing, Lists};
use async_trait::async_trait;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Registries that have every tag, all naming one manifest.
#[derive(Clone)]
struct Full {
    costs: Costs,
    asked: Arc<Mutex<Vec<String>>>,
}

/// One of their repositories.
struct Opened {
    full: Full,
    repository: Repository,
}

impl Full {
    fn new(manifests: ManifestGets) -> Self {
        Self { costs: Costs { lists: Lists::Names, manifests }, asked: Arc::default() }
    }

    fn open(&self, repository: &Repository) -> Arc<dyn Reader> {
        Arc::new(Opened { full: self.clone(), repository: repository.clone() })
    }

    fn asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut *self.asked.lock().expect("no panic"));
        asked.sort();
        asked
    }
}

#[async_trait]
impl Sight for Full {
    async fn source(&self, repository: &Repository) -> Fallible<Arc<dyn Reader>> {
        Ok(self.open(repository))
    }

    async fn target(&self, repository: &Repository) -> Fallible<Arc<dyn Reader>> {
        Ok(self.open(repository))
    }
}

impl Opened {
    fn asked(&self, what: &str, at: &At) -> RawManifest {
        self.full.asked.lock().expect("no panic").push(format!("{what} {}:{at}", self.repository));
        RawManifest::new(MediaType::oci_index(), Bytes::from_static(b"{}"), None)
    }
}

#[async_trait]
impl Reader for Opened {
    fn repository(&self) -> &Repository {
        &self.repository
    }

    async fn tags(&self) -> Fallible<Option<Vec<Tag>>> {
        Ok(None)
    }

    fn costs(&self) -> Costs {
        self.full.costs
    }

    async fn head(&self, at: &At) -> Fallible<Option<Head>> {
        let RawManifest { digest, media_type, .. } = self.asked("head", at);
        Ok(Some(Head { digest, media_type, size_bytes: None }))
    }

    async fn manifest(&self, at: &At) -> Fallible<Option<RawManifest>> {
        Ok(Some(self.asked("get", at)))
    }

    async fn blob(&self, _: &crate::oci::Descriptor, _: u64) -> Fallible<BlobStream> {
        unreachable!("nobody looks into blobs")
    }
}

fn tag(text: &str) -> Tag {
    text.parse().expect("a tag")
}

fn target(repository: &str, listing: Option<&Arc<Listing>>) -> MappingTarget {
    let repository: Repository = repository.parse().expect("a repository");
    MappingTarget { listing: listing.cloned(), ..MappingTarget::plain(repository.at(tag("1"))) }
}

/// A list that has this tag.
fn with(name: &str) -> Arc<Listing> {
    Arc::new(Listing::of(vec![tag(name)]))
}

fn mapping(targets: Vec<MappingTarget>) -> Mapping {
    Mapping {
        mirror: "m".to_owned(),
        spec_line: None,
        source: "s.test/app".parse::<Repository>().expect("a repository").at(tag("1")),
        head: None,
        rename: None,
        targets,
        on_existing: OnExisting::Overwrite,
        form: Form::default(),
        referrers: crate::spec::Referrers::default(),
        require: Vec::new(),
        pinned: None,
        gates: None,
    }
}

/// What is asked, and the drift of each target.
async fn observed(mapping: &Mapping, full: &Full, ahead: &Ahead) -> (Vec<String>, Vec<char>) {
    let Observed { entry, unresolved, .. } = observe(mapping, full, ahead).await;
    assert!(unresolved.is_empty());
    let marks = entry.expect("an entry").targets.iter().map(|target| target.drift.mark()).collect();
    (full.asked(), marks)
}

#[tokio::test]
async fn what_a_list_tells_is_not_asked() {
    let full = Full::new(ManifestGets::Free);
    let absent = mapping(vec![target("t.test/a", Some(&with("2")))]);
    let present = mapping(vec![target("t.test/a", Some(&with("1")))]);
    let unlisted = mapping(vec![target("t.test/a", None)]);
    let cut = Listing { extent: Extent::MayBeCut, ..Listing::of(vec![tag("2")]) };
    let cut = mapping(vec![target("t.test/a", Some(&Arc::new(cut)))]);
    for (mapping, asked, mark) in [
        (&absent, &["head s.test/app:1"][..], '+'),
        (&present, &["head s.test/app:1", "head t.test/a:1"], '='),
        (&unlisted, &["head s.test/app:1", "head t.test/a:1"], '='),
        (&cut, &["head s.test/app:1", "head t.test/a:1"], '='),
    ] {
        assert_eq!(
            observed(mapping, &full, &Ahead::none()).await,
            (asked.iter().map(ToString::to_string).collect(), vec![mark])
        );
    }
    let head = Head { digest: Digest::of(b"other"), media_type: MediaType::oci_index(), size_bytes: None };
    let digests =
        Listing { heads: BTreeMap::from([(tag("1"), head.clone())]), ..Listing::of(vec![tag("1")]) };
    let mut told = mapping(vec![target("t.test/a", Some(&Arc::new(digests)))]);
    assert_eq!(
        observed(&told, &full, &Ahead::none()).await,
        (vec!["head s.test/app:1".to_owned()], vec!['~'])
    );
    told.head = Some(head);
    assert_eq!(observed(&told, &full, &Ahead::none()).await, (vec![], vec!['=']));
}

#[tokio::test]
async fn a_manifest_that_will_be_copied_is_fetched_instead_of_asked_about() {
    let ahead = Ahead::at_most(1);
    let get = vec!["get s.test/app:1".to_owned()];
    let head = vec!["head s.test/app:1".to_owned()];
    let absent = mapping(vec![target("t.test/a", Some(&with("2")))]);
    let full = Full::new(ManifestGets::Free);
    let Observed { entry, fetched, .. } = observe(&absent, &full, &ahead).await;
    assert_eq!((full.asked(), entry.expect("an entry").targets[0].drift.mark()), (get.clone(), '+'));
    let next =
        tokio::time::timeout(std::time::Duration::from_millis(1), observe(&absent, &full, &ahead)).await;
    assert!(next.is_err() && full.asked().is_empty(), "the one place is taken until the entry is copied");
    drop(fetched);

    let two = mapping(vec![target("t.test/a", Some(&with("2"))), target("t.test/b", None)]);
    let both = vec![get[0].clone(), "head t.test/b:1".to_owned()];
    assert_eq!(observed(&two, &full, &ahead).await, (both, vec!['+', '=']), "one target is enough");
    let mut refused = absent.clone();
    refused.targets[0].refusal = Some(RefusalReason::Exists);
    assert_eq!(observed(&refused, &full, &ahead).await.0, head, "nobody writes it");
    let counting = Full::new(ManifestGets::Counted);
    assert_eq!(observed(&absent, &counting, &ahead).await.0, head, "a quota counts it");
    ahead.end();
    assert_eq!(observed(&absent, &full, &ahead).await.0, head, "nothing more is copied");
}
