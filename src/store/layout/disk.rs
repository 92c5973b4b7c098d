//! The few things asked of the file system: plain files opened without following links, and
//! directories made durable. Knows nothing of layouts.

use std::fs::{self, File, FileType, Metadata};
use std::io;
use std::path::Path;

/// What is at a path where a plain file should be.
pub(super) enum Opened {
    /// The file, open for reading, and its length in bytes.
    File(File, u64),
    /// Nothing.
    Absent,
    /// Something else, in words.
    Irregular(&'static str),
}

/// Opens a plain file. Never follows a link in the last place, and never waits for a pipe.
pub(super) fn open_plain(path: &Path) -> io::Result<Opened> {
    let before = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Opened::Absent),
        Err(e) => return Err(e),
    };
    if let Some(what) = irregularity(before.file_type()) {
        return Ok(Opened::Irregular(what));
    }
    let file = File::open(path)?;
    let after = file.metadata()?;
    // What was looked at is what was opened: nobody put a link there in between.
    match same_file(&before, &after) {
        true => Ok(Opened::File(file, after.len())),
        false => Ok(Opened::Irregular("a file that changes while it is read")),
    }
}

/// The length of a plain file in bytes; none when there is none, or something else in its place.
pub(super) fn plain_size(path: &Path) -> io::Result<Option<u64>> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(metadata.is_file().then_some(metadata.len())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// What is at the path, in words, unless it is a plain file.
pub(super) fn irregularity(kind: FileType) -> Option<&'static str> {
    if kind.is_file() {
        None
    } else if kind.is_symlink() {
        Some("a symbolic link")
    } else if kind.is_dir() {
        Some("a directory")
    } else {
        Some("a device, pipe or socket")
    }
}

/// Makes what was created, renamed or removed in a directory outlive a loss of power.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(path)?.sync_all(),
        // Elsewhere directories cannot be opened as files.
        false => Ok(()),
    }
}

/// Whether both are the very same file, not merely equal ones.
#[cfg(unix)]
pub(super) fn same_file(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Elsewhere the standard library does not tell.
#[cfg(not(unix))]
pub(super) fn same_file(_: &Metadata, _: &Metadata) -> bool {
    true
}
