//! Which repositories there are: directories that have manifests. Reads only.

use super::folder::Folder;
use crate::failure::{Code, Fallible};
use crate::oci::RepositoryPath;
use crate::store::disk::fault::Act;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Most directories that are looked into: room for 100,000 repositories and what they lie in. What has
/// more than this would be walked without end.
const DIRECTORIES_MAX: usize = 250_000;

/// The names of all repositories, sorted.
pub(super) fn names(folder: &Folder, act: &Act) -> Fallible<Vec<String>> {
    let root = folder.paths.repositories();
    folder.refuse_links(&root, act)?;
    let mut names = Vec::new();
    let mut looked = 0;
    let mut open = vec![String::new()];
    while let Some(name) = open.pop() {
        looked += 1;
        if looked > DIRECTORIES_MAX {
            let message = format!("{} has more than {DIRECTORIES_MAX} directories", root.display());
            return Err(act.fail(Code::LimitExceeded, message).hint("name the repositories that you need"));
        }
        for below in directories(&root.join(&name), act)? {
            if below == "_manifests" {
                names.push(name.clone());
            }
            let below = if name.is_empty() { below } else { format!("{name}/{below}") };
            // Whatever breaks the grammar can neither be asked for nor have anything below it that can:
            // also `_uploads`, and what is longer than a name.
            if below.parse::<RepositoryPath>().is_ok() {
                open.push(below);
            }
        }
    }
    names.retain(|name| !name.is_empty());
    names.sort();
    Ok(names)
}

/// The names of the directories in a directory; links are none.
fn directories(path: &Path, act: &Act) -> Fallible<Vec<String>> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(act.io("read", path, &e)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| act.io("read", path, &e))?;
        let kind = entry.file_type().map_err(|e| act.io("look at", &entry.path(), &e))?;
        if kind.is_dir()
            && let Ok(name) = entry.file_name().into_string()
        {
            found.push(name);
        }
    }
    Ok(found)
}
