//! The feed: what discovery finds, in whatever order it is found. Groups of rules, mappings and
//! planned entries are asked about at once; each as soon as it is known.

use super::lines::Lines;
use super::{Found, lost};
use crate::estate::Wanted;
use crate::meter::Meter;
use crate::observe::{self, Ahead, Observed};
use crate::oci::StoreKey;
use crate::plan::Entry;
use crate::referrers::Finder;
use crate::resolve::{self, Filtering, Mapping, MappingTarget, Mobility, Resolved};
use crate::spec::{OnExisting, Rule};
use crate::store::{Known, Sight};
use crate::transfer::{Care, Sighting, Stop};
use futures::StreamExt as _;
use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::FuturesUnordered;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

/// Groups of rules that are resolved at once for each source. Each may hold a list of tags.
const GROUPS_AT_ONCE: usize = 32;
/// Mappings that are observed at once for each source: half as many again as the widest window of a
/// registry lets through, so that it never lacks a request.
const MAPPINGS_AT_ONCE: usize = 96;
/// Mappings that wait to be observed before no more rules are resolved.
const MAPPINGS_WAITING_MAX: usize = 20_000;
/// What waits between discovery and copying. Entries are kept until the report is written anyway;
/// but what was seen long before it is copied may be gone by then.
const FOUND_WAITING_MAX: usize = 1024;

/// Where discovery puts what it finds.
pub(super) struct Feed {
    pub(super) sight: Arc<dyn Sight>,
    pub(super) ahead: Ahead,
    pub(super) meter: Arc<Meter>,
    pub(super) stop: Stop,
    finder: Arc<Finder>,
    found: mpsc::Sender<Found>,
}

/// What is to be observed.
pub(super) enum Subject {
    /// A mapping of a rule, or of none, and since when what it knows of its targets is known.
    Mapping(Box<Mapping>, Instant),
    /// An entry of a saved plan.
    Planned(Box<Entry>),
}

/// What asking gave: what was found, and what is to be observed now.
#[derive(Default)]
struct Told {
    found: Vec<Found>,
    subjects: Vec<Subject>,
}

/// Whose turn was taken.
enum Turn {
    Group(StoreKey),
    Subject(StoreKey),
}

/// All that is still to be asked about.
struct Open {
    groups: Lines<Vec<Rule>>,
    subjects: Lines<Subject>,
    asking: FuturesUnordered<BoxFuture<'static, (Turn, Told)>>,
}

impl Feed {
    pub(super) fn new(
        sight: Arc<dyn Sight>,
        ahead: Ahead,
        meter: Arc<Meter>,
        stop: Stop,
    ) -> (Self, mpsc::Receiver<Found>) {
        let (found, receiver) = mpsc::channel(FOUND_WAITING_MAX);
        (Self { sight, ahead, meter, stop, finder: Arc::default(), found }, receiver)
    }

    /// Finds out what `wanted` means, and all about `subjects`, while somebody takes what is found. Ends
    /// early when the run is to end; a filter that runs then is not waited for.
    pub(super) async fn run(
        self,
        wanted: Wanted,
        filtering: Option<Arc<Filtering>>,
        subjects: Vec<Subject>,
        known: Vec<Found>,
    ) {
        let nothing_is_copied = async {
            let _ = self.stop.or(std::future::pending::<()>()).await;
            self.ahead.end();
            self.stop.discovery_ends().await;
        };
        let finding = async {
            // Which rules could collide is known when all are.
            let (rules, lost) = wanted.expand(&*self.sight).await;
            let lost = lost.into_iter().map(Found::Unresolved);
            if self.send(known.into_iter().chain(lost).collect()).await {
                self.find(&mut Open::new(&rules, subjects), filtering.as_ref()).await;
            }
        };
        tokio::select! {
            () = nothing_is_copied => {}
            () = finding => self.meter.discovery_finished(),
        }
    }

    async fn find(&self, open: &mut Open, filtering: Option<&Arc<Filtering>>) {
        loop {
            while let Some((source, subject)) = open.subjects.next() {
                open.asking.push(about(
                    subject,
                    Turn::Subject(source),
                    Arc::clone(&self.sight),
                    self.ahead.clone(),
                    Arc::clone(&self.finder),
                ));
            }
            while let Some(filtering) = filtering
                && open.subjects.waiting() < MAPPINGS_WAITING_MAX
                && let Some((source, group)) = open.groups.next()
            {
                let (filtering, sight) = (Arc::clone(filtering), Arc::clone(&self.sight));
                open.asking.push(meaning(group, Turn::Group(source), filtering, sight));
            }
            let Some((turn, Told { found, subjects })) = open.asking.next().await else { return };
            open.end(&turn);
            subjects.into_iter().for_each(|subject| open.add(subject));
            if !self.send(found).await {
                return;
            }
        }
    }

    /// Hands on what was found; false when nobody takes it.
    async fn send(&self, found: Vec<Found>) -> bool {
        for found in found {
            match found {
                Found::Entry(..) => self.meter.entry_found(),
                Found::Unresolved(_) => {
                    self.meter.entry_found();
                    self.meter.entry_done();
                }
                Found::Dropped(_) | Found::Asked(_) | Found::Looked(_) => {}
            }
            if self.found.send(found).await.is_err() {
                return false;
            }
        }
        true
    }
}

impl Subject {
    /// How its targets are seen when they are asked now: never later than this.
    fn sighting(&self) -> Sighting {
        let stays = |target: &MappingTarget| target.mobility == Mobility::Immutable;
        let is_told = |target: &MappingTarget| target.known() != Known::Untold;
        let (at, care) = match self {
            // What the plan says is carried out to the letter.
            Self::Planned(_) => (Instant::now(), Care::Strict),
            Self::Mapping(mapping, since) => {
                let policy_keeps = mapping.on_existing != OnExisting::Overwrite;
                let care = match policy_keeps || mapping.targets.iter().any(stays) {
                    true => Care::Strict,
                    false => Care::Usual,
                };
                // What a list told is as old as the list.
                let at = if mapping.targets.iter().any(is_told) { *since } else { Instant::now() };
                (at, care)
            }
        };
        Sighting { at, care }
    }
}

impl Open {
    fn new(rules: &[Rule], subjects: Vec<Subject>) -> Self {
        let mut open = Self {
            groups: Lines::new(GROUPS_AT_ONCE),
            subjects: Lines::new(MAPPINGS_AT_ONCE),
            asking: FuturesUnordered::new(),
        };
        for group in resolve::groups(rules) {
            open.groups.add(group[0].source.store(), group.into_iter().cloned().collect());
        }
        subjects.into_iter().for_each(|subject| open.add(subject));
        open
    }

    fn add(&mut self, subject: Subject) {
        let source = match &subject {
            Subject::Mapping(mapping, _) => mapping.source.repository.store(),
            Subject::Planned(entry) => entry.source.repository.store(),
        };
        self.subjects.add(source, subject);
    }

    fn end(&mut self, turn: &Turn) {
        match turn {
            Turn::Group(source) => self.groups.ended(source),
            Turn::Subject(source) => self.subjects.ended(source),
        }
    }
}

/// Finds out what the rules of a group take.
fn meaning(
    group: Vec<Rule>,
    turn: Turn,
    filtering: Arc<Filtering>,
    sight: Arc<dyn Sight>,
) -> BoxFuture<'static, (Turn, Told)> {
    let resolving = async move {
        let since = Instant::now();
        let rules: Vec<&Rule> = group.iter().collect();
        let Resolved { mappings, unresolved, dropped, asked } =
            resolve::resolve(&rules, &sight, &filtering).await;
        let unresolved = unresolved.into_iter().map(Found::Unresolved);
        let found = unresolved.chain(dropped.into_iter().map(Found::Dropped)).chain([Found::Asked(asked)]);
        let subjects = mappings.into_iter().map(|mapping| Subject::Mapping(Box::new(mapping), since));
        Told { found: found.collect(), subjects: subjects.collect() }
    };
    run(turn, resolving)
}

/// Finds out how a source and its targets stand.
fn about(
    subject: Subject,
    turn: Turn,
    sight: Arc<dyn Sight>,
    ahead: Ahead,
    finder: Arc<Finder>,
) -> BoxFuture<'static, (Turn, Told)> {
    let observing = async move {
        let sighting = subject.sighting();
        let Observed { entry, unresolved, fetched, referrer_requests } = match subject {
            Subject::Mapping(mapping, _) => {
                let observed = observe::observe(&mapping, &*sight, &ahead, &finder).await;
                observe::pass(&mapping, observed, &*sight).await
            }
            Subject::Planned(entry) => observe::confirm(&entry, &*sight, &finder).await,
        };
        let unresolved = unresolved.into_iter().map(Found::Unresolved);
        let found = unresolved.chain(entry.map(|entry| Found::Entry(entry, fetched, sighting)));
        let looked = (referrer_requests > 0).then_some(Found::Looked(referrer_requests));
        Told { found: found.chain(looked).collect(), subjects: Vec::new() }
    };
    run(turn, observing)
}

/// Runs work on its own, so that it goes on while nobody asks for its result: what stands still with
/// a place in a registry's queue would keep everybody else from theirs. Ends it when nobody waits.
fn run(turn: Turn, work: impl Future<Output = Told> + Send + 'static) -> BoxFuture<'static, (Turn, Told)> {
    let running = AbortOnDropHandle::new(tokio::spawn(work));
    let or_lost = |error: tokio::task::JoinError| Told {
        found: vec![Found::Unresolved(lost(&error))],
        ..Told::default()
    };
    running.map(move |ended| (turn, ended.unwrap_or_else(or_lost))).boxed()
}
