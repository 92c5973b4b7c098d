//! The journal of a run that writes: what is done so far, line by line, beside its report. It is there
//! while the run is; a run that is killed leaves it, and the report of the run before as it was.

use super::ending::is_special;
use super::setting::Setting;
use crate::report::{Command, Settled, jsonl};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;

/// What the journal is called, after the name of the report.
const SUFFIX: &str = ".partial";

/// A journal that is being written.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Begins a journal beside the first report that is asked for, in the place of one that a killed run
    /// left. None where no report is asked for, where that is a device, or where it cannot be written: the
    /// report will say why.
    pub(super) fn begin(setting: &Setting, command: Command) -> Option<Self> {
        let report = &setting.flags().reports.first()?.path;
        if is_special(report) {
            return None;
        }
        let path = beside(report);
        let opening = jsonl::opening(env!("CARGO_PKG_VERSION"), command, setting.started_at);
        match open(&path, &opening) {
            Ok(file) => Some(Self { path, file }),
            Err(why) => {
                tracing::debug!(path = %path.display(), %why, "no journal is written");
                None
            }
        }
    }

    /// Notes an entry that is done. Each line is handed to the system at once, so that it outlives the
    /// process; a disk that is full or gone is no failure of the run.
    pub(super) fn note(&mut self, settled: &Settled) {
        let lines = jsonl::done(settled, OffsetDateTime::now_utc());
        if let Err(why) = self.file.write_all(lines.as_bytes()) {
            tracing::debug!(path = %self.path.display(), %why, "the journal cannot be written");
        }
    }

    /// Ends the journal: the report tells all that it told.
    pub(super) fn end(self) {
        if let Err(why) = fs::remove_file(&self.path) {
            tracing::debug!(path = %self.path.display(), %why, "the journal cannot be removed");
        }
    }
}

/// A new file, in the place of whatever is there: a link is replaced and not followed.
fn open(path: &Path, opening: &str) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(why) if why.kind() != ErrorKind::NotFound => return Err(why),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(opening.as_bytes())?;
    Ok(file)
}

fn beside(report: &Path) -> PathBuf {
    let mut name = report.file_name().map(OsString::from).unwrap_or_default();
    name.push(SUFFIX);
    report.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_lies_beside_the_report_and_replaces_what_is_there() {
        assert_eq!(beside(Path::new("out/report.json")), Path::new("out/report.json.partial"));
        let folder = tempfile::tempdir().expect("a folder");
        let (path, other) = (folder.path().join("r.partial"), folder.path().join("other"));
        fs::write(&other, "kept").expect("it can be written");
        std::os::unix::fs::symlink(&other, &path).expect("it can be linked");
        open(&path, "one\n").expect("it can be opened");
        assert_eq!(fs::read_to_string(&other).expect("there"), "kept", "a link is not followed");
        open(&path, "two\n").expect("it can be opened");
        assert_eq!(fs::read_to_string(&path).expect("there"), "two\n");
    }
}
