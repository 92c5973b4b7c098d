//! Fetching ahead: where it is certain that an image will be copied, its manifest is fetched instead
//! of being asked about. Bounded, so that what is fetched is still at hand when it is copied.

use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many manifests may be fetched before their entries are copied. Clones share their places.
#[derive(Debug, Clone)]
pub struct Ahead(Option<Arc<Semaphore>>);

/// The place of an entry whose manifest was fetched; given back when dropped: that is when somebody
/// begins to copy it, or knows that nobody will.
#[derive(Debug)]
pub struct Fetched {
    _place: OwnedSemaphorePermit,
}

impl Ahead {
    /// No manifest is fetched: nothing is copied.
    pub fn none() -> Self {
        Self(None)
    }

    /// At most so many.
    pub fn at_most(places: usize) -> Self {
        Self(Some(Arc::new(Semaphore::new(places))))
    }

    /// From now on no manifest is fetched, because nothing more will be copied.
    pub fn end(&self) {
        if let Some(places) = &self.0 {
            places.close();
        }
    }

    /// Waits for a place; none where nothing is copied.
    pub(super) async fn place(&self) -> Option<Fetched> {
        let place = self.0.clone()?.acquire_owned().await;
        place.ok().map(|place| Fetched { _place: place })
    }
}
