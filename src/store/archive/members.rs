//! The members of a tar: what they are called, and where their bytes are. Reads headers and no content, and
//! refuses what two readers could read differently.

use super::pax::Extra;
use crate::bundle::BLOCK_BYTES;
use std::collections::HashSet;
use std::fmt;
use std::io;
use tar::{EntryType, Header};

/// Most members that are read, so that headers cannot fill the memory: a mirror of 20,000 images has less than
/// half of that.
const MEMBERS_MAX: usize = 500_000;
/// Largest block of a longer name, in bytes. The names that matter here are no longer than 140 bytes.
const EXTRA_BYTES_MAX: u64 = 64 * 1024;

/// Bytes that are read wherever it pleases.
pub(super) trait Random {
    fn length_bytes(&self) -> u64;

    /// Fills `bytes` with what is at `at`. Asked only for what lies within the length.
    fn read_at(&mut self, at: u64, bytes: &mut [u8]) -> io::Result<()>;
}

/// A member of a tar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name, without `./` before it and `/` behind it.
    pub name: String,
    /// What it is.
    pub kind: MemberKind,
    /// Where its first header begins, in bytes from the beginning of the tar.
    pub header_at: u64,
    /// Where its content begins.
    pub content_at: u64,
    /// The length of its content in bytes.
    pub size_bytes: u64,
}

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberKind {
    /// A plain file.
    File,
    /// A directory, which says nothing.
    Directory,
    /// Something that has no content of its own, in words: a link is not followed.
    Other(&'static str),
}

/// Why a file is not a tar that is read. Offsets are in bytes from its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Odd {
    /// The file cannot be read; what the system said.
    Io(io::ErrorKind, String),
    /// It is compressed, with this.
    Compressed(&'static str),
    /// It does not begin as a tar does.
    NoTar,
    /// A header is not what it must be.
    Header(u64),
    /// It ends before this member does, or before the end that a tar must have.
    Cut(Option<String>),
    /// Records of a longer name or size that cannot be read, or say two things.
    Pax,
    /// A file in pieces.
    Sparse,
    /// A block of this type, which nobody writes who writes images.
    Unknown(u8),
    /// A member that has content where such have none.
    Content(String),
    /// A name that would lead outside.
    Outside(String),
    /// Two members of one name.
    Twice(String),
    /// More members than [`MEMBERS_MAX`].
    TooMany,
}

/// How the bytes of files begin that are compressed.
const COMPRESSED: &[(&[u8], &str)] = &[
    (&[0x1f, 0x8b], "gzip"),
    (&[0x28, 0xb5, 0x2f, 0xfd], "zstd"),
    (&[0xfd, b'7', b'z', b'X', b'Z'], "xz"),
    (b"BZh", "bzip2"),
];

/// The members, in the order of the file, and where the end of the tar begins.
pub(super) fn read(file: &mut impl Random) -> Result<(Vec<Member>, u64), Odd> {
    let mut members: Vec<Member> = Vec::new();
    let mut names = HashSet::new();
    let mut extra = Extra::default();
    let (mut header_at, mut at) = (0, 0);
    loop {
        let Some(block) = block(file, at)? else { return Err(cut(at, &members)) };
        if at == 0 {
            refuse_foreign(&block)?;
        }
        if block.iter().all(|byte| *byte == 0) {
            return Ok((members, at));
        }
        let header = Header::from_byte_slice(&block);
        if !is_sound(header) {
            let is_tar = at > 0 || header.as_ustar().is_some() || header.as_gnu().is_some();
            return Err(if is_tar { Odd::Header(at) } else { Odd::NoTar });
        }
        let content_at = at + BLOCK_BYTES;
        let kind = header.entry_type();
        let is_extra = matches!(kind.as_byte(), b'x' | b'g' | b'L' | b'K');
        let told = header.entry_size().map_err(|_| Odd::Header(at))?;
        let size_bytes = if is_extra { told } else { extra.size_bytes.unwrap_or(told) };
        let end =
            content_at.checked_add(size_bytes).and_then(|end| end.checked_next_multiple_of(BLOCK_BYTES));
        let end = end.filter(|end| *end <= file.length_bytes());
        let Some(end) = end else { return Err(Odd::Cut(Some(name_of(header, &extra)))) };
        if is_extra {
            take(kind, file, (content_at, size_bytes), &mut extra)?;
        } else {
            let name = plain_name(name_of(header, &extra))?;
            let kind = kind_of(kind, size_bytes, &name)?;
            if kind != MemberKind::Directory && !names.insert(name.clone()) {
                return Err(Odd::Twice(name));
            }
            if members.len() == MEMBERS_MAX {
                return Err(Odd::TooMany);
            }
            members.push(Member { name, kind, header_at, content_at, size_bytes });
            extra = Extra::default();
            header_at = end;
        }
        at = end;
    }
}

/// The block at `at`; none where the file ends before its end.
fn block(file: &mut impl Random, at: u64) -> Result<Option<[u8; BLOCK_BYTES as usize]>, Odd> {
    let mut block = [0; BLOCK_BYTES as usize];
    let whole = at.checked_add(BLOCK_BYTES).is_some_and(|end| end <= file.length_bytes());
    // What is shorter than a block still shows whether it is compressed.
    let length = if whole {
        BLOCK_BYTES
    } else if at == 0 {
        file.length_bytes()
    } else {
        return Ok(None);
    };
    let length = usize::try_from(length).unwrap_or(0);
    file.read_at(at, &mut block[..length]).map_err(|error| Odd::Io(error.kind(), error.to_string()))?;
    if !whole {
        refuse_foreign(&block)?;
        return Ok(None);
    }
    Ok(Some(block))
}

fn refuse_foreign(block: &[u8]) -> Result<(), Odd> {
    match COMPRESSED.iter().find(|(magic, _)| block.starts_with(magic)) {
        Some((_, name)) => Err(Odd::Compressed(name)),
        None => Ok(()),
    }
}

fn cut(at: u64, members: &[Member]) -> Odd {
    match at {
        0 => Odd::NoTar,
        _ => Odd::Cut(members.last().map(|member| member.name.clone())),
    }
}

/// Whether the sum in a header is that of its bytes. POSIX ustar, "chksum".
fn is_sound(header: &Header) -> bool {
    let bytes = header.as_bytes();
    let sum: u32 = bytes
        .iter()
        .enumerate()
        .map(|(at, byte)| match at {
            148..156 => u32::from(b' '),
            _ => u32::from(*byte),
        })
        .sum();
    header.cksum().is_ok_and(|told| told == sum)
}

/// Takes what a block says of the next member.
fn take(
    kind: EntryType,
    file: &mut impl Random,
    (at, size_bytes): (u64, u64),
    extra: &mut Extra,
) -> Result<(), Odd> {
    if kind.as_byte() == b'K' {
        // The longer name of where a link leads, which nobody follows.
        return Ok(());
    }
    if size_bytes > EXTRA_BYTES_MAX {
        return Err(Odd::Pax);
    }
    let mut bytes = vec![0; usize::try_from(size_bytes).unwrap_or(0)];
    file.read_at(at, &mut bytes).map_err(|error| Odd::Io(error.kind(), error.to_string()))?;
    match kind.as_byte() {
        b'x' => extra.read(&bytes),
        b'L' => extra.named(bytes.split(|byte| *byte == 0).next().unwrap_or_default()),
        // What is said of all that follow may be a comment, and nothing else.
        _ => {
            let mut of_all = Extra::default();
            of_all.read(&bytes)?;
            (of_all == Extra::default()).then_some(()).ok_or(Odd::Pax)
        }
    }
}

fn name_of(header: &Header, extra: &Extra) -> String {
    match &extra.name {
        Some(name) => String::from_utf8_lossy(name).into_owned(),
        None => String::from_utf8_lossy(&header.path_bytes()).into_owned(),
    }
}

/// The name without what says nothing in it.
fn plain_name(name: String) -> Result<String, Odd> {
    if name.starts_with('/') || name.split('/').any(|part| part == "..") {
        return Err(Odd::Outside(name));
    }
    let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    Ok(parts.join("/"))
}

fn kind_of(kind: EntryType, size_bytes: u64, name: &str) -> Result<MemberKind, Odd> {
    let kind = match kind {
        EntryType::Regular | EntryType::Continuous => return Ok(MemberKind::File),
        EntryType::GNUSparse => return Err(Odd::Sparse),
        EntryType::Directory => MemberKind::Directory,
        EntryType::Link | EntryType::Symlink => MemberKind::Other("a link"),
        EntryType::Char | EntryType::Block | EntryType::Fifo => MemberKind::Other("a device or pipe"),
        other => return Err(Odd::Unknown(other.as_byte())),
    };
    match size_bytes {
        0 => Ok(kind),
        _ => Err(Odd::Content(name.to_owned())),
    }
}

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(_, why) => f.write_str(why),
            Self::Compressed(with) => write!(f, "it is compressed with {with}"),
            Self::NoTar => f.write_str("it is no tar"),
            Self::Header(at) => write!(f, "the header at byte {at} is damaged"),
            Self::Cut(None) => f.write_str("it ends before it should"),
            Self::Cut(Some(name)) => {
                write!(f, "it ends before it should, in or after the member {name:.200?}")
            }
            Self::Pax => f.write_str("it has an extended header that cannot be read in one way only"),
            Self::Sparse => f.write_str("it has a sparse file"),
            Self::Unknown(kind) => write!(f, "it has a member of the type {kind:#04x}"),
            Self::Content(name) => write!(f, "its member {name:.200?} has content, and may have none"),
            Self::Outside(name) => write!(f, "its member {name:.200?} leads outside of it"),
            Self::Twice(name) => write!(f, "it has the member {name:.200?} twice"),
            Self::TooMany => write!(f, "it has more than {MEMBERS_MAX} members"),
        }
    }
}
