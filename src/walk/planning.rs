//! Planning what is found: all of it, as one value.

use super::Found;
use crate::observe::Fetched;
use crate::plan::{Dropped, Entry, FilterRequests, Plan, Unresolved};
use crate::store::Sight;
use crate::weigh::Scale;
use futures::FutureExt as _;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Entries that are weighed at once.
const WEIGHED_AT_ONCE: usize = 128;

/// What was found so far.
#[derive(Default)]
struct Gathered {
    entries: Vec<Entry>,
    unresolved: Vec<Unresolved>,
    dropped: Vec<Dropped>,
    asked: FilterRequests,
    referrer_requests: u64,
}

/// Waits for all that is found, and makes it a plan.
pub async fn collect(mut found: mpsc::Receiver<Found>) -> Plan {
    let mut gathered = Gathered::default();
    while let Some(found) = found.recv().await {
        gathered.take(found);
    }
    gathered.plan()
}

/// The same with what it costs at most: each entry is weighed while others are still looked for.
pub async fn weigh(mut found: mpsc::Receiver<Found>, sight: &Arc<dyn Sight>) -> Plan {
    let mut gathered = Gathered::default();
    let mut scale = Scale::default();
    let mut weighing = FuturesUnordered::new();
    let mut open = true;
    while open || !weighing.is_empty() {
        tokio::select! {
            next = found.recv(), if open && weighing.len() < WEIGHED_AT_ONCE => match next {
                Some(found) => {
                    if let Some((entry, fetched)) = gathered.take(found)
                        && let Some(weighed) = scale.weigh(entry, sight)
                    {
                        // Its manifest must stay on the shelf until it is read.
                        weighing.push(weighed.map(|weight| (weight, fetched)));
                    }
                }
                None => open = false,
            },
            Some((weight, _)) = weighing.next(), if !weighing.is_empty() => scale.put(weight),
        }
    }
    gathered.plan().with_cost(scale.cost())
}

impl Gathered {
    /// Keeps what was found; an entry can be seen, and has the place of its manifest.
    fn take(&mut self, found: Found) -> Option<(&Entry, Option<Fetched>)> {
        match found {
            Found::Entry(entry, fetched, _) => {
                self.entries.push(entry);
                return self.entries.last().map(|entry| (entry, fetched));
            }
            Found::Unresolved(lost) => self.unresolved.push(lost),
            Found::Dropped(one) => self.dropped.push(one),
            Found::Asked(more) => self.asked += more,
            Found::Looked(requests) => self.referrer_requests += requests,
        }
        None
    }

    fn plan(self) -> Plan {
        let plan = Plan::new(self.entries, self.unresolved).with_filtered(self.dropped, self.asked);
        plan.with_referrer_requests(self.referrer_requests)
    }
}
