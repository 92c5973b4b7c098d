//! Taking inventory: what repositories hold, by their tags and manifests. Reads only, and no blob.

use crate::bundle::{Inventory, Stock};
use crate::facts::Parts;
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{Area, At, LayoutName, Place, Repository, Tag};
use crate::store::{Reader, Sight};
use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::{self, StreamExt as _};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Repositories that are looked at at once.
const REPOSITORIES_AT_ONCE: usize = 16;
/// Tags of one repository that are looked at at once.
const TAGS_AT_ONCE: usize = 16;

/// What somebody wants to know the content of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    /// All repositories of an area.
    Area(Area),
    /// All repositories of a place.
    Place(Place),
    /// One repository, which must be there.
    Repository(Repository),
    /// One repository that may not be there yet, as a target may.
    Target(Repository),
}

/// A repository, and whether it must be there.
type Looked = (Repository, Must);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Must {
    BeThere,
    MayBeMissing,
}

/// Finds out what is held. Whole, or what stood in the way.
///
/// # Errors
/// Each of what could not be looked at.
pub async fn take(held: &BTreeSet<Held>, sight: &dyn Sight) -> Result<Inventory, Vec<Failure>> {
    let mut failures = Vec::new();
    let mut wanted: BTreeMap<Repository, Must> = BTreeMap::new();
    for one in held {
        match repositories(one, sight).await {
            Ok(found) => found.into_iter().for_each(|(name, must)| {
                let known = wanted.entry(name).or_insert(must);
                *known = (*known).min(must);
            }),
            Err(failure) => failures.push(*failure),
        }
    }
    let mut looks: Vec<BoxFuture<'_, Fallible<Option<Stock>>>> = Vec::new();
    for (name, must) in wanted {
        looks.push(stock(name, must, sight).boxed());
    }
    let mut looking = stream::iter(looks).buffered(REPOSITORIES_AT_ONCE);
    let mut repositories = Vec::new();
    while let Some(looked) = looking.next().await {
        match looked {
            Ok(stock) => repositories.extend(stock),
            Err(failure) => failures.push(*failure),
        }
    }
    match failures.is_empty() {
        true => Ok(Inventory { repositories }),
        false => Err(failures),
    }
}

/// The repositories that are meant.
async fn repositories(held: &Held, sight: &dyn Sight) -> Fallible<Vec<Looked>> {
    let named = |place: &Place, name: Option<LayoutName>| Repository::Local { place: place.clone(), name };
    match held {
        Held::Repository(name) => Ok(vec![(name.clone(), Must::BeThere)]),
        Held::Target(name) => Ok(vec![(name.clone(), Must::MayBeMissing)]),
        Held::Area(area) => {
            let names = sight.catalog(area).await?;
            let below = names.iter().filter(|name| area.below(name).is_some());
            // A catalog may list what breaks the grammar: nobody can ask for that.
            let repositories = below.filter_map(|name| area.repository(name).ok());
            Ok(repositories.map(|name| (name, Must::MayBeMissing)).collect())
        }
        Held::Place(place) => {
            let area: Area = format!("{}//**", named(place, None)).parse().map_err(|why| {
                Failure::new(Code::Internal, place, Operation::Catalog, format!("it makes no area: {why}"))
            })?;
            let names = sight.catalog(&area).await?;
            let names = names.iter().filter_map(|name| name.parse().ok()).map(Some);
            let all = std::iter::once(None).chain(names).map(|name| named(place, name));
            Ok(all.map(|name| (name, Must::MayBeMissing)).collect())
        }
    }
}

/// What one repository holds; none where it is not there, or has no tags.
async fn stock(name: Repository, must: Must, sight: &dyn Sight) -> Fallible<Option<Stock>> {
    let reader = match must {
        Must::BeThere => sight.source(&name).await?,
        Must::MayBeMissing => sight.target(&name).await?,
    };
    let Some(listed) = reader.tags().await? else {
        return match must {
            Must::MayBeMissing => Ok(None),
            Must::BeThere => {
                Err(Failure::new(Code::NotFound, &name, Operation::TagList, "there is no such repository")
                    .hint("check the name; areas end with /**"))
            }
        };
    };
    let mut heads: Vec<BoxFuture<'_, Fallible<_>>> = Vec::new();
    for tag in listed {
        heads.push(named(&*reader, tag).boxed());
    }
    let mut heads = stream::iter(heads).buffered(TAGS_AT_ONCE);
    let mut tags = BTreeMap::new();
    while let Some(head) = heads.next().await {
        tags.extend(head?);
    }
    drop(heads);
    if tags.is_empty() {
        return Ok(None);
    }
    let mut parts = Parts::default();
    for digest in tags.values().cloned().collect::<BTreeSet<_>>() {
        if !parts.manifests.contains(&digest) {
            parts.add(&*reader, digest).await?;
        }
    }
    let Parts { manifests, blobs, .. } = parts;
    let (manifests, blobs) = (manifests.into_iter().collect(), blobs.into_iter().collect());
    Ok(Some(Stock { name, tags, manifests, blobs }))
}

/// What a tag names; none where it went while it was looked at.
async fn named(reader: &dyn Reader, tag: Tag) -> Fallible<Option<(Tag, crate::oci::Digest)>> {
    let head = reader.head(&At::Tag(tag.clone())).await?;
    Ok(head.map(|head| (tag, head.digest)))
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Area(area) => area.fmt(f),
            Self::Place(place) => place.fmt(f),
            Self::Repository(name) | Self::Target(name) => name.fmt(f),
        }
    }
}

impl std::str::FromStr for Held {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if Area::is_meant(text) {
            return text.parse().map(Self::Area).map_err(|why: crate::oci::AreaError| why.to_string());
        }
        match text.parse().map_err(|why: crate::oci::ReferenceError| why.to_string())? {
            Repository::Local { place, name: None } => Ok(Self::Place(place)),
            repository => Ok(Self::Repository(repository)),
        }
    }
}
