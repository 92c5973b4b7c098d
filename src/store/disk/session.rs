//! The place where one writer keeps its unfinished files, and the removal of places whose writers
//! are dead. Touches nothing outside of the directory for drafts, `.crossdock/`.

use super::fault::Act;
use super::files::{make_directories, sync_directory};
use crate::failure::Fallible;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the directories of writers are called, before their number.
const PREFIX: &str = "writer-";
/// The file in it that its writer keeps locked for as long as it lives.
const ALIVE: &str = "alive";

/// A writer's own directory; removed when the writer is dropped.
#[derive(Debug)]
pub(in crate::store) struct Session {
    drafts: PathBuf,
    directory: PathBuf,
    next_draft: AtomicU64,
    /// Locked: says to others that the writer lives.
    _alive: File,
}

/// A file that is not yet where it belongs; removed when dropped before that.
#[derive(Debug)]
pub(in crate::store) struct Draft {
    path: PathBuf,
    file: Option<File>,
    /// Keeps the directory.
    _session: Arc<Session>,
}

impl Session {
    /// Removes what dead writers left in `drafts`, and makes a place for a new one. Only called under the
    /// lock between the writers of the store.
    pub(in crate::store) fn begin(drafts: PathBuf, act: &Act) -> Fallible<Self> {
        if let Err(error) = sweep(&drafts) {
            tracing::warn!(directory = %drafts.display(), %error, "what a dead writer left cannot be removed");
        }
        let (directory, alive) =
            make_own(&drafts).map_err(|e| act.io("create a directory in", &drafts, &e))?;
        Ok(Self { drafts, directory, next_draft: AtomicU64::new(0), _alive: alive })
    }

    /// Where its unfinished files lie.
    pub(in crate::store) fn directory(&self) -> &Path {
        &self.directory
    }

    fn next_path(&self) -> PathBuf {
        let number = self.next_draft.fetch_add(1, Ordering::Relaxed);
        self.directory.join(format!("draft-{number}"))
    }

    /// Puts a new directory at `path`, in one step and for good, with the files that `files` names when it
    /// is told where the directory lies meanwhile. Returns whether it did: not where something is.
    pub(in crate::store) fn place_directory(
        &self,
        path: &Path,
        files: impl FnOnce(&Path) -> Vec<(PathBuf, Vec<u8>)>,
    ) -> io::Result<bool> {
        let draft = self.next_path();
        fs::create_dir(&draft)?;
        for (file, bytes) in files(&draft) {
            let directory = file.parent().unwrap_or(&draft);
            make_directories(&draft, directory)?;
            let mut written = File::create_new(&file)?;
            written.write_all(&bytes)?;
            written.sync_all()?;
            sync_directory(directory)?;
        }
        let renamed = fs::rename(&draft, path);
        if renamed.is_err() {
            fs::remove_dir_all(&draft)?;
        }
        match renamed {
            Ok(()) => path.parent().map_or(Ok(()), sync_directory).map(|()| true),
            Err(e) if matches!(e.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists) => {
                Ok(false)
            }
            Err(e) => Err(e),
        }
    }

    /// Starts an unfinished file.
    pub(in crate::store) fn draft(self: &Arc<Self>) -> io::Result<Draft> {
        let path = self.next_path();
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
        Ok(Draft { path, file: Some(file), _session: Arc::clone(self) })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // What cannot be removed is swept by the next writer. The outer directory goes with the
        // last writer: it cannot be removed while another one has its own directory in it.
        let _ = fs::remove_dir_all(&self.directory);
        let _ = fs::remove_dir(&self.drafts);
    }
}

impl Draft {
    /// Where it is while unfinished.
    pub(in crate::store) fn path(&self) -> &Path {
        &self.path
    }

    pub(in crate::store) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.file {
            Some(file) => file.write_all(bytes),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    /// Puts the file at `path`, in one step and for good: its bytes are on the disk before its name
    /// is, and its name is before this returns. A link at `path` is replaced, not followed.
    pub(in crate::store) fn place(mut self, path: &Path) -> io::Result<File> {
        let file = self.file.as_ref().ok_or(ErrorKind::NotFound)?;
        file.sync_all()?;
        fs::rename(&self.path, path)?;
        let file = self.file.take().ok_or(ErrorKind::NotFound)?;
        if let Some(directory) = path.parent() {
            sync_directory(directory)?;
        }
        Ok(file)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.file.is_some() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Makes the directory with the lowest free number. Only called under the lock of the store.
fn make_own(drafts: &Path) -> io::Result<(PathBuf, File)> {
    let mut number = 0_u64;
    let directory = loop {
        let directory = drafts.join(format!("{PREFIX}{number}"));
        match fs::create_dir(&directory) {
            Ok(()) => break directory,
            Err(e) if e.kind() == ErrorKind::AlreadyExists => number += 1,
            // The last of the other writers has just left, and took the outer directory along.
            Err(e) if e.kind() == ErrorKind::NotFound => fs::create_dir_all(drafts)?,
            Err(e) => return Err(e),
        }
    };
    let alive = File::create_new(directory.join(ALIVE))?;
    alive.lock()?;
    Ok((directory, alive))
}

/// Removes the directories of writers that are dead, and every stray file.
fn sweep(drafts: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(drafts) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        let removed = match entry.file_type()?.is_dir() {
            true if lives(&path) => Ok(()),
            true => fs::remove_dir_all(&path),
            false => fs::remove_file(&path),
        };
        match removed {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(())
}

/// Whether a writer holds the lock in its directory. Without the file it died while making it.
fn lives(directory: &Path) -> bool {
    match OpenOptions::new().read(true).write(true).open(directory.join(ALIVE)) {
        Ok(alive) => alive.try_lock().is_err(),
        Err(_) => false,
    }
}
