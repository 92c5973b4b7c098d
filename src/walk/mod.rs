//! The walk: rules become mappings, mappings entries, entries outcomes, one at a time and all at
//! once. Joins the rooms; decides nothing that a room decides.

mod comparing;
mod copying;
mod deep;
mod feed;
mod finishing;
mod guide;
#[cfg(test)]
mod laws;
mod lines;
mod planning;
mod verifying;

pub use comparing::compare;
pub use copying::{Ended, copy, copy_known};
pub use deep::{examine, repair};
pub use finishing::finish;
pub use planning::{collect, weigh};
pub use verifying::verify;

use crate::estate::Wanted;
use crate::failure::{Code, Failure, Operation};
use crate::filter::Level;
use crate::meter::Meter;
use crate::observe::{Ahead, Fetched};
use crate::oci::{Place, Reference, Repository};
use crate::plan::{Dropped, Entry, FilterRequests, Plan, Unresolved};
use crate::report::escape::Foreign;
use crate::resolve::{Filtering, Mapping, Said};
use crate::store::Sight;
use crate::transfer::{Sighting, Stop};
use feed::{Feed, Subject};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Entries that wait to be copied or weighed and whose manifests were fetched already: they must still be on the
/// shelf then, which has room for some thousand.
const FETCHED_AHEAD_MAX: usize = 256;

/// What discovery finds, as it finds it.
#[derive(Debug)]
pub enum Found {
    /// A mapping with its drift, the place of its manifest where that was fetched, and how its targets
    /// were seen.
    Entry(Entry, Option<Fetched>, Sighting),
    /// A mapping that could not be resolved or observed.
    Unresolved(Unresolved),
    /// A source tag that a filter left out.
    Dropped(Dropped),
    /// What sources were asked so that the filters of some rules could decide.
    Asked(FilterRequests),
    /// So many requests were made to find out about referrers.
    Looked(u64),
}

/// What is done with what is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It is told.
    Tell,
    /// What is pending is weighed: its manifests are fetched anyway.
    Weigh,
    /// What is pending is copied: its manifests are fetched anyway.
    Copy,
}

impl Purpose {
    fn ahead(self) -> Ahead {
        match self {
            Self::Tell => Ahead::none(),
            Self::Weigh | Self::Copy => Ahead::at_most(FETCHED_AHEAD_MAX),
        }
    }
}

/// Starts to discover what `wanted` means: what they take, and what their targets lack. It goes on
/// while the receiver keeps up, and ends early when `stop` is set; a filter that runs then is not
/// waited for.
pub fn discover(
    wanted: Wanted,
    filtering: Arc<Filtering>,
    sight: Arc<dyn Sight>,
    purpose: Purpose,
    meter: Arc<Meter>,
    stop: Stop,
) -> mpsc::Receiver<Found> {
    let (feed, found) = Feed::new(sight, purpose.ahead(), meter, stop);
    tokio::spawn(async move { feed.run(wanted, Some(filtering), Vec::new(), Vec::new()).await });
    found
}

/// Starts to look again at what a saved plan says.
pub fn confirm(plan: Plan, sight: Arc<dyn Sight>, meter: Arc<Meter>, stop: Stop) -> mpsc::Receiver<Found> {
    let (feed, found) = Feed::new(sight, Ahead::none(), meter, stop);
    let unresolved = plan.unresolved().iter().cloned().map(Found::Unresolved);
    let known = unresolved.chain(plan.dropped().iter().cloned().map(Found::Dropped)).collect();
    let planned = plan.into_entries().into_iter().map(|entry| Subject::Planned(Box::new(entry))).collect();
    tokio::spawn(async move { feed.run(Wanted::default(), None, planned, known).await });
    found
}

/// Starts to observe mappings that no rule made.
pub fn look_at(
    mappings: Vec<Mapping>,
    sight: Arc<dyn Sight>,
    meter: Arc<Meter>,
    stop: Stop,
) -> mpsc::Receiver<Found> {
    let (feed, found) = Feed::new(sight, Purpose::Copy.ahead(), meter, stop);
    let subject = |mapping| Subject::Mapping(Box::new(mapping), Instant::now());
    let mappings = mappings.into_iter().map(subject).collect();
    tokio::spawn(async move { feed.run(Wanted::default(), None, mappings, Vec::new()).await });
    found
}

/// Tells what a filter logged.
pub fn tell(Said { filter, repository, line }: &Said<'_>) {
    let place = repository.map(|repository| format!(", {repository}")).unwrap_or_default();
    let said = format!("filter {}{}: {}", Foreign(filter), Foreign(place), Foreign(&line.message));
    match line.level {
        Level::Warn => tracing::warn!("{said}"),
        Level::Info | Level::Debug => tracing::debug!("{said}"),
    }
}

fn lost(error: &tokio::task::JoinError) -> Unresolved {
    let message = match error.is_panic() {
        true => "work on a mapping ended in a mistake of ours",
        false => "work on a mapping was aborted",
    };
    let reference = Reference {
        repository: Repository::Local { place: Place::layout("unknown"), name: None },
        tag: None,
        digest: None,
    };
    Unresolved {
        mirror: "unknown".to_owned(),
        spec_line: None,
        source: reference,
        target: None,
        failure: *Failure::new(Code::Internal, "crossdock", Operation::Compare, message)
            .hint("please report this, with the message that was printed"),
    }
}
