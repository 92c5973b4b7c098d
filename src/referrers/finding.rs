//! Finding who speaks about an image at its source.

use super::asking::Asking;
use super::image::{Image, MANIFESTS_AT_ONCE};
use super::place::Place;
use super::source_tags::Tags;
use super::{DEPTH_MAX, Finder, artifact, fallback};
use crate::failure::{Code, Failure, Fallible, Operation, Side};
use crate::oci::{At, CosignTag, Digest, Link, MediaType, Referrer, Tag, referrers_tag};
use crate::spec::Referrers;
use crate::store::{Known, REFERRERS_MAX};
use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::AtomicU64;

/// Who speaks about an image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// Those that are mirrored with it: each after its subject, and sorted as far as that leaves open.
    pub wanted: Vec<Referrer>,
    /// All that speak about its root at the source, whether they are mirrored or not.
    pub of_root: Vec<Referrer>,
    /// How many speak about what is mirrored in another form, and cannot speak about that.
    pub left_behind: u64,
}

/// Where is looked: a repository, what is known of it, and an image.
#[derive(Clone, Copy)]
struct Look<'a> {
    asking: Asking<'a>,
    place: &'a Place,
    tags: &'a Tags,
    /// The root of the image at the source,
    root: &'a Digest,
    /// and every manifest of the image.
    image: &'a HashSet<Digest>,
    /// Whether somebody wants to know what referrers are.
    types: Types,
}

/// Whether the types of referrers matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Types {
    Needed,
    Needless,
}

impl Finder {
    /// Who speaks about `image` at its source, and about those again. Of `require`, only whether it asks
    /// for types matters here.
    ///
    /// # Errors
    /// The source cannot be asked, what it answers cannot be read, or there are more than
    /// [`REFERRERS_MAX`], or deeper than [`DEPTH_MAX`].
    pub async fn find(&self, image: Image<'_>, require: bool, requests: &AtomicU64) -> Fallible<Found> {
        let found = self.find_all(image, require, requests).await;
        found.map_err(|failure| failure.on(Side::Source))
    }

    async fn find_all(&self, image: Image<'_>, require: bool, requests: &AtomicU64) -> Fallible<Found> {
        let asking = Asking::new(image.reader, requests);
        let place = self.sources.of(image.reader.repository());
        let replaced = image.replaced();
        let at_source = replaced.iter().chain([image.root]).find(|one| image.is_at_source(one));
        let origin = image.formed.map_or(image.root, |formed| &formed.origin);
        let tags = place.tags(asking, image.tags).await;
        let lists = match at_source {
            Some(subject) => listed(&place, asking, subject).await?.is_some(),
            None => false,
        };
        if !lists && !tags.may_be() {
            return Ok(Found::default());
        }
        let types = match (image.wanted, require) {
            (Referrers::Types(_), _) | (_, true) => Types::Needed,
            (Referrers::All | Referrers::None, false) => Types::Needless,
        };
        let mut manifests = match image.wanted {
            // Nothing is mirrored: only the root matters.
            Referrers::None => vec![image.root.clone()],
            Referrers::All | Referrers::Types(_) => image.manifests(asking).await?,
        };
        let of_image: HashSet<Digest> = manifests.iter().chain(&replaced).cloned().collect();
        let look = Look { asking, place: &place, tags, root: origin, image: &of_image, types };
        let of_root = if require { look.direct(origin).await? } else { Vec::new() };
        let mut left_behind = 0;
        if *image.wanted != Referrers::None {
            let lost = look.each(&replaced).await?;
            left_behind = lost.iter().filter(|one| artifact::is_wanted(one, image.wanted)).count() as u64;
        }
        manifests.retain(|manifest| image.is_at_source(manifest));
        let wanted = look.all(manifests, image.wanted).await?;
        Ok(Found { wanted, of_root, left_behind })
    }
}

impl Look<'_> {
    /// Those that are wanted of `subjects`, and of those that were found, until nobody speaks about them.
    async fn all(&self, mut subjects: Vec<Digest>, wanted: &Referrers) -> Fallible<Vec<Referrer>> {
        let mut all = Vec::new();
        if *wanted == Referrers::None {
            return Ok(all);
        }
        let mut seen: HashSet<Digest> = self.image.clone();
        for depth in 0..=DEPTH_MAX {
            let found: BTreeSet<Referrer> = self.each(&subjects).await?.into_iter().collect();
            let found: Vec<Referrer> =
                found.into_iter().filter(|one| artifact::is_wanted(one, wanted)).collect();
            if all.len() + found.len() > REFERRERS_MAX {
                return Err(self.beyond(format!("more than {REFERRERS_MAX} manifests speak about the image")));
            }
            // Who speaks about two is asked about once; and tags can lead in a circle.
            let new = found.iter().map(|one| &one.digest).filter(|digest| seen.insert((*digest).clone()));
            subjects = new.cloned().collect();
            all.extend(found);
            if subjects.is_empty() {
                break;
            }
            if depth == DEPTH_MAX {
                let message =
                    format!("the image is spoken about deeper than {DEPTH_MAX}: about who speaks about it");
                return Err(self.beyond(message));
            }
        }
        Ok(all)
    }

    /// Who speaks about each of `subjects`.
    async fn each(&self, subjects: &[Digest]) -> Fallible<Vec<Referrer>> {
        let mut asking: Vec<BoxFuture<'_, Fallible<Vec<Referrer>>>> = Vec::new();
        for subject in subjects {
            asking.push(self.direct(subject).boxed());
        }
        let all: Vec<Vec<Referrer>> = stream::iter(asking).buffered(MANIFESTS_AT_ONCE).try_collect().await?;
        Ok(all.into_iter().flatten().collect())
    }

    /// Who speaks about `subject`, by the store's own list or by tags.
    async fn direct(&self, subject: &Digest) -> Fallible<Vec<Referrer>> {
        let listed = listed(self.place, self.asking, subject).await?;
        let has_list = listed.is_some();
        let tagged = self.place.tagged.get(subject, self.tagged(subject, has_list)).await?;
        let mut all: Vec<Referrer> = listed.into_iter().flatten().chain(tagged).collect();
        // Nothing speaks about itself, whatever a list says.
        all.retain(|one| one.digest != *subject);
        if self.types == Types::Needed {
            for one in all.iter_mut().filter(|one| one.artifact_type.is_none()) {
                one.artifact_type = self.place.types.get(&one.digest, self.type_of(&one.digest)).await?;
            }
        }
        Ok(all)
    }

    /// What a manifest says that it is.
    async fn type_of(&self, digest: &Digest) -> Fallible<Option<MediaType>> {
        let raw = self.asking.manifest(&At::Digest(digest.clone())).await?;
        Ok(raw.as_ref().and_then(artifact::type_of))
    }

    async fn tagged(&self, subject: &Digest, has_list: bool) -> Fallible<Vec<Referrer>> {
        let mut found = Vec::new();
        if !has_list && let Some(tag) = referrers_tag(subject) {
            found = self.by_fallback(subject, &tag).await?;
        }
        for cosign in CosignTag::ALL {
            let Some(tag) = cosign.of(subject) else { continue };
            let head = match self.tags.find(&tag) {
                Known::Absent => None,
                Known::Names(head) => Some(head),
                Known::Present | Known::Untold => self.asking.head(&At::Tag(tag)).await?,
            };
            // Who answers with the subject itself knows no such tags.
            found.extend(head.filter(|head| head.digest != *subject).map(|head| Referrer {
                subject: subject.clone(),
                digest: head.digest,
                media_type: head.media_type,
                artifact_type: artifact::type_of_tag(cosign),
                link: Link::Tag(cosign),
            }));
        }
        Ok(found)
    }

    /// What the tag of the subject lists.
    async fn by_fallback(&self, subject: &Digest, tag: &Tag) -> Fallible<Vec<Referrer>> {
        let at = At::Tag(tag.clone());
        let head = match self.tags.find(tag) {
            Known::Absent => return Ok(Vec::new()),
            Known::Names(head) => Some(head),
            // The manifest will tell.
            Known::Present => None,
            Known::Untold => match self.asking.head(&at).await? {
                Some(head) => Some(head),
                None => return Ok(Vec::new()),
            },
        };
        if head.is_some_and(|head| !fallback::may_list(&head.digest, &head.media_type, subject)) {
            return Ok(Vec::new());
        }
        let none = HashSet::new();
        let children = if subject == self.root { self.image } else { &none };
        Ok(self.asking.by_tag(subject, tag, children).await?.unwrap_or_default())
    }

    fn beyond(&self, message: String) -> Box<Failure> {
        let hint = "name the artifact types that you need under `referrers`, or write `none`";
        self.failure(Code::LimitExceeded, message).hint(hint)
    }

    fn failure(&self, code: Code, message: String) -> Box<Failure> {
        let repository = self.asking.reader.repository();
        Failure::new(code, repository, Operation::ReferrerList, message)
    }
}

/// What the store itself lists; none where it has no lists.
async fn listed(place: &Place, asking: Asking<'_>, subject: &Digest) -> Fallible<Option<Vec<Referrer>>> {
    let list = async { Ok(asking.referrers(subject).await?.list) };
    place.listed.get(subject, list).await
}
