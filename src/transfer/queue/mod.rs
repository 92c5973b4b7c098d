//! The queue: which blob is begun next, and which one's bytes move next. Decides about places only;
//! who waits for somebody else's blob holds none.

#[cfg(test)]
mod laws;
mod places;
#[cfg(test)]
mod tests;

use super::ledger::Followers;
use crate::oci::StoreKey;
use places::{Place, Places, Room};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Blobs of one source that are begun at their targets at once: enough to keep the widest window for
/// short requests busy while half as many uploads wait, open, for their bytes. An upload that waits
/// for long may be forgotten by its registry.
const BEGUN: Room = Room { first: 16, places: 96, for_large: 72 };
/// Blobs of one source whose bytes are on their way at once: what a registry's window for bodies lets
/// through, and some more, so that the next one is there when one ends. Large ones leave room for
/// small ones, which wait for answers and not for the wire.
const MOVING: Room = Room { first: 20, places: 20, for_large: 12 };
/// From which length on a blob is large: its bytes take longer than a few round trips.
const LARGE_BYTES_MIN: u64 = 4 << 20;

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
    place: Place,
    moving: Arc<Places>,
    wish: Wish,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    Small,
    Large,
}

impl Queue {
    /// Waits until a blob from `source` may be begun.
    pub(super) async fn begin(&self, source: StoreKey, wish: Wish) -> Beginning {
        let Line { begun, moving } = {
            let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            lines.entry(source).or_default().clone()
        };
        let place = begun.place(wish.clone()).await;
        Beginning { place, moving, wish }
    }
}

impl Default for Line {
    fn default() -> Self {
        Self { begun: Places::new(BEGUN), moving: Places::new(MOVING) }
    }
}

impl Beginning {
    /// The targets have answered: waits until the bytes may move, too.
    pub(super) async fn moving(&self) -> Place {
        self.place.places.grow();
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
