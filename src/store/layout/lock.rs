//! The lock between the writers of one layout, held only for moments. It leaves no file behind:
//! what is locked is `oci-layout` itself.

use super::check::{Found, VERSION, no_layout, read_version};
use super::paths::Paths;
use crate::failure::{Code, Fallible};
use crate::store::disk::fault::Act;
use crate::store::disk::files::{is_vacant, same_file, sync_directory};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};

/// How often `oci-layout` may be another file by the time that it is locked.
const ROUNDS_MAX: usize = 100;

/// The lock; released when dropped, also by the death of the process.
#[derive(Debug)]
pub(super) struct Lock {
    /// `oci-layout`. Closing it releases the lock.
    file: File,
}

/// What to do when there is no `oci-layout`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// Make one, if the directory is empty.
    Make,
    /// It was there before, so the layout is gone.
    Fail,
}

impl Lock {
    /// Waits for the lock. Afterwards `oci-layout` is whole.
    pub(super) fn take(paths: &Paths, missing: Missing, act: &Act) -> Fallible<Self> {
        let path = paths.version();
        for _ in 0..ROUNDS_MAX {
            let file = open(paths, missing, act)?;
            wait(&file).map_err(|e| act.io("lock", &path, &e))?;
            let ours = file.metadata().map_err(|e| act.io("look at", &path, &e))?;
            match fs::symlink_metadata(&path) {
                Ok(there) if same_file(&ours, &there) => {}
                // Replaced while we waited: what we hold guards nothing any more.
                Ok(_) => continue,
                Err(e) if e.kind() == ErrorKind::NotFound => continue,
                Err(e) => return Err(act.io("look at", &path, &e)),
            }
            match read_version(paths, &file, act)? {
                Found::Layout => return Ok(Self { file }),
                Found::Begun | Found::Vacant => finish(paths, act)?,
            }
        }
        Err(act.fail(Code::Io, format!("{} is replaced again and again by others", path.display())))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file would do; this says so where a child process holds a copy of it.
        if let Err(error) = self.file.unlock() {
            tracing::debug!(%error, "unlocking a layout");
        }
    }
}

fn open(paths: &Paths, missing: Missing, act: &Act) -> Fallible<File> {
    let path = paths.version();
    match OpenOptions::new().read(true).write(true).open(&path) {
        Err(e) if e.kind() == ErrorKind::NotFound && missing == Missing::Make => {}
        opened => return opened.map_err(|e| act.io("open", &path, &e)),
    }
    // Looked at in this order, because another process may be making the layout right now.
    let vacant = is_vacant(paths.root()).map_err(|e| act.io("read", paths.root(), &e))?;
    if !vacant && !path.exists() {
        return Err(no_layout(paths, act));
    }
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    opened.map_err(|e| act.io("create", &path, &e))
}

fn wait(file: &File) -> std::io::Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            tracing::debug!("waiting for another writer of the layout");
            file.lock()
        }
        Err(TryLockError::Error(e)) => Err(e),
    }
}

/// Puts a whole `oci-layout` in the place of the empty one that we hold.
fn finish(paths: &Paths, act: &Act) -> Fallible<()> {
    let drafts = paths.drafts();
    let draft = drafts.join("oci-layout");
    let write = || {
        fs::create_dir_all(&drafts)?;
        let mut file = File::create(&draft)?;
        file.write_all(VERSION.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, paths.version())?;
        sync_directory(paths.root())
    };
    write().map_err(|e| act.io("write", &paths.version(), &e))
}
