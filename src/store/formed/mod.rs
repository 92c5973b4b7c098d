//! Images in another form than their source has them: made from what is read there, and read as if they
//! were there.

mod making;

use super::{BlobStream, Costs, Head, Listed, ListedReferrers, Reader};
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::form::{Form, FormError, IndexMode, Platforms, convert};
use crate::oci::{At, Descriptor, Digest, MediaType, RawManifest, Repository, Tag};
use async_trait::async_trait;
use making::{Maker, fetched};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// An image in a form.
#[derive(Debug, Clone)]
pub struct Formed {
    /// The digest of what the source has.
    pub origin: Digest,
    /// The media type of that.
    pub origin_type: MediaType,
    /// What is mirrored in its place; the same where nothing had to change.
    pub root: RawManifest,
    /// How many manifests of its index the format has no place for: they are left out.
    pub strangers: usize,
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
            strangers: 0,
            made: HashMap::new(),
            replaced: BTreeSet::new(),
            left_out: BTreeSet::new(),
        };
        if !raw.media_type.is_index() {
            formed.root = convert(&raw, form.format).map_err(refuse)?;
            formed.replace(&raw.digest, formed.root.clone());
        } else {
            let part = Maker::new(reader, form).index(&raw, 0).await?;
            if part.images.is_empty() && form.platforms != Platforms::All {
                let there = part.platforms.into_iter().collect();
                return Err(refuse(FormError::NoPlatform { there }));
            }
            match form.index {
                // One that is listed twice, and taken once, is there.
                IndexMode::Sparse => formed.left_out = &part.left_out - &part.taken,
                IndexMode::Single => {
                    let [image] = &part.images[..] else {
                        return Err(refuse(FormError::SeveralFit(part.images.len())));
                    };
                    formed.root = convert(&fetched(reader, image).await?, form.format).map_err(refuse)?;
                    formed.replace(&image.digest, formed.root.clone());
                    formed.replaced.insert(raw.digest.clone());
                }
                IndexMode::Rewrite => {
                    if part.images.is_empty() && part.strangers > 0 {
                        let what = "nothing in its index is an image".to_owned();
                        return Err(refuse(FormError::NotIn { format: form.format, what }));
                    }
                    part.made.into_iter().for_each(|(old, new)| formed.replace(&old, new));
                    (formed.root, formed.strangers) = (part.written, part.strangers);
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

    async fn pushed(&self) -> Fallible<Option<Vec<Tag>>> {
        self.reader.pushed().await
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
