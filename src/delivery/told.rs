//! What is told of bundles, as serde and JSON Schema see it: what is published and only grows.

use super::goods::Bundle;
use super::reach::reach;
use super::sound::Sound;
use crate::bundle::{BundledImage, BundledReferrer, LeftBlob};
use crate::oci::{Descriptor, Digest};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The version of both formats, `major.minor`.
const VERSION: &str = "1.0";

/// What is in bundles. Minor versions of the format add keys and values; readers skip what they do not know.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "Crossdock bundle list")]
pub struct List {
    /// The version of this format, `major.minor`.
    pub schema_version: String,
    /// Always `crossdock.bundle-list`.
    pub kind: String,
    /// The bundles, in the order in which they were named.
    pub bundles: Vec<ListedBundle>,
}

/// A bundle.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedBundle {
    /// What it is called: of parts, without their numbers.
    pub file: String,
    /// How many files it is made of.
    pub parts: u64,
    /// The length of all of them in bytes.
    pub bytes: u64,
    /// The images, in the order of the bundle.
    pub images: Vec<ListedImage>,
    /// What speaks about them.
    pub referrers: Vec<ListedReferrer>,
    /// What a delta leaves out, and its targets must have.
    pub left_out: Vec<Left>,
    /// The digests of the inventories that a delta was made against.
    pub bases: Vec<String>,
}

/// An image.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedImage {
    /// Where it was read.
    pub source: String,
    /// The digest of its manifest.
    pub digest: String,
    /// What that is.
    pub media_type: String,
    /// Where it goes; nothing where the bundle does not say.
    pub targets: Vec<String>,
    /// The length of all its manifests and blobs in bytes, each once, whether they are in the bundle or left
    /// out.
    pub bytes: u64,
    /// The length of those of them that are left out, in bytes.
    pub left_out_bytes: u64,
}

/// A manifest that speaks about another.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedReferrer {
    /// The repository where it was read.
    pub source: String,
    /// Its digest.
    pub digest: String,
    /// What it speaks about.
    pub subject: String,
    /// What it is about that, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
}

/// A blob that is left out.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Left {
    /// Its digest.
    pub digest: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Repositories that had it.
    pub at: Vec<String>,
}

/// What examining bundles found. Minor versions of the format add keys and values; readers skip what they do
/// not know.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "Crossdock bundle verification")]
pub struct Verified {
    /// The version of this format, `major.minor`.
    pub schema_version: String,
    /// Always `crossdock.bundle-verification`.
    pub kind: String,
    /// The bundles, in the order in which they were named.
    pub bundles: Vec<VerifiedBundle>,
}

/// A bundle that was examined.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifiedBundle {
    /// What it is called: of parts, without their numbers.
    pub file: String,
    /// The length of all its files in bytes.
    pub bytes: u64,
    /// How many members it has; all were hashed.
    pub members: u64,
    /// How many images.
    pub images: u64,
    /// How many manifests that speak about others.
    pub referrers: u64,
    /// How many blobs it leaves out; its targets must have them.
    pub left_out: u64,
    /// How many of its files were compared with a sum that lies beside them.
    pub sums: u64,
    /// What is broken; nothing where the bundle is sound.
    pub broken: Vec<BrokenPiece>,
}

/// Something that is not what it must be.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BrokenPiece {
    /// What: a file, a member, a header.
    pub what: String,
    /// The first byte of it in the whole bundle, from 0, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_byte: Option<u64>,
    /// How many bytes it has, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Why.
    pub why: String,
}

impl List {
    /// Of bundles. Reads their manifests, which may block.
    pub fn of(bundles: &[Bundle]) -> Self {
        let bundles = bundles.iter().map(listed).collect();
        Self { schema_version: VERSION.to_owned(), kind: "crossdock.bundle-list".to_owned(), bundles }
    }
}

fn listed(bundle: &Bundle) -> ListedBundle {
    let left: BTreeMap<&Digest, u64> =
        bundle.left_out.blobs.iter().map(|blob| (&blob.digest, blob.size_bytes)).collect();
    let left_blob = |LeftBlob { digest, size_bytes, at }: &LeftBlob| Left {
        digest: digest.to_string(),
        bytes: *size_bytes,
        at: at.iter().map(ToString::to_string).collect(),
    };
    ListedBundle {
        file: bundle.path.display().to_string(),
        parts: bundle.archive.parts().len() as u64,
        bytes: bundle.archive.length_bytes(),
        images: bundle.index.images.iter().map(|one| image(bundle, one, &left)).collect(),
        referrers: bundle.index.referrers.iter().map(referrer).collect(),
        left_out: bundle.left_out.blobs.iter().map(left_blob).collect(),
        bases: bundle.index.bases.iter().map(ToString::to_string).collect(),
    }
}

fn image(bundle: &Bundle, image: &BundledImage, left: &BTreeMap<&Digest, u64>) -> ListedImage {
    let root = Descriptor::new(image.media_type.clone(), image.digest.clone(), image.size_bytes);
    let pieces = reach(&bundle.archive, &[root]);
    let pieces: BTreeSet<(Digest, u64)> =
        pieces.into_iter().map(|piece| (piece.descriptor.digest, piece.descriptor.size_bytes)).collect();
    let sum = |sizes: &mut dyn Iterator<Item = u64>| sizes.fold(0_u64, u64::saturating_add);
    ListedImage {
        source: image.source.to_string(),
        digest: image.digest.to_string(),
        media_type: image.media_type.to_string(),
        targets: image.targets.iter().map(ToString::to_string).collect(),
        bytes: sum(&mut pieces.iter().map(|(_, size_bytes)| *size_bytes)),
        left_out_bytes: sum(&mut pieces.iter().filter_map(|(digest, _)| left.get(digest).copied())),
    }
}

fn referrer(BundledReferrer { source, referrer, .. }: &BundledReferrer) -> ListedReferrer {
    ListedReferrer {
        source: source.to_string(),
        digest: referrer.digest.to_string(),
        subject: referrer.subject.to_string(),
        artifact_type: referrer.artifact_type.as_ref().map(ToString::to_string),
    }
}

impl Verified {
    /// Of bundles that were examined.
    pub fn of(bundles: Vec<Sound>) -> Self {
        let bundles = bundles.into_iter().map(verified).collect();
        let kind = "crossdock.bundle-verification".to_owned();
        Self { schema_version: VERSION.to_owned(), kind, bundles }
    }

    /// Whether nothing is broken.
    pub fn is_sound(&self) -> bool {
        self.bundles.iter().all(|bundle| bundle.broken.is_empty())
    }
}

fn verified(sound: Sound) -> VerifiedBundle {
    let Sound { path, bytes, members, images, referrers, left_out, sums, broken } = sound;
    let piece = |broken: super::Broken| BrokenPiece {
        what: broken.what,
        first_byte: broken.bytes.as_ref().map(|bytes| bytes.start),
        bytes: broken.bytes.map(|bytes| bytes.end.saturating_sub(bytes.start)),
        why: broken.why,
    };
    let file = path.display().to_string();
    let broken = broken.into_iter().map(piece).collect();
    VerifiedBundle { file, bytes, members, images, referrers, left_out, sums, broken }
}

/// The JSON Schema of [`List`], draft-07.
pub fn list_schema() -> serde_json::Value {
    schema_of::<List>()
}

/// The JSON Schema of [`Verified`], draft-07.
pub fn verified_schema() -> serde_json::Value {
    schema_of::<Verified>()
}

fn schema_of<T: JsonSchema>() -> serde_json::Value {
    schemars::generate::SchemaSettings::draft07()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}
