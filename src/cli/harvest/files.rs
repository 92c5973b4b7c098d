//! The files that images are read from: named, found in folders, or piped in.

use crate::cli::early::Early;
use crate::harvest::{Input, Way, kind};
use crate::import::{File, Note, NoteKind, Site};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Largest file that is read, in bytes. A document in it may be as large as a spec.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// Most bytes that are read of all files together.
const BYTES_MAX: u64 = 512 << 20;
/// Most files that are read: a wrong folder may have more.
const FILES_MAX: usize = 10_000;
/// Most entries of folders that are looked at.
const ENTRIES_MAX: usize = 200_000;
/// How deep folders may stand in each other.
const DEPTH_MAX: usize = 32;
/// What is read where `-` is named, in messages.
const STDIN: &str = "<stdin>";
/// Folders that have files of others, by the thousand.
const SKIPPED: [&str; 1] = ["node_modules"];

/// What is read.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) inputs: Vec<Input>,
    pub(super) notes: Vec<Note>,
    bytes: u64,
    entries: usize,
    /// The `.env` files of folders, where there are any.
    dotenvs: BTreeMap<PathBuf, Option<String>>,
}

/// Reads the files that are named, and of folders those whose names say what they are.
pub(super) fn read(paths: &[PathBuf]) -> Result<Reading, Early> {
    let mut reading = Reading::default();
    for path in paths {
        match path {
            path if path == Path::new("-") => reading.stdin()?,
            path if path.is_dir() => reading.folder(path, 0)?,
            path => reading.file(path, Way::Named)?,
        }
    }
    Ok(reading)
}

impl Reading {
    fn stdin(&mut self) -> Result<(), Early> {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes);
        read.map_err(|why| Early::Invalid(format!("stdin cannot be read: {why}")))?;
        self.take(STDIN.to_owned(), bytes, Way::Named, None)
    }

    fn folder(&mut self, folder: &Path, depth: usize) -> Result<(), Early> {
        let refuse = |why: String| Early::Invalid(format!("the folder {}: {why}", folder.display()));
        if depth > DEPTH_MAX {
            return Err(refuse(format!("folders are more than {DEPTH_MAX} deep")));
        }
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(|why| refuse(why.to_string()))? {
            paths.push(entry.map_err(|why| refuse(why.to_string()))?.path());
            self.entries += 1;
            if self.entries > ENTRIES_MAX {
                return Err(refuse(format!(
                    "there are more than {ENTRIES_MAX} files and folders: name fewer"
                )));
            }
        }
        paths.sort();
        let is_chart = paths.iter().any(|path| path.ends_with("Chart.yaml"));
        for path in &paths {
            let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            // What a link leads to may be what it lies in.
            let is_folder = path.symlink_metadata().is_ok_and(|it| it.is_dir());
            if name.starts_with('.') || SKIPPED.contains(&&*name) {
                continue;
            } else if is_folder && is_chart && name == "templates" {
                self.chart(folder, path);
            } else if is_folder {
                self.folder(path, depth + 1)?;
            } else if kind(&name).is_some() && path.is_file() {
                self.file(path, Way::Found)?;
            }
        }
        Ok(())
    }

    /// Says that the templates of a chart are left out.
    fn chart(&mut self, folder: &Path, templates: &Path) {
        let file = templates.display().to_string();
        let message = format!(
            "templates are read when they are rendered: `helm template {} | crossdock harvest files -`",
            folder.display()
        );
        let site = Some(Site { file: file.as_str().into(), line: 1, column: 1 });
        self.notes.push(Note { kind: NoteKind::LeftOut, site, message });
    }

    fn file(&mut self, path: &Path, way: Way) -> Result<(), Early> {
        let refuse =
            |why: String| Early::Invalid(format!("the file {} cannot be read: {why}", path.display()));
        let file = std::fs::File::open(path).map_err(|why| refuse(why.to_string()))?;
        let mut bytes = Vec::new();
        file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|why| refuse(why.to_string()))?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let dotenv = self.dotenvs.entry(folder).or_insert_with_key(|folder| {
            let file = folder.join(".env");
            let is_small = file.metadata().is_ok_and(|it| it.is_file() && it.len() <= FILE_BYTES_MAX);
            if is_small { std::fs::read_to_string(file).ok() } else { None }
        });
        let dotenv = dotenv.clone();
        self.take(path.display().to_string(), bytes, way, dotenv)
    }

    fn take(&mut self, name: String, bytes: Vec<u8>, way: Way, dotenv: Option<String>) -> Result<(), Early> {
        let refuse = |why: String| Early::Invalid(format!("the file {name} cannot be read: {why}"));
        let length = bytes.len() as u64;
        self.bytes += length;
        if length > FILE_BYTES_MAX {
            return Err(refuse(format!("it is larger than {FILE_BYTES_MAX} bytes")));
        }
        if self.inputs.len() >= FILES_MAX || self.bytes > BYTES_MAX {
            let message = format!("these are more than {FILES_MAX} files or {BYTES_MAX} bytes: name fewer");
            return Err(Early::Invalid(message));
        }
        let text = String::from_utf8(bytes).map_err(|_| refuse("it is not UTF-8".to_owned()))?;
        self.inputs.push(Input { file: File { name, text }, way, dotenv });
        Ok(())
    }
}
