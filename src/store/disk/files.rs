//! The few things asked of the file system: plain files opened without following links, and
//! directories made durable. Knows nothing of what is in them.

use std::fs::{self, File, FileType, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// What is at a path where a plain file should be.
pub(in crate::store) enum Opened {
    /// The file, open for reading, and its length in bytes.
    File(File, u64),
    /// Nothing.
    Absent,
    /// Something else, in words.
    Irregular(&'static str),
}

/// Most times that a path is looked at anew because another file took the place of the one there.
const REPLACEMENTS_MAX: u32 = 50;

/// Opens a plain file. Never follows a link in the last place, and never waits for a pipe.
pub(in crate::store) fn open_plain(path: &Path) -> io::Result<Opened> {
    for _ in 0..REPLACEMENTS_MAX {
        if let Some(opened) = open_unless_replaced(path)? {
            return Ok(opened);
        }
    }
    Ok(Opened::Irregular("a file that changes while it is read"))
}

/// None when what was looked at is not what was opened: whoever writes an index puts a new file in
/// the place of the old one, and whoever attacks puts a link there.
fn open_unless_replaced(path: &Path) -> io::Result<Option<Opened>> {
    let before = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Some(Opened::Absent)),
        Err(e) => return Err(e),
    };
    if let Some(what) = irregularity(before.file_type()) {
        return Ok(Some(Opened::Irregular(what)));
    }
    let file = File::open(path)?;
    let after = file.metadata()?;
    Ok(same_file(&before, &after).then(|| Opened::File(file, after.len())))
}

/// The length of a plain file in bytes; none when there is none, or something else in its place.
pub(in crate::store) fn plain_size(path: &Path) -> io::Result<Option<u64>> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(metadata.is_file().then_some(metadata.len())),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// What is at the path, in words, unless it is a plain file.
pub(in crate::store) fn irregularity(kind: FileType) -> Option<&'static str> {
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
pub(in crate::store) fn sync_directory(path: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(path)?.sync_all(),
        // Elsewhere directories cannot be opened as files.
        false => Ok(()),
    }
}

/// The first part of `path` below `root`, but for the last, that is a symbolic link.
pub(in crate::store) fn link_on_the_way(root: &Path, path: &Path) -> io::Result<Option<PathBuf>> {
    let mut here = root.to_owned();
    for part in path.parent().and_then(|above| above.strip_prefix(root).ok()).into_iter().flatten() {
        here.push(part);
        match fs::symlink_metadata(&here) {
            Ok(metadata) if metadata.is_symlink() => return Ok(Some(here)),
            Ok(_) => {}
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e),
        }
    }
    Ok(None)
}

/// Makes the directories between `root`, which is there, and `path`, each for good before the next.
pub(in crate::store) fn make_directories(root: &Path, path: &Path) -> io::Result<()> {
    let mut here = root.to_owned();
    for part in path.strip_prefix(root).ok().into_iter().flatten() {
        let above = here.clone();
        here.push(part);
        match fs::create_dir(&here) {
            Ok(()) => sync_directory(&above)?,
            Err(e) if e.kind() == ErrorKind::AlreadyExists && here.is_dir() => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Whether both are the very same file, not merely equal ones.
#[cfg(unix)]
pub(in crate::store) fn same_file(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Elsewhere the standard library does not tell.
#[cfg(not(unix))]
pub(in crate::store) fn same_file(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// The rest of a file; none when it is longer than `limit` bytes.
pub(in crate::store) fn read_at_most(file: &File, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

/// Whether there is nothing at all at `path`, or an empty directory.
pub(in crate::store) fn is_vacant(path: &Path) -> io::Result<bool> {
    match fs::read_dir(path) {
        // What starts with a dot (`.gitkeep`) and what file systems keep at their root do not count.
        Ok(mut entries) => {
            Ok(entries.all(|entry| entry.is_ok_and(|entry| is_incidental(&entry.file_name()))))
        }
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(true),
        Err(e) => Err(e),
    }
}

fn is_incidental(name: &std::ffi::OsStr) -> bool {
    name == "lost+found" || name.as_encoded_bytes().starts_with(b".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn a_file_that_is_replaced_again_and_again_is_opened_all_the_same() {
        let directory = tempfile::tempdir().expect("a directory");
        let (path, new) = (directory.path().join("index.json"), directory.path().join("new"));
        fs::write(&path, "{}").expect("writable");
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::SeqCst) {
                    fs::write(&new, "{}").and_then(|()| fs::rename(&new, &path)).expect("writable");
                }
            });
            let opened = (0..5000).all(|_| matches!(open_plain(&path), Ok(Opened::File(_, 2))));
            done.store(true, Ordering::SeqCst);
            assert!(opened);
        });
    }
}
