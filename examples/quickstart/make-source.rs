//! Makes `source/`, the images that the quickstart mirrors. The same bytes every time:
//! `rm -r examples/quickstart/source && cargo run --example make-source`.

use bytes::Bytes;
use crossdock::failure::Fallible;
use crossdock::oci::{At, Descriptor, Digest, MediaType, Platform, RawManifest};
use crossdock::store::WritePlace;
use crossdock::store::layout::WriteLayout;
use crossdock::store::{Begun, Writer};
use flate2::{Compression, GzBuilder};
use serde::Serialize;
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

const SOURCE: &str = "examples/quickstart/source";
const REGISTRY: &str = "registry.example.com";
const ARCHITECTURES: [&str; 2] = ["amd64", "arm64"];
const CREATED: &str = "2026-01-15T00:00:00Z";

/// One multi-platform image: a runtime, and on top of it perhaps an application.
struct Release {
    repository: &'static str,
    tags: &'static [&'static str],
    runtime: &'static str,
    application: Option<&'static str>,
}

const fn runtime(runtime: &'static str, tags: &'static [&'static str]) -> Release {
    Release { repository: "base/runtime", tags, runtime, application: None }
}

const fn web(application: &'static str, runtime: &'static str, tags: &'static [&'static str]) -> Release {
    Release { repository: "shop/web", tags, runtime, application: Some(application) }
}

const fn api(application: &'static str, runtime: &'static str, tags: &'static [&'static str]) -> Release {
    Release { repository: "shop/api", tags, runtime, application: Some(application) }
}

const RELEASES: [Release; 13] = [
    runtime("12.0", &["12.0"]),
    runtime("12.1", &["12.1", "12", "latest"]),
    web("1.9.0", "12.0", &["v1.9.0"]),
    web("1.10.0", "12.0", &["v1.10.0"]),
    web("1.10.1", "12.1", &["v1.10.1"]),
    web("1.11.0-rc.1", "12.1", &["v1.11.0-rc.1"]),
    web("2.0.0", "12.1", &["v2.0.0", "latest"]),
    web("nightly of 14 January", "12.1", &["nightly-2026-01-14"]),
    web("nightly of 15 January", "12.1", &["nightly-2026-01-15"]),
    api("1.9.0", "12.0", &["v1.9.0"]),
    api("1.10.0", "12.0", &["v1.10.0"]),
    api("1.10.2", "12.1", &["v1.10.2"]),
    api("2.0.0", "12.1", &["v2.0.0", "latest"]),
];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Image {
    schema_version: u32,
    media_type: MediaType,
    config: Descriptor,
    layers: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    schema_version: u32,
    media_type: MediaType,
    manifests: Vec<Descriptor>,
}

#[derive(Serialize)]
struct Config<'a> {
    created: &'a str,
    architecture: &'a str,
    os: &'a str,
    config: Run,
    rootfs: RootFs,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Run {
    cmd: Vec<String>,
}

#[derive(Serialize)]
struct RootFs {
    r#type: &'static str,
    diff_ids: Vec<Digest>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args().nth(1).unwrap_or_else(|| SOURCE.to_owned());
    make(Path::new(&directory)).await
}

/// Writes every release into the layout `directory`.
pub async fn make(directory: &Path) -> Result<(), Box<dyn Error>> {
    let layout = WriteLayout::open(directory).await?;
    for release in &RELEASES {
        let name = format!("{REGISTRY}/{}", release.repository);
        put_release(&layout.writer(Some(name.parse()?)), release).await?;
    }
    Ok(())
}

async fn put_release(writer: &Arc<dyn Writer>, release: &Release) -> Result<(), Box<dyn Error>> {
    let mut manifests = Vec::new();
    for architecture in ARCHITECTURES {
        let mut image = put_image(writer, release, architecture).await?;
        image.platform = Some(format!("linux/{architecture}").parse::<Platform>()?);
        manifests.push(image);
    }
    let index = Index { schema_version: 2, media_type: MediaType::oci_index(), manifests };
    let index = RawManifest::new(MediaType::oci_index(), serde_json::to_vec(&index)?.into(), None);
    for tag in release.tags {
        writer.put_manifest(&At::Tag(tag.parse()?), &index).await?;
    }
    Ok(())
}

/// Puts the image of one platform by its digest.
async fn put_image(
    writer: &Arc<dyn Writer>,
    release: &Release,
    architecture: &str,
) -> Result<Descriptor, Box<dyn Error>> {
    let Release { repository, tags: _, runtime, application } = release;
    let mut files =
        vec![("etc/runtime-release".to_owned(), format!("runtime {runtime} for {architecture}\n"))];
    if let Some(application) = application {
        files.push((format!("srv/{repository}/release.txt"), format!("{repository} {application}\n")));
    }
    let (mut layers, mut diff_ids) = (Vec::new(), Vec::new());
    for (path, text) in &files {
        let archive = tar(path, text)?;
        diff_ids.push(Digest::of(&archive));
        layers.push(put(writer, "application/vnd.oci.image.layer.v1.tar+gzip", gzip(&archive)?).await?);
    }
    let last = files.last().map(|(path, _)| format!("/{path}"));
    let config = Config {
        created: CREATED,
        architecture,
        os: "linux",
        config: Run { cmd: ["cat".to_owned()].into_iter().chain(last).collect() },
        rootfs: RootFs { r#type: "layers", diff_ids },
    };
    let config =
        put(writer, "application/vnd.oci.image.config.v1+json", serde_json::to_vec(&config)?).await?;
    let image = Image { schema_version: 2, media_type: MediaType::oci_manifest(), config, layers };
    let image = RawManifest::new(MediaType::oci_manifest(), serde_json::to_vec(&image)?.into(), None);
    writer.put_manifest(&At::Digest(image.digest.clone()), &image).await?;
    Ok(Descriptor::new(image.media_type, image.digest, image.bytes.len() as u64))
}

/// Puts a blob, unless it is there: layers are shared between images.
async fn put(
    writer: &Arc<dyn Writer>,
    media_type: &str,
    bytes: Vec<u8>,
) -> Result<Descriptor, Box<dyn Error>> {
    let blob = Descriptor::new(media_type.parse()?, Digest::of(&bytes), bytes.len() as u64);
    upload(writer, &blob, bytes.into()).await?;
    Ok(blob)
}

async fn upload(writer: &Arc<dyn Writer>, blob: &Descriptor, bytes: Bytes) -> Fallible<()> {
    if let Begun::Upload(mut upload) = writer.begin(blob, None).await? {
        upload.open().await?;
        upload.write(bytes).await?;
        upload.commit().await?;
    }
    Ok(())
}

/// An archive of one text file that belongs to nobody and has no date.
fn tar(path: &str, text: &str) -> std::io::Result<Vec<u8>> {
    let mut header = tar::Header::new_ustar();
    header.set_size(text.len() as u64);
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_data(&mut header, path, text.as_bytes())?;
    archive.into_inner()
}

/// Stored rather than compressed, so that the bytes do not depend on the version of a compressor.
fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut layer = GzBuilder::new().mtime(0).write(Vec::new(), Compression::none());
    layer.write_all(bytes)?;
    layer.finish()
}
