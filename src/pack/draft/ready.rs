//! Making a draft ready: locked, with what an earlier run left in its place, and everything in it but blobs.

use super::cursor::{Cursor, Range};
use super::ending::take_back;
use super::found::{self, Found};
use super::moves::{PIECE_BYTES, carry, moves};
use super::{Draft, Strangers, places, room};
use crate::bundle::{Contents, END_BYTES, Layout, PARTS_MAX, Parts, drafted, part_path};
use crate::failure::{Code, Fallible};
use crate::oci::Digest;
use crate::pack::fault::{fail, io};
use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// How often the draft may be another file by the time that it is locked.
const ROUNDS_MAX: u32 = 100;

/// Opens the draft. May block.
pub(in crate::pack) fn ready(
    path: &Path,
    mut contents: Contents,
    part_bytes: Option<u64>,
    strangers: Strangers,
) -> Fallible<Draft> {
    if path.is_dir() || path.metadata().is_ok_and(|there| !there.is_file()) {
        let message = "it is no file: a bundle is not written from its beginning to its end";
        return Err(fail(Code::Io, path, message).hint("name a file, and carry that"));
    }
    let lock = lock(path)?;
    take_back(path)?;
    let old = left(path, part_bytes, &lock)?;
    let told = told(&old)?;
    if strangers == Strangers::Kept {
        let known: HashSet<Digest> =
            contents.documents.keys().chain(contents.configs.keys()).cloned().collect();
        let layers = found::last_group(&told).iter().filter(|found| !known.contains(&found.digest));
        contents.layers.extend(layers.map(|found| (found.digest.clone(), found.size_bytes)));
    }
    let layout = contents.layout().map_err(|why| fail(Code::LimitExceeded, path, why.to_string()))?;
    let named = parted(path, layout.total_bytes, part_bytes)?;
    let places = places(&contents, &layout);
    let whole = Whole::find(&old, told, &places)?;
    let taken: u64 =
        old.iter().filter_map(|file| file.path.metadata().ok()).map(|file| room::taken_bytes(&file)).sum();
    room::check(path, layout.total_bytes.saturating_sub(taken))?;
    let whole = whole.bring(path, part_bytes, layout.total_bytes, &places)?;
    let files: Arc<[Range]> = drafts(&named).into();
    lengthen(&files)?;
    remove_from(path, part_bytes.map_or(1, |_| named.len() as u64 + 1))?;
    write_all_but_blobs(&files, &contents, &layout)?;
    let names = named.into_iter().map(|(name, _)| name).collect();
    let draft =
        Draft { path: path.to_owned(), files, names, layout, places, whole: Mutex::new(whole), _lock: lock };
    Ok(draft)
}

fn parted(
    path: &Path,
    total_bytes: u64,
    part_bytes: Option<u64>,
) -> Fallible<Vec<(PathBuf, std::ops::Range<u64>)>> {
    let parts = Parts::new(total_bytes, part_bytes);
    let parts = parts.map_err(|why| {
        fail(Code::LimitExceeded, path, format!("{why}, for its {total_bytes} bytes"))
            .hint("make larger parts")
    })?;
    Ok(parts.files(path))
}

/// The files with the names that they have until the bundle is whole.
fn drafts(named: &[(PathBuf, std::ops::Range<u64>)]) -> Vec<Range> {
    named.iter().map(|(path, bytes)| Range { path: drafted(path), bytes: bytes.clone() }).collect()
}

/// The lock on a bundle: the draft itself, or an empty file beside the drafts of its parts.
fn lock(path: &Path) -> Fallible<File> {
    let path = drafted(path);
    for _ in 0..ROUNDS_MAX {
        refuse_links(&path)?;
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = opened.map_err(|error| io("write", &path, &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let hint = "wait for it, or name another file";
                return Err(fail(Code::Io, &path, "another run is writing this bundle").hint(hint));
            }
            // Where a file system has no locks, nobody waits for one.
            Err(TryLockError::Error(error)) => tracing::debug!(%error, "the bundle cannot be locked"),
        }
        // Whoever had it before may have given it its name just now.
        if path.exists() {
            return Ok(file);
        }
    }
    Err(fail(Code::Io, &path, "it is replaced again and again by others"))
}

/// Refuses to write to what somebody else put in the place of a draft: a link leads anywhere.
fn refuse_links(path: &Path) -> Fallible<()> {
    match path.symlink_metadata() {
        Ok(there) if !there.is_file() => {
            let message = "something that is no file is in its place";
            Err(fail(Code::Io, path, message).hint("remove it, or name another file"))
        }
        _ => Ok(()),
    }
}

/// The drafts of an earlier run, where they fit to this one.
fn left(path: &Path, part_bytes: Option<u64>, lock: &File) -> Fallible<Vec<Range>> {
    let Some(part_bytes) = part_bytes else {
        let end = lock.metadata().map_err(|error| io("look at", path, &error))?.len();
        return Ok(vec![Range { path: drafted(path), bytes: 0..end }]);
    };
    // Of a bundle in one file, which it is not any more.
    lock.set_len(0).map_err(|error| io("write", path, &error))?;
    let mut files = Vec::new();
    let mut end: u64 = 0;
    for number in 1..=PARTS_MAX {
        let part = drafted(&part_path(path, number));
        let Ok(length) = part.metadata().map(|there| there.len()) else { break };
        let start = end;
        // One of larger parts has, beyond this length, what lies in the next part now.
        end = start.saturating_add(length.min(part_bytes));
        files.push(Range { path: part, bytes: start..end });
        if length != part_bytes {
            break;
        }
    }
    Ok(files)
}

/// What the headers of an earlier run tell of.
fn told(old: &[Range]) -> Fallible<Vec<Found>> {
    let Some(last) = old.last() else { return Ok(Vec::new()) };
    let mut cursor = Cursor::new(&old.into(), 0);
    found::told(&mut cursor, last.bytes.end).map_err(|error| io("read", cursor.path(), &error))
}

/// Blobs that an earlier run left, whole.
struct Whole(Vec<Found>);

impl Whole {
    fn find(old: &[Range], told: Vec<Found>, places: &HashMap<Digest, (u64, u64)>) -> Fallible<Self> {
        let mut cursor = Cursor::new(&old.into(), 0);
        let found = found::whole(&mut cursor, told, places);
        Ok(Self(found.map_err(|error| io("read", cursor.path(), &error))?))
    }

    /// Brings them to their places; returns those that are there.
    fn bring(
        self,
        path: &Path,
        part_bytes: Option<u64>,
        total_bytes: u64,
        places: &HashMap<Digest, (u64, u64)>,
    ) -> Fallible<HashSet<Digest>> {
        let Self(found) = self;
        let (moves, stay) = moves(&found, places);
        let mut whole: HashSet<Digest> = stay.into_iter().collect();
        if moves.is_empty() {
            return Ok(whole);
        }
        // Some lie beyond the end that the bundle will have.
        let end = found.iter().map(|found| found.at + found.size_bytes).max().unwrap_or_default();
        let files: Arc<[Range]> = drafts(&parted(path, total_bytes.max(end), part_bytes)?).into();
        lengthen(&files)?;
        let mut cursor = Cursor::new(&files, 0);
        tracing::debug!(blobs = moves.len(), "the bundle changed: what is there is moved within it");
        for one in moves {
            carry(&mut cursor, &one, PIECE_BYTES).map_err(|error| io("write", cursor.path(), &error))?;
            whole.insert(one.digest);
        }
        Ok(whole)
    }
}

/// Gives every file the length that it will have. Nothing is written yet: the disk has no more to hold.
fn lengthen(files: &[Range]) -> Fallible<()> {
    for Range { path, bytes } in files {
        refuse_links(path)?;
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path);
        let lengthened = file.and_then(|file| file.set_len(bytes.end - bytes.start));
        lengthened.map_err(|error| io("write", path, &error))?;
    }
    Ok(())
}

/// Removes the drafts of parts from this number on.
fn remove_from(path: &Path, number: u64) -> Fallible<()> {
    for number in number..=PARTS_MAX {
        let part = drafted(&part_path(path, number));
        match fs::remove_file(&part) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => break,
            Err(error) => return Err(io("remove", &part, &error)),
        }
    }
    Ok(())
}

/// Writes headers, documents, and what fills up blocks: whatever lay there before.
fn write_all_but_blobs(files: &Arc<[Range]>, contents: &Contents, layout: &Layout) -> Fallible<()> {
    let mut cursor = Cursor::new(files, 0);
    let written = (|| {
        for member in &layout.members {
            cursor.seek(member.header_at);
            cursor.write_all(&member.header())?;
            if let Some(bytes) = contents.at_hand(&member.name) {
                cursor.write_all(bytes)?;
            }
            let (at, bytes) = member.filling();
            cursor.seek(at);
            cursor.write_all(&vec![0; usize::try_from(bytes).unwrap_or_default()])?;
        }
        cursor.seek(layout.total_bytes - END_BYTES);
        cursor.write_all(&[0; END_BYTES as usize])
    })();
    written.map_err(|error| io("write", cursor.path(), &error))
}
