//! The walk: rules become mappings, mappings entries, entries outcomes, one at a time and all at
//! once. Joins the rooms; decides nothing that a room decides.

use crate::failure::{Code, Failure, Operation};
use crate::filter::Level;
use crate::meter::Meter;
use crate::observe::{self, Observed};
use crate::oci::{Reference, Repository};
use crate::plan::{Dropped, Entry, FilterRequests, Plan, Unresolved};
use crate::report::Settled;
use crate::report::escape::Foreign;
use crate::resolve::{self, Filtering, Mapping, Resolved, Said};
use crate::spec::Rule;
use crate::store::{Reach, Sight};
use crate::transfer::{Shared, Stop};
use futures::StreamExt as _;
use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::{self, BoxStream};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

/// Groups of rules that are resolved at once.
const GROUPS_AT_ONCE: usize = 8;
/// Mappings that are observed at once.
const MAPPINGS_AT_ONCE: usize = 64;
/// Entries that wait between discovery and copying.
const ENTRIES_WAITING_MAX: usize = 64;
/// Entries that are copied at once; how many requests that makes is up to the registries' limits.
const ENTRIES_AT_ONCE: usize = 32;

/// What discovery finds, as it finds it.
#[derive(Debug)]
pub enum Found {
    /// A mapping with its drift.
    Entry(Entry),
    /// A mapping that could not be resolved or observed.
    Unresolved(Unresolved),
    /// A source tag that a filter left out.
    Dropped(Dropped),
    /// What sources were asked so that the filters of some rules could decide.
    Asked(FilterRequests),
}

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

/// Where discovery puts what it finds.
struct Feed {
    found: mpsc::Sender<Found>,
    meter: Arc<Meter>,
}

/// Starts to discover what `rules` mean: what they take, and what their targets lack. It goes on
/// while the receiver keeps up, and ends early when `stop` is set; a filter that runs then is not
/// waited for.
pub fn discover(
    rules: Vec<Rule>,
    filtering: Arc<Filtering>,
    sight: Arc<dyn Sight>,
    meter: Arc<Meter>,
    stop: Stop,
) -> mpsc::Receiver<Found> {
    let (feed, found) = Feed::new(meter);
    tokio::spawn(async move { feed.until(stop, feed.discover(&rules, &filtering, &sight)).await });
    found
}

/// Starts to look again at what a saved plan says.
pub fn confirm(plan: Plan, sight: Arc<dyn Sight>, meter: Arc<Meter>, stop: Stop) -> mpsc::Receiver<Found> {
    let (feed, found) = Feed::new(meter);
    tokio::spawn(async move { feed.until(stop, feed.confirm(plan, &sight)).await });
    found
}

/// Starts to observe one mapping, which no rule made.
pub fn look_at(
    mapping: Mapping,
    sight: Arc<dyn Sight>,
    meter: Arc<Meter>,
    stop: Stop,
) -> mpsc::Receiver<Found> {
    let (feed, found) = Feed::new(meter);
    tokio::spawn(async move {
        let one = stream::iter([observation(mapping, sight)]).boxed();
        feed.until(stop, feed.forward(one)).await;
    });
    found
}

impl Feed {
    fn new(meter: Arc<Meter>) -> (Self, mpsc::Receiver<Found>) {
        let (found, receiver) = mpsc::channel(ENTRIES_WAITING_MAX);
        (Self { found, meter }, receiver)
    }

    async fn until(&self, stop: Stop, work: impl Future<Output = ()>) {
        tokio::select! {
            () = stop.discovery_ends() => {}
            () = work => self.meter.discovery_finished(),
        }
    }

    async fn discover(&self, rules: &[Rule], filtering: &Arc<Filtering>, sight: &Arc<dyn Sight>) {
        let groups = resolve::groups(rules).into_iter();
        let groups: Vec<Vec<Rule>> = groups.map(|group| group.into_iter().cloned().collect()).collect();
        let resolving =
            groups.into_iter().map(|group| resolution(group, Arc::clone(filtering), Arc::clone(sight)));
        let resolved = stream::iter(resolving).buffered(GROUPS_AT_ONCE);
        let sight = Arc::clone(sight);
        let observing = resolved.map(move |Resolved { mappings, unresolved, dropped, asked }| {
            let sight = Arc::clone(&sight);
            let each = mappings.into_iter().map(move |mapping| observation(mapping, Arc::clone(&sight)));
            let unresolved = unresolved.into_iter().map(Found::Unresolved);
            let known =
                unresolved.chain(dropped.into_iter().map(Found::Dropped)).chain([Found::Asked(asked)]);
            stream::iter(each.chain([std::future::ready(known.collect()).boxed()]))
        });
        self.forward(observing.flatten().boxed()).await;
    }

    async fn confirm(&self, plan: Plan, sight: &Arc<dyn Sight>) {
        let sight = Arc::clone(sight);
        let unresolved = plan.unresolved().iter().cloned().map(Found::Unresolved);
        let known = unresolved.chain(plan.dropped().iter().cloned().map(Found::Dropped)).collect();
        let confirmations = plan.into_entries().into_iter().map(move |entry| {
            let sight = Arc::clone(&sight);
            run(async move { found(observe::confirm(&entry, &*sight).await) }, not_observed)
        });
        let known = std::future::ready(known).boxed();
        self.forward(stream::iter(confirmations.chain([known])).boxed()).await;
    }

    /// Hands on what is observed, in its order, while somebody takes it.
    async fn forward<'a>(&self, observing: BoxStream<'a, BoxFuture<'static, Vec<Found>>>) {
        let mut observations = observing.buffered(MAPPINGS_AT_ONCE);
        while let Some(found) = observations.next().await {
            for found in found {
                match found {
                    Found::Entry(_) => self.meter.entry_found(),
                    Found::Unresolved(_) => {
                        self.meter.entry_found();
                        self.meter.entry_done();
                    }
                    Found::Dropped(_) | Found::Asked(_) => {}
                }
                if self.found.send(found).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Runs work on its own, so that it goes on while nobody asks for its result: what stands still with
/// a place in a registry's queue would keep everybody else from theirs. Ends it when nobody waits.
fn run<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
    or_lost: fn(Unresolved) -> T,
) -> BoxFuture<'static, T> {
    let running = async move { AbortOnDropHandle::new(tokio::spawn(work)).await };
    running.map(move |ended| ended.unwrap_or_else(|error| or_lost(lost(&error)))).boxed()
}

fn no_mappings(lost: Unresolved) -> Resolved {
    Resolved { unresolved: vec![lost], ..Resolved::default() }
}

fn not_observed(lost: Unresolved) -> Vec<Found> {
    vec![Found::Unresolved(lost)]
}

fn found(Observed { entry, unresolved }: Observed) -> Vec<Found> {
    unresolved.into_iter().map(Found::Unresolved).chain(entry.map(Found::Entry)).collect()
}

fn resolution(
    group: Vec<Rule>,
    filtering: Arc<Filtering>,
    sight: Arc<dyn Sight>,
) -> BoxFuture<'static, Resolved> {
    let resolving = async move {
        let rules: Vec<&Rule> = group.iter().collect();
        resolve::resolve(&rules, &sight, &filtering).await
    };
    run(resolving, no_mappings)
}

fn observation(mapping: Mapping, sight: Arc<dyn Sight>) -> BoxFuture<'static, Vec<Found>> {
    run(async move { found(observe::observe(&mapping, &*sight).await) }, not_observed)
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

/// Waits for all that is found, and makes it a plan.
pub async fn collect(mut found: mpsc::Receiver<Found>) -> Plan {
    let mut entries = Vec::new();
    let mut unresolved = Vec::new();
    let mut dropped = Vec::new();
    let mut asked = FilterRequests::default();
    while let Some(found) = found.recv().await {
        match found {
            Found::Entry(entry) => entries.push(entry),
            Found::Unresolved(lost) => unresolved.push(lost),
            Found::Dropped(one) => dropped.push(one),
            Found::Asked(more) => asked += more,
        }
    }
    Plan::new(entries, unresolved).with_filtered(dropped, asked)
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
                Some(Found::Entry(entry)) => {
                    let (shared, reach) = (Arc::clone(&shared), Arc::clone(&reach));
                    copies.spawn(async move {
                        let outcomes = shared.copy(&entry, &*reach).await;
                        Settled { entry, outcomes: outcomes.into_iter().map(Some).collect() }
                    });
                }
                Some(Found::Unresolved(unresolved)) => all.unresolved.push(unresolved),
                Some(Found::Dropped(dropped)) => all.dropped.push(dropped),
                // Every request is counted where it is made; a run tells no more of these.
                Some(Found::Asked(_)) => {}
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

fn lost(error: &tokio::task::JoinError) -> Unresolved {
    let message = match error.is_panic() {
        true => "work on a mapping ended in a mistake of ours",
        false => "work on a mapping was aborted",
    };
    let reference = Reference {
        repository: Repository::Layout { directory: "unknown".into(), name: None },
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
