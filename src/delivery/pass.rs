//! Every byte of an archive, once, in its order: what it belongs to, and whether it is what it must be. Holds
//! one piece at a time. May block.

use super::sound::{Author, Broken};
use crate::bundle::{END_BYTES, MemberName, header, part_number, read_sums, sums_path};
use crate::oci::{Digest, Hasher};
use crate::store::archive::{Member, MemberKind, ReadArchive};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// How much is read at once, in bytes.
const PIECE_BYTES: usize = 1 << 20;
/// Largest file of sums that is read, in bytes: 999 lines of less than that.
const SUMS_BYTES_MAX: u64 = 4 << 20;
/// What `oci-layout` says in bundles.
const VERSION: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;

/// The sums of the files of an archive, and what is known of them by now.
pub(super) struct Sums {
    files: Vec<Summed>,
}

struct Summed {
    path: PathBuf,
    expected: Option<Digest>,
    hasher: Hasher,
}

impl Sums {
    /// The sums that lie beside the archive, where there are some.
    pub(super) fn find(run: &[PathBuf], broken: &mut Vec<Broken>) -> Self {
        let first = run.first().cloned().unwrap_or_default();
        let path = sums_path(&part_number(&first).map_or(first, |(whole, _)| whole));
        let told = match read(&path) {
            Ok(text) => read_sums(&text).map_err(|why| format!("it cannot be used: {why}")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(format!("it cannot be read: {error}")),
        };
        let sums_name = path.display().to_string();
        let told = told.unwrap_or_else(|why| {
            broken.push(Broken::new(sums_name.clone(), None, why));
            Vec::new()
        });
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
        let files: Vec<Summed> = run
            .iter()
            .map(|path| {
                let expected = told.iter().find(|(told, _)| Some(told) == name(path).as_ref());
                let expected = expected.map(|(_, digest)| digest.clone());
                Summed { path: path.clone(), expected, hasher: Digest::of(b"").hasher() }
            })
            .collect();
        for (told, _) in &told {
            if !run.iter().any(|path| name(path).as_ref() == Some(told)) {
                broken.push(Broken::new(
                    told.clone(),
                    None,
                    format!("{sums_name} names it, and it is not there"),
                ));
            }
        }
        for file in files.iter().filter(|file| file.expected.is_none() && !told.is_empty()) {
            let what = file.path.display().to_string();
            broken.push(Broken::new(what, None, format!("{sums_name} does not name it")));
        }
        Self { files }
    }

    /// How many files have a sum.
    pub(super) fn count(&self) -> u64 {
        self.files.iter().filter(|file| file.expected.is_some()).count() as u64
    }

    /// Reads all files by themselves, where what is in them cannot be told.
    pub(super) fn read(&mut self, run: &[PathBuf], goes_on: &dyn Fn() -> bool) -> io::Result<()> {
        if self.count() == 0 {
            return Ok(());
        }
        let mut piece = vec![0; PIECE_BYTES];
        for (file, path) in self.files.iter_mut().zip(run) {
            let mut open = File::open(path)?;
            loop {
                let read = open.read(&mut piece)?;
                if read == 0 {
                    break;
                }
                if !goes_on() {
                    return Err(io::ErrorKind::Interrupted.into());
                }
                file.hasher.update(&piece[..read]);
            }
        }
        Ok(())
    }

    /// Tells which files are not what their sums say.
    pub(super) fn compare(self, broken: &mut Vec<Broken>) {
        for Summed { path, expected, hasher } in self.files {
            if let Some(expected) = expected
                && hasher.finish() != expected
            {
                broken.push(Broken::new(path.display().to_string(), None, "its SHA-256 is another"));
            }
        }
    }
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(SUMS_BYTES_MAX).read_to_string(&mut text)?;
    match fs::metadata(path)?.len() > SUMS_BYTES_MAX {
        true => Err(io::Error::new(io::ErrorKind::InvalidData, "it is too large")),
        false => Ok(text),
    }
}

/// Where the pass is.
struct Passing<'a> {
    archive: &'a ReadArchive,
    sums: &'a mut Sums,
    goes_on: &'a dyn Fn() -> bool,
    piece: Vec<u8>,
}

/// Reads the whole archive, and tells what of it is not what it must be.
pub(super) fn pass(
    archive: &ReadArchive,
    sums: &mut Sums,
    author: Author,
    broken: &mut Vec<Broken>,
    goes_on: &dyn Fn() -> bool,
) -> io::Result<()> {
    let mut passing = Passing { archive, sums, goes_on, piece: vec![0; PIECE_BYTES] };
    let mut end = 0;
    for member in archive.members() {
        end = passing.member(member, end, author, broken)?;
    }
    let rest = end..archive.length_bytes();
    let is_empty = passing.is_empty(rest.clone())?;
    if author == Author::Crossdock && (!is_empty || rest.end - rest.start != END_BYTES) {
        broken.push(Broken::new("the end mark", Some(rest), "it is not two empty blocks and nothing else"));
    }
    Ok(())
}

impl Passing<'_> {
    /// Gives `take` all bytes of a range, and their files theirs.
    fn range(&mut self, range: Range<u64>, mut take: impl FnMut(&[u8])) -> io::Result<()> {
        let mut at = range.start;
        while at < range.end {
            if !(self.goes_on)() {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let place = self.archive.parts().partition_point(|part| part.start <= at).saturating_sub(1);
            let part = &self.archive.parts()[place];
            let here = (part.start + part.length_bytes).min(range.end) - at;
            let size = usize::try_from(here).unwrap_or(usize::MAX).min(PIECE_BYTES);
            self.archive.read_at(at, &mut self.piece[..size])?;
            if let Some(file) = self.sums.files.get_mut(place).filter(|file| file.expected.is_some()) {
                file.hasher.update(&self.piece[..size]);
            }
            take(&self.piece[..size]);
            at += size as u64;
        }
        Ok(())
    }

    fn is_empty(&mut self, range: Range<u64>) -> io::Result<bool> {
        let mut is_empty = true;
        self.range(range, |piece| is_empty &= piece.iter().all(|byte| *byte == 0))?;
        Ok(is_empty)
    }

    /// Whether the bytes of a range are these.
    fn is(&mut self, range: Range<u64>, expected: &[u8]) -> io::Result<bool> {
        let (mut is, mut at) = (true, 0);
        self.range(range, |piece| {
            is &= expected.get(at..at + piece.len()) == Some(piece);
            at += piece.len();
        })?;
        Ok(is && at == expected.len())
    }

    /// Reads a member, and returns where the next begins.
    fn member(
        &mut self,
        member: &Member,
        end: u64,
        author: Author,
        broken: &mut Vec<Broken>,
    ) -> io::Result<u64> {
        let Member { name, kind, content_at, size_bytes, .. } = member;
        let (before, content) = (end..*content_at, *content_at..content_at + size_bytes);
        let is_header = self.is(before.clone(), &header(name, *size_bytes))?;
        if author == Author::Crossdock && !is_header {
            let why = "it is not the one that crossdock writes";
            broken.push(Broken::new(format!("the header of {name}"), Some(before), why));
        }
        match (name.parse::<MemberName>(), kind) {
            (Ok(MemberName::Blob(digest)), MemberKind::File) => {
                let mut hasher = digest.hasher();
                self.range(content.clone(), |piece| hasher.update(piece))?;
                if hasher.finish() != digest {
                    let why = "its bytes do not have the digest that it is named by";
                    broken.push(Broken::new(name.clone(), Some(content.clone()), why));
                }
            }
            (Ok(MemberName::Version), MemberKind::File) if author == Author::Crossdock => {
                if !self.is(content.clone(), VERSION)? {
                    broken.push(Broken::new(name.clone(), Some(content.clone()), "it says something else"));
                }
            }
            (named, _) => {
                // What index.json says is compared with the sum that it has.
                self.range(content.clone(), |_| {})?;
                if author == Author::Crossdock && named.is_err() {
                    let why = "it does not belong into a bundle";
                    broken.push(Broken::new(name.clone(), Some(content.clone()), why));
                }
            }
        }
        let next = content.end.next_multiple_of(crate::bundle::BLOCK_BYTES);
        if !self.is_empty(content.end..next)? && author == Author::Crossdock {
            let what = format!("what fills up the last block of {name}");
            broken.push(Broken::new(what, Some(content.end..next), "it is not empty"));
        }
        Ok(next)
    }
}
