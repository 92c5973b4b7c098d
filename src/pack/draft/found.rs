//! What an earlier run left: the members that its draft tells of, and which of them are whole.

use super::cursor::Cursor;
use crate::bundle::{BLOCK_BYTES, HEADER_BYTES_MAX, MemberName, header_bytes, own_header, padding};
use crate::oci::Digest;
use std::collections::HashMap;
use std::io;

/// A blob in a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) digest: Digest,
    /// Where its first byte lies.
    pub(super) at: u64,
    pub(super) size_bytes: u64,
}

/// How much is read at once.
const PIECE_BYTES: usize = 1 << 20;
/// How much of the beginning and the end of a blob tells that it was not begun.
const GLANCE_BYTES: usize = 4096;

/// The blobs of which the headers of a draft tell, up to the first that is none of ours.
pub(super) fn told(cursor: &mut Cursor, total_bytes: u64) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut at: u64 = 0;
    while at + BLOCK_BYTES <= total_bytes {
        let room = HEADER_BYTES_MAX.min(total_bytes - at);
        let mut header = vec![0; usize::try_from(room).unwrap_or_default()];
        cursor.seek(at);
        cursor.read_exact(&mut header)?;
        let Some((name, size_bytes)) = own_header(&header) else { break };
        let first = at + header_bytes(&name, size_bytes);
        let next = first.checked_add(size_bytes).and_then(|end| end.checked_add(padding(size_bytes)));
        let Some(next) = next.filter(|next| *next <= total_bytes) else { break };
        if let Ok(MemberName::Blob(digest)) = name.parse() {
            found.push(Found { digest, at: first, size_bytes });
        }
        at = next;
    }
    Ok(found)
}

/// The last group of the members of a draft, which are its layers: each group is sorted by digest.
pub(super) fn last_group(told: &[Found]) -> &[Found] {
    let sorted = told.windows(2).rev().take_while(|two| two[0].digest < two[1].digest).count();
    &told[told.len().saturating_sub(sorted + 1)..]
}

/// Those that are wanted, and whose bytes have their digest.
pub(super) fn whole(
    cursor: &mut Cursor,
    told: Vec<Found>,
    wanted: &HashMap<Digest, (u64, u64)>,
) -> io::Result<Vec<Found>> {
    let mut whole = Vec::new();
    for one in told {
        let is_wanted = wanted.get(&one.digest).is_some_and(|(_, size_bytes)| *size_bytes == one.size_bytes);
        if is_wanted && is_begun(cursor, &one)? && is_whole(cursor, &one)? {
            whole.push(one);
        }
    }
    Ok(whole)
}

/// Whether there is something of the blob. Where nothing was written there are zeros, with which neither a
/// compressed layer nor a tar begins: they need not be read to the end.
fn is_begun(cursor: &mut Cursor, blob: &Found) -> io::Result<bool> {
    let size = GLANCE_BYTES.min(usize::try_from(blob.size_bytes).unwrap_or(GLANCE_BYTES));
    let mut ends = vec![0; 2 * size];
    let (first, last) = ends.split_at_mut(size);
    cursor.seek(blob.at);
    cursor.read_exact(first)?;
    cursor.seek(blob.at + blob.size_bytes - size as u64);
    cursor.read_exact(last)?;
    Ok(size == 0 || ends.iter().any(|byte| *byte != 0))
}

fn is_whole(cursor: &mut Cursor, blob: &Found) -> io::Result<bool> {
    let mut hasher = blob.digest.hasher();
    let mut piece = vec![0; PIECE_BYTES];
    let mut left = blob.size_bytes;
    cursor.seek(blob.at);
    while left > 0 {
        let now = PIECE_BYTES.min(usize::try_from(left).unwrap_or(PIECE_BYTES));
        cursor.read_exact(&mut piece[..now])?;
        hasher.update(&piece[..now]);
        left -= now as u64;
    }
    Ok(hasher.finish() == blob.digest)
}
