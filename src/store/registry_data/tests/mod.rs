//! The data of a registry as a whole, through the traits that the rest of the program sees.

mod hostile;
mod round_trip;

use super::{ReadRegistryData, WriteRegistryData};
use crate::oci::{At, Digest, MediaType, RawManifest};
use crate::store::disk::tests::*;
use crate::store::{Begun, ReadPlace, Reader, WritePlace};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

const V2: &str = "docker/registry/v2";

async fn open(directory: &TempDir) -> WriteRegistryData {
    WriteRegistryData::open(directory.path()).await.expect("opens")
}

async fn reader(directory: &TempDir, path: &str) -> Arc<dyn Reader> {
    ReadRegistryData::open(directory.path()).await.expect("data").reader(name(path))
}

/// Data with one image under `v1` of `team/app`, closed again.
async fn data_with_one_image() -> (TempDir, RawManifest) {
    let directory = tempfile::tempdir().expect("a directory");
    let manifest = put_image(&open(&directory).await.writer(name("team/app")), Some(&tag("v1")), "one").await;
    (directory, manifest)
}

/// The file of content, below `v2`.
fn data(digest: &Digest) -> String {
    format!("blobs/{}/{}/{}/data", digest.algorithm(), &digest.hex()[..2], digest.hex())
}

fn below(directory: &TempDir, path: &str) -> PathBuf {
    directory.path().join(V2).join(path)
}
