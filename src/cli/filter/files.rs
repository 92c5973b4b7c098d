//! The case files that a command is given: read, and all that is wrong with them told at once.

use super::stopped::Stopped;
use super::subject::read;
use crate::cases::{self, CaseFile};
use std::path::{Path, PathBuf};

/// Where cases are looked for when none are named: in the folder of a filter.
const DEFAULT_FOLDER: &str = "tests";

/// A case file, and where it lies.
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) cases: CaseFile,
}

/// Reads the files that are named; of folders those that end in `.json`; else those below `tests`.
pub(super) fn found(named: &[PathBuf]) -> Result<Vec<Found>, Stopped> {
    let default = [PathBuf::from(DEFAULT_FOLDER)];
    let named = match named {
        [] if default[0].is_dir() => &default,
        [] => {
            return Err(Stopped::invalid(format!(
                "there is no folder `{DEFAULT_FOLDER}` with cases: name the files, or make one with `crossdock \
                 filter run --record`"
            )));
        }
        named => named,
    };
    let mut paths = Vec::new();
    for path in named {
        match path.is_dir() {
            true => paths.extend(inside(path)?),
            false => paths.push(path.clone()),
        }
    }
    let mut files = Vec::new();
    let mut wrong = Vec::new();
    for path in paths {
        match parsed(&path) {
            Ok(cases) => files.push(Found { path, cases }),
            Err(Stopped::Invalid(messages)) => wrong.extend(messages),
            Err(other) => return Err(other),
        }
    }
    if wrong.is_empty() { Ok(files) } else { Err(Stopped::Invalid(wrong)) }
}

/// The JSON files in a folder, sorted.
fn inside(folder: &Path) -> Result<Vec<PathBuf>, Stopped> {
    let refuse = |why: String| Stopped::invalid(format!("the folder {}: {why}", folder.display()));
    let entries = std::fs::read_dir(folder).map_err(|why| refuse(why.to_string()))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "json") && path.is_file())
        .collect();
    files.sort();
    match files.is_empty() {
        true => Err(refuse("it has no file that ends in .json".to_owned())),
        false => Ok(files),
    }
}

fn parsed(path: &Path) -> Result<CaseFile, Stopped> {
    let bytes = read(path, cases::BYTES_MAX, "the case file", "split it")?;
    let name = path.display().to_string();
    let Ok(text) = String::from_utf8(bytes) else {
        return Err(Stopped::invalid(format!("{name} is not UTF-8")));
    };
    CaseFile::parse(&name, &text)
        .map_err(|errors| Stopped::Invalid(errors.iter().map(ToString::to_string).collect()))
}
