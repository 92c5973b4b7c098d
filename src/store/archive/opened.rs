//! An archive, opened for reading.

use super::contents::Archive;
use super::cursor::{Cursor, Part};
use super::look::look;
use super::members::{Member, Random as _};
use super::runs::run;
use crate::bundle::part_number;
use crate::failure::{Fallible, Operation};
use crate::oci::{Descriptor, Digest, LayoutName};
use crate::store::disk::fault::Act;
use crate::store::layout::reader::LayoutReader;
use crate::store::{ReadPlace, Reader};
use async_trait::async_trait;
use bytes::Bytes;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An OCI image layout in a tar, opened once per run and shared by its repositories.
///
/// The file must stay as it is while it is read; what changes is noticed, and is a failure.
pub struct ReadArchive {
    archive: Arc<Archive>,
}

impl ReadArchive {
    /// Opens an archive: one file, or all parts of one where `path` names the whole or any of them.
    ///
    /// # Errors
    /// `NotFound` where there is none or it holds no layout, `Protocol` where it is none that two readers read
    /// alike, `Corrupt` where it is cut off, `Io` where it cannot be read.
    pub async fn open(path: &Path) -> Fallible<Self> {
        let name = path.to_owned();
        Self::opened(path, move || run(&name)).await
    }

    /// Opens the files of one archive, as [`super::runs`] tells them.
    ///
    /// # Errors
    /// As [`ReadArchive::open`].
    pub async fn open_run(run: Vec<PathBuf>) -> Fallible<Self> {
        let name = match run.as_slice() {
            [first, _, ..] => part_number(first).map_or_else(|| first.clone(), |(whole, _)| whole),
            _ => run.first().cloned().unwrap_or_default(),
        };
        Self::opened(&name, move || Ok(run)).await
    }

    async fn opened(
        name: &Path,
        files: impl FnOnce() -> Fallible<Vec<PathBuf>> + Send + 'static,
    ) -> Fallible<Self> {
        let act = Act::new(format_args!("oci-archive:{}", name.display()), Operation::Open);
        let name = name.to_owned();
        let archive = act.blocking(move |act| look(&name, files()?, act)).await?;
        Ok(Self { archive: Arc::new(archive) })
    }

    /// What it is called: of parts, without their numbers.
    pub fn path(&self) -> &Path {
        &self.archive.place.path
    }

    /// The verified bytes of a document, of at most `limit` bytes.
    ///
    /// # Errors
    /// `NotFound` where it is not there, `Corrupt` where it is not what it must be, `LimitExceeded`, `Io`.
    pub async fn document(&self, document: &Descriptor, limit: u64) -> Fallible<Bytes> {
        let (archive, document) = (Arc::clone(&self.archive), document.clone());
        let act = Act::new(&self.archive.place, Operation::Open);
        act.blocking(move |act| archive.document(&document, limit, act)).await
    }

    /// The same. May block.
    ///
    /// # Errors
    /// As [`ReadArchive::document`].
    pub fn read_document(&self, document: &Descriptor, limit: u64) -> Fallible<Bytes> {
        self.archive.document(document, limit, &Act::new(&self.archive.place, Operation::Open))
    }

    /// The bytes of its `index.json`.
    pub fn index_json(&self) -> &Bytes {
        &self.archive.index_json
    }

    /// Its members, in the order of the file.
    pub fn members(&self) -> &[Member] {
        &self.archive.members
    }

    /// Where the end mark of the tar begins, in bytes.
    pub fn end_at(&self) -> u64 {
        self.archive.end_at
    }

    /// The length of all parts in bytes.
    pub fn length_bytes(&self) -> u64 {
        self.archive.parts.length_bytes()
    }

    /// The files that it is made of, in their order.
    pub fn parts(&self) -> &[Part] {
        &self.archive.parts.0
    }

    /// The member that is the blob of this digest.
    pub fn blob_member(&self, digest: &Digest) -> Option<&Member> {
        self.archive.member(digest)
    }

    /// Bytes of the tar as they stand in it, from `at` on: as many as `bytes` has room for. May block.
    ///
    /// # Errors
    /// They cannot be read, or it has fewer.
    pub fn read_at(&self, at: u64, bytes: &mut [u8]) -> std::io::Result<()> {
        Cursor::new(&self.archive.parts).read_at(at, bytes)
    }
}

#[async_trait]
impl ReadPlace for ReadArchive {
    fn reader(&self, name: Option<LayoutName>) -> Arc<dyn Reader> {
        Arc::new(LayoutReader::new(&self.archive, name))
    }

    async fn names(&self) -> Fallible<Vec<String>> {
        Ok(self.archive.index.names().map(|name| name.as_str().to_owned()).collect())
    }
}
