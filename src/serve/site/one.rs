//! What one place has: its repositories, their tags, and what these name. Reads.

use super::Offer;
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{At, Digest, LayoutName, Tag};
use crate::store::Reader;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use std::collections::HashMap;
use std::sync::Arc;

/// Tags that are looked up at once.
const LOOKS_AT_ONCE: usize = 16;

/// A repository of a place.
pub(super) struct One {
    /// Its whole name.
    pub(super) name: String,
    pub(super) reader: Arc<dyn Reader>,
    pub(super) tags: Vec<(Tag, Digest)>,
}

/// The repositories of a place. That of the bare tags is one of them where it has tags of its own, or where there
/// is no other: then images are served by their digests.
pub(super) async fn ones(offer: &Offer) -> Fallible<Vec<One>> {
    let Offer { said, place, bare } = offer;
    let mut ones = Vec::new();
    let mut taken: HashMap<Tag, Vec<Digest>> = HashMap::new();
    for name in place.names().await? {
        let parsed: LayoutName = name.parse().map_err(|why| {
            let message = format!("it names a repository {name:.100?}: {why}");
            Failure::new(Code::Protocol, said, Operation::Catalog, message)
        })?;
        let reader = place.reader(Some(parsed));
        let looked = looks(&*reader).await?.into_iter();
        let tags: Vec<(Tag, Digest)> =
            looked.map(|(tag, digest)| digest.map(|digest| (tag, digest))).collect::<Fallible<_>>()?;
        for (tag, digest) in &tags {
            taken.entry(tag.clone()).or_default().push(digest.clone());
        }
        ones.push(One { name, reader, tags });
    }
    let reader = place.reader(None);
    let tags = own(looks(&*reader).await?, &taken)?;
    if !tags.is_empty() || ones.is_empty() {
        let name = bare.as_ref().ok_or_else(|| {
            let message =
                "its tags have no repository, and its file has no name that a repository could have";
            Failure::new(Code::Refused, said, Operation::Catalog, message)
                .hint("give the repository a name with --name")
        })?;
        ones.push(One { name: name.to_string(), reader, tags });
    }
    Ok(ones)
}

/// The bare tags that are no second names. Docker and buildx give an image its whole name and its tag alone: the
/// tag is that of the repository then, and two images may have the same one.
fn own(
    looked: Vec<(Tag, Fallible<Digest>)>,
    taken: &HashMap<Tag, Vec<Digest>>,
) -> Fallible<Vec<(Tag, Digest)>> {
    let mut own = Vec::new();
    for (tag, digest) in looked {
        match (digest, taken.get(&tag)) {
            (Ok(digest), Some(taken)) if taken.contains(&digest) => {}
            (Err(_), Some(_)) => {}
            (Ok(digest), _) => own.push((tag, digest)),
            (Err(failure), None) => return Err(failure),
        }
    }
    Ok(own)
}

/// The tags of a repository, with what they name or why that cannot be told.
async fn looks(reader: &dyn Reader) -> Fallible<Vec<(Tag, Fallible<Digest>)>> {
    let tags = reader.tags().await?.unwrap_or_default();
    let look = |tag: Tag| async move {
        let digest = look(reader, &tag).await;
        Ok((tag, digest))
    };
    stream::iter(tags).map(look).buffered(LOOKS_AT_ONCE).try_collect().await
}

async fn look(reader: &dyn Reader, tag: &Tag) -> Fallible<Digest> {
    let at = At::Tag(tag.clone());
    if let Some(head) = reader.head(&at).await? {
        return Ok(head.digest);
    }
    // Reading says why: it is damaged, or not there.
    let raw = reader.manifest(&at).await?;
    raw.map(|raw| raw.digest).ok_or_else(|| not_there(reader, &format!("the tag {tag}")))
}

/// What a name leads to is missing.
pub(super) fn not_there(reader: &dyn Reader, name: &str) -> Box<Failure> {
    let message = format!("{name} names a manifest that is not there");
    Failure::new(Code::NotFound, reader.repository(), Operation::ManifestGet, message)
        .hint("the place is not whole: copy it again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_tag_that_is_the_second_name_of_an_image_is_none_of_its_own() {
        let tag = |text: &str| text.parse::<Tag>().expect("a tag");
        let [one, other] = ["one", "other"].map(|text| Digest::of(text.as_bytes()));
        let twice = || Failure::new(Code::Protocol, "oci:x", Operation::ManifestHead, "named twice");
        let taken = HashMap::from([(tag("latest"), vec![one.clone(), other.clone()])]);
        let of = |name: &str, digest: Fallible<Digest>| own(vec![(tag(name), digest)], &taken);
        assert_eq!(of("latest", Ok(one.clone())), Ok(Vec::new()));
        assert_eq!(of("latest", Err(twice())), Ok(Vec::new()), "of two images, each has its own name");
        assert_eq!(of("v1", Ok(one.clone())), Ok(vec![(tag("v1"), one)]));
        let third = Digest::of(b"third");
        assert_eq!(of("latest", Ok(third.clone())), Ok(vec![(tag("latest"), third)]));
        assert_eq!(of("v1", Err(twice())), Err(twice()));
    }
}
