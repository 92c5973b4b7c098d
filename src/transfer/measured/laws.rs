//! Laws of resuming: wherever uploads and downloads break, in the end the bytes are those of the blob.

use super::tests::{blob, nobody};
use super::*;
use crate::laws;
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::LazyLock;

/// Two marks and a half, with no period that chunks could share.
static CONTENT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut random = fastrand::Rng::with_seed(7);
    (0..MARK_BYTES as usize * 5 / 2).map(|_| random.u8(..)).collect()
});

/// A round: so much of the rest comes, in pieces of this length, and so much of it the target then keeps;
/// parts of 1000.
type Round = (usize, usize, usize);

/// What became of one reading.
#[derive(Debug, PartialEq, Eq)]
enum Ended {
    /// It broke off, or was whole.
    Here(usize),
    /// It was found to be wrong.
    Refused,
}

/// Reads on from where `measured` is, up to a part of what is left.
fn read(measured: &mut Measured, content: &[u8], part: usize, piece_bytes: usize) -> Ended {
    let start = usize::try_from(measured.bytes()).expect("small");
    let end = start + (content.len() - start) * part / 1000;
    for piece in content[start..end].chunks(piece_bytes) {
        if measured.take(piece, &nobody()).is_err() {
            return Ended::Refused;
        }
    }
    Ended::Here(end)
}

fn rounds() -> impl Strategy<Value = (usize, Vec<Round>)> {
    let near_marks = (0_usize..3, -2_isize..3);
    let size = prop_oneof![
        3 => near_marks.prop_map(|(marks, off)| (marks * MARK_BYTES as usize).saturating_add_signed(off)),
        1 => 0..CONTENT.len(),
    ];
    (size, vec((0_usize..=1000, 20_000_usize..900_000, 0_usize..=1000), 0..4))
}

#[test]
fn any_row_of_breaks_ends_with_the_bytes_of_the_blob() {
    laws::hold(rounds(), |(size, rounds)| {
        let content = &CONTENT[..size.min(CONTENT.len())];
        let mut measured = Measured::new(&blob(content));
        for (part, piece_bytes, kept) in rounds {
            let read = read(&mut measured, content, part, piece_bytes);
            prop_assert_eq!(read, Ended::Here(usize::try_from(measured.bytes()).expect("small")));
            let kept = measured.bytes() * kept as u64 / 1000;
            let back = measured.back_to(kept);
            prop_assert!(
                back.bytes() <= kept && kept - back.bytes() < MARK_BYTES,
                "{} for {kept}",
                back.bytes()
            );
            prop_assert!(back.bytes() == measured.bytes() || back.bytes().is_multiple_of(MARK_BYTES));
            measured = back;
        }
        prop_assert_eq!(read(&mut measured, content, 1000, 300_000), Ended::Here(content.len()));
        prop_assert!(measured.check(&nobody()).is_ok());
        prop_assert!(measured.take(b"x", &nobody()).is_err(), "one byte too many");
        Ok(())
    });
}

#[test]
fn a_byte_that_was_another_before_never_gets_through() {
    let wrong = (rounds(), 0_usize..1000, 0_usize..4);
    laws::hold(wrong, |((size, rounds), place, wrong_round)| {
        let content = &CONTENT[..size.clamp(1, CONTENT.len())];
        let at = (content.len() - 1) * place / 1000;
        let mut spoilt = content.to_vec();
        spoilt[at] ^= 1;
        let mut measured = Measured::new(&blob(content));
        // Whether the wrong byte went to the target, and is there.
        let mut is_there = false;
        for (number, (part, piece_bytes, kept)) in rounds.into_iter().enumerate() {
            let source = if number == wrong_round { &spoilt } else { content };
            let start = usize::try_from(measured.bytes()).expect("small");
            match read(&mut measured, source, part, piece_bytes) {
                Ended::Refused => return Ok(()),
                Ended::Here(end) => is_there |= number == wrong_round && (start..end).contains(&at),
            }
            measured = measured.back_to(measured.bytes() * kept as u64 / 1000);
        }
        let right = read(&mut measured, content, 1000, 300_000);
        let accepted = right == Ended::Here(content.len()) && measured.check(&nobody()).is_ok();
        // The byte is read again and compared, or it is in the hash; unless it never came.
        prop_assert_eq!(accepted, !is_there);
        Ok(())
    });
}
