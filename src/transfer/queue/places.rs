//! Places, and to whom they are given.

use super::{Size, Wish};
use std::cmp::Reverse;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// How many places there are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// How many there are at first. Each answer makes one more: what the first ones tell of a target,
    /// such as that it mounts nothing, spares the others a request.
    pub(super) first: usize,
    /// How many there are in the end.
    pub(super) places: usize,
    /// How many of them large blobs may take.
    pub(super) for_large: usize,
}

/// The places of one kind.
#[derive(Debug)]
pub(super) struct Places {
    room: Room,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How many places came to those that there are at first.
    more: usize,
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

/// One place; given back when dropped.
#[derive(Debug)]
pub(in crate::transfer) struct Place {
    pub(super) places: Arc<Places>,
    size: Size,
}

impl Places {
    pub(super) fn new(room: Room) -> Arc<Self> {
        Arc::new(Self { room, state: Mutex::default() })
    }

    /// Waits for a place.
    pub(super) async fn place(self: &Arc<Self>, wish: Wish) -> Place {
        let (granted, place) = oneshot::channel();
        self.state.lock().unwrap_or_else(PoisonError::into_inner).waiting.push(Waiter { wish, granted });
        self.grant();
        match place.await {
            Ok(place) => place,
            Err(_closed) => unreachable!("who waits is not forgotten"),
        }
    }

    /// Makes one place more.
    pub(super) fn grow(self: &Arc<Self>) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).more += 1;
        self.grant();
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
        let State { more, taken, taken_by_large, waiting } = &mut *state;
        if *taken >= (self.room.first + *more).min(self.room.places) {
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
pub(super) fn choose<'a>(waiting: impl Iterator<Item = &'a Wish>, large_may: bool) -> Option<usize> {
    let may = |(_, wish): &(usize, &Wish)| large_may || wish.size() == Size::Small;
    let best = waiting.enumerate().filter(may).max_by_key(|(number, wish)| (wish.rank(), Reverse(*number)));
    best.map(|(number, _)| number)
}

impl Drop for Place {
    fn drop(&mut self) {
        {
            let mut state = self.places.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.taken -= 1;
            state.more += 1;
            state.taken_by_large -= usize::from(self.size == Size::Large);
        }
        self.places.grant();
    }
}
