//! The queue: which blob is begun next, and which one's bytes move next. Decides about places only;
//! who waits for somebody else's blob holds none.

use super::ledger::Followers;
use crate::oci::StoreKey;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// Blobs of one source that are begun at their targets at once: enough to keep the widest window for
/// short requests busy while as many uploads again wait, open, for their bytes. An upload that waits
/// for long may be forgotten by its registry.
const BEGUN: Room = Room { places: 128, for_large: 96 };
/// Blobs of one source whose bytes are on their way at once: what a registry's window for bodies lets
/// through, and some more, so that the next one is there when one ends. Large ones leave room for
/// small ones, which wait for answers and not for the wire.
const MOVING: Room = Room { places: 20, for_large: 12 };
/// From which length on a blob is large: its bytes take longer than a few round trips.
const LARGE_BYTES_MIN: u64 = 4 << 20;

/// How many places there are.
#[derive(Debug, Clone, Copy)]
struct Room {
    places: usize,
    /// How many of them large blobs may take.
    for_large: usize,
}

/// The blobs that wait in one run, by the store that they come from.
#[derive(Debug, Default)]
pub(super) struct Queue(Mutex<HashMap<StoreKey, Line>>);

/// The places for the blobs of one source.
#[derive(Debug, Clone)]
struct Line {
    begun: Arc<Places>,
    moving: Arc<Places>,
}

/// A blob that waits for a place.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) size_bytes: u64,
    /// Who waits for it, at each of its targets.
    pub(super) followers: Vec<Followers>,
}

/// The right to begin a blob at its targets; given back when dropped.
#[derive(Debug)]
pub(super) struct Beginning {
    _place: Place,
    moving: Arc<Places>,
    wish: Wish,
}

/// One place; given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    size: Size,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    Small,
    Large,
}

#[derive(Debug)]
struct Places {
    room: Room,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    taken: usize,
    taken_by_large: usize,
    /// In the order in which they came.
    waiting: Vec<Waiter>,
}

#[derive(Debug)]
struct Waiter {
    wish: Wish,
    granted: oneshot::Sender<Place>,
}

impl Queue {
    /// Waits until a blob from `source` may be begun.
    pub(super) async fn begin(&self, source: StoreKey, wish: Wish) -> Beginning {
        let Line { begun, moving } = {
            let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            lines.entry(source).or_default().clone()
        };
        let place = begun.place(wish.clone()).await;
        Beginning { _place: place, moving, wish }
    }
}

impl Default for Line {
    fn default() -> Self {
        Self { begun: Places::new(BEGUN), moving: Places::new(MOVING) }
    }
}

impl Beginning {
    /// Waits until the bytes may move, too.
    pub(super) async fn moving(&self) -> Place {
        self.moving.place(self.wish.clone()).await
    }
}

impl Wish {
    fn size(&self) -> Size {
        if self.size_bytes < LARGE_BYTES_MIN { Size::Small } else { Size::Large }
    }

    /// How much it is wanted: first what most others wait for, then what takes longest.
    fn rank(&self) -> (usize, u64) {
        (self.followers.iter().map(Followers::count).sum(), self.size_bytes)
    }
}

impl Places {
    fn new(room: Room) -> Arc<Self> {
        Arc::new(Self { room, state: Mutex::default() })
    }

    async fn place(self: &Arc<Self>, wish: Wish) -> Place {
        let (granted, place) = oneshot::channel();
        self.state.lock().unwrap_or_else(PoisonError::into_inner).waiting.push(Waiter { wish, granted });
        self.grant();
        match place.await {
            Ok(place) => place,
            Err(_closed) => unreachable!("who waits is not forgotten"),
        }
    }

    /// Gives places away while there are some.
    fn grant(self: &Arc<Self>) {
        while let Some(Waiter { wish, granted }) = self.next() {
            let size = wish.size();
            // The place of one who gave up this moment comes back when it is dropped here.
            drop(granted.send(Place { places: Arc::clone(self), size }));
        }
    }

    /// Takes the waiting blob whose turn it is out of the queue, and its place.
    fn next(&self) -> Option<Waiter> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { taken, taken_by_large, waiting } = &mut *state;
        if *taken >= self.room.places {
            return None;
        }
        // Who waits no more shall not be asked.
        waiting.retain(|waiter| !waiter.granted.is_closed());
        let large_may = *taken_by_large < self.room.for_large;
        let chosen = choose(waiting.iter().map(|waiter| &waiter.wish), large_may)?;
        let waiter = waiting.remove(chosen);
        *taken += 1;
        *taken_by_large += usize::from(waiter.wish.size() == Size::Large);
        Some(waiter)
    }
}

/// Which of those that wait is next; of equals the one that came first.
fn choose<'a>(waiting: impl Iterator<Item = &'a Wish>, large_may: bool) -> Option<usize> {
    let may = |(_, wish): &(usize, &Wish)| large_may || wish.size() == Size::Small;
    let best = waiting.enumerate().filter(may).max_by_key(|(number, wish)| (wish.rank(), Reverse(*number)));
    best.map(|(number, _)| number)
}

impl Drop for Place {
    fn drop(&mut self) {
        {
            let mut state = self.places.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.taken -= 1;
            state.taken_by_large -= usize::from(self.size == Size::Large);
        }
        self.places.grant();
    }
}

#[cfg(test)]
mod tests {
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
        let queue = Queue::default();
        let large = fill(&queue, LARGE);
        assert_eq!(large.len(), BEGUN.for_large);
        let small = fill(&queue, SMALL);
        assert_eq!(large.len() + small.len(), BEGUN.places);
        let moving: Vec<Place> = large.iter().filter_map(|begun| begun.moving().now_or_never()).collect();
        assert_eq!(moving.len(), MOVING.for_large);
        let moving_small = small.iter().filter_map(|begun| begun.moving().now_or_never()).count();
        assert_eq!(moving_small, small.len(), "each gave its place back at once");
    }

    #[test]
    fn a_place_goes_to_who_still_waits_for_one() {
        let queue = Queue::default();
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
        let queue = Queue::default();
        let held = fill(&queue, SMALL);
        let mut waits = begun(&queue, wish(SMALL));
        assert!((&mut waits).now_or_never().is_none());
        // It is granted here, and never looked at.
        drop(held);
        drop(waits);
        assert_eq!(fill(&queue, SMALL).len(), BEGUN.places);
    }
}
