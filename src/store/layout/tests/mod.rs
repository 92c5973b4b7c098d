//! The layout store as a whole, through the traits that the rest of the program sees.

mod closure;
mod crash;
mod foreign;
mod hostile;
mod links;
mod round_trip;
mod shared;

use super::{ReadLayout, WriteLayout};
use crate::oci::{At, Digest, MediaType, RawManifest};
use crate::store::disk::tests::*;
use crate::store::{Begun, ReadPlace, Reader, WritePlace};
use bytes::Bytes;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

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
