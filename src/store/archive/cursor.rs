//! One file, or several that are one when joined: bytes by their place in the whole.

use super::members::Random;
use crate::store::disk::files::same_file;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file that is an archive, or a part of one.
#[derive(Debug, Clone)]
pub struct Part {
    /// Where it is.
    pub path: PathBuf,
    /// Where in the whole its first byte is.
    pub start: u64,
    /// Its length in bytes.
    pub length_bytes: u64,
    /// What it was when it was looked at first.
    seen: Metadata,
}

/// The parts in their order.
#[derive(Debug)]
pub(super) struct Parts(pub(super) Vec<Part>);

/// Reads what was opened, and keeps the part open that was read last.
#[derive(Debug)]
pub(super) struct Cursor {
    parts: Arc<Parts>,
    open: Option<(usize, File)>,
}

impl Parts {
    /// Looks at the files; says which one cannot be used.
    pub(super) fn look(paths: Vec<PathBuf>) -> Result<Self, (PathBuf, io::Error)> {
        let mut parts = Vec::with_capacity(paths.len());
        let mut start = 0;
        for path in paths {
            match look(&path) {
                Ok(seen) => {
                    let length_bytes = seen.len();
                    parts.push(Part { path, start, length_bytes, seen });
                    start += length_bytes;
                }
                Err(error) => return Err((path, error)),
            }
        }
        Ok(Self(parts))
    }

    pub(super) fn length_bytes(&self) -> u64 {
        self.0.last().map_or(0, |last| last.start + last.length_bytes)
    }

    /// The part that has the byte at `at`.
    pub(super) fn at(&self, at: u64) -> Option<&Part> {
        self.0.get(self.place(at)?)
    }

    fn place(&self, at: u64) -> Option<usize> {
        let after = self.0.partition_point(|part| part.start <= at);
        let place = after.checked_sub(1)?;
        (at < self.0[place].start + self.0[place].length_bytes).then_some(place)
    }
}

/// A plain file, or a link to one: the user named it. Whoever opened a pipe would wait for it.
fn look(path: &Path) -> io::Result<Metadata> {
    let metadata = fs::metadata(path)?;
    match metadata.is_file() {
        true => Ok(metadata),
        false => Err(io::Error::new(io::ErrorKind::IsADirectory, "it is not a plain file")),
    }
}

impl Cursor {
    pub(super) fn new(parts: &Arc<Parts>) -> Self {
        Self { parts: Arc::clone(parts), open: None }
    }

    /// The file of a part, which must be the one that was looked at first.
    fn file(&mut self, place: usize) -> io::Result<&mut File> {
        if self.open.as_ref().is_none_or(|(open, _)| *open != place) {
            let Part { path, seen, .. } = &self.parts.0[place];
            look(path)?;
            let file = File::open(path)?;
            let now = file.metadata()?;
            if !same_file(seen, &now)
                || seen.len() != now.len()
                || seen.modified().ok() != now.modified().ok()
            {
                let message = format!("{} was changed or replaced while it is read", path.display());
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
            self.open = Some((place, file));
        }
        self.open.as_mut().map(|(_, file)| file).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Random for Cursor {
    fn length_bytes(&self) -> u64 {
        self.parts.length_bytes()
    }

    fn read_at(&mut self, mut at: u64, mut bytes: &mut [u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let place = self.parts.place(at).ok_or(io::ErrorKind::UnexpectedEof)?;
            let Part { start, length_bytes, .. } = self.parts.0[place];
            let within = at - start;
            let here = usize::try_from(length_bytes - within).unwrap_or(usize::MAX).min(bytes.len());
            let (now, rest) = bytes.split_at_mut(here);
            let file = self.file(place)?;
            file.seek(SeekFrom::Start(within))?;
            file.read_exact(now)?;
            at += here as u64;
            bytes = rest;
        }
        Ok(())
    }
}

impl Random for &[u8] {
    fn length_bytes(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&mut self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
        let at = usize::try_from(at).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        let there = at.checked_add(bytes.len()).and_then(|end| self.get(at..end));
        bytes.copy_from_slice(there.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}
