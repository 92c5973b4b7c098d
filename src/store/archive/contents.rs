//! What an archive holds, by digests.

use super::cursor::{Cursor, Part, Parts};
use super::look::read;
use super::members::{Member, MemberKind, Random as _};
use super::referring::Referring;
use crate::failure::{Code, Failure, Fallible};
use crate::oci::{Descriptor, Digest, MediaType, Place, Referrer};
use crate::store::disk::fault::Act;
use crate::store::layout::contents::{Contents, Fault};
use crate::store::layout::index::Index;
use crate::store::{BlobStream, MANIFEST_BYTES_MAX};
use bytes::Bytes;
use futures::stream::{self, StreamExt as _};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How much of a blob is read at once, in bytes.
const PIECE_BYTES: u64 = 256 * 1024;

/// An archive that was opened.
#[derive(Debug)]
pub(super) struct Archive {
    pub(super) place: Place,
    pub(super) parts: Arc<Parts>,
    pub(super) members: Vec<Member>,
    /// Where the end mark begins.
    pub(super) end_at: u64,
    /// Where in `members` each blob is.
    pub(super) blobs: HashMap<Digest, usize>,
    pub(super) index_json: Bytes,
    pub(super) index: Arc<Index>,
    /// Who speaks about what, read when it is first asked for.
    pub(super) referring: Mutex<Option<Arc<Referring>>>,
}

impl Archive {
    pub(super) fn member(&self, digest: &Digest) -> Option<&Member> {
        self.blobs.get(digest).map(|place| &self.members[*place])
    }

    /// A member in words, with the part that it begins in.
    pub(super) fn called(&self, member: &Member) -> String {
        let file = match self.parts.at(member.content_at) {
            Some(Part { path, .. }) => path,
            None => &self.place.path,
        };
        format!("the member {} of {}", member.name, file.display())
    }

    /// The verified bytes of a blob that has at most `limit` bytes, and must be there.
    pub(super) fn document(&self, wanted: &Descriptor, limit: u64, act: &Act) -> Fallible<Bytes> {
        let digest = &wanted.digest;
        let member = self.plain(digest, act)?.ok_or_else(|| self.blame(digest, Fault::Missing, act))?;
        let mut cursor = Cursor::new(&self.parts);
        let bytes = read(&mut cursor, member, limit, &self.place.path, act)?;
        match digest.matches(&bytes) {
            true => Ok(bytes),
            false => {
                let why = "its bytes do not have the digest that it is named by";
                Err(self.blame(digest, Fault::Damaged(&why), act))
            }
        }
    }

    fn plain(&self, digest: &Digest, act: &Act) -> Fallible<Option<&Member>> {
        match self.member(digest) {
            Some(Member { kind: MemberKind::File, .. }) | None => Ok(self.member(digest)),
            Some(member) => {
                let message = format!("{} is no plain file", self.called(member));
                Err(act.fail(Code::Protocol, message).hint("make the archive again, of plain files only"))
            }
        }
    }
}

impl Contents for Archive {
    fn place(&self) -> Place {
        self.place.clone()
    }

    fn index_name(&self) -> String {
        format!("index.json of {}", self.place.path.display())
    }

    fn index(&self, _act: &Act) -> Fallible<Option<Arc<Index>>> {
        Ok(Some(Arc::clone(&self.index)))
    }

    fn size_bytes(&self, digest: &Digest, act: &Act) -> Fallible<Option<u64>> {
        Ok(self.plain(digest, act)?.map(|member| member.size_bytes))
    }

    fn manifest(&self, digest: &Digest, act: &Act) -> Fallible<Option<Bytes>> {
        if self.plain(digest, act)?.is_none() {
            return Ok(None);
        }
        // Of what it is, nothing matters here.
        let wanted = Descriptor::new(MediaType::oci_manifest(), digest.clone(), 0);
        self.document(&wanted, MANIFEST_BYTES_MAX, act).map(Some)
    }

    fn blob(&self, blob: &Descriptor, start: u64, act: &Act) -> Fallible<BlobStream> {
        let Some(member) = self.plain(&blob.digest, act)? else {
            return Err(self.blame(&blob.digest, Fault::Missing, act));
        };
        if member.size_bytes != blob.size_bytes {
            let why = format!("it has {} bytes instead of {}", member.size_bytes, blob.size_bytes);
            return Err(self.blame(&blob.digest, Fault::Damaged(&why), act));
        }
        let left_bytes = member.size_bytes.saturating_sub(start);
        let at = member.content_at.saturating_add(start);
        let name = self.called(member);
        let reading = Reading { cursor: Cursor::new(&self.parts), at, left_bytes, name, act: act.clone() };
        Ok(stream::try_unfold(reading, next_piece).boxed())
    }

    fn referrers(&self, subject: &Digest, act: &Act) -> Fallible<Option<Vec<Referrer>>> {
        // Whoever asks at the same time waits, and does not read all of them again.
        let mut known = self.referring.lock().unwrap_or_else(PoisonError::into_inner);
        let referring = match &*known {
            Some(referring) => Arc::clone(referring),
            None => Arc::clone(known.insert(Arc::new(Referring::read(self, act)?))),
        };
        Ok(referring.about(subject))
    }

    fn blame(&self, digest: &Digest, fault: Fault<'_>, act: &Act) -> Box<Failure> {
        let member = self.member(digest).map(|member| self.called(member));
        let path = self.place.path.display();
        let member = member.unwrap_or_else(|| format!("the blob {digest} of {path}"));
        match fault {
            Fault::Missing => act.fail(Code::NotFound, format!("{path} does not hold the blob {digest}")).hint(
                "a bundle that was made against an inventory leaves out what its base has: push it there, \
                 or make one without `--against`",
            ),
            Fault::TooLarge => {
                let limit = MANIFEST_BYTES_MAX / (1024 * 1024);
                act.fail(Code::LimitExceeded, format!("{member} is larger than the {limit} MiB of a manifest"))
            }
            Fault::Damaged(why) => {
                act.fail(Code::Corrupt, format!("{member} is damaged: {why}")).hint("bring the file anew")
            }
        }
    }
}

/// A blob that is being read.
struct Reading {
    cursor: Cursor,
    at: u64,
    left_bytes: u64,
    name: String,
    act: Act,
}

async fn next_piece(reading: Reading) -> Fallible<Option<(Bytes, Reading)>> {
    if reading.left_bytes == 0 {
        return Ok(None);
    }
    let act = reading.act.clone();
    act.blocking(|_| reading.piece().map(Some)).await
}

impl Reading {
    fn piece(mut self) -> Fallible<(Bytes, Self)> {
        let wanted = self.left_bytes.min(PIECE_BYTES);
        let mut piece = vec![0; usize::try_from(wanted).unwrap_or_default()];
        self.cursor.read_at(self.at, &mut piece).map_err(|error| {
            self.act
                .fail(Code::Io, format!("cannot read {}: {error}", self.name))
                .hint("leave the file alone while it is read")
        })?;
        self.at += wanted;
        self.left_bytes -= wanted;
        Ok((piece.into(), self))
    }
}
