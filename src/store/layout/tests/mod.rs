//! The layout store as a whole, through the traits that the rest of the program sees.

mod closure;
mod crash;
mod foreign;
mod hostile;
mod links;
mod round_trip;
mod shared;

use super::{ReadLayout, WriteLayout};
use crate::failure::{Failure, Fallible};
use crate::oci::{At, Descriptor, Digest, LayoutName, MediaType, RawManifest};
use crate::store::{Begun, ReadPlace, Reader, WritePlace, Writer};
use bytes::Bytes;
use futures::TryStreamExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

fn tag(text: &str) -> At {
    At::Tag(text.parse().expect("a tag"))
}

fn name(text: &str) -> Option<LayoutName> {
    Some(text.parse().expect("a name"))
}

fn blob(media_type: &str, bytes: &[u8]) -> Descriptor {
    Descriptor::new(media_type.parse().expect("a media type"), Digest::of(bytes), bytes.len() as u64)
}

fn described(manifest: &RawManifest) -> Descriptor {
    Descriptor::new(manifest.media_type.clone(), manifest.digest.clone(), manifest.bytes.len() as u64)
}

fn image(config: &Descriptor, layers: &[Descriptor]) -> RawManifest {
    let json = serde_json::json!({ "schemaVersion": 2, "mediaType": MediaType::oci_manifest(), "config": config, "layers": layers });
    RawManifest::new(MediaType::oci_manifest(), json.to_string().into(), None)
}

fn index(manifests: &[Descriptor]) -> RawManifest {
    let json = serde_json::json!({ "schemaVersion": 2, "manifests": manifests });
    RawManifest::new(MediaType::oci_index(), json.to_string().into(), None)
}

/// Writes the bytes in two pieces, as whatever the descriptor says that they are.
async fn upload(writer: &Arc<dyn Writer>, blob: &Descriptor, bytes: &[u8]) -> Fallible<bool> {
    let Begun::Upload(mut upload) = writer.begin(blob, None).await? else { return Ok(false) };
    upload.open().await?;
    let (head, tail) = bytes.split_at(bytes.len() / 2);
    upload.write(Bytes::copy_from_slice(head)).await?;
    upload.write(Bytes::copy_from_slice(tail)).await?;
    upload.commit().await?;
    Ok(true)
}

/// Makes an image of one layer whose text is `text`, and puts it under `at`.
async fn put_image(writer: &Arc<dyn Writer>, at: Option<&At>, text: &str) -> RawManifest {
    let (config, layer) = (blob(CONFIG, b"{}"), blob(LAYER, text.as_bytes()));
    upload(writer, &config, b"{}").await.expect("config");
    upload(writer, &layer, text.as_bytes()).await.expect("layer");
    let manifest = image(&config, &[layer]);
    let by_digest = At::Digest(manifest.digest.clone());
    writer.put_manifest(at.unwrap_or(&by_digest), &manifest).await.expect("manifest");
    manifest
}

async fn bytes_of(reader: &Arc<dyn Reader>, blob: &Descriptor) -> Fallible<Vec<u8>> {
    let pieces: Vec<Bytes> = reader.blob(blob, 0).await?.try_collect().await?;
    Ok(pieces.concat())
}

async fn tags(reader: &Arc<dyn Reader>) -> Option<Vec<String>> {
    let tags = reader.tags().await.expect("tags")?;
    Some(tags.iter().map(ToString::to_string).collect())
}

async fn digest_of(reader: &Arc<dyn Reader>, at: &At) -> Option<Digest> {
    reader.head(at).await.expect("head").map(|head| head.digest)
}

/// Every file of the layout, relative to it.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => found.extend(
                files(&path).into_iter().map(|f| Path::new(path.file_name().expect("named")).join(f)),
            ),
            false => found.push(path.file_name().expect("named").into()),
        }
    }
    found.sort();
    found
}

/// A failure as a user sees it, without what changes from run to run.
fn told(failure: &Failure, directory: &TempDir) -> String {
    let text =
        format!("{}: {failure}\n  {}", failure.code.as_str(), failure.hint.as_deref().unwrap_or("no hint"));
    text.replace(&directory.path().display().to_string(), "DIR")
}

/// A layout with one image under `v1`, closed again.
async fn layout_with_one_image() -> (TempDir, RawManifest) {
    let directory = tempfile::tempdir().expect("a directory");
    let layout = WriteLayout::open(directory.path()).await.expect("new");
    let manifest = put_image(&layout.writer(None), Some(&tag("v1")), "one").await;
    (directory, manifest)
}

async fn reader(directory: &Path) -> Arc<dyn Reader> {
    ReadLayout::open(directory).await.expect("a layout").reader(None)
}
