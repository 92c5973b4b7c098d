//! One image, as far as a filter asks: its manifest, and for some facts its config.

use super::config;
use super::document::{Config, Document};
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::filter::{Image, Needs};
use crate::oci::{At, Descriptor, Digest, Platform, RawManifest, Tag};
use crate::plan::FilterRequests;
use crate::store::{INDEX_DEPTH_MAX, Reader};
use std::collections::BTreeMap;

/// What one manifest or index tells; the same for all tags that name it.
#[derive(Debug, Default)]
pub(super) struct Described {
    /// Whether the source has it.
    pub there: bool,
    /// What was asked to know this.
    pub asked: FilterRequests,
    platforms: Vec<Platform>,
    annotations: BTreeMap<String, String>,
    labels: BTreeMap<String, String>,
    created: Option<i64>,
}

impl Described {
    /// How much text it has, in bytes.
    pub fn text_bytes(&self) -> usize {
        let pairs = self.annotations.iter().chain(&self.labels);
        let texts = pairs.map(|(key, value)| key.len() + value.len());
        let platforms = self.platforms.iter().map(|Platform { os, architecture, variant, os_version }| {
            let optional = [variant, os_version].into_iter().flatten().map(String::len).sum::<usize>();
            os.len() + architecture.len() + optional
        });
        texts.chain(platforms).sum()
    }

    /// The image of a tag that names it.
    pub fn of(&self, tag: Tag) -> Image {
        Image {
            platforms: self.platforms.clone(),
            annotations: self.annotations.clone(),
            labels: self.labels.clone(),
            created: self.created,
            ..Image::plain(tag)
        }
    }
}

/// Reads the manifest, and the config of its first platform where that is needed: for labels, and for
/// the platform of what is no index.
pub(super) async fn describe(reader: &dyn Reader, digest: &Digest, needs: Needs) -> Fallible<Described> {
    let mut described = Described::default();
    described.asked.manifests += 1;
    let Some(raw) = reader.manifest(&At::Digest(digest.clone())).await? else {
        return Ok(described);
    };
    described.there = true;
    let is_index = raw.media_type.is_index();
    let mut document = Document::of(&raw);
    if needs.platforms && is_index {
        described.platforms = document.platforms();
    }
    if needs.annotations {
        described.annotations = std::mem::take(&mut document.annotations);
    }
    if needs.config || (needs.platforms && !is_index) {
        let Some(image) = first_image(reader, document, &mut described.asked).await? else {
            return Ok(described);
        };
        let config = read_config(reader, &image, &mut described.asked).await?;
        if needs.platforms && !is_index {
            described.platforms = config.platform().into_iter().collect();
        }
        if needs.config {
            described.created = config.created();
            described.labels = config.into_labels();
        }
    }
    Ok(described)
}

/// What an image without an index says that it runs on, in its config; none where it says nothing.
///
/// # Errors
/// The config cannot be had.
pub async fn platform_of(reader: &dyn Reader, raw: &RawManifest) -> Fallible<Option<Platform>> {
    let Some(config) = Document::of(raw).image_config().cloned() else { return Ok(None) };
    Ok(Config::of(&config::read(reader, &config).await?).platform())
}

/// When an image was made, in seconds since 1970-01-01T00:00:00Z, as its config says; none where it says nothing.
///
/// # Errors
/// The config cannot be had.
pub async fn made_at(reader: &dyn Reader, config: &Descriptor) -> Fallible<Option<i64>> {
    Ok(Config::of(&config::read(reader, config).await?).created())
}

/// The config of the document, or of its first platform; none where there is no such thing.
async fn first_image(
    reader: &dyn Reader,
    mut document: Document,
    asked: &mut FilterRequests,
) -> Fallible<Option<Descriptor>> {
    for _ in 0..INDEX_DEPTH_MAX {
        let Some(Descriptor { digest, .. }) = document.first() else { break };
        asked.manifests += 1;
        let Some(raw) = reader.manifest(&At::Digest(digest.clone())).await? else {
            let message = format!("the manifest {digest} of an index is not there");
            return Err(Failure::new(Code::NotFound, reader.repository(), Operation::ManifestGet, message)
                .hint(
                    "the filter asks for labels, which nobody can read there; leave the tag out with `tags`",
                ));
        };
        document = Document::of(&raw);
    }
    Ok(document.image_config().cloned())
}

async fn read_config(reader: &dyn Reader, blob: &Descriptor, asked: &mut FilterRequests) -> Fallible<Config> {
    asked.configs += 1;
    Ok(Config::of(&config::read(reader, blob).await?))
}
