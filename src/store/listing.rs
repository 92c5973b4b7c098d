//! What one listing tells of a repository: its tags, and from some registries what they name; and who
//! speaks about a manifest.

use super::Head;
use crate::oci::{Referrer, Tag};
use std::collections::BTreeMap;

/// What a store says that is asked for the tags of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// It has these.
    Tags(Listing),
    /// There is no such repository, and the store says so.
    Nowhere,
    /// There is no list, which may mean anything; or it has more pages than were asked for.
    Untold,
}

/// What a store says that is asked who speaks about a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListedReferrers {
    /// Those that it lists; none where it has no such list: then the tag of the subject may have one.
    pub list: Option<Vec<Referrer>>,
    /// How many requests it took.
    pub requests: u64,
}

/// The tags of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// Sorted bytewise, each once.
    pub tags: Vec<Tag>,
    /// What they name, where the list says that too.
    pub heads: BTreeMap<Tag, Head>,
    /// Whether these are all.
    pub extent: Extent,
}

/// How much of a repository a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extent {
    /// All of it.
    #[default]
    Whole,
    /// It looks as if it were cut at a limit that nobody mentions.
    MayBeCut,
}

/// What a listing tells of one tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// What it names.
    Names(Head),
    /// It is there.
    Present,
    /// It is not there.
    Absent,
    /// Nothing.
    Untold,
}

impl Listing {
    /// All tags of a repository, sorted, and no more than that.
    pub fn of(tags: Vec<Tag>) -> Self {
        Self { tags, ..Self::default() }
    }

    /// What it tells of `tag`.
    pub fn find(&self, tag: &Tag) -> Known {
        match (self.tags.binary_search(tag), self.heads.get(tag), self.extent) {
            (Ok(_), Some(head), _) => Known::Names(head.clone()),
            (Ok(_), None, _) => Known::Present,
            (Err(_), _, Extent::Whole) => Known::Absent,
            (Err(_), _, Extent::MayBeCut) => Known::Untold,
        }
    }
}

/// What is documented of how a store is asked with few requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Costs {
    /// What a list of tags holds.
    pub lists: Lists,
    /// What fetching a manifest costs beside the request.
    pub manifests: ManifestGets,
}

/// What a list of tags holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lists {
    /// Names.
    #[default]
    Names,
    /// Beside the names, what they name.
    Digests,
}

/// What fetching a manifest costs beside the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ManifestGets {
    /// Nothing.
    #[default]
    Free,
    /// It counts against a quota; asking what a tag names does not.
    Counted,
}
