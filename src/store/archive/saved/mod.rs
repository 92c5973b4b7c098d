//! What `docker save` writes, as a store for reading: an OCI image layout since Docker 25, and before that
//! configs and layers without manifests, for which manifests are made.

mod classic;
mod document;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;

use super::contents::Archive;
use super::cursor::{Cursor, Parts};
use super::look::{Headers, headers, layout};
use super::members::Random;
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{Descriptor, Digest, LayoutName, Place, PlaceKind, Referrer, Repository};
use crate::store::disk::fault::Act;
use crate::store::layout::contents::{Contents, Fault};
use crate::store::layout::index::Index;
use crate::store::layout::reader::LayoutReader;
use crate::store::{BlobStream, ReadPlace, Reader};
use async_trait::async_trait;
use bytes::Bytes;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// The member that says which images there are.
const DOCUMENT: &str = "manifest.json";
/// The one that did before Docker 1.10.
const LEGACY: &str = "repositories";

/// What `docker save` wrote, opened once per run and shared by its repositories.
pub struct ReadDockerArchive {
    saved: Arc<Saved>,
}

/// The file, and the manifests that are not in it.
#[derive(Debug)]
pub(super) struct Saved {
    archive: Archive,
    made: HashMap<Digest, Bytes>,
}

impl ReadDockerArchive {
    /// Opens an archive that must be there.
    ///
    /// # Errors
    /// `NotFound` where there is none, or it is not what `docker save` writes; `Protocol` where it is
    /// compressed or says what cannot be; `Corrupt` where it is cut off; `Io` where it cannot be read.
    pub async fn open(path: &Path) -> Fallible<Self> {
        let path = path.to_owned();
        let act = Act::new(format_args!("docker-archive:{}", path.display()), Operation::Open);
        let saved = act.blocking(move |act| look(&path, act)).await?;
        Ok(Self { saved: Arc::new(saved) })
    }
}

#[async_trait]
impl ReadPlace for ReadDockerArchive {
    /// Docker's short names mean what docker means, unless the archive itself has them.
    fn reader(&self, name: Option<LayoutName>) -> Arc<dyn Reader> {
        let index = &self.saved.archive.index;
        let name = name.map(|name| match index.names().any(|known| *known == name) {
            true => name,
            false => full_name(&name).unwrap_or(name),
        });
        Arc::new(LayoutReader::new(&self.saved, name))
    }

    async fn names(&self) -> Fallible<Vec<String>> {
        Ok(self.saved.archive.index.names().map(|name| name.as_str().to_owned()).collect())
    }

    async fn listed(&self) -> Fallible<Vec<Descriptor>> {
        Ok(self.saved.archive.index.pointed_at())
    }

    async fn blob_size(&self, blob: &Digest) -> Fallible<Option<u64>> {
        let act = Act::new(self.saved.place(), Operation::BlobHead);
        self.saved.size_bytes(blob, &act)
    }
}

/// `alpine` is `docker.io/library/alpine`.
pub(super) fn full_name(name: &LayoutName) -> Option<LayoutName> {
    let repository: Repository = name.as_str().parse().ok()?;
    repository.to_string().parse().ok()
}

fn look(path: &Path, act: &Act) -> Fallible<Saved> {
    let headers = headers(path, vec![path.to_owned()], act)?;
    let place = Place { kind: PlaceKind::DockerArchive, path: path.to_owned() };
    let has = |name: &str| headers.members.iter().any(|member| member.name == name);
    if has("oci-layout") && has("index.json") {
        return Ok(Saved { archive: layout(place, headers, act)?, made: HashMap::new() });
    }
    if has(DOCUMENT) {
        return classic::read(place, headers, act);
    }
    let message = format!("{} is not what `docker save` writes: it has no member {DOCUMENT}", path.display());
    let hint = match has(LEGACY) {
        true => "it is older than Docker 1.10: load it into a current docker and save it again",
        false => "name a file that `docker save` or `podman save` wrote",
    };
    Err(act.fail(Code::NotFound, message).hint(hint))
}

/// The content of a member that has at most `limit` bytes.
fn content(headers: &Headers, place: usize, limit: u64, path: &Path, act: &Act) -> Fallible<Bytes> {
    let mut cursor = Cursor::new(&headers.parts);
    super::look::read(&mut cursor, &headers.members[place], limit, path, act)
}

/// Fills `bytes` with what is at `at`.
fn read_at(parts: &Arc<Parts>, at: u64, bytes: &mut [u8]) -> std::io::Result<()> {
    Cursor::new(parts).read_at(at, bytes)
}

impl Contents for Saved {
    fn place(&self) -> Place {
        self.archive.place.clone()
    }

    fn index_name(&self) -> String {
        match self.made.is_empty() {
            true => self.archive.index_name(),
            false => format!("{DOCUMENT} of {}", self.archive.place.path.display()),
        }
    }

    fn index(&self, act: &Act) -> Fallible<Option<Arc<Index>>> {
        self.archive.index(act)
    }

    fn size_bytes(&self, digest: &Digest, act: &Act) -> Fallible<Option<u64>> {
        match self.made.get(digest) {
            Some(bytes) => Ok(Some(bytes.len() as u64)),
            None => self.archive.size_bytes(digest, act),
        }
    }

    fn manifest(&self, digest: &Digest, act: &Act) -> Fallible<Option<Bytes>> {
        match self.made.get(digest) {
            Some(bytes) => Ok(Some(bytes.clone())),
            None => self.archive.manifest(digest, act),
        }
    }

    fn blob(&self, blob: &Descriptor, start: u64, act: &Act) -> Fallible<BlobStream> {
        self.archive.blob(blob, start, act)
    }

    fn referrers(&self, subject: &Digest, act: &Act) -> Fallible<Option<Vec<Referrer>>> {
        self.archive.referrers(subject, act)
    }

    fn blame(&self, digest: &Digest, fault: Fault<'_>, act: &Act) -> Box<Failure> {
        let mut failure = self.archive.blame(digest, fault, act);
        failure.hint = Some("save the image again, and bring the file anew".to_owned());
        failure
    }
}

#[cfg(test)]
mod tests;
