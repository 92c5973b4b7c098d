//! Copying what is found, while it is found.

use super::{Found, lost};
use crate::plan::{Dropped, Entry, Unresolved};
use crate::report::Settled;
use crate::store::Reach;
use crate::transfer::{Care, Shared, Sighting};
use futures::future::join;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Entries that are open at once. Most of them wait for blobs that others bring, or for their turn,
/// and hold neither a place nor a connection; each holds its manifest.
const ENTRIES_AT_ONCE: usize = 256;

/// What became of what was found.
#[derive(Debug, Default)]
pub struct Ended {
    /// The entries, each with an outcome for each of its targets.
    pub entries: Vec<Settled>,
    /// What could not be resolved or observed.
    pub unresolved: Vec<Unresolved>,
    /// What filters left out.
    pub dropped: Vec<Dropped>,
}

/// Copies entries that are known already. `ended` hears of every one that is done.
pub async fn copy_known(
    entries: Vec<Entry>,
    shared: Arc<Shared>,
    reach: Arc<dyn Reach>,
    ended: impl FnMut(&Settled),
) -> Ended {
    let (sender, found) = mpsc::channel(ENTRIES_AT_ONCE);
    let feeding = async move {
        for entry in entries {
            let sighting = Sighting { at: Instant::now(), care: Care::Usual };
            if sender.send(Found::Entry(entry, None, sighting)).await.is_err() {
                return;
            }
        }
    };
    join(feeding, copy(found, shared, reach, ended)).await.1
}

/// Copies each entry the moment it is found, while others are still looked for. `ended` hears of
/// every entry that is done.
pub async fn copy(
    mut found: mpsc::Receiver<Found>,
    shared: Arc<Shared>,
    reach: Arc<dyn Reach>,
    mut ended: impl FnMut(&Settled),
) -> Ended {
    let mut all = Ended::default();
    let mut copies = JoinSet::new();
    let mut open = true;
    while open || !copies.is_empty() {
        tokio::select! {
            next = found.recv(), if open && copies.len() < ENTRIES_AT_ONCE => match next {
                Some(Found::Entry(entry, fetched, sighting)) => {
                    // Its manifest is taken off the shelf now: another may be fetched.
                    drop(fetched);
                    let (shared, reach) = (Arc::clone(&shared), Arc::clone(&reach));
                    copies.spawn(async move {
                        let outcomes = shared.copy(&entry, sighting, &*reach).await;
                        Settled::new(entry, outcomes.into_iter().map(Some).collect())
                    });
                }
                Some(Found::Unresolved(unresolved)) => all.unresolved.push(unresolved),
                Some(Found::Dropped(dropped)) => all.dropped.push(dropped),
                // Every request is counted where it is made; a run tells no more of these.
                Some(Found::Asked(_) | Found::Looked(_)) => {}
                None => open = false,
            },
            Some(copied) = copies.join_next(), if !copies.is_empty() => match copied {
                Ok(settled) => {
                    ended(&settled);
                    all.entries.push(settled);
                }
                // A copy that panicked: the panic was printed, and the run shall not look well.
                Err(error) => all.unresolved.push(lost(&error)),
            },
        }
    }
    all
}
