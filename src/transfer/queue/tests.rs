//! Who gets a place.

use super::places::choose;
use super::*;
use crate::transfer::ledger::{Claim, Ledger};
use futures::FutureExt as _;
use futures::future::BoxFuture;

const SMALL: u64 = 1000;
const LARGE: u64 = LARGE_BYTES_MIN;

fn store() -> StoreKey {
    "r.test/app".parse::<crate::oci::Repository>().expect("a repository").store()
}

fn wish(size_bytes: u64) -> Wish {
    Wish { size_bytes, followers: Vec::new() }
}

/// A blob that somebody begins.
fn begun(queue: &Queue, wish: Wish) -> BoxFuture<'_, Beginning> {
    queue.begin(store(), wish).boxed()
}

/// As many as there is room for.
fn fill(queue: &Queue, size_bytes: u64) -> Vec<Beginning> {
    std::iter::from_fn(|| begun(queue, wish(size_bytes)).now_or_never()).collect()
}

/// A queue whose targets have answered often enough for all places.
fn known() -> Queue {
    let queue = Queue::default();
    for _ in BEGUN.first..BEGUN.places {
        assert!(begun(&queue, wish(SMALL)).now_or_never().is_some());
    }
    queue
}

#[test]
fn what_nobody_has_answered_yet_is_begun_a_few_at_once() {
    let queue = Queue::default();
    let held = fill(&queue, SMALL);
    assert_eq!(held.len(), BEGUN.first);
    assert!(held.iter().all(|begun| begun.moving().now_or_never().is_some()));
    assert_eq!(fill(&queue, SMALL).len(), BEGUN.first, "each that was answered makes room for another");
}

#[test]
fn what_most_wait_for_goes_first_then_what_is_largest_then_what_came_first() {
    let ledger: Ledger<u8> = Ledger::new();
    let repository = "r.test/app".parse().expect("a repository");
    let wanted = |times| std::iter::repeat_n((7, Clone::clone(&repository)), times);
    let claims = ledger.claim(wanted(3));
    let [Claim::Yours { promise, .. }, Claim::Wait(_), Claim::Wait(_)] = &claims[..] else {
        panic!("one brings it and two wait")
    };
    let awaited = Wish { size_bytes: 1, followers: vec![promise.followers()] };
    let waiting = [wish(5), wish(LARGE), awaited.clone(), wish(9), wish(LARGE), wish(9)];
    let choose_from = |waiting: &[Wish], large_may| choose(waiting.iter(), large_may);
    assert_eq!(choose_from(&waiting, true), Some(2));
    drop(claims);
    assert_eq!(awaited.rank(), (0, 1), "who waits no more does not count");
    assert_eq!(choose_from(&waiting, true), Some(1));
    assert_eq!(choose_from(&waiting, false), Some(3));
    assert_eq!(choose_from(&waiting[1..2], false), None);
    assert_eq!(choose_from(&[], true), None);
}

#[test]
fn large_blobs_leave_room_for_small_ones() {
    let queue = known();
    let large = fill(&queue, LARGE);
    assert_eq!(large.len(), BEGUN.for_large);
    let small = fill(&queue, SMALL);
    assert_eq!(large.len() + small.len(), BEGUN.places);
    let moving: Vec<Place> = large.iter().filter_map(|begun| begun.moving().now_or_never()).collect();
    assert_eq!(moving.len(), MOVING.for_large);
    let moving_small: Vec<Place> = small.iter().filter_map(|begun| begun.moving().now_or_never()).collect();
    assert_eq!(moving.len() + moving_small.len(), MOVING.places);
}

#[test]
fn a_place_goes_to_who_still_waits_for_one() {
    let queue = known();
    let mut held = fill(&queue, SMALL);
    let (mut gave_up, mut waits) = (begun(&queue, wish(LARGE)), begun(&queue, wish(SMALL)));
    assert!((&mut gave_up).now_or_never().is_none() && (&mut waits).now_or_never().is_none());
    drop(gave_up);
    held.pop();
    let mut next = begun(&queue, wish(SMALL));
    assert!((&mut next).now_or_never().is_none(), "the place is taken");
    assert!(waits.now_or_never().is_some());
    held.clear();
    assert!(next.now_or_never().is_some());
    assert_eq!(fill(&queue, SMALL).len(), BEGUN.places, "every place comes back");
}

#[test]
fn a_place_that_was_granted_to_nobody_comes_back() {
    let queue = known();
    let held = fill(&queue, SMALL);
    let mut waits = begun(&queue, wish(SMALL));
    assert!((&mut waits).now_or_never().is_none());
    // It is granted here, and never looked at.
    drop(held);
    drop(waits);
    assert_eq!(fill(&queue, SMALL).len(), BEGUN.places);
}
