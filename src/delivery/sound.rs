//! Whether a bundle is what it was when it was made: every byte of it, and all that its manifests reach.

use super::pass::{Sums, pass};
use super::reach::{Piece, reach};
use crate::bundle::{BundleIndex, LeftOut};
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{Digest, MediaType, RawManifest};
use crate::store::archive::ReadArchive;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Largest list of what is left out that is read, in bytes.
const LEFT_OUT_BYTES_MAX: u64 = 64 << 20;

/// What was found of one bundle.
#[derive(Debug, Clone, Default)]
pub struct Sound {
    /// What it is called: of parts, without their numbers.
    pub path: PathBuf,
    /// The length of all its parts in bytes.
    pub bytes: u64,
    /// How many members it has.
    pub members: u64,
    /// How many images.
    pub images: u64,
    /// How many manifests that speak about others.
    pub referrers: u64,
    /// How many blobs it says that it leaves out.
    pub left_out: u64,
    /// How many of its files have a sum that was compared.
    pub sums: u64,
    /// What is broken.
    pub broken: Vec<Broken>,
}

/// Something that is not what it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// What: a file, a member, a header.
    pub what: String,
    /// Which bytes of the whole bundle it has, where that is known.
    pub bytes: Option<Range<u64>>,
    /// Why.
    pub why: String,
}

impl Broken {
    pub(super) fn new(what: impl Into<String>, bytes: Option<Range<u64>>, why: impl Into<String>) -> Self {
        Self { what: what.into(), bytes, why: why.into() }
    }
}

/// Reads and hashes every byte of the bundle that is made of the files `run`, and follows its manifests. It
/// ends early when `goes_on` says no.
///
/// # Errors
/// The files are not there or cannot be read, or it was stopped.
pub async fn examine(run: Vec<PathBuf>, goes_on: impl Fn() -> bool + Send + 'static) -> Fallible<Sound> {
    let name = run.first().cloned().unwrap_or_default();
    let opened = ReadArchive::open_run(run.clone()).await;
    let work = move || examined(&run, opened, &goes_on);
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(gone) if gone.is_cancelled() => Err(fail(Code::Cancelled, &name, "stopped")),
        Err(_) => Err(fail(Code::Internal, &name, "examining the bundle met a mistake of ours")),
    }
}

fn examined(run: &[PathBuf], opened: Fallible<ReadArchive>, goes_on: &dyn Fn() -> bool) -> Fallible<Sound> {
    let mut sound = Sound::default();
    let archive = match opened {
        Ok(archive) => Some(archive),
        // What cannot be opened because a byte of it is wrong is what somebody wants to know.
        Err(failure) if matches!(failure.code, Code::Corrupt | Code::Protocol) => {
            sound.broken.push(Broken::new(file(run), None, failure.message.clone()));
            None
        }
        Err(failure) => return Err(failure),
    };
    sound.path = file(run).into();
    let mut sums = Sums::find(run, &mut sound.broken);
    sound.sums = sums.count();
    let read = match &archive {
        Some(archive) => {
            sound.bytes = archive.length_bytes();
            sound.members = archive.members().len() as u64;
            let ours = about(archive, &mut sound);
            pass(archive, &mut sums, ours, &mut sound.broken, goes_on)
        }
        None => sums.read(run, goes_on),
    };
    read.map_err(|error| match goes_on() {
        true => fail(Code::Io, &sound.path, format!("it cannot be read: {error}")),
        false => fail(Code::Cancelled, &sound.path, "stopped before all of it was read"),
    })?;
    sums.compare(&mut sound.broken);
    if let Some(archive) = &archive {
        follow(archive, &mut sound);
    }
    let place = |broken: &Broken| (broken.bytes.as_ref().map(|bytes| bytes.start), broken.what.clone());
    sound.broken.sort_by_key(place);
    sound.broken.dedup();
    Ok(sound)
}

/// What the parts are together.
fn file(run: &[PathBuf]) -> String {
    let path = match run {
        [first, _, ..] => crate::bundle::part_number(first).map_or_else(|| first.clone(), |(whole, _)| whole),
        _ => run.first().cloned().unwrap_or_default(),
    };
    path.display().to_string()
}

/// Who wrote an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    /// We did: it is known of every byte what it has to be.
    Crossdock,
    /// Another tool.
    Other,
}

/// Counts what the index says, and tells by it who wrote the archive.
fn about(archive: &ReadArchive, sound: &mut Sound) -> Author {
    let bytes = archive.index_json();
    let index_json = |why: String| Broken::new("index.json", range(archive, "index.json"), why);
    let index = match BundleIndex::read(bytes) {
        Ok(index) => index,
        Err(why) => {
            sound.broken.push(index_json(why));
            return Author::Crossdock;
        }
    };
    (sound.images, sound.referrers) = (index.images.len() as u64, index.referrers.len() as u64);
    let says_something = !index.images.is_empty() || index.left_out.is_some() || !index.referrers.is_empty();
    match BundleIndex::is_as_written(bytes) {
        Some(true) => Author::Crossdock,
        Some(false) => {
            sound.broken.push(index_json("it is not what was written: its sum is another".to_owned()));
            Author::Crossdock
        }
        None if says_something => {
            sound.broken.push(index_json("it is not what was written: it has no sum".to_owned()));
            Author::Crossdock
        }
        None => {
            let roots = index_of(archive).map_or(0, |index| index.manifests.len());
            sound.images = roots as u64;
            Author::Other
        }
    }
}

fn range(archive: &ReadArchive, name: &str) -> Option<Range<u64>> {
    let member = archive.members().iter().find(|member| member.name == name)?;
    Some(member.content_at..member.content_at + member.size_bytes)
}

/// The index of the archive, as any reader of layouts reads it.
fn index_of(archive: &ReadArchive) -> Option<crate::oci::Manifest> {
    RawManifest::new(MediaType::oci_index(), archive.index_json().clone(), None).parse().ok()
}

/// Follows the manifests: whatever they reach is there, or is told to be left out.
fn follow(archive: &ReadArchive, sound: &mut Sound) {
    let Some(index) = index_of(archive) else {
        let why = "it is no image index that two readers would read alike";
        sound.broken.push(Broken::new("index.json", range(archive, "index.json"), why));
        return;
    };
    let left_out = left_out(archive, sound);
    let mut known: BTreeSet<(Digest, u64)> = BTreeSet::new();
    let roots: Vec<_> = index.manifests.into_iter().chain(index.blobs).collect();
    for Piece { descriptor, by, fault } in reach(archive, &roots) {
        let by = by.map_or("index.json".to_owned(), |by| format!("blobs/{}/{}", by.algorithm(), by.hex()));
        if let Some(why) = fault {
            sound.broken.push(Broken::new(member_name(&descriptor.digest), None, why));
        }
        if !known.insert((descriptor.digest.clone(), descriptor.size_bytes)) {
            continue;
        }
        let found = archive.blob_member(&descriptor.digest);
        let found = found.map(|member| (member.size_bytes, Some(member)));
        let left = left_out.get(&descriptor.digest).map(|size_bytes| (*size_bytes, None));
        let name = member_name(&descriptor.digest);
        match found.or(left) {
            None if descriptor.stays_away() => {}
            None => sound.broken.push(Broken::new(name, None, format!("{by} names it, and it is not there"))),
            Some((size_bytes, _)) if size_bytes == descriptor.size_bytes => {}
            Some((size_bytes, member)) => {
                let bytes = member.map(|member| member.content_at..member.content_at + size_bytes);
                let why = format!("it has {size_bytes} bytes, and {} in {by}", descriptor.size_bytes);
                sound.broken.push(Broken::new(name, bytes, why));
            }
        }
    }
}

fn left_out(archive: &ReadArchive, sound: &mut Sound) -> HashMap<Digest, u64> {
    let Some(document) = BundleIndex::read(archive.index_json()).ok().and_then(|index| index.left_out) else {
        return HashMap::new();
    };
    let read =
        archive.read_document(&document, LEFT_OUT_BYTES_MAX).map_err(|failure| failure.message.clone());
    match read.and_then(|bytes| LeftOut::read(&bytes)) {
        Ok(left_out) => {
            sound.left_out = left_out.blobs.len() as u64;
            left_out.blobs.into_iter().map(|blob| (blob.digest, blob.size_bytes)).collect()
        }
        Err(why) => {
            sound.broken.push(Broken::new(member_name(&document.digest), None, why));
            HashMap::new()
        }
    }
}

pub(super) fn member_name(digest: &Digest) -> String {
    format!("blobs/{}/{}", digest.algorithm(), digest.hex())
}

fn fail(code: Code, path: &Path, message: impl Into<String>) -> Box<Failure> {
    Failure::new(code, path.display(), Operation::Open, message)
}
