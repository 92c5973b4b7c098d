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
    /// Reads an index, all of whose entries are taken.
    ///
    /// # Errors
    /// It is no index that can be read.
    pub fn read(index: &RawManifest) -> Result<Self, FormError> {
        index.parse()?;
        let malformed = |error: serde_json::Error| ManifestError::Malformed(error.to_string());
        let fields: Fields = serde_json::from_slice(&index.bytes).map_err(malformed)?;
        let entries: Vec<Fields> = fields.get("manifests").unwrap_or_default();
        let mut listed = Vec::new();
        for fields in entries {
            let descriptor: Descriptor = serde_json::from_slice(&fields.bytes()).map_err(malformed)?;
            listed.push(Listed { descriptor, fields, taken: true });
        }
        Ok(Self { index: index.clone(), fields, listed })
    }

    /// The entries that are indexes themselves, each once.
    pub fn indexes(&self) -> impl Iterator<Item = &Descriptor> {
        let mut seen = BTreeSet::new();
        let all = self.listed.iter().map(|one| &one.descriptor);
        all.filter(move |one| one.media_type.is_index() && seen.insert(&one.digest))
    }

    /// Chooses the entries for `platforms`: those that name one of them, the attestations about those, and
    /// the indexes `within` which something is taken. Any other entry that names no platform is left out.
    pub fn choose(&mut self, platforms: &Platforms, within: &BTreeSet<Digest>) {
        if *platforms == Platforms::All {
            return;
        }
        let mut images = BTreeSet::new();
        for one in &mut self.listed {
            let named = one.descriptor.platform.as_ref().is_some_and(|platform| platforms.take(platform));
            one.taken = match one.is_index() {
                true => within.contains(&one.descriptor.digest),
                false => named && !one.is_attestation(),
            };
            if one.taken {
                images.insert(one.descriptor.digest.clone());
            }
        }
        for one in &mut self.listed {
            one.taken |= about(&one.descriptor).is_some_and(|about| images.contains(&about));
        }
    }

    /// The index itself.
    pub fn index(&self) -> &RawManifest {
        &self.index
    }

    /// The entries that are taken.
    pub fn taken(&self) -> impl Iterator<Item = &Listed> {
        self.listed.iter().filter(|one| one.taken)
    }

    /// The digests of the entries that are not.
    pub fn left_out(&self) -> BTreeSet<Digest> {
        let left_out = self.listed.iter().filter(|one| !one.taken);
        left_out.map(|one| one.descriptor.digest.clone()).collect()
    }

    /// The images that are taken.
    pub fn images(&self) -> impl Iterator<Item = &Descriptor> {
        let images = self.taken().filter(|one| !one.is_index() && !one.is_attestation());
        images.map(|one| &one.descriptor)
    }

    /// The platforms of all images, taken or not.
    pub fn platforms(&self) -> BTreeSet<Platform> {
        let images = self.listed.iter().filter(|one| !one.is_attestation() && !one.is_index());
        images.filter_map(|one| one.descriptor.platform.clone()).collect()
    }

    /// Leaves out what a format has no place for, and says how much that is of what was taken.
    pub fn without(&mut self, strangers: &BTreeSet<Digest>) -> usize {
        let mut count = 0;
        for one in self.listed.iter_mut().filter(|one| strangers.contains(&one.descriptor.digest)) {
            count += usize::from(one.taken);
            one.taken = false;
        }
        count
    }

    /// The index that lists what is taken, in the order of the old one: the very bytes of the old one
    /// where nothing is different. `converted` has what takes the place of which manifest.
    pub fn written(mut self, format: Format, converted: &BTreeMap<Digest, RawManifest>) -> RawManifest {
        let media_type = match format {
            Format::Keep => self.index.media_type.clone(),
            Format::Docker => MediaType::docker_list(),
            Format::Oci => MediaType::oci_index(),
        };
        let all_taken = self.listed.iter().all(|one| one.taken);
        let changed = |one: &Listed| converted.get(&one.descriptor.digest);
        if all_taken && media_type == self.index.media_type && !self.taken().any(|one| changed(one).is_some())
        {
            return self.index;
        }
        if format == Format::Docker {
            convert::without_oci(&mut self.fields);
        }
        let mut entries = Vec::new();
        for one in self.listed.into_iter().filter(|one| one.taken) {
            entries.push(one.rewritten(format, converted));
        }
        if format != Format::Keep || self.fields.get::<MediaType>("mediaType").is_some() {
            self.fields.set("mediaType", &media_type);
        }
        self.fields.set("manifests", &entries);
        RawManifest::new(media_type, self.fields.bytes(), None)
    }
}

impl Listed {
    /// Whether it is an index.
    pub fn is_index(&self) -> bool {
        self.descriptor.media_type.is_index()
    }

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
