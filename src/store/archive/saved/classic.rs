//! What `docker save` wrote before version 25, and podman, skopeo and others write still: `manifest.json`,
//! configs and layers. Manifests are made of that, and nothing is unpacked.

use super::document::{self, CONFIG_BYTES_MAX, DOCUMENT_BYTES_MAX, Packing, SavedImage};
use super::{DOCUMENT, Saved, content, read_at};
use crate::failure::{Code, Failure, Fallible};
use crate::oci::{Descriptor, Digest, Place, Reference};
use crate::store::archive::contents::Archive;
use crate::store::archive::look::Headers;
use crate::store::archive::members::MemberKind;
use crate::store::disk::fault::Act;
use crate::store::layout::index::Index;
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// How much of a compressed layer is read at once to know its digest, in bytes.
const PIECE_BYTES: u64 = 256 * 1024;
/// How what is compressed with gzip begins. RFC 1952, section 2.3.1.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What is found while the images are read, one after the other.
struct Reading<'a> {
    place: &'a Place,
    headers: &'a Headers,
    act: &'a Act,
    /// Where in the members each name is.
    named: HashMap<&'a str, usize>,
    /// Where in the members each layer lies that is a plain file, by its digest when not compressed. A layer
    /// that several images share is a file in one of them, and in the others a link.
    plain: HashMap<Digest, usize>,
    /// Where in the members each blob is.
    blobs: HashMap<Digest, usize>,
    /// What is known of layers that were looked into: by member.
    layers: HashMap<usize, (Digest, Packing)>,
}

/// An image with its config read.
struct Known {
    image: SavedImage,
    config: (Digest, u64),
    diff_ids: Vec<Digest>,
}

pub(super) fn read(place: Place, headers: Headers, act: &Act) -> Fallible<Saved> {
    let mut reading = Reading::new(&place, &headers, act);
    let images = reading.document()?.into_iter().map(|image| reading.known(image));
    let images: Vec<Known> = images.collect::<Fallible<_>>()?;
    images.iter().for_each(|image| reading.note_plain(image));
    let mut made = HashMap::new();
    let mut listed = Vec::new();
    for image in &images {
        let (names, manifest) = reading.manifest(image)?;
        let media_type = document::manifest_type().map_err(|why| act.fail(Code::Internal, why))?;
        listed.push((names, Descriptor::new(media_type, Digest::of(&manifest), manifest.len() as u64)));
        made.insert(Digest::of(&manifest), manifest);
    }
    let index_json = Bytes::from(document::index(&listed));
    let index = Index::read(&index_json).map_err(|why| act.fail(Code::Internal, why))?;
    let blobs = reading.blobs;
    let Headers { parts, members, end_at } = headers;
    let archive = Archive {
        place,
        parts,
        members,
        end_at,
        blobs,
        index_json,
        index: Arc::new(index),
        referring: Mutex::default(),
    };
    Ok(Saved { archive, made })
}

impl<'a> Reading<'a> {
    fn new(place: &'a Place, headers: &'a Headers, act: &'a Act) -> Self {
        let named = headers.members.iter().enumerate();
        let named = named.map(|(at, member)| (member.name.as_str(), at)).collect();
        let (plain, blobs, layers) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { place, headers, act, named, plain, blobs, layers }
    }

    fn document(&self) -> Fallible<Vec<SavedImage>> {
        let bytes = self.content(DOCUMENT, DOCUMENT_BYTES_MAX)?;
        document::read(&bytes).map_err(|why| self.wrong(format!("its {DOCUMENT} cannot be used: {why}")))
    }

    fn known(&mut self, image: SavedImage) -> Fallible<Known> {
        let bytes = self.content(&image.config, CONFIG_BYTES_MAX)?;
        let diff_ids = document::diff_ids(&bytes)
            .map_err(|why| self.wrong(format!("its config {} cannot be used: {why}", image.config)))?;
        if diff_ids.len() != image.layers().len() {
            let (layers, ids) = (image.layers().len(), diff_ids.len());
            let message = format!("{DOCUMENT} has {layers} layers for {}, which has {ids}", image.config);
            return Err(self.wrong(message));
        }
        let digest = Digest::of(&bytes);
        self.blobs.insert(digest.clone(), self.member(&image.config)?);
        Ok(Known { image, config: (digest, bytes.len() as u64), diff_ids })
    }

    fn note_plain(&mut self, Known { image, diff_ids, .. }: &Known) {
        for (name, diff_id) in image.layers().iter().zip(diff_ids) {
            if let Some(at) = self.named.get(plain(name))
                && self.headers.members[*at].kind == MemberKind::File
            {
                self.plain.insert(diff_id.clone(), *at);
            }
        }
    }

    /// The names of an image, and its manifest.
    fn manifest(&mut self, Known { image, config, diff_ids }: &Known) -> Fallible<(Vec<Reference>, Bytes)> {
        let mut layers = Vec::with_capacity(diff_ids.len());
        for (name, diff_id) in image.layers().iter().zip(diff_ids) {
            let at = match self.plain.get(diff_id) {
                Some(at) => *at,
                None => self.member(name)?,
            };
            let (digest, packing) = self.layer(at, diff_id)?;
            self.blobs.insert(digest.clone(), at);
            layers.push((digest, self.headers.members[at].size_bytes, packing));
        }
        let (names, illegal) = image.names();
        if let Some(first) = illegal.first() {
            tracing::warn!(file = %self.place.path.display(), skipped = illegal.len(), ?first, "names that are no tags are skipped");
        }
        Ok((names, document::manifest((&config.0, config.1), &layers).into()))
    }

    /// The digest of a layer as it lies there. Whoever takes its bytes sees whether they have it.
    fn layer(&mut self, at: usize, diff_id: &Digest) -> Fallible<(Digest, Packing)> {
        if let Some(known) = self.layers.get(&at) {
            return Ok(known.clone());
        }
        let known = match self.is_gzipped(at)? {
            false => (diff_id.clone(), Packing::Plain),
            true => (self.digest(at)?, Packing::Gzip),
        };
        self.layers.insert(at, known.clone());
        Ok(known)
    }

    fn is_gzipped(&self, at: usize) -> Fallible<bool> {
        let member = &self.headers.members[at];
        let mut start = [0; GZIP.len()];
        if member.size_bytes < start.len() as u64 {
            return Ok(false);
        }
        read_at(&self.headers.parts, member.content_at, &mut start).map_err(|e| self.unreadable(&e))?;
        Ok(start == GZIP)
    }

    fn digest(&self, at: usize) -> Fallible<Digest> {
        let member = &self.headers.members[at];
        let mut hasher = Digest::of(b"").hasher();
        let (mut from, end) = (member.content_at, member.content_at + member.size_bytes);
        let mut piece = vec![0; usize::try_from(PIECE_BYTES).unwrap_or_default()];
        while from < end {
            let length = PIECE_BYTES.min(end - from);
            let piece = &mut piece[..usize::try_from(length).unwrap_or_default()];
            read_at(&self.headers.parts, from, piece).map_err(|e| self.unreadable(&e))?;
            hasher.update(piece);
            from += length;
        }
        Ok(hasher.finish())
    }

    fn content(&self, name: &str, limit: u64) -> Fallible<Bytes> {
        content(self.headers, self.member(name)?, limit, &self.place.path, self.act)
    }

    fn member(&self, name: &str) -> Fallible<usize> {
        let found = self.named.get(plain(name)).copied();
        found.ok_or_else(|| self.wrong(format!("it has no member {name:.200?}, which it names")))
    }

    fn wrong(&self, why: String) -> Box<Failure> {
        let message = format!("{} cannot be used: {why}", self.place.path.display());
        self.act.fail(Code::Protocol, message).hint("save the image again, and bring the file anew")
    }

    fn unreadable(&self, error: &std::io::Error) -> Box<Failure> {
        self.act.io("read", &self.place.path, error)
    }
}

/// A name as members have it.
fn plain(name: &str) -> &str {
    name.trim_start_matches("./")
}
