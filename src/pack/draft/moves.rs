//! Moving blobs within a draft to where they belong, with no second copy of any.

use super::cursor::Cursor;
use super::found::Found;
use crate::oci::Digest;
use std::collections::HashMap;
use std::io;

/// How much is moved at once, in bytes.
pub(super) const PIECE_BYTES: u64 = 1 << 20;

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
/// that it may lie over itself; `piece_bytes` at once.
pub(super) fn carry(cursor: &mut Cursor, one: &Move, piece_bytes: u64) -> io::Result<()> {
    let mut piece = vec![0; usize::try_from(piece_bytes).unwrap_or_default()];
    let pieces = one.size_bytes.div_ceil(piece_bytes);
    for number in 0..pieces {
        let number = if one.new < one.old { number } else { pieces - 1 - number };
        let start = number * piece_bytes;
        let size = usize::try_from(piece_bytes.min(one.size_bytes - start)).unwrap_or_default();
        cursor.seek(one.old + start);
        cursor.read_exact(&mut piece[..size])?;
        cursor.seek(one.new + start);
        cursor.write_all(&piece[..size])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::cursor::Range;
    use super::*;
    use crate::laws::hold;
    use proptest::prelude::*;
    use std::sync::Arc;

    /// Blobs one after another with gaps, by number: where each lies. Those without a gap are not there.
    fn laid(gaps: &[Option<u64>], sizes: &[u64]) -> Vec<(usize, u64)> {
        let mut end = 0;
        let mut laid = Vec::new();
        for (number, (gap, size)) in gaps.iter().zip(sizes).enumerate() {
            if let Some(gap) = gap {
                laid.push((number, end + gap));
                end += gap + size;
            }
        }
        laid
    }

    fn content(number: usize, size: u64) -> Vec<u8> {
        (0..size).map(|at| (number as u64 * 31 + at % 251) as u8).collect()
    }

    #[test]
    fn whatever_moves_where_every_blob_that_is_kept_arrives_whole() {
        const BLOBS: usize = 8;
        let size = prop_oneof![0_u64..50, Just(64)];
        let gap = || proptest::option::weighted(0.8, prop_oneof![0_u64..3, 0_u64..60]);
        let blobs = (
            proptest::collection::vec(size, BLOBS),
            proptest::collection::vec(gap(), BLOBS),
            proptest::collection::vec(gap(), BLOBS),
        );
        let folder = tempfile::tempdir().expect("a folder");
        hold(blobs, |(sizes, old, new)| {
            let digest = |number: usize| Digest::of(&[number as u8]);
            let (old, new) = (laid(&old, &sizes), laid(&new, &sizes));
            let end =
                old.iter().chain(&new).map(|(number, at)| at + sizes[*number]).max().unwrap_or_default();
            let path = folder.path().join("draft");
            let mut bytes = vec![0; end as usize];
            for (number, at) in &old {
                let content = content(*number, sizes[*number]);
                bytes[*at as usize..*at as usize + content.len()].copy_from_slice(&content);
            }
            std::fs::write(&path, bytes).expect("writable");
            // In two files, wherever the first ends.
            let second = folder.path().join("second");
            let (first, rest) = (end / 2, std::fs::read(&path).expect("there"));
            std::fs::write(&second, &rest[first as usize..]).expect("writable");
            let files: Arc<[Range]> = vec![
                Range { path: path.clone(), bytes: 0..first },
                Range { path: second.clone(), bytes: first..end },
            ]
            .into();
            let found = |(number, at): &(usize, u64)| Found {
                digest: digest(*number),
                at: *at,
                size_bytes: sizes[*number],
            };
            let found: Vec<Found> = old.iter().map(found).collect();
            let places: HashMap<Digest, (u64, u64)> =
                new.iter().map(|(number, at)| (digest(*number), (*at, sizes[*number]))).collect();
            let (moves, stay) = moves(&found, &places);
            let mut cursor = Cursor::new(&files, 0);
            moves.iter().for_each(|one| carry(&mut cursor, one, 16).expect("it can be moved"));
            // The order is the same, so nothing need be fetched again.
            let common = old.iter().filter(|(number, _)| places.contains_key(&digest(*number))).count();
            prop_assert_eq!(moves.len() + stay.len(), common);
            for (number, at) in new.iter().filter(|(number, _)| old.iter().any(|(other, _)| other == number))
            {
                let mut there = vec![0; sizes[*number] as usize];
                cursor.seek(*at);
                cursor.read_exact(&mut there).expect("it is there");
                prop_assert!(there == content(*number, sizes[*number]), "blob {} is not what it was", number);
            }
            Ok(())
        });
    }

    #[test]
    fn what_lies_in_another_order_than_before_is_fetched_again() {
        let blob = |seed: &[u8], at| Found { digest: Digest::of(seed), at, size_bytes: 10 };
        let places = HashMap::from([(Digest::of(b"a"), (10, 10)), (Digest::of(b"b"), (0, 10))]);
        let (moves, stay) = moves(&[blob(b"a", 0), blob(b"b", 10)], &places);
        assert_eq!((moves.len(), stay.len()), (1, 0), "one of them would be written over");
    }
}
