//! Moving blobs within a draft to where they belong, with no second copy of any.

use super::cursor::Cursor;
use super::found::Found;
use crate::oci::Digest;
use std::collections::HashMap;
use std::io;

/// How much is moved at once, in bytes.
const PIECE_BYTES: u64 = 1 << 20;

/// A blob that lies elsewhere than it shall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Move {
    pub(super) digest: Digest,
    pub(super) old: u64,
    pub(super) new: u64,
    pub(super) size_bytes: u64,
}

/// The moves that bring `whole` to `places`, in an order in which none writes over what is still to be moved;
/// and those that stay where they are. A blob that lies in another order among the others than before, as
/// one that was a config does, is in neither: it is fetched again.
pub(super) fn moves(whole: &[Found], places: &HashMap<Digest, (u64, u64)>) -> (Vec<Move>, Vec<Digest>) {
    let mut kept: Vec<Move> = Vec::new();
    let mut last = 0;
    let mut sorted: Vec<&Found> = whole.iter().collect();
    sorted.sort_by_key(|found| found.at);
    for Found { digest, at, size_bytes } in sorted {
        let Some((new, _)) = places.get(digest) else { continue };
        // The order of all is kept, so whatever moves down follows what moved down before it, and nothing
        // meets anything else on its way.
        if *new >= last {
            kept.push(Move { digest: digest.clone(), old: *at, new: *new, size_bytes: *size_bytes });
            last = new + size_bytes;
        }
    }
    let stay = kept.iter().filter(|one| one.new == one.old).map(|one| one.digest.clone()).collect();
    let down = kept.iter().filter(|one| one.new < one.old);
    let up = kept.iter().rev().filter(|one| one.new > one.old);
    (down.chain(up).cloned().collect(), stay)
}

/// Moves the bytes of one blob: from its beginning on when it goes down, and from its end when it goes up, so
/// that it may lie over itself.
pub(super) fn carry(cursor: &mut Cursor, one: &Move) -> io::Result<()> {
    let mut piece = vec![0; PIECE_BYTES as usize];
    let pieces = one.size_bytes.div_ceil(PIECE_BYTES);
    for number in 0..pieces {
        let number = if one.new < one.old { number } else { pieces - 1 - number };
        let start = number * PIECE_BYTES;
        let size = usize::try_from(PIECE_BYTES.min(one.size_bytes - start)).unwrap_or_default();
        cursor.seek(one.old + start);
        cursor.read_exact(&mut piece[..size])?;
        cursor.seek(one.new + start);
        cursor.write_all(&piece[..size])?;
    }
    Ok(())
}
