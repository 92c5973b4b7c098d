//! Files that appear whole: written beside the place where they belong, and put there in one step. What
//! a writer that was killed left is removed by the next one in that folder.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;
use tempfile::NamedTempFile;

/// How the name of a draft begins. Nothing else may be called so: it would be removed.
const PREFIX: &str = ".crossdock-draft-";
/// How often a draft is begun that somebody takes for one of the dead before its lock is taken.
const TRIES_MAX: u32 = 16;

/// Puts a file with these bytes at `path`, which is in `directory`.
///
/// # Errors
/// It cannot be written there; what is at `path` stays as it is.
pub(super) fn place(
    directory: &Path,
    path: &Path,
    bytes: &[u8],
    permissions: &Permissions,
) -> io::Result<()> {
    sweep(directory);
    let mut draft = begin(directory, permissions)?;
    draft.write_all(bytes)?;
    draft.as_file().sync_all()?;
    draft.persist(path)?;
    // The name is on the disk as well. Where a folder cannot be synced, the file is whole all the same.
    let _ = File::open(directory).and_then(|directory| directory.sync_all());
    Ok(())
}

/// An empty draft, which is locked for as long as its writer lives.
fn begin(directory: &Path, permissions: &Permissions) -> io::Result<NamedTempFile> {
    for _ in 0..TRIES_MAX {
        let mut builder = tempfile::Builder::new();
        let draft = builder.prefix(PREFIX).permissions(permissions.clone()).tempfile_in(directory)?;
        // Where a file system has no locks, nobody removes anything either.
        let _ = draft.as_file().lock();
        if draft.path().exists() {
            return Ok(draft);
        }
    }
    Err(io::Error::new(ErrorKind::NotFound, "files that are written here disappear"))
}

/// Removes the drafts of writers that are dead. What cannot be removed stays: it does no harm.
fn sweep(directory: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let is_draft = entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes())
            && entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_draft && let Ok(file) = OpenOptions::new().write(true).open(entry.path()) {
            // While this lock is held nobody can begin to live in it.
            if file.try_lock().is_ok() {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).expect("a folder").flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_a_dead_writer_left_is_removed_and_what_a_living_one_writes_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let permissions = || fs::metadata(folder.path()).expect("a folder").permissions();
        fs::write(folder.path().join(".crossdock-draft-dead"), "half a rep").expect("it can be written");
        fs::write(folder.path().join(".crossdock.yaml"), "no draft").expect("it can be written");
        fs::create_dir(folder.path().join(".crossdock-draft-folder")).expect("it can be made");
        let living = begin(folder.path(), &permissions()).expect("a draft");
        place(folder.path(), &folder.path().join("report.json"), b"whole", &permissions()).expect("placed");
        let living_name = living.path().file_name().expect("a name").to_string_lossy().into_owned();
        let mut left = vec![
            ".crossdock-draft-folder".to_owned(),
            ".crossdock.yaml".to_owned(),
            "report.json".to_owned(),
            living_name,
        ];
        left.sort();
        assert_eq!(names(folder.path()), left);
        assert_eq!(fs::read(folder.path().join("report.json")).expect("there"), b"whole");
    }

    #[test]
    fn many_writers_at_once_take_nothing_from_each_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let permissions = fs::metadata(folder.path()).expect("a folder").permissions();
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let (directory, permissions) = (folder.path(), permissions.clone());
                scope.spawn(move || {
                    for _ in 0..50 {
                        let path = directory.join(format!("{writer}.json"));
                        place(directory, &path, b"whole", &permissions).expect("placed");
                    }
                });
            }
        });
        assert_eq!(names(folder.path()), ["0.json", "1.json", "2.json", "3.json"]);
    }
}
