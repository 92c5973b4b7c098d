//! Facts about images, for filters and gates that ask for them. Reads the source; never writes.

mod all;
mod config;
mod document;
mod image;
mod parts;

use crate::failure::{Code, Failure, Fallible, Operation, Side};
use crate::filter::{Image, Needs};
use crate::oci::{At, Digest, Repository, Tag};
use crate::plan::FilterRequests;
use crate::store::{Head, Reader, Sight};
use all::all;
use futures::future::{BoxFuture, FutureExt as _};
use image::{Described, describe};
pub use image::{made_at, platform_of};
pub use parts::{Parts, Unread};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Tags of one repository that are asked for at once; how many requests that makes is up to the
/// registry's limits.
const TAGS_AT_ONCE: usize = 128;
/// Images of one repository that are read at once: each holds a manifest and a config in memory.
const IMAGES_AT_ONCE: usize = 32;
/// Most bytes of text in the facts about one repository: what a filter with the default memory can
/// take in. Tags are many, and annotations have no limit of their own.
const TEXT_BYTES_MAX: usize = 64 << 20;

/// What gathering facts gave.
#[derive(Debug, Default)]
pub struct Gathered {
    /// One for each tag that is there, sorted bytewise by tag.
    pub images: Vec<Image>,
    /// What each of these tags named when it was asked for, where that was needed: what the filter
    /// judges is what is mirrored.
    pub heads: BTreeMap<Tag, Head>,
    /// Tags that are listed and name nothing when they are asked for.
    pub gone: Vec<(Tag, Failure)>,
    /// What was asked of the source.
    pub asked: FilterRequests,
}

/// Gathers what `needs` asks for about each tag of a source, and nothing else: no request where
/// nothing is needed, one HEAD for each tag that is not among the `known` where digests are, and one
/// GET more for each different manifest where its content is.
///
/// # Errors
/// The source cannot be asked: then nothing is known, and no filter may decide.
pub async fn gather(
    source: &Repository,
    tags: &[Tag],
    known: BTreeMap<Tag, Head>,
    needs: Needs,
    sight: &Arc<dyn Sight>,
) -> Result<Gathered, Box<Failure>> {
    let tags: BTreeSet<&Tag> = tags.iter().collect();
    if !(needs.digest || reads_manifests(needs)) {
        let images = tags.into_iter().cloned().map(Image::plain).collect();
        return Ok(Gathered { images, ..Gathered::default() });
    }
    let reader = sight.source(source).await.map_err(|failure| failure.on(Side::Source))?;
    gather_from(&*reader, &tags, known, needs).await.map_err(|failure| failure.on(Side::Source))
}

fn reads_manifests(needs: Needs) -> bool {
    needs.platforms || needs.annotations || needs.config
}

async fn gather_from(
    reader: &dyn Reader,
    tags: &BTreeSet<&Tag>,
    mut known: BTreeMap<Tag, Head>,
    needs: Needs,
) -> Fallible<Gathered> {
    let unknown: Vec<&Tag> = tags.iter().copied().filter(|tag| !known.contains_key(*tag)).collect();
    let mut asked = FilterRequests { heads: unknown.len() as u64, ..FilterRequests::default() };
    let mut heads = heads(reader, unknown).await?;
    heads.extend(tags.iter().filter_map(|tag| Some((*tag, Some(known.remove(*tag)?)))));
    let mut described = BTreeMap::new();
    if reads_manifests(needs) {
        let digests: BTreeSet<&Digest> = heads.values().flatten().map(|head| &head.digest).collect();
        for (digest, image) in images(reader, digests, needs).await? {
            asked += image.asked;
            described.insert(digest, image);
        }
    }
    let mut gathered = Gathered { asked, ..Gathered::default() };
    let mut text_bytes = 0;
    for (tag, head) in heads {
        let Some(head) = head else {
            gathered.gone.push((tag.clone(), gone(reader, tag, "there is no such tag or digest")));
            continue;
        };
        let image = match described.get(&head.digest) {
            Some(Described { there: false, .. }) => {
                let what = format!("its manifest {} is not there", head.digest);
                gathered.gone.push((tag.clone(), gone(reader, tag, &what)));
                continue;
            }
            Some(described) => {
                text_bytes += described.text_bytes();
                if text_bytes > TEXT_BYTES_MAX {
                    return Err(too_much(reader));
                }
                described.of(tag.clone())
            }
            None => Image::plain(tag.clone()),
        };
        let known = needs.digest.then(|| head.clone());
        let (digest, media_type) = known.map(|head| (head.digest, head.media_type)).unzip();
        gathered.images.push(Image { digest, media_type, ..image });
        gathered.heads.insert(tag.clone(), head);
    }
    Ok(gathered)
}

/// A tag and what it names.
type Named<'a> = (&'a Tag, Option<Head>);

/// What each tag names; none where it names nothing.
async fn heads<'a>(reader: &dyn Reader, tags: Vec<&'a Tag>) -> Fallible<BTreeMap<&'a Tag, Option<Head>>> {
    let mut asking: Vec<BoxFuture<'_, Fallible<Named<'_>>>> = Vec::new();
    for tag in tags {
        asking.push(async move { Ok((tag, reader.head(&At::Tag(tag.clone())).await?)) }.boxed());
    }
    Ok(all(asking, TAGS_AT_ONCE).await?.into_iter().collect())
}

/// What each different manifest tells.
async fn images(
    reader: &dyn Reader,
    digests: BTreeSet<&Digest>,
    needs: Needs,
) -> Fallible<BTreeMap<Digest, Described>> {
    let mut reading: Vec<BoxFuture<'_, Fallible<(Digest, Described)>>> = Vec::new();
    for digest in digests {
        reading.push(async move { Ok((digest.clone(), describe(reader, digest, needs).await?)) }.boxed());
    }
    Ok(all(reading, IMAGES_AT_ONCE).await?.into_iter().collect())
}

fn gone(reader: &dyn Reader, tag: &Tag, what: &str) -> Failure {
    let reference = reader.repository().at(tag.clone());
    *Failure::new(Code::NotFound, reference, Operation::ManifestHead, what)
        .hint("check the name; a private repository looks like this without credentials, too")
        .on(Side::Source)
}

fn too_much(reader: &dyn Reader) -> Box<Failure> {
    let message =
        format!("the annotations and labels of its tags have more than {} MiB", TEXT_BYTES_MAX >> 20);
    Failure::new(Code::LimitExceeded, reader.repository(), Operation::Filter, message)
        .hint("take fewer tags before the filter, with `tags`")
}
