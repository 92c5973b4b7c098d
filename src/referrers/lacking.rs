//! What a target lacks of those that speak about an image at its source.

use super::Finder;
use super::asking::Asking;
use super::place::Place;
use crate::failure::{Fallible, Side};
use crate::oci::{At, Digest, Link, Referrer, Tag, keeps_layers, referrers_tag};
use crate::store::{Head, Reader};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::AtomicU64;

/// Whether the target has the image itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Its tag names it: who speaks about it may be there.
    There,
    /// It does not: who speaks about it is brought with it.
    Coming,
}

/// What becomes of a tag of cosign's that names something else at the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// It moves where nothing of the target's is lost.
    Grow,
    /// It stays.
    Keep,
    /// It stays, and that is a conflict.
    Fail,
}

/// A tag that cosign wrote at the target, and that the source's cannot take the place of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The tag.
    pub tag: Tag,
}

/// What a target lacks, or why it cannot be given that.
pub type Lacking = Result<Vec<Referrer>, Conflict>;

impl Finder {
    /// Those of `found` that `target` does not have, in their order: each after its subject. Where the image
    /// is only coming, nobody asks who speaks about it there: one request for each tag of cosign's, which
    /// may be there without it.
    ///
    /// # Errors
    /// The target cannot be asked, or the source where their tags differ.
    pub async fn lacking(
        &self,
        found: &[Referrer],
        source: &dyn Reader,
        target: &dyn Reader,
        (presence, policy): (Presence, Policy),
        requests: &AtomicU64,
    ) -> Fallible<Lacking> {
        let asking = Asking::new(target, requests);
        let place = self.targets.of(target.repository());
        let mut lacking: Vec<Referrer> = Vec::new();
        let mut coming: HashSet<&Digest> = HashSet::new();
        let mut there: HashMap<&Digest, HashSet<Digest>> = HashMap::new();
        for one in found {
            let lacks = match one.link {
                Link::Subject if presence == Presence::Coming || coming.contains(&one.subject) => true,
                Link::Subject => {
                    if !there.contains_key(&one.subject) {
                        let listed = listed_there(&place, asking, &one.subject).await;
                        there.insert(&one.subject, listed.map_err(|failure| failure.on(Side::Target))?);
                    }
                    !there.get(&one.subject).is_some_and(|there| there.contains(&one.digest))
                }
                Link::Tag(cosign) => match cosign.of(&one.subject) {
                    Some(tag) => match lacks_tag(&place, asking, source, one, &tag, policy).await? {
                        Some(lacks) => lacks,
                        None => return Ok(Err(Conflict { tag })),
                    },
                    None => false,
                },
            };
            if lacks {
                coming.insert(&one.digest);
                lacking.push(one.clone());
            }
        }
        Ok(Ok(lacking))
    }
}

/// Whether the target lacks what one of cosign's tags names at the source; none where its own would be
/// lost.
async fn lacks_tag(
    place: &Place,
    asking: Asking<'_>,
    source: &dyn Reader,
    one: &Referrer,
    tag: &Tag,
    policy: Policy,
) -> Fallible<Option<bool>> {
    let at = At::Tag(tag.clone());
    let head = place.heads.get(tag, asking.head(&at)).await.map_err(|failure| failure.on(Side::Target))?;
    let there: Head = match head {
        None => return Ok(Some(true)),
        Some(head) if head.digest == one.digest => return Ok(Some(false)),
        Some(head) => head,
    };
    match policy {
        Policy::Keep => return Ok(Some(false)),
        Policy::Fail => return Ok(None),
        Policy::Grow => {}
    }
    let theirs =
        asking.manifest(&At::Digest(there.digest)).await.map_err(|failure| failure.on(Side::Target))?;
    let ours = asking.at(source).manifest(&At::Digest(one.digest.clone())).await;
    let ours = ours.map_err(|failure| failure.on(Side::Source))?;
    Ok(match (theirs, ours) {
        (Some(theirs), Some(ours)) => keeps_layers(&theirs, &ours).then_some(true),
        // It is gone by now, or copying will tell what is.
        _ => Some(true),
    })
}

/// The digests of those that speak about `subject` at a target, by its own list or by the subject's tag.
async fn listed_there(place: &Place, asking: Asking<'_>, subject: &Digest) -> Fallible<HashSet<Digest>> {
    let list = async {
        if let Some(list) = asking.referrers(subject).await?.list {
            return Ok(Some(list));
        }
        let Some(tag) = referrers_tag(subject) else { return Ok(None) };
        asking.by_tag(subject, &tag, &HashSet::new()).await
    };
    let listed = place.listed.get(subject, list).await?;
    Ok(listed.into_iter().flatten().map(|one| one.digest).collect())
}
