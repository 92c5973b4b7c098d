//! The unfinished file beside an archive: members are written into it, and it gets its name at the end.

use super::regions::{Region, Regions};
use crate::bundle::BLOCK_BYTES;
use crate::failure::{Code, Fallible};
use crate::oci::{Digest, Place};
use crate::store::archive::contents::Archive;
use crate::store::archive::cursor::Cursor;
use crate::store::archive::members::{MemberKind, Random as _};
use crate::store::disk::fault::Act;
use crate::store::disk::files::{same_file, sync_directory};
use crate::store::layout::check::VERSION;
use crate::store::layout::index::Index;
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tar::{EntryType, Header};

/// What stands behind the name of an archive that is not finished.
const SUFFIX: &str = ".crossdock-partial";
/// How much is copied at once from the archive that was, in bytes.
const PIECE_BYTES: u64 = 1024 * 1024;
/// A tar ends with two empty blocks. POSIX ustar, "ustar Interchange Format".
const END_BYTES: u64 = 2 * BLOCK_BYTES;

/// An archive that is being written.
#[derive(Debug)]
pub(super) struct Partial {
    /// Locked: whoever finds it locked knows that somebody writes to the archive.
    file: File,
    path: PathBuf,
    regions: Regions,
    pub(super) blobs: HashMap<Digest, Region>,
    pub(super) index: Arc<Index>,
    /// Whether there is something to have that was not before: a tag, or a blob in the place of a damaged one.
    pub(super) is_new: bool,
}

impl Partial {
    /// Begins a file beside `place`, with the blobs and names that the archive there has.
    pub(super) fn begin(place: &Place, base: &Archive, act: &Act) -> Fallible<Self> {
        let mut path = place.path.clone().into_os_string();
        path.push(SUFFIX);
        let path = PathBuf::from(path);
        let file = take(&path, act)?;
        let (blobs, index) = (HashMap::new(), Arc::clone(&base.index));
        let mut partial = Self { file, path, regions: Regions::default(), blobs, index, is_new: false };
        partial.add("oci-layout", VERSION.as_bytes(), act)?;
        let mut cursor = Cursor::new(&base.parts);
        let mut blobs: Vec<_> = base.blobs.iter().map(|(digest, at)| (*at, digest)).collect();
        blobs.sort();
        for (at, digest) in blobs {
            let member = &base.members[at];
            if member.kind == MemberKind::File {
                partial.take_along(&mut cursor, digest, (member.content_at, member.size_bytes), act)?;
            }
        }
        Ok(partial)
    }

    fn take_along(
        &mut self,
        cursor: &mut Cursor,
        digest: &Digest,
        (mut from, size_bytes): (u64, u64),
        act: &Act,
    ) -> Fallible<()> {
        let region = self.reserve(digest, size_bytes, act)?;
        let (mut at, end) = (region.content_at(), region.content_at() + size_bytes);
        let mut piece = vec![0; usize::try_from(PIECE_BYTES.min(size_bytes)).unwrap_or_default()];
        while at < end {
            let length = PIECE_BYTES.min(end - at);
            let piece = &mut piece[..usize::try_from(length).unwrap_or_default()];
            cursor.read_at(from, piece).map_err(|e| act.io("read", &self.path, &e))?;
            self.write_at(at, piece, act)?;
            (at, from) = (at + length, from + length);
        }
        self.keep(digest, region, act)
    }

    /// A region for a member of so many bytes.
    pub(super) fn reserve(&mut self, digest: &Digest, size_bytes: u64, act: &Act) -> Fallible<Region> {
        self.reserve_for(&member_of(digest), size_bytes, act)
    }

    fn reserve_for(&mut self, name: &str, size_bytes: u64, act: &Act) -> Fallible<Region> {
        self.regions.reserve(lead_bytes(name), size_bytes).ok_or_else(|| {
            act.fail(Code::LimitExceeded, format!("no tar can hold a blob of {size_bytes} bytes"))
        })
    }

    /// Gives a region back whose member never came.
    pub(super) fn release(&mut self, region: Region) {
        self.regions.release(region);
    }

    pub(super) fn write_at(&mut self, at: u64, bytes: &[u8], act: &Act) -> Fallible<()> {
        let write = |mut file: &File| {
            file.seek(SeekFrom::Start(at))?;
            file.write_all(bytes)
        };
        write(&self.file).map_err(|e| act.io("write", &self.path, &e))
    }

    /// Makes a blob of what was written into a region.
    pub(super) fn keep(&mut self, digest: &Digest, region: Region, act: &Act) -> Fallible<()> {
        self.head(&member_of(digest), region, act)?;
        // Brought by two at once, it is there once.
        if let Some(before) = self.blobs.insert(digest.clone(), region) {
            self.release(before);
            self.is_new = true;
        }
        Ok(())
    }

    /// Adds a blob whose bytes are at hand.
    pub(super) fn add_blob(&mut self, digest: &Digest, bytes: &[u8], act: &Act) -> Fallible<()> {
        let region = self.reserve(digest, bytes.len() as u64, act)?;
        self.write_at(region.content_at(), bytes, act)?;
        self.keep(digest, region, act)
    }

    fn add(&mut self, name: &str, bytes: &[u8], act: &Act) -> Fallible<()> {
        let region = self.reserve_for(name, bytes.len() as u64, act)?;
        self.write_at(region.content_at(), bytes, act)?;
        self.head(name, region, act)
    }

    /// Writes the header before a region, and what fills its last block.
    fn head(&mut self, name: &str, region: Region, act: &Act) -> Fallible<()> {
        let mut at = region.header_at;
        if region.lead_bytes > 0 {
            let mut lead = header(LONG_NAME, name.len() as u64 + 1);
            lead.set_entry_type(EntryType::GNULongName);
            lead.set_cksum();
            self.write_at(at, lead.as_bytes(), act)?;
            let mut block = name.as_bytes().to_vec();
            block.resize(usize::try_from(BLOCK_BYTES).unwrap_or_default(), 0);
            self.write_at(at + BLOCK_BYTES, &block, act)?;
            at += region.lead_bytes;
        }
        let short: String = name.chars().take(NAME_BYTES_MAX).collect();
        self.write_at(at, header(&short, region.size_bytes).as_bytes(), act)?;
        let written = region.content_at() + region.size_bytes;
        let filling = vec![0; usize::try_from(region.end() - written).unwrap_or_default()];
        self.write_at(written, &filling, act)
    }

    /// A second handle to read what was written.
    pub(super) fn reading(&self, act: &Act) -> Fallible<(File, PathBuf)> {
        let file = File::open(&self.path).map_err(|e| act.io("open", &self.path, &e))?;
        Ok((file, self.path.clone()))
    }

    /// The bytes of a blob that is known to be small.
    pub(super) fn read(&self, region: Region, act: &Act) -> Fallible<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(region.size_bytes).unwrap_or_default()];
        let mut read = |mut file: &File| {
            file.seek(SeekFrom::Start(region.content_at()))?;
            file.read_exact(&mut bytes)
        };
        read(&self.file).map_err(|e| act.io("read", &self.path, &e))?;
        Ok(bytes)
    }

    /// Ends the tar with these members, brings it to the disk and gives it its name.
    pub(super) fn finish(&mut self, path: &Path, last: &[(&str, Vec<u8>)], act: &Act) -> Fallible<()> {
        if self.regions.has_gaps() {
            self.close_gaps(act)?;
        }
        for (name, bytes) in last {
            self.add(name, bytes, act)?;
        }
        let finish = || {
            self.file.set_len(self.regions.end())?;
            self.file.set_len(self.regions.end() + END_BYTES)?;
            self.file.sync_all()?;
            fs::rename(&self.path, path)?;
            sync_directory(directory(path))
        };
        finish().map_err(|e| act.io("write", path, &e))?;
        self.path = path.to_owned();
        Ok(())
    }

    /// Moves what lies behind a gap into it, the first member first: towards the beginning, so that nothing
    /// is overwritten that was not moved.
    fn close_gaps(&mut self, act: &Act) -> Fallible<()> {
        let mut blobs: Vec<(Region, Digest)> =
            self.blobs.drain().map(|(digest, region)| (region, digest)).collect();
        blobs.sort_by_key(|(region, _)| region.header_at);
        self.regions = Regions::default();
        self.add("oci-layout", VERSION.as_bytes(), act)?;
        let mut piece = vec![0; usize::try_from(PIECE_BYTES).unwrap_or_default()];
        for (before, digest) in blobs {
            let after = self.reserve(&digest, before.size_bytes, act)?;
            let mut moved = 0;
            while after != before && moved < before.size_bytes {
                let length = PIECE_BYTES.min(before.size_bytes - moved);
                let piece = &mut piece[..usize::try_from(length).unwrap_or_default()];
                let mut read = |mut file: &File| {
                    file.seek(SeekFrom::Start(before.content_at() + moved))?;
                    file.read_exact(piece)
                };
                read(&self.file).map_err(|e| act.io("read", &self.path, &e))?;
                self.write_at(after.content_at() + moved, piece, act)?;
                moved += length;
            }
            self.keep(&digest, after, act)?;
        }
        Ok(())
    }

    /// Removes the file: nothing was made of it.
    pub(super) fn discard(&self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// The member that holds a blob. OCI image-spec, image-layout.md, "Content".
pub(super) fn member_of(digest: &Digest) -> String {
    format!("blobs/{}/{}", digest.algorithm(), digest.hex())
}

/// Longest name in a header of a tar, in bytes. POSIX ustar, "name".
const NAME_BYTES_MAX: usize = 100;
/// What GNU calls the member that holds the longer name of the next one.
const LONG_NAME: &str = "././@LongLink";

/// How much goes before a header for a name that does not fit into it: those of SHA-512.
fn lead_bytes(name: &str) -> u64 {
    if name.len() > NAME_BYTES_MAX { 2 * BLOCK_BYTES } else { 0 }
}

/// A header that says nothing of who wrote it, and when.
fn header(name: &str, size_bytes: u64) -> Header {
    let mut header = Header::new_gnu();
    let field = &mut header.as_old_mut().name;
    field[..name.len()].copy_from_slice(name.as_bytes());
    header.set_size(size_bytes);
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_cksum();
    header
}

/// The directory that a file lies in.
fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes the file, or takes over the one that a dead writer left, and locks it.
fn take(path: &Path, act: &Act) -> Fallible<File> {
    let above = directory(path);
    fs::create_dir_all(above).map_err(|e| act.io("create", above, &e))?;
    if fs::symlink_metadata(path).is_ok_and(|there| !there.is_file()) {
        return Err(act.irregular(path, "no plain file"));
    }
    let open = || -> io::Result<Option<File>> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        if file.try_lock().is_err() || !same_file(&file.metadata()?, &fs::symlink_metadata(path)?) {
            return Ok(None);
        }
        file.set_len(0)?;
        Ok(Some(file))
    };
    match open() {
        Ok(Some(file)) => Ok(file),
        Err(e) if e.kind() != ErrorKind::NotFound => Err(act.io("create", path, &e)),
        Ok(None) | Err(_) => {
            let message = format!("{} is being written by another run", path.display());
            Err(act.fail(Code::Io, message).hint("let it end, or write to another file"))
        }
    }
}
