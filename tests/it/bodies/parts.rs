//! Several parts of a large blob at once, where a spec asks for it.

use super::{Bench, MIB};
use crate::bed::memory::{Behaviour, Canned};
use std::time::{Duration, Instant};

const PART: u64 = 4 * MIB;
const FOUR: &str = ", limits: { ranges_per_blob: 4 }";

/// The closed ranges that a blob of `parts` parts comes in.
fn parts(parts: u64) -> Vec<String> {
    (0..parts).map(|number| format!("bytes={}-{}", number * PART, (number + 1) * PART - 1)).collect()
}

/// The most GETs of blobs that were under way at once.
fn at_once(bench: &Bench) -> usize {
    bench.pair.source.requests().of(crate::bed::memory::RequestKind::BlobGet).at_once_max()
}

#[test]
fn a_large_blob_comes_in_parts_and_goes_in_as_one() {
    let bench = Bench::new(6 * PART);
    bench.sync(FOUR, 0);
    bench.assert_copied();
    let mut ranges = bench.ranges();
    ranges.sort_by_key(|range| (range.len(), range.clone()));
    let mut expected = parts(6);
    expected.sort_by_key(|range| (range.len(), range.clone()));
    assert_eq!(ranges, expected, "each part once");
    assert_eq!(bench.uploads(), [Some(201)]);
}

#[test]
fn a_slow_connection_is_helped_by_as_many_others_as_the_spec_says_and_no_more() {
    for (keys, most) in [("", 1), (", limits: { ranges_per_blob: 2 }", 2), (FOUR, 4)] {
        let bench = Bench::new(6 * PART);
        let slow = Behaviour::Drip { piece_bytes: 64 * 1024, pause: Duration::from_millis(5) };
        bench.pair.source.rule(bench.on_layer(slow));
        let started = Instant::now();
        bench.sync(keys, 0);
        println!("{most} at once: {:?} for 24 MiB", started.elapsed());
        bench.assert_copied();
        // The config may be on its way as well.
        assert!((most..=most + 1).contains(&at_once(&bench)), "{} at once", at_once(&bench));
        assert_eq!(bench.uploads(), [Some(201)]);
    }
}

#[test]
fn a_part_that_breaks_is_continued_by_itself() {
    let bench = Bench::new(6 * PART);
    for number in [1, 3] {
        bench.pair.source.rule(bench.on_layer(Behaviour::CutResponse(MIB)).nth(number));
    }
    bench.sync(FOUR, 0);
    bench.assert_copied();
    let ranges = bench.ranges();
    assert_eq!(ranges.len(), 8, "{ranges:?}");
    assert!(ranges.contains(&format!("bytes={MIB}-{}", PART - 1)), "{ranges:?}");
    assert_eq!(bench.uploads(), [Some(201)]);
}

#[test]
fn a_registry_that_does_not_know_ranges_sends_the_blob_once() {
    let bench = Bench::new(6 * PART);
    bench.pair.source.rule(bench.on_layer(Behaviour::Overlook("range".to_owned())));
    bench.sync(FOUR, 0);
    bench.assert_copied();
    assert_eq!(bench.ranges(), parts(1), "the first part was asked for, and everything came");
    assert_eq!(bench.uploads(), [Some(201)]);
}

#[test]
fn a_registry_that_refuses_ranges_is_asked_for_the_whole() {
    let bench = Bench::new(6 * PART);
    bench.pair.source.rule(bench.on_layer(Behaviour::Answer(Canned::new(416))).first(1));
    bench.sync(FOUR, 0);
    bench.assert_copied();
    assert_eq!(bench.ranges(), [parts(1)[0].as_str(), ""]);
    assert_eq!(bench.uploads(), [Some(201)]);
}

#[test]
fn small_blobs_come_whole() {
    let bench = Bench::new(3 * PART);
    bench.sync(FOUR, 0);
    bench.assert_copied();
    assert_eq!(bench.ranges(), [""]);
}

#[test]
fn one_request_at_once_is_enough_for_parts() {
    let bench = Bench::new(6 * PART);
    bench.sync(", limits: { ranges_per_blob: 4, concurrent_requests: 1 }", 0);
    bench.assert_copied();
    assert_eq!(bench.ranges().len(), 6);
}
