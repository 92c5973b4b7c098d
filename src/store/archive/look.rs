//! From files to an archive that can be read: its members, its version and its index, within limits.

use super::contents::Archive;
use super::cursor::{Cursor, Parts};
use super::members::{self, Member, MemberKind, Odd, Random as _};
use crate::failure::{Code, Failure, Fallible};
use crate::oci::{Digest, Place, PlaceKind};
use crate::store::disk::fault::Act;
use crate::store::layout::check::{VERSION_BYTES_MAX, confirm_version};
use crate::store::layout::index::{INDEX_BYTES_MAX, Index};
use bytes::Bytes;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// The files of one archive, and where its members are.
#[derive(Debug)]
pub(super) struct Headers {
    pub(super) parts: Arc<Parts>,
    pub(super) members: Vec<Member>,
    /// Where the end mark begins.
    pub(super) end_at: u64,
}

/// Opens the files of one archive, which is called `name`. May block.
pub(super) fn look(name: &Path, run: Vec<PathBuf>, act: &Act) -> Fallible<Archive> {
    let place = Place { kind: PlaceKind::Archive, path: name.to_owned() };
    layout(place, headers(name, run, act)?, act)
}

/// Reads the headers of the files of one archive, which is called `name`. May block.
pub(super) fn headers(name: &Path, run: Vec<PathBuf>, act: &Act) -> Fallible<Headers> {
    let count = run.len();
    let parts = Parts::look(run).map_err(|(path, error)| act.io("open", &path, &error))?;
    let parts = Arc::new(parts);
    let mut cursor = Cursor::new(&parts);
    let (members, end_at) = members::read(&mut cursor).map_err(|odd| refuse(name, &odd, count, act))?;
    Ok(Headers { parts, members, end_at })
}

/// The layout that an archive holds. May block.
pub(super) fn layout(place: Place, headers: Headers, act: &Act) -> Fallible<Archive> {
    let Headers { parts, members, end_at } = headers;
    let name = place.path.clone();
    let name = name.as_path();
    let mut cursor = Cursor::new(&parts);
    let mut blobs = HashMap::new();
    let mut documents: HashMap<&str, usize> = HashMap::new();
    for (place, member) in members.iter().enumerate() {
        match digest_of(&member.name) {
            Some(digest) => drop(blobs.insert(digest, place)),
            None => drop(documents.insert(&member.name, place)),
        }
    }
    let mut document = |member: &str, limit: u64| -> Fallible<Bytes> {
        let Some(place) = documents.get(member) else {
            return Err(no_layout(name, member, &documents, act));
        };
        read(&mut cursor, &members[*place], limit, name, act)
    };
    let version = document("oci-layout", VERSION_BYTES_MAX)?;
    confirm_version(&version, &format_args!("the member oci-layout of {}", name.display()), act)?;
    let index_json = document("index.json", INDEX_BYTES_MAX)?;
    let index = Index::read(&index_json).map_err(|why| {
        let message = format!("the member index.json of {} cannot be used: {why}", name.display());
        act.fail(Code::Protocol, message).hint("make the archive again")
    })?;
    if let Some(first) = index.illegal_names().next() {
        let skipped = index.illegal_names().count();
        tracing::warn!(file = %name.display(), skipped, first = ?first.chars().take(100).collect::<String>(), "names that are no tags are skipped");
    }
    Ok(Archive {
        place,
        parts,
        members,
        end_at,
        blobs,
        index_json,
        index: Arc::new(index),
        referring: Mutex::new(None),
    })
}

/// The digest in `blobs/ALGORITHM/HEX`. OCI image-spec, image-layout.md, "Content".
fn digest_of(name: &str) -> Option<Digest> {
    let (algorithm, hex) = name.strip_prefix("blobs/")?.split_once('/')?;
    format!("{algorithm}:{hex}").parse().ok()
}

/// The content of a member that has at most `limit` bytes.
pub(super) fn read(
    cursor: &mut Cursor,
    member: &Member,
    limit: u64,
    name: &Path,
    act: &Act,
) -> Fallible<Bytes> {
    if let MemberKind::Other(what) = member.kind {
        let message =
            format!("the member {} of {} is {what}, and is not followed", member.name, name.display());
        return Err(act.fail(Code::Protocol, message).hint("make the archive again, of plain files only"));
    }
    if member.size_bytes > limit {
        let message =
            format!("the member {} of {} is larger than {limit} bytes", member.name, name.display());
        return Err(act.fail(Code::LimitExceeded, message));
    }
    let mut bytes = vec![0; usize::try_from(member.size_bytes).unwrap_or(0)];
    cursor.read_at(member.content_at, &mut bytes).map_err(|error| act.io("read", name, &error))?;
    Ok(bytes.into())
}

/// The file is no tar that can be read.
fn refuse(name: &Path, odd: &Odd, parts: usize, act: &Act) -> Box<Failure> {
    let code = match odd {
        Odd::Io(..) => Code::Io,
        Odd::Header(_) | Odd::Cut(_) => Code::Corrupt,
        Odd::TooMany => Code::LimitExceeded,
        _ => Code::Protocol,
    };
    let hint = match odd {
        Odd::Io(..) => "let the user that runs crossdock read it, and leave it alone meanwhile",
        Odd::Compressed(_) => {
            "unpack it first, with gunzip or the like; layers are compressed already, so that gains nothing"
        }
        Odd::NoTar => "name a tar that holds an OCI image layout",
        Odd::Cut(_) if parts > 1 => "are parts missing behind the last one? bring them, or all anew",
        Odd::Cut(_) | Odd::Header(_) => "bring the file anew: not all of it arrived as it was",
        _ => "make the archive again, with skopeo, docker or crossdock: theirs are read alike by everybody",
    };
    act.fail(code, format!("{} cannot be used: {odd}", name.display())).hint(hint)
}

/// It is a tar, and holds something else.
fn no_layout(name: &Path, member: &str, documents: &HashMap<&str, usize>, act: &Act) -> Box<Failure> {
    let message = format!("{} holds no OCI image layout: it has no member {member}", name.display());
    act.fail(Code::NotFound, message).hint(match documents.contains_key("manifest.json") {
        true => "it is what `docker save` wrote before version 25: name it as `docker-archive:FILE`",
        false => "name a tar that was made of a layout, from within its directory",
    })
}
