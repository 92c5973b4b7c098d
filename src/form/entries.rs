//! The entries of an index: which of them a form takes, and the index that lists those.

use super::fields::Fields;
use super::{FormError, Format, Platforms, convert};
use crate::oci::{Descriptor, Digest, ManifestError, MediaType, Platform, RawManifest};
use std::collections::{BTreeMap, BTreeSet};

/// What BuildKit says of the attestations that it keeps beside the images of an index.
const KIND: &str = "vnd.docker.reference.type";
const ATTESTATION: &str = "attestation-manifest";
/// Which image an attestation is about.
const ABOUT: &str = "vnd.docker.reference.digest";

/// An index and its entries.
#[derive(Debug, Clone)]
pub struct Entries {
    index: RawManifest,
    fields: Fields,
    listed: Vec<Listed>,
}

/// One entry of an index.
#[derive(Debug, Clone)]
pub struct Listed {
    /// What it points at.
    pub descriptor: Descriptor,
    fields: Fields,
    taken: bool,
}

impl Entries {
    /// Reads an index, and chooses the entries for `platforms`: those that name one of them, and the
    /// attestations about those. An entry that names no platform is left out.
    ///
    /// # Errors
    /// It is no index that can be read, or has nothing for any of the platforms.
    pub fn choose(index: &RawManifest, platforms: &Platforms) -> Result<Self, FormError> {
        index.parse()?;
        let malformed = |error: serde_json::Error| ManifestError::Malformed(error.to_string());
        let fields: Fields = serde_json::from_slice(&index.bytes).map_err(malformed)?;
        let entries: Vec<Fields> = fields.get("manifests").unwrap_or_default();
        let mut listed = Vec::new();
        for fields in entries {
            let descriptor: Descriptor = serde_json::from_slice(&fields.bytes()).map_err(malformed)?;
            let image = descriptor.platform.as_ref().is_some_and(|platform| platforms.take(platform));
            let taken = *platforms == Platforms::All || (image && !is_attestation(&descriptor));
            listed.push(Listed { descriptor, fields, taken });
        }
        let images: BTreeSet<Digest> =
            listed.iter().filter(|one| one.taken).map(|one| one.descriptor.digest.clone()).collect();
        if images.is_empty() && *platforms != Platforms::All {
            return Err(FormError::NoPlatform { there: there(&listed) });
        }
        for one in &mut listed {
            one.taken |= about(&one.descriptor).is_some_and(|about| images.contains(&about));
        }
        Ok(Self { index: index.clone(), fields, listed })
    }

    /// The entries that are taken.
    pub fn taken(&self) -> impl Iterator<Item = &Listed> {
        self.listed.iter().filter(|one| one.taken)
    }

    /// The digests of the entries that are not.
    pub fn left_out(&self) -> BTreeSet<Digest> {
        let taken: BTreeSet<&Digest> = self.taken().map(|one| &one.descriptor.digest).collect();
        let all = self.listed.iter().map(|one| &one.descriptor.digest);
        all.filter(|digest| !taken.contains(digest)).cloned().collect()
    }

    /// The one image that is taken.
    ///
    /// # Errors
    /// There are several.
    pub fn single(&self) -> Result<&Descriptor, FormError> {
        let images: Vec<&Listed> = self.taken().filter(|one| !is_attestation(&one.descriptor)).collect();
        match images[..] {
            [one] => Ok(&one.descriptor),
            _ => Err(FormError::SeveralFit(images.len())),
        }
    }

    /// The index that lists what is taken, in the order of the old one: the very bytes of the old one
    /// where nothing is different. `converted` has what takes the place of which manifest.
    ///
    /// # Errors
    /// Something in it has no counterpart in the format.
    pub fn written(
        mut self,
        format: Format,
        converted: &BTreeMap<Digest, RawManifest>,
    ) -> Result<RawManifest, FormError> {
        let media_type = match format {
            Format::Keep => self.index.media_type.clone(),
            Format::Docker => MediaType::docker_list(),
            Format::Oci => MediaType::oci_index(),
        };
        let all_taken = self.listed.iter().all(|one| one.taken);
        let changed = |one: &Listed| converted.get(&one.descriptor.digest);
        if all_taken && media_type == self.index.media_type && !self.taken().any(|one| changed(one).is_some())
        {
            return Ok(self.index);
        }
        if format == Format::Docker {
            convert::without_oci(&mut self.fields);
        }
        let mut entries = Vec::new();
        for one in self.listed.into_iter().filter(|one| one.taken) {
            // Docker has no word for them, and what they say is about a digest that is gone.
            if format == Format::Docker && is_attestation(&one.descriptor) {
                continue;
            }
            entries.push(one.rewritten(format, converted));
        }
        if format != Format::Keep || self.fields.get::<MediaType>("mediaType").is_some() {
            self.fields.set("mediaType", &media_type);
        }
        self.fields.set("manifests", &entries);
        Ok(RawManifest::new(media_type, self.fields.bytes(), None))
    }
}

impl Listed {
    /// Whether it is an attestation, which is not itself converted.
    pub fn is_attestation(&self) -> bool {
        is_attestation(&self.descriptor)
    }

    fn rewritten(mut self, format: Format, converted: &BTreeMap<Digest, RawManifest>) -> Fields {
        if let Some(raw) = converted.get(&self.descriptor.digest) {
            self.fields.set("mediaType", &raw.media_type);
            self.fields.set("digest", &raw.digest);
            self.fields.set("size", &raw.bytes.len());
        }
        if let Some(raw) = about(&self.descriptor).and_then(|about| converted.get(&about)) {
            self.descriptor.annotations.insert(ABOUT.to_owned(), raw.digest.to_string());
            self.fields.set("annotations", &self.descriptor.annotations);
        }
        if format == Format::Docker {
            convert::without_oci(&mut self.fields);
        }
        self.fields
    }
}

fn is_attestation(entry: &Descriptor) -> bool {
    entry.annotations.get(KIND).is_some_and(|kind| kind == ATTESTATION)
}

/// The image that an attestation is about.
fn about(entry: &Descriptor) -> Option<Digest> {
    let digest = entry.annotations.get(ABOUT).filter(|_| is_attestation(entry))?;
    digest.parse().ok()
}

/// The platforms of all images, sorted.
fn there(listed: &[Listed]) -> Vec<Platform> {
    let images = listed.iter().filter(|one| !is_attestation(&one.descriptor));
    let platforms: BTreeSet<Platform> = images.filter_map(|one| one.descriptor.platform.clone()).collect();
    platforms.into_iter().collect()
}
