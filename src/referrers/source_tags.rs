//! The tags that belong to digests, as far as they are known: they say which subjects have referrers.

use crate::oci::{Tag, is_of_referrers};
use crate::store::{Extent, Known, Listed, Listing};
use std::sync::Arc;

/// What is known of the tags of a source before anybody asks for referrers.
#[derive(Debug, Clone)]
pub enum SourceTags {
    /// They were listed: of these, those that belong to digests.
    Listed(Arc<Listing>),
    /// They were not; so many are mirrored.
    Named(usize),
}

/// Requests that a list may take for each tag that is mirrored: as many as asking for the tags of one
/// digest, each by itself.
const PAGES_FOR_EACH: usize = 4;

impl SourceTags {
    /// What a list of all tags tells.
    pub fn of(listing: &Listing) -> Self {
        Self::Listed(Arc::new(belonging(listing)))
    }

    /// How many requests a list may take.
    pub(super) fn pages_max(&self) -> usize {
        match self {
            Self::Listed(_) => 0,
            Self::Named(tags) => tags.saturating_mul(PAGES_FOR_EACH).max(PAGES_FOR_EACH),
        }
    }
}

/// The tags of a repository that belong to digests.
#[derive(Debug, Clone)]
pub(super) enum Tags {
    /// As far as this list tells.
    Listed(Arc<Listing>),
    /// There is no list: each is asked for.
    Unlisted,
}

impl Tags {
    /// What a listing tells of them; when it may be cut, `rest` is what comes behind `sha256-`.
    pub(super) fn of(listing: &Arc<Listing>, rest: Option<Listed>) -> Self {
        let Some(rest) = rest else { return Self::Listed(Arc::clone(listing)) };
        let Listed::Tags(rest) = rest else { return Self::Unlisted };
        let rest = belonging(&rest);
        let mut all = Listing::clone(listing);
        let known = all.tags.len();
        all.tags.extend(rest.tags);
        all.tags.sort();
        all.tags.dedup();
        all.heads.extend(rest.heads);
        // Where the same came again, or what came is the end, nothing was cut off.
        all.extent = if all.tags.len() == known { Extent::Whole } else { rest.extent };
        match all.extent {
            Extent::Whole => Self::Listed(Arc::new(all)),
            Extent::MayBeCut => Self::Unlisted,
        }
    }

    /// What is known of one.
    pub(super) fn find(&self, tag: &Tag) -> Known {
        match self {
            Self::Listed(listing) => listing.find(tag),
            Self::Unlisted => Known::Untold,
        }
    }

    /// Whether there may be any.
    pub(super) fn may_be(&self) -> bool {
        match self {
            Self::Listed(listing) => !listing.tags.is_empty(),
            Self::Unlisted => true,
        }
    }
}

/// What a list has of tags that belong to digests.
pub(super) fn belonging(listing: &Listing) -> Listing {
    let tags: Vec<Tag> = listing.tags.iter().filter(|tag| is_of_referrers(tag)).cloned().collect();
    let heads = tags.iter().filter_map(|tag| Some((tag.clone(), listing.heads.get(tag)?.clone())));
    Listing { heads: heads.collect(), extent: listing.extent, tags }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::{CosignTag, Digest, referrers_tag};

    fn listing(tags: &[&Tag], extent: Extent) -> Arc<Listing> {
        Arc::new(Listing { extent, ..Listing::of(tags.iter().map(|tag| (*tag).clone()).collect()) })
    }

    #[test]
    fn a_list_that_may_be_cut_is_whole_when_its_end_brings_nothing_new() {
        let [one, two] = [b"one", b"two"].map(|name| referrers_tag(&Digest::of(name)).expect("a tag"));
        let plain: Tag = "1.0".parse().expect("a tag");
        let (cut, whole) = (Extent::MayBeCut, Extent::Whole);
        // What is known, what comes behind `sha256-`, and what both together tell of one and two.
        for (known, rest, expected) in [
            (listing(&[&one], whole), None, [Known::Present, Known::Absent]),
            (listing(&[], cut), Some(Listed::Tags(Listing::default())), [Known::Absent, Known::Absent]),
            (
                listing(&[&one], cut),
                Some(Listed::Tags(Listing { extent: cut, ..Listing::of(vec![plain.clone(), one.clone()]) })),
                [Known::Present, Known::Absent],
            ),
            (
                listing(&[], cut),
                Some(Listed::Tags(Listing::of(vec![two.clone()]))),
                [Known::Absent, Known::Present],
            ),
            (
                listing(&[&one], cut),
                Some(Listed::Tags(Listing { extent: cut, ..Listing::of(vec![two.clone()]) })),
                [Known::Untold, Known::Untold],
            ),
            (listing(&[&one], cut), Some(Listed::Untold), [Known::Untold, Known::Untold]),
            (listing(&[&one], cut), Some(Listed::Nowhere), [Known::Untold, Known::Untold]),
        ] {
            let told = format!("{known:?} {rest:?}");
            let tags = Tags::of(&known, rest);
            assert_eq!([tags.find(&one), tags.find(&two)], expected, "{told}");
            assert_eq!(tags.may_be(), expected != [Known::Absent, Known::Absent], "{told}");
        }
    }

    #[test]
    fn only_tags_that_belong_to_digests_are_kept() {
        let sig = CosignTag::Signature.of(&Digest::of(b"one")).expect("a tag");
        let tags = ["1.0", "sha256-abc", sig.as_str()].map(|tag| tag.parse().expect("a tag"));
        let SourceTags::Listed(kept) = SourceTags::of(&Listing::of(tags.to_vec())) else {
            unreachable!("it was listed")
        };
        assert_eq!(kept.tags, [sig]);
    }

    #[test]
    fn a_list_takes_no_more_requests_than_it_spares() {
        let pages = |known: SourceTags| known.pages_max();
        assert_eq!([0, 1, 2, 100].map(|tags| pages(SourceTags::Named(tags))), [4, 4, 8, 400]);
        assert_eq!(pages(SourceTags::of(&Listing::default())), 0);
        assert_eq!(pages(SourceTags::Named(usize::MAX)), usize::MAX);
    }
}
