//! Images in another form than their source has them: made from what is read there, and read as if they
//! were there.

use super::{BlobStream, Costs, Head, Listed, ListedReferrers, Reader};
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::form::{Entries, Form, FormError, Format, IndexMode, convert};
use crate::oci::{At, Descriptor, Digest, MediaType, RawManifest, Repository, Tag};
use async_trait::async_trait;
use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Manifests of one index that are fetched at once to be converted.
const CHILDREN_AT_ONCE: usize = 16;

/// An image in a form.
#[derive(Debug, Clone)]
pub struct Formed {
    /// The digest of what the source has.
    pub origin: Digest,
    /// The media type of that.
    pub origin_type: MediaType,
    /// What is mirrored in its place; the same where nothing had to change.
    pub root: RawManifest,
    /// What is mirrored and the source does not have.
    made: HashMap<Digest, RawManifest>,
    /// What the source has, and in whose place something else is mirrored.
    replaced: BTreeSet<Digest>,
    /// What the root lists and is not mirrored.
    left_out: BTreeSet<Digest>,
}

/// A source as if it had an image in its form.
struct Seen {
    formed: Formed,
    reader: Arc<dyn Reader>,
}

impl Formed {
    /// The image that `at` names, in `form`: one GET where only platforms are chosen, and one for each
    /// manifest that is converted. None when it is not there.
    ///
    /// # Errors
    /// The source fails, or the image cannot be had in that form.
    pub async fn make(reader: &dyn Reader, at: &At, form: &Form) -> Fallible<Option<Self>> {
        let Some(raw) = reader.manifest(at).await? else { return Ok(None) };
        let refuse = |error: FormError| Self::refusal(reader.repository(), &error);
        let mut formed = Self {
            origin: raw.digest.clone(),
            origin_type: raw.media_type.clone(),
            root: raw.clone(),
            made: HashMap::new(),
            replaced: BTreeSet::new(),
            left_out: BTreeSet::new(),
        };
        if !raw.media_type.is_index() {
            formed.root = convert(&raw, form.format).map_err(refuse)?;
            formed.replace(&raw.digest, formed.root.clone());
        } else {
            let entries = Entries::choose(&raw, &form.platforms).map_err(refuse)?;
            match form.index {
                IndexMode::Sparse => formed.left_out = entries.left_out(),
                IndexMode::Single => {
                    let child = entries.single().map_err(refuse)?;
                    formed.root = convert(&fetched(reader, child).await?, form.format).map_err(refuse)?;
                    formed.replace(&child.digest, formed.root.clone());
                    formed.replaced.insert(raw.digest.clone());
                }
                IndexMode::Rewrite => {
                    let converted = converted(reader, &entries, form.format).await?;
                    formed.root = entries.written(form.format, &converted).map_err(refuse)?;
                    formed.replace(&raw.digest, formed.root.clone());
                    converted.into_iter().for_each(|(old, new)| formed.replace(&old, new));
                }
            }
        }
        Ok(Some(formed))
    }

    fn replace(&mut self, old: &Digest, new: RawManifest) {
        if new.digest != *old {
            self.replaced.insert(old.clone());
            self.made.insert(new.digest.clone(), new);
        }
    }

    /// Whether a manifest is mirrored that the source does not have.
    pub fn makes(&self, manifest: &Digest) -> bool {
        self.made.contains_key(manifest)
    }

    /// What the source has, and in whose place something else is mirrored: who speaks about that does not
    /// speak about what is mirrored.
    pub fn replaced(&self) -> impl Iterator<Item = &Digest> {
        self.replaced.iter()
    }

    /// Why the image at `place` cannot be had in a form, as a failure.
    pub fn refusal(place: impl std::fmt::Display, error: &FormError) -> Box<Failure> {
        let (code, hint) = match error {
            FormError::NoPlatform { .. } => (Code::Refused, "change `platforms`, or leave the tag out"),
            FormError::SeveralFit(_) => (Code::Refused, "name the variant, too, or take `index: rewrite`"),
            FormError::NotIn { .. } => {
                (Code::UnsupportedManifest, "leave `format` out for it, or leave the tag out")
            }
            FormError::Unreadable(_) => (Code::Corrupt, "have the image pushed again"),
        };
        Failure::new(code, place, Operation::ManifestGet, error.to_string()).hint(hint)
    }

    /// Whether the targets get what the source has, byte for byte and whole.
    pub fn keeps_all(&self) -> bool {
        self.root.digest == self.origin && self.left_out.is_empty()
    }

    /// `reader`, but it has the image in its form, too.
    pub fn before(self, reader: Arc<dyn Reader>) -> Arc<dyn Reader> {
        Arc::new(Seen { formed: self, reader })
    }
}

/// What takes the place of each manifest that is not in the format already.
async fn converted(
    reader: &dyn Reader,
    entries: &Entries,
    format: Format,
) -> Fallible<BTreeMap<Digest, RawManifest>> {
    if format == Format::Keep {
        return Ok(BTreeMap::new());
    }
    let mut children: Vec<BoxFuture<'_, Fallible<(Digest, RawManifest)>>> = Vec::new();
    for entry in entries.taken().filter(|entry| !entry.is_attestation()) {
        children.push(converted_child(reader, &entry.descriptor, format).boxed());
    }
    let all: Vec<_> = stream::iter(children).buffered(CHILDREN_AT_ONCE).try_collect().await?;
    Ok(all.into_iter().filter(|(old, new)| *old != new.digest).collect())
}

async fn converted_child(
    reader: &dyn Reader,
    child: &Descriptor,
    format: Format,
) -> Fallible<(Digest, RawManifest)> {
    let raw = fetched(reader, child).await?;
    let new = convert(&raw, format).map_err(|error| Formed::refusal(reader.repository(), &error))?;
    Ok((raw.digest, new))
}

async fn fetched(reader: &dyn Reader, child: &Descriptor) -> Fallible<RawManifest> {
    let fetched = reader.manifest(&At::Digest(child.digest.clone())).await?;
    fetched.ok_or_else(|| {
        let message = format!("the manifest {}, which the index lists, is not there", child.digest);
        Failure::new(Code::NotFound, reader.repository(), Operation::ManifestGet, message)
    })
}

#[async_trait]
impl Reader for Seen {
    fn repository(&self) -> &Repository {
        self.reader.repository()
    }

    async fn tags(&self) -> Fallible<Option<Vec<Tag>>> {
        self.reader.tags().await
    }

    async fn list(&self, pages_max: usize) -> Fallible<Listed> {
        self.reader.list(pages_max).await
    }

    async fn list_after(&self, last: &Tag) -> Fallible<Listed> {
        self.reader.list_after(last).await
    }

    fn costs(&self) -> Costs {
        self.reader.costs()
    }

    fn leaves_out(&self, manifest: &Digest) -> bool {
        self.formed.left_out.contains(manifest)
    }

    async fn head(&self, at: &At) -> Fallible<Option<Head>> {
        self.reader.head(at).await
    }

    async fn manifest(&self, at: &At) -> Fallible<Option<RawManifest>> {
        let made = match at {
            At::Digest(digest) => self.formed.made.get(digest).cloned(),
            At::Tag(_) => None,
        };
        match made {
            Some(raw) => Ok(Some(raw)),
            None => self.reader.manifest(at).await,
        }
    }

    async fn referrers(&self, subject: &Digest) -> Fallible<ListedReferrers> {
        self.reader.referrers(subject).await
    }

    async fn blob(&self, blob: &Descriptor, start: u64) -> Fallible<BlobStream> {
        self.reader.blob(blob, start).await
    }
}
