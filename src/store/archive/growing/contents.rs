//! What an archive holds while it is written: what it had before the first write, and all that came since.

use super::partial::Partial;
use crate::failure::{Failure, Fallible};
use crate::oci::{Descriptor, Digest, Place, Referrer};
use crate::store::archive::contents::Archive;
use crate::store::disk::blob;
use crate::store::disk::closure::Holdings;
use crate::store::disk::fault::Act;
use crate::store::layout::contents::{Contents, Fault};
use crate::store::layout::index::Index;
use crate::store::{BlobStream, MANIFEST_BYTES_MAX};
use bytes::Bytes;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An archive that may be written to.
pub(super) struct Growing {
    pub(super) place: Place,
    /// The archive as it was.
    pub(super) base: Archive,
    /// None before the first write.
    partial: Mutex<Option<Partial>>,
}

impl Growing {
    pub(super) fn new(place: Place, base: Archive) -> Self {
        Self { place, base, partial: Mutex::default() }
    }

    pub(super) fn partial(&self) -> MutexGuard<'_, Option<Partial>> {
        self.partial.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the unfinished file, which is begun for it where there is none.
    pub(super) fn write<T>(&self, act: &Act, work: impl FnOnce(&mut Partial) -> Fallible<T>) -> Fallible<T> {
        let mut partial = self.partial();
        if partial.is_none() {
            *partial = Some(Partial::begin(&self.place, &self.base, act)?);
        }
        match &mut *partial {
            Some(partial) => work(partial),
            None => Err(act.fail(crate::failure::Code::Internal, "the archive was not begun")),
        }
    }
}

impl Contents for Growing {
    fn place(&self) -> Place {
        self.place.clone()
    }

    fn index_name(&self) -> String {
        self.base.index_name()
    }

    fn index(&self, act: &Act) -> Fallible<Option<Arc<Index>>> {
        match &*self.partial() {
            Some(partial) => Ok(Some(Arc::clone(&partial.index))),
            None => self.base.index(act),
        }
    }

    fn size_bytes(&self, digest: &Digest, act: &Act) -> Fallible<Option<u64>> {
        match &*self.partial() {
            Some(partial) => Ok(partial.blobs.get(digest).map(|region| region.size_bytes)),
            None => self.base.size_bytes(digest, act),
        }
    }

    fn manifest(&self, digest: &Digest, act: &Act) -> Fallible<Option<Bytes>> {
        let bytes = match &*self.partial() {
            Some(partial) => match partial.blobs.get(digest) {
                Some(region) if region.size_bytes > MANIFEST_BYTES_MAX => {
                    return Err(self.blame(digest, Fault::TooLarge, act));
                }
                Some(region) => partial.read(*region, act)?,
                None => return Ok(None),
            },
            None => return self.base.manifest(digest, act),
        };
        match digest.matches(&bytes) {
            true => Ok(Some(bytes.into())),
            false => {
                let why = "its bytes do not have the digest that it is named by";
                Err(self.blame(digest, Fault::Damaged(&why), act))
            }
        }
    }

    fn blob(&self, blob: &Descriptor, start: u64, act: &Act) -> Fallible<BlobStream> {
        let (region, (file, path)) = match &*self.partial() {
            Some(partial) => match partial.blobs.get(&blob.digest) {
                Some(region) => (*region, partial.reading(act)?),
                None => return Err(self.base.blame(&blob.digest, Fault::Missing, act)),
            },
            None => return self.base.blob(blob, start, act),
        };
        if region.size_bytes != blob.size_bytes {
            let why = format!("it has {} bytes instead of {}", region.size_bytes, blob.size_bytes);
            return Err(self.base.blame(&blob.digest, Fault::Damaged(&why), act));
        }
        blob::read((path, file), (region.content_at(), region.size_bytes), start, act)
    }

    fn referrers(&self, subject: &Digest, act: &Act) -> Fallible<Option<Vec<Referrer>>> {
        self.base.referrers(subject, act)
    }

    fn blame(&self, digest: &Digest, fault: Fault<'_>, act: &Act) -> Box<Failure> {
        self.base.blame(digest, fault, act)
    }
}

impl Holdings for Growing {
    const NAME: &'static str = "the archive";

    fn size_of(&self, digest: &Digest, act: &Act) -> Fallible<Option<u64>> {
        self.size_bytes(digest, act)
    }

    fn manifest(&self, digest: &Digest, act: &Act) -> Fallible<Option<Bytes>> {
        Contents::manifest(self, digest, act)
    }
}
