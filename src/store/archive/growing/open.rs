//! Opening an archive for writing, and ending it.

use super::contents::Growing;
use super::docker::{Images, document, is_loaded};
use super::partial::Partial;
use super::writer::ArchiveWriter;
use crate::failure::{Code, Fallible, Operation};
use crate::oci::{Digest, LayoutName, Place, PlaceKind};
use crate::store::archive::contents::Archive;
use crate::store::archive::look::{headers, layout};
use crate::store::archive::saved::full_name;
use crate::store::disk::fault::Act;
use crate::store::layout::contents::Contents as _;
use crate::store::layout::reader::LayoutReader;
use crate::store::{ReadPlace, Reader, WritePlace, Writer};
use async_trait::async_trait;
use std::sync::Arc;

/// An archive that is written, opened once per run and shared by its repositories: `oci-archive:`, or
/// `docker-archive:` in the form of Docker 25, which every docker loads.
///
/// It appears when it is finished. One run writes to it at a time.
pub struct WriteArchive {
    growing: Arc<Growing>,
}

impl WriteArchive {
    /// Opens an archive that may not be there yet. What it holds stays in it. Nothing is written yet.
    ///
    /// # Errors
    /// As those of reading it; `NotFound` when the file holds something else.
    pub async fn open(place: &Place) -> Fallible<Self> {
        let place = place.clone();
        let act = Act::new(&place, Operation::Open);
        let growing = act.blocking(move |act| Ok(Growing::new(place.clone(), base(place, act)?))).await?;
        Ok(Self { growing: Arc::new(growing) })
    }

    fn name(&self, name: Option<LayoutName>) -> Option<LayoutName> {
        match self.growing.place.kind {
            // Docker's short names mean what docker means.
            PlaceKind::DockerArchive => name.map(|name| full_name(&name).unwrap_or(name)),
            _ => name,
        }
    }
}

/// The archive as it is, or one without anything.
fn base(place: Place, act: &Act) -> Fallible<Archive> {
    let path = place.path.clone();
    match path.exists() {
        true => layout(place, headers(&path, vec![path.clone()], act)?, act),
        false => Archive::vacant(place).map_err(|e| act.fail(Code::Internal, format!("index.json: {e}"))),
    }
}

#[async_trait]
impl ReadPlace for WriteArchive {
    fn reader(&self, name: Option<LayoutName>) -> Arc<dyn Reader> {
        Arc::new(LayoutReader::new(&self.growing, self.name(name)))
    }

    async fn names(&self) -> Fallible<Vec<String>> {
        Ok(self.growing.base.index.names().map(|name| name.as_str().to_owned()).collect())
    }

    async fn blob_size(&self, blob: &Digest) -> Fallible<Option<u64>> {
        self.growing.size_bytes(blob, &Act::new(&self.growing.place, Operation::BlobHead))
    }
}

#[async_trait]
impl WritePlace for WriteArchive {
    fn writer(&self, name: Option<LayoutName>) -> Arc<dyn Writer> {
        Arc::new(ArchiveWriter::new(&self.growing, self.name(name)))
    }

    async fn finish(&self) -> Fallible<()> {
        let growing = Arc::clone(&self.growing);
        let act = Act::new(&self.growing.place, Operation::ManifestPut);
        act.blocking(move |act| finish(&growing, act)).await
    }
}

/// Ends the archive where there is something new, and removes what was begun where there is not: then there
/// is what was.
fn finish(growing: &Growing, act: &Act) -> Fallible<()> {
    let mut guard = growing.partial();
    let Some(mut partial) = guard.take() else { return Ok(()) };
    let finished = match partial.is_new {
        true => end(&mut partial, &growing.place, act),
        false => Ok(()),
    };
    match partial.is_new && finished.is_ok() {
        true => *guard = Some(partial),
        false => partial.discard(),
    }
    finished
}

fn end(partial: &mut Partial, place: &Place, act: &Act) -> Fallible<()> {
    let index = partial.index.write().map_err(|e| act.fail(Code::Internal, format!("index.json: {e}")))?;
    let mut last = vec![("index.json", index)];
    if place.kind == PlaceKind::DockerArchive {
        last.push(("manifest.json", document(&loaded(partial, act)?).into_bytes()));
    }
    partial.finish(&place.path, &last, act)
}

/// The images that `docker load` is told of, with their manifests.
fn loaded(partial: &Partial, act: &Act) -> Fallible<Images> {
    let mut images = Images::new();
    for (name, pointer) in partial.index.tagged() {
        let Some(region) = partial.blobs.get(&pointer.digest) else { continue };
        if !is_loaded(&name, &pointer.media_type) {
            continue;
        }
        if let Some((names, _)) = images.get_mut(&pointer.digest) {
            names.push(name);
        } else {
            let bytes = partial.read(*region, act)?;
            images.insert(pointer.digest.clone(), (vec![name], bytes));
        }
    }
    Ok(images)
}
