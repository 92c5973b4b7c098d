//! A place in a bundle, which may lie in several files: reads and writes go on from one to the next.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file, and which bytes of the bundle it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) path: PathBuf,
    pub(super) bytes: std::ops::Range<u64>,
}

/// Where somebody reads or writes. Each has its own files open, so that none waits for another.
#[derive(Debug)]
pub(in crate::pack) struct Cursor {
    files: Arc<[Range]>,
    at: u64,
    /// The file that is open, and the offset in the bundle of its next byte.
    open: Option<(usize, File, u64)>,
}

impl Cursor {
    pub(super) fn new(files: &Arc<[Range]>, at: u64) -> Self {
        Self { files: Arc::clone(files), at, open: None }
    }

    /// Goes on at another offset.
    pub(super) fn seek(&mut self, at: u64) {
        self.at = at;
    }

    /// The file in which it is, for messages.
    pub(in crate::pack) fn path(&self) -> &Path {
        let at = self.files.iter().find(|file| file.bytes.contains(&self.at)).or(self.files.last());
        at.map_or(Path::new(""), |file| &file.path)
    }

    /// Writes all of `bytes`.
    pub(in crate::pack) fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let (file, left) = self.file()?;
            let now = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            file.write_all(&bytes[..now])?;
            self.moved(now);
            bytes = &bytes[now..];
        }
        Ok(())
    }

    /// Fills `bytes`.
    pub(super) fn read_exact(&mut self, mut bytes: &mut [u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let (file, left) = self.file()?;
            let now = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            file.read_exact(&mut bytes[..now])?;
            self.moved(now);
            bytes = &mut bytes[now..];
        }
        Ok(())
    }

    /// The file of the next byte, and how many bytes of it there are from there on.
    fn file(&mut self) -> io::Result<(&mut File, u64)> {
        let at = self.at;
        let number = self.files.iter().position(|file| file.bytes.contains(&at));
        let number = number.ok_or_else(|| io::Error::from(ErrorKind::UnexpectedEof))?;
        let Range { path, bytes } = &self.files[number];
        let (mut file, next) = match self.open.take() {
            Some((open, file, next)) if open == number => (file, next),
            _ => (OpenOptions::new().read(true).write(true).open(path)?, bytes.start),
        };
        if next != at || at == bytes.start {
            file.seek(SeekFrom::Start(at - bytes.start))?;
        }
        let left = bytes.end - at;
        let (_, file, _) = self.open.insert((number, file, at));
        Ok((file, left))
    }

    fn moved(&mut self, bytes: usize) {
        self.at += bytes as u64;
        if let Some((_, _, next)) = &mut self.open {
            *next = self.at;
        }
    }
}
