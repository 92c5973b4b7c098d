//! A layout directory that was opened: its paths, and its `index.json` as last seen. Reads only.

use super::index::{INDEX_BYTES_MAX, Index};
use super::paths::Paths;
use crate::failure::{Code, Fallible};
use crate::store::disk::fault::Act;
use crate::store::disk::files::{Opened, open_plain, read_at_most, same_file};
use std::fs::{self, File, Metadata};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// An open layout directory, shared by everything that reads or writes it.
#[derive(Debug)]
pub(super) struct Directory {
    pub(super) paths: Paths,
    seen: Mutex<Option<Seen>>,
}

/// An `index.json` that was read.
#[derive(Debug)]
struct Seen {
    index: Arc<Index>,
    /// Held open, so that no other file can get its inode number: what has the same number and
    /// times at the same path is the same file.
    file: File,
    metadata: Metadata,
}

impl Directory {
    pub(super) fn new(path: &Path) -> Self {
        Self { paths: Paths::new(path), seen: Mutex::new(None) }
    }

    /// The index as it is on disk now; none when there is no `index.json`. Read again only when the
    /// file is another one, or was changed. May block.
    pub(super) fn index(&self, act: &Act) -> Fallible<Option<Arc<Index>>> {
        let path = self.paths.index();
        if let Some(index) = self.unchanged(&path) {
            return Ok(Some(index));
        }
        let file = match open_plain(&path).map_err(|e| act.io("open", &path, &e))? {
            Opened::File(file, _) => file,
            Opened::Absent => return Ok(None),
            Opened::Irregular(what) => return Err(act.irregular(&path, what)),
        };
        // Taken before reading: a change in place while we read makes them differ afterwards.
        let metadata = file.metadata().map_err(|e| act.io("read", &path, &e))?;
        let bytes = read_at_most(&file, INDEX_BYTES_MAX).map_err(|e| act.io("read", &path, &e))?;
        let Some(bytes) = bytes else {
            let limit = INDEX_BYTES_MAX / (1024 * 1024);
            let message = format!("{} is larger than {limit} MiB", path.display());
            return Err(act.fail(Code::LimitExceeded, message).hint("part the images over several layouts"));
        };
        let index = Index::read(&bytes).map_err(|why| {
            let message = format!("{} cannot be used: {why}", path.display());
            act.fail(Code::Protocol, message).hint("repair the file, or copy the layout again")
        })?;
        warn_of_illegal_names(&path, &index);
        let index = Arc::new(index);
        self.remember(Arc::clone(&index), file, metadata);
        Ok(Some(index))
    }

    /// Remembers the index that was just written.
    pub(super) fn remember(&self, index: Arc<Index>, file: File, metadata: Metadata) {
        *self.seen() = Some(Seen { index, file, metadata });
    }

    /// Forgets what was seen, so that whoever holds the index can change it without a copy.
    pub(super) fn forget(&self) {
        *self.seen() = None;
    }

    fn unchanged(&self, path: &Path) -> Option<Arc<Index>> {
        let seen = self.seen();
        let Seen { index, file: _file, metadata } = seen.as_ref()?;
        let now = fs::symlink_metadata(path).ok()?;
        let same = cfg!(unix)
            && same_file(metadata, &now)
            && metadata.len() == now.len()
            && metadata.modified().ok()? == now.modified().ok()?;
        same.then(|| Arc::clone(index))
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Option<Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn warn_of_illegal_names(path: &Path, index: &Index) {
    let mut illegal = index.illegal_names();
    if let Some(first) = illegal.next() {
        let first: String = first.chars().take(100).collect();
        let skipped = 1 + illegal.count();
        tracing::warn!(file = %path.display(), skipped, first = ?first, "names that are no tags are skipped");
    }
}
