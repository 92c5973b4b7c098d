//! Laws of uploads: however an upload is parted and wherever it breaks, each byte is sent to its place.

use super::session::wanted_from;
use super::strategy::{Form, Part, Strategy as Way};
use crate::laws;
use crate::store::registry::profile::Uploads;
use proptest::collection::vec;
use proptest::prelude::*;

fn way() -> impl Strategy<Value = Way> {
    prop_oneof![
        Just(Way::Put),
        Just(Way::Stream),
        (0_u64..50).prop_map(|chunk_bytes| Way::Chunks { chunk_bytes }),
        any::<u64>().prop_map(|chunk_bytes| Way::Chunks { chunk_bytes }),
    ]
}

#[test]
fn parts_lie_side_by_side_from_the_first_byte_to_the_last() {
    laws::hold((way(), 0_u64..2_000, 0_u64..60), |(way, size_bytes, chunk_bytes_min)| {
        let way = way.at_least(chunk_bytes_min);
        prop_assert_eq!(Way::of(way.uploads(), u64::MAX), way, "what was learnt is what is done");
        let (mut at, mut parts) = (0, 0_u64);
        while at < size_bytes {
            let part = way.part(at, size_bytes);
            prop_assert!(part.start == at && part.end > at && part.end <= size_bytes, "{part:?}");
            prop_assert_eq!(part.length(), part.end - part.start);
            if part.form == Form::Chunk {
                let last = part.end - 1;
                prop_assert_eq!(part.content_range(), Some(format!("{at}-{last}")));
                // Only the last may be shorter than the registry wants.
                prop_assert!(part.length() >= chunk_bytes_min || part.end == size_bytes);
            }
            (at, parts) = (part.end, parts + 1);
            prop_assert!(parts <= size_bytes);
        }
        prop_assert_eq!(Part::closing(size_bytes).length(), 0);
        Ok(())
    });
}

/// What a registry says of how much it has: the truth, less, or something else.
#[derive(Debug, Clone, Copy)]
enum Word {
    True,
    Stale(u64),
    Silent,
    Foreign(u64),
}

#[test]
fn an_upload_that_breaks_anywhere_goes_on_between_what_was_kept_and_what_was_sent() {
    let word = prop_oneof![
        4 => Just(Word::True),
        1 => (0_u64..1000).prop_map(Word::Stale),
        1 => Just(Word::Silent),
        1 => (0_u64..1000).prop_map(Word::Foreign),
    ];
    let breaks = vec((0_u64..=1000, 0_u64..=1000, word), 0..12);
    laws::hold((1_u64..60, 0_u64..1_000, breaks), |(chunk_bytes, size_bytes, breaks)| {
        let way = Way::of(Uploads::Chunks { above_bytes: 0, chunk_bytes }, size_bytes);
        // What the registry has, as the numbers of bytes in the order in which it took them.
        let (mut there, mut kept): (Vec<u64>, u64) = (Vec::new(), 0);
        let mut breaks = breaks.into_iter();
        while kept < size_bytes {
            let part = way.part(kept, size_bytes);
            let Some((sent, arrived, word)) = breaks.next() else {
                there.extend(part.start..part.end);
                kept = part.end;
                continue;
            };
            let sent = part.start + part.length() * sent / 1000;
            there.extend(part.start..part.start + (sent - part.start) * arrived / 1000);
            let has = there.len() as u64;
            let range = |count: u64| Some(format!("0-{}", count.saturating_sub(1)));
            let told = match word {
                Word::True => range(has),
                Word::Stale(less) => range(kept.saturating_sub(less)),
                Word::Silent => None,
                Word::Foreign(more) => Some(format!("0-{}", sent + more)),
            };
            let Some(from) = wanted_from(kept, sent, told.as_deref()) else {
                prop_assert!(matches!(word, Word::Foreign(_)), "{word:?}");
                (there, kept) = (Vec::new(), 0);
                continue;
            };
            prop_assert!((kept..=sent).contains(&from), "{kept} {from} {sent}");
            // A single byte is told like none (`0-0`).
            if matches!(word, Word::True) && has != 1 {
                prop_assert_eq!(from, has);
            }
            // Registries take a chunk at its offset only, and otherwise forget what was not acknowledged.
            there.truncate(usize::try_from(from).expect("small"));
            kept = from;
        }
        prop_assert_eq!(there, (0..size_bytes).collect::<Vec<_>>());
        Ok(())
    });
}
