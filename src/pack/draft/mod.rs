//! The draft of a bundle: a file, or several, that get their names when everything is in its place. What an
//! earlier run left is gone on with: its blobs are found by their digests, wherever they lie.

mod cursor;
mod ending;
mod found;
mod moves;
mod ready;
mod room;

use super::fault::{blocking, fail};
use crate::bundle::{Contents, Layout, MemberName};
use crate::failure::{Code, Fallible};
use crate::oci::{Descriptor, Digest};
pub(super) use cursor::Cursor;
use cursor::Range;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A bundle that is being written.
#[derive(Debug)]
pub struct Draft {
    /// What it will be called; of parts, without their numbers.
    path: PathBuf,
    /// Its files, under the names that they have until it is whole.
    files: Arc<[Range]>,
    /// The names that they get.
    names: Vec<PathBuf>,
    layout: Layout,
    /// The blobs that are fetched, and where each begins.
    places: HashMap<Digest, (u64, u64)>,
    whole: Mutex<HashSet<Digest>>,
    /// Locked for as long as this lives, so that nobody else writes here.
    _lock: File,
}

/// What becomes of layers that an earlier run left and that are not wanted now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strangers {
    /// They go: the plan is whole, and has no use for them.
    Dropped,
    /// They stay: what could not be planned may want them, in the next run.
    Kept,
}

impl Draft {
    /// Opens the draft of the bundle at `path`, in parts of `part_bytes` where that is asked for, and makes it
    /// ready for the blobs of `contents`. What an earlier run left and is whole stays, and is moved to where
    /// it belongs. A draft that keeps strangers is not to be finished.
    ///
    /// # Errors
    /// It cannot be written there, there is too little room, or another run writes it.
    pub async fn open(
        path: &Path,
        contents: Contents,
        part_bytes: Option<u64>,
        strangers: Strangers,
    ) -> Fallible<Self> {
        let at = path.to_owned();
        blocking(path, move || ready::ready(&at, contents, part_bytes, strangers)).await
    }

    /// What it will be called.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The length of the bundle in bytes.
    pub fn total_bytes(&self) -> u64 {
        self.layout.total_bytes
    }

    /// Whether a blob is in its place, or none is expected.
    pub(super) fn has(&self, digest: &Digest) -> bool {
        !self.places.contains_key(digest) || self.whole().contains(digest)
    }

    /// Where a blob is to be written.
    pub(super) fn place(&self, blob: &Descriptor) -> Fallible<Cursor> {
        match self.places.get(&blob.digest) {
            Some((at, size_bytes)) if *size_bytes == blob.size_bytes => Ok(Cursor::new(&self.files, *at)),
            Some(_) | None => {
                let message = format!("there is no place for {} of {} bytes", blob.digest, blob.size_bytes);
                Err(fail(Code::Internal, &self.path, message).hint("please report this as a bug"))
            }
        }
    }

    /// Notes that all bytes of a blob are in its place.
    pub(super) fn note(&self, digest: &Digest) {
        self.whole().insert(digest.clone());
    }

    fn whole(&self) -> std::sync::MutexGuard<'_, HashSet<Digest>> {
        self.whole.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The blobs that are fetched, and where each lies.
fn places(contents: &Contents, layout: &Layout) -> HashMap<Digest, (u64, u64)> {
    let fetched = layout.members.iter().filter(|member| contents.at_hand(&member.name).is_none());
    let place = |member: &crate::bundle::Member| match &member.name {
        MemberName::Blob(digest) => Some((digest.clone(), (member.at, member.size_bytes))),
        MemberName::Version | MemberName::Index => None,
    };
    fetched.filter_map(place).collect()
}
