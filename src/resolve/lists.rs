//! Lists of targets: one request instead of many, where one repository gets several tags.

use super::{Mapping, MappingTarget, Mobility};
use crate::oci::Repository;
use crate::spec::OnExisting;
use crate::store::{Listed, Listing, Lists, Sight};
use futures::future::join_all;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Immutable tags from which on a list is cheaper: it spares a request at the target for each, and
/// one at the source for each that is there.
const IMMUTABLE_TAGS_FOR_LIST: usize = 2;
/// Other tags from which on a list is worth it: what is in it is asked for all the same, and the list
/// may hold many more.
pub(super) const MOVABLE_TAGS_FOR_LIST: usize = 24;
/// Tags of any kind from which on a list is cheaper that says what they name.
const TAGS_FOR_LIST_OF_DIGESTS: usize = 2;

/// How many tags of one repository a list could answer for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Wanted {
    immutable: usize,
    movable: usize,
}

/// Lists the tags of targets where that spares requests. Where there is no list to be had, or only one
/// that takes more requests than it spares, each tag is asked for.
pub(super) async fn list_targets(mappings: &mut [Mapping], sight: &dyn Sight) {
    let mut wanted: BTreeMap<Repository, Wanted> = BTreeMap::new();
    each_answerable(mappings, |target| {
        let wanted = wanted.entry(target.reference.repository.clone()).or_default();
        match target.mobility {
            Mobility::Immutable => wanted.immutable += 1,
            Mobility::Movable => wanted.movable += 1,
        }
    });
    wanted.retain(|_, wanted| wanted.pages_max(Lists::Digests) > 0);
    let list = |(repository, wanted): (Repository, Wanted)| async move {
        let listing = list(&repository, wanted, sight).await;
        (repository, listing)
    };
    let listings: BTreeMap<Repository, Option<Arc<Listing>>> =
        join_all(wanted.into_iter().map(list)).await.into_iter().collect();
    each_answerable(mappings, |target| {
        target.listing = listings.get(&target.reference.repository).cloned().flatten();
    });
}

async fn list(repository: &Repository, wanted: Wanted, sight: &dyn Sight) -> Option<Arc<Listing>> {
    let reader = sight.target(repository).await.ok()?;
    let pages_max = wanted.pages_max(reader.costs().lists);
    if pages_max == 0 {
        return None;
    }
    match reader.list(pages_max).await {
        Ok(Listed::Tags(listing)) => Some(Arc::new(listing)),
        Ok(Listed::Nowhere) => Some(Arc::default()),
        Ok(Listed::Untold) | Err(_) => None,
    }
}

/// Visits the targets for which a list may answer. Where a tag that is there must be left as it is,
/// the tag itself is asked for: lists may lag behind.
fn each_answerable(mappings: &mut [Mapping], mut visit: impl FnMut(&mut MappingTarget)) {
    for mapping in mappings {
        let overwrites = mapping.on_existing == OnExisting::Overwrite;
        for target in &mut mapping.targets {
            if overwrites || target.mobility == Mobility::Immutable {
                visit(target);
            }
        }
    }
}

impl Wanted {
    /// How many requests a list may take; none where it is not worth one.
    fn pages_max(self, lists: Lists) -> usize {
        let Self { immutable, movable } = self;
        if lists == Lists::Digests {
            let tags = immutable + movable;
            return if tags >= TAGS_FOR_LIST_OF_DIGESTS { tags } else { 0 };
        }
        let for_immutable = if immutable >= IMMUTABLE_TAGS_FOR_LIST { immutable } else { 0 };
        for_immutable + movable / MOVABLE_TAGS_FOR_LIST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_takes_no_more_requests_than_it_spares() {
        let pages = |immutable, movable, lists| Wanted { immutable, movable }.pages_max(lists);
        for (immutable, movable, names, digests) in [
            (0, 1, 0, 0),
            (1, 0, 0, 0),
            (1, 1, 0, 2),
            (2, 0, 2, 2),
            (0, 23, 0, 23),
            (0, 24, 1, 24),
            (2, 48, 4, 50),
        ] {
            assert_eq!(pages(immutable, movable, Lists::Names), names, "{immutable} and {movable}");
            assert_eq!(pages(immutable, movable, Lists::Digests), digests, "{immutable} and {movable}");
        }
    }
}
