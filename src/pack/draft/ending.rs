//! The end of a draft: it gets its names. Killed at any instant, there is the bundle of before or this one, or
//! the drafts and what says that they are on their way.

use super::cursor::Range;
use super::{Draft, room};
use crate::bundle::{PARTS_MAX, drafted, part_path, sums_path, write_sums};
use crate::failure::{Code, Fallible};
use crate::oci::{Digest, Hasher};
use crate::pack::fault::{blocking, fail, io};
use std::fs::{self, File};
use std::io::{self as sys, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How much of a part is read at once, in bytes.
const PIECE_BYTES: usize = 1 << 20;

impl Draft {
    /// Gives the bundle its names, now that everything is in its place. Returns its files.
    ///
    /// # Errors
    /// A blob is not there, or the disk fails.
    pub async fn finish(self: Arc<Self>) -> Fallible<Vec<PathBuf>> {
        let path = self.path.clone();
        blocking(&path, move || self.name()).await
    }

    fn name(&self) -> Fallible<Vec<PathBuf>> {
        let missing = self.places.keys().filter(|digest| !self.has(digest)).count();
        if missing > 0 {
            let message = format!("{missing} of its blobs are not there");
            return Err(fail(Code::Internal, &self.path, message).hint("please report this as a bug"));
        }
        for Range { path, .. } in self.files.iter() {
            synced(path).map_err(|error| io("write", path, &error))?;
        }
        let is_parted = self.names.first() != Some(&self.path);
        let mut written = self.names.clone();
        if is_parted {
            self.write_sums()?;
        }
        for (Range { path, .. }, name) in self.files.iter().zip(&self.names) {
            rename(path, name)?;
        }
        if is_parted {
            // What a reader would find in the place of the parts, or behind them.
            remove(&self.path)?;
            let more = (self.names.len() as u64 + 1..=PARTS_MAX).map(|number| part_path(&self.path, number));
            for part in more.take_while(|part| part.exists()) {
                remove(&part)?;
            }
            let sums = sums_path(&self.path);
            rename(&drafted(&sums), &sums)?;
            written.push(sums);
            remove(&drafted(&self.path))?;
        }
        // Where a folder cannot be synced, the files are whole all the same.
        let _ = File::open(room::folder(&self.path)).and_then(|folder| folder.sync_all());
        Ok(written)
    }

    /// Writes the sums of the parts, under the name that says that these are about to get theirs.
    fn write_sums(&self) -> Fallible<()> {
        let mut sums: Vec<(String, Digest)> = Vec::new();
        for (Range { path, .. }, name) in self.files.iter().zip(&self.names) {
            let sum = sum(path).map_err(|error| io("read", path, &error))?;
            let name = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
            sums.push((name, sum));
        }
        let text = write_sums(sums.iter().map(|(name, sum)| (name.as_str(), sum)));
        let path = drafted(&sums_path(&self.path));
        let written = File::create(&path).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        written.map_err(|error| io("write", &path, &error))
    }
}

/// Makes drafts again of parts that an earlier run was giving their names when it was killed.
pub(super) fn take_back(path: &Path) -> Fallible<()> {
    let sums = drafted(&sums_path(path));
    if !sums.exists() {
        return Ok(());
    }
    for part in (1..=PARTS_MAX).map(|number| part_path(path, number)) {
        let draft = drafted(&part);
        match (draft.exists(), part.exists()) {
            (true, _) => {}
            (false, true) => rename(&part, &draft)?,
            (false, false) => break,
        }
    }
    remove(&sums)
}

fn synced(path: &Path) -> sys::Result<()> {
    File::options().write(true).open(path)?.sync_all()
}

fn sum(path: &Path) -> sys::Result<Digest> {
    let mut file = File::open(path)?;
    let mut hasher = Hasher::Sha256(Default::default());
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hasher.finish()),
            bytes => hasher.update(&piece[..bytes]),
        }
    }
}

fn rename(old: &Path, new: &Path) -> Fallible<()> {
    fs::rename(old, new).map_err(|error| io("rename", old, &error))
}

fn remove(path: &Path) -> Fallible<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(io("remove", path, &error)),
        _ => Ok(()),
    }
}
