//! What has been seen of a blob: its bytes counted and hashed, with marks to go on from. Decides
//! whether it is what it must be.

use crate::failure::{Code, Failure, Fallible, Operation, Side};
use crate::oci::{Descriptor, Digest, Hasher};
use crate::store::Reader;
use std::collections::VecDeque;

/// Bytes between two marks: fewer are read twice, where an upload goes on. A power of two, so that the
/// chunks which we choose end at marks.
const MARK_BYTES: u64 = 1 << 20;
/// Most marks that are kept, the newest. They reach back further than the longest chunk of an upload
/// that we choose; whatever lies before them is hashed again from the beginning.
const MARKS_MAX: usize = 64;

/// The state of the hash at an offset.
#[derive(Clone)]
struct Mark {
    offset: u64,
    hasher: Hasher,
}

/// What has been seen of a blob so far.
#[derive(Clone)]
pub(super) struct Measured {
    blob: Descriptor,
    now: Mark,
    marks: VecDeque<Mark>,
    /// What the bytes were before, from the beginning to an offset, the nearest first: an upload has
    /// some of them.
    before: Vec<(u64, Digest)>,
}

impl Measured {
    pub(super) fn new(blob: &Descriptor) -> Self {
        let now = Mark { offset: 0, hasher: blob.digest.hasher() };
        Self { blob: blob.clone(), now, marks: VecDeque::new(), before: Vec::new() }
    }

    /// How many bytes were seen.
    pub(super) fn bytes(&self) -> u64 {
        self.now.offset
    }

    /// The same at the last mark at or before `offset`. What comes from there on must be what came
    /// before, as far as that was seen.
    pub(super) fn back_to(&self, offset: u64) -> Self {
        let mut marks = self.marks.clone();
        marks.retain(|mark| mark.offset <= offset);
        let now = match (self.now.offset <= offset, marks.back()) {
            (true, _) => self.now.clone(),
            (false, Some(mark)) => mark.clone(),
            (false, None) => Mark { offset: 0, hasher: self.blob.digest.hasher() },
        };
        let seen = (self.now.offset, self.now.hasher.clone().finish());
        let mut before: Vec<_> = self.before.iter().cloned().chain([seen]).collect();
        before.retain(|(end, _)| *end > now.offset);
        before.sort_by_key(|(end, _)| *end);
        Self { blob: self.blob.clone(), now, marks, before }
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// There are too many bytes, or others than before.
    pub(super) fn take(&mut self, piece: &[u8], source: &dyn Reader) -> Fallible<()> {
        if piece.len() as u64 > self.blob.size_bytes - self.now.offset {
            return Err(self.corrupt(source, "more bytes came than the manifest says"));
        }
        let mut rest = piece;
        while let Some((end, digest)) = self.before.first().cloned() {
            let until = usize::try_from(end - self.now.offset).unwrap_or(usize::MAX);
            let Some((repeated, new)) = rest.split_at_checked(until) else { break };
            self.see(repeated);
            rest = new;
            if self.now.hasher.clone().finish() != digest {
                return Err(self.corrupt(source, "its bytes are not those that came before"));
            }
            self.before.remove(0);
        }
        self.see(rest);
        Ok(())
    }

    fn see(&mut self, mut piece: &[u8]) {
        while !piece.is_empty() {
            let until = usize::try_from(MARK_BYTES - self.now.offset % MARK_BYTES).unwrap_or(usize::MAX);
            let (before, after) = piece.split_at(until.min(piece.len()));
            self.now.hasher.update(before);
            self.now.offset += before.len() as u64;
            if self.now.offset.is_multiple_of(MARK_BYTES) {
                self.marks.push_back(self.now.clone());
                if self.marks.len() > MARKS_MAX {
                    self.marks.pop_front();
                }
            }
            piece = after;
        }
    }

    /// # Errors
    /// The bytes are not the blob.
    pub(super) fn check(&self, source: &dyn Reader) -> Fallible<()> {
        if self.now.offset < self.blob.size_bytes {
            // A connection that was cut looks like this too: worth another try.
            let message = format!("only {} of {} bytes came", self.now.offset, self.blob.size_bytes);
            return Err(self.failure(Code::Network, source, message));
        }
        let found = self.now.hasher.clone().finish();
        match found == self.blob.digest {
            true => Ok(()),
            false => Err(self.corrupt(source, &format!("the bytes have the digest {found}"))),
        }
    }

    fn corrupt(&self, source: &dyn Reader, why: &str) -> Box<Failure> {
        self.failure(
            Code::Corrupt,
            source,
            format!("blob {} is not what it must be: {why}", self.blob.digest),
        )
    }

    fn failure(&self, code: Code, source: &dyn Reader, message: String) -> Box<Failure> {
        Failure::new(code, source.repository(), Operation::BlobGet, message).on(Side::Source)
    }
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::{At, RawManifest, Repository, Tag};
    use crate::store::{BlobStream, Head};
    use async_trait::async_trait;

    /// Only its name is asked for.
    pub(super) struct Nobody(Repository);

    #[async_trait]
    impl Reader for Nobody {
        fn repository(&self) -> &Repository {
            &self.0
        }
        async fn tags(&self) -> Fallible<Option<Vec<Tag>>> {
            Ok(None)
        }
        async fn head(&self, _: &At) -> Fallible<Option<Head>> {
            Ok(None)
        }
        async fn manifest(&self, _: &At) -> Fallible<Option<RawManifest>> {
            Ok(None)
        }
        async fn blob(&self, _: &Descriptor, _: u64) -> Fallible<BlobStream> {
            Err(Failure::new(Code::Internal, &self.0, Operation::BlobGet, "nobody reads"))
        }
    }

    const PIECE: usize = 300_000;

    pub(super) fn nobody() -> Nobody {
        Nobody("r.test/a".parse().expect("a repository"))
    }

    fn content(pieces: u8) -> Vec<u8> {
        (0..pieces).flat_map(|number| vec![number; PIECE]).collect()
    }

    pub(super) fn blob(content: &[u8]) -> Descriptor {
        let media_type = "application/octet-stream".parse().expect("a media type");
        Descriptor::new(media_type, Digest::of(content), content.len() as u64)
    }

    fn take(measured: &mut Measured, content: &[u8]) -> Fallible<()> {
        content.chunks(PIECE).try_for_each(|piece| measured.take(piece, &nobody()))
    }

    #[test]
    fn it_goes_back_to_a_mark_and_ends_with_the_same_digest() {
        let content = content(20);
        let mut measured = Measured::new(&blob(&content));
        take(&mut measured, &content[..10 * PIECE]).expect("right so far");
        for offset in [0, 1, PIECE, 4 * PIECE, 5 * PIECE - 1, 8 * PIECE + 7, 10 * PIECE] {
            let mut again = measured.back_to(offset as u64);
            let start = usize::try_from(again.bytes()).expect("small");
            assert!(start <= offset && offset - start < 1 << 20, "{start} for {offset}");
            take(&mut again, &content[start..]).expect("right");
            again.check(&nobody()).expect("the blob");
        }
        assert_eq!(measured.back_to(10 * PIECE as u64).bytes(), 10 * PIECE as u64, "nothing is read twice");
    }

    #[test]
    fn bytes_that_change_between_two_readings_are_found_before_the_end() {
        let right = content(20);
        let mut wrong = right.clone();
        wrong[9 * PIECE] ^= 1;
        // What was sent first was wrong, what comes then is right: the digest of the second reading
        // alone would not tell.
        let mut measured = Measured::new(&blob(&right));
        take(&mut measured, &wrong[..10 * PIECE]).expect("nobody can know yet");
        let mut again = measured.back_to(9 * PIECE as u64 + 5);
        let start = usize::try_from(again.bytes()).expect("small");
        let failure = take(&mut again, &right[start..]).expect_err("they differ");
        assert_eq!(failure.code, Code::Corrupt);
        // Nor does a third reading that breaks off hide it.
        let mut second = measured.back_to(9 * PIECE as u64 + 5);
        take(&mut second, &right[start..9 * PIECE]).expect("equal until here");
        let mut third = second.back_to(9 * PIECE as u64 - 5);
        let start = usize::try_from(third.bytes()).expect("small");
        assert!(take(&mut third, &right[start..]).is_err());
    }

    #[test]
    fn marks_are_few_whatever_the_length() {
        let piece = vec![7; 4 * MARK_BYTES as usize];
        let descriptor = Descriptor { size_bytes: u64::MAX, ..blob(&piece) };
        let mut measured = Measured::new(&descriptor);
        for _ in 0..MARKS_MAX + 5 {
            measured.take(&piece, &nobody()).expect("right so far");
        }
        assert_eq!(measured.marks.len(), MARKS_MAX);
        assert_eq!(measured.back_to(piece.len() as u64).bytes(), 0, "that mark is gone");
    }
}
