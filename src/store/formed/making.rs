//! Making an index in a form: what is chosen of it, converted, and written anew; with the indexes in it.

use super::Formed;
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::form::{Entries, Form, FormError, Format, IndexMode, convert, is_image};
use crate::oci::{At, Descriptor, Digest, Platform, RawManifest};
use crate::store::{IMAGE_MANIFESTS_MAX, INDEX_DEPTH_MAX, Reader};
use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Manifests of one index that are fetched at once to be converted.
const CHILDREN_AT_ONCE: usize = 16;
/// Most bytes of manifests that are made of one image: real ones have some kilobytes each.
const MADE_BYTES_MAX: usize = 64 << 20;

/// What makes an image.
pub(super) struct Maker<'a> {
    reader: &'a dyn Reader,
    form: &'a Form,
    /// How many manifests may still be named, and how many bytes of them made.
    manifests: AtomicUsize,
    bytes: AtomicUsize,
}

/// What becomes of one index.
pub(super) struct Part {
    /// What takes its place; the same where nothing had to change.
    pub(super) written: RawManifest,
    /// What was made, and in whose place; itself included.
    pub(super) made: Vec<(Digest, RawManifest)>,
    /// What it and the indexes in it list, and what of that is not mirrored.
    pub(super) taken: BTreeSet<Digest>,
    pub(super) left_out: BTreeSet<Digest>,
    /// The images that are mirrored.
    pub(super) images: Vec<Descriptor>,
    /// Which platforms there are.
    pub(super) platforms: BTreeSet<Platform>,
    /// How many manifests the format has no place for.
    pub(super) strangers: usize,
}

/// What becomes of a manifest of an index.
enum Child {
    /// It takes the place of what had this digest.
    Converted(Digest, RawManifest),
    /// The format has no place for it.
    Stranger(Digest),
}

impl<'a> Maker<'a> {
    pub(super) fn new(reader: &'a dyn Reader, form: &'a Form) -> Self {
        let (manifests, bytes) = (AtomicUsize::new(IMAGE_MANIFESTS_MAX), AtomicUsize::new(MADE_BYTES_MAX));
        Self { reader, form, manifests, bytes }
    }

    /// What becomes of an index that lies so deep in others.
    pub(super) fn index<'s>(&'s self, raw: &'s RawManifest, depth: u32) -> BoxFuture<'s, Fallible<Part>> {
        async move {
            let mut entries = Entries::read(raw).map_err(|error| self.refuse(&error))?;
            if depth > INDEX_DEPTH_MAX {
                return Err(self.too_much(format!("indexes are nested more than {INDEX_DEPTH_MAX} deep")));
            }
            if !take(&self.manifests, entries.taken().count()) {
                return Err(
                    self.too_much(format!("the image names more than {IMAGE_MANIFESTS_MAX} manifests"))
                );
            }
            let nested = self.nested(&entries, depth).await?;
            let within = nested.iter().filter(|(_, part)| !part.images.is_empty());
            entries.choose(&self.form.platforms, &within.map(|(digest, _)| digest.clone()).collect());
            self.part(entries, nested).await
        }
        .boxed()
    }

    /// What becomes of the indexes in an index.
    async fn nested(&self, entries: &Entries, depth: u32) -> Fallible<BTreeMap<Digest, Part>> {
        let mut making: Vec<BoxFuture<'_, Fallible<(Digest, Part)>>> = Vec::new();
        for index in entries.indexes() {
            let make = async move {
                let raw = fetched(self.reader, index).await?;
                Ok((index.digest.clone(), self.index(&raw, depth + 1).await?))
            };
            making.push(make.boxed());
        }
        stream::iter(making).buffered(CHILDREN_AT_ONCE).try_collect().await
    }

    async fn part(&self, mut entries: Entries, nested: BTreeMap<Digest, Part>) -> Fallible<Part> {
        let mut part = Part {
            written: entries.index().clone(),
            made: Vec::new(),
            taken: BTreeSet::new(),
            left_out: entries.left_out(),
            images: entries.images().cloned().collect(),
            platforms: entries.platforms(),
            strangers: 0,
        };
        let mut converted = BTreeMap::new();
        let mut strangers = BTreeSet::new();
        if self.form.index == IndexMode::Rewrite {
            for child in self.children(&entries).await? {
                match child {
                    Child::Converted(old, new) => drop(converted.insert(old, new)),
                    Child::Stranger(digest) => drop(strangers.insert(digest)),
                }
            }
        }
        part.images.retain(|image| !strangers.contains(&image.digest));
        let taken: BTreeSet<Digest> = entries.taken().map(|one| one.descriptor.digest.clone()).collect();
        for (digest, below) in nested {
            part.platforms.extend(below.platforms);
            part.strangers += below.strangers;
            if below.images.is_empty() && self.form.format == Format::Docker {
                strangers.insert(digest.clone());
            }
            part.images.extend(below.images);
            part.left_out.extend(below.left_out);
            part.taken.extend(below.taken);
            if taken.contains(&digest) {
                part.made.extend(below.made);
            }
            if below.written.digest != digest {
                converted.insert(digest, below.written);
            }
        }
        part.strangers += entries.without(&strangers);
        part.taken.extend(entries.taken().map(|one| one.descriptor.digest.clone()));
        if self.form.index == IndexMode::Rewrite {
            let index = entries.index().digest.clone();
            part.written = entries.written(self.form.format, &converted);
            part.made.extend(converted);
            part.made.push((index, part.written.clone()));
        }
        Ok(part)
    }

    /// What takes the place of each manifest that is not in the format already, and what has no place in it.
    async fn children(&self, entries: &Entries) -> Fallible<Vec<Child>> {
        let format = self.form.format;
        if format == Format::Keep {
            return Ok(Vec::new());
        }
        let mut all = Vec::new();
        let mut making: Vec<BoxFuture<'_, Fallible<Option<Child>>>> = Vec::new();
        for entry in entries.taken().filter(|entry| !entry.is_index()) {
            let is_manifest = entry.descriptor.media_type.is_manifest() && !entry.is_attestation();
            match (is_manifest, format) {
                (true, _) => making.push(self.child(&entry.descriptor).boxed()),
                // Docker has no word for it; what an attestation says is about a digest that is gone.
                (false, Format::Docker) => all.push(Child::Stranger(entry.descriptor.digest.clone())),
                (false, Format::Oci | Format::Keep) => {}
            }
        }
        let made: Vec<_> = stream::iter(making).buffered(CHILDREN_AT_ONCE).try_collect().await?;
        all.extend(made.into_iter().flatten());
        Ok(all)
    }

    async fn child(&self, child: &Descriptor) -> Fallible<Option<Child>> {
        let raw = fetched(self.reader, child).await?;
        if self.form.format == Format::Docker && !is_image(&raw) {
            return Ok(Some(Child::Stranger(raw.digest)));
        }
        let new = convert(&raw, self.form.format).map_err(|error| self.refuse(&error))?;
        if new.digest == raw.digest {
            return Ok(None);
        }
        if !take(&self.bytes, new.bytes.len()) {
            let why = format!("more than {MADE_BYTES_MAX} bytes of manifests would be made of the image");
            return Err(self.too_much(why));
        }
        Ok(Some(Child::Converted(raw.digest, new)))
    }

    fn refuse(&self, error: &FormError) -> Box<Failure> {
        Formed::refusal(self.reader.repository(), error)
    }

    fn too_much(&self, why: String) -> Box<Failure> {
        Failure::new(Code::LimitExceeded, self.reader.repository(), Operation::ManifestGet, why)
    }
}

/// Whether there is so much left, which is taken.
fn take(left: &AtomicUsize, count: usize) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(count)).is_ok()
}

/// A manifest that an index lists.
pub(super) async fn fetched(reader: &dyn Reader, child: &Descriptor) -> Fallible<RawManifest> {
    let fetched = reader.manifest(&At::Digest(child.digest.clone())).await?;
    fetched.ok_or_else(|| {
        let message = format!("the manifest {}, which the index lists, is not there", child.digest);
        Failure::new(Code::NotFound, reader.repository(), Operation::ManifestGet, message)
    })
}
