//! Filtering: asks the filters of a run, some at once, away from the threads that wait for others.

use crate::failure::{Code, Failure, Fallible, Operation};
use crate::filter::{Decided, Decision, Fault, Filter, FilterError, Line, Measured, Request};
use crate::oci::Repository;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::available_parallelism;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// The filters of a run, and what they get to know beside images.
pub struct Filtering {
    filters: BTreeMap<String, Filter>,
    now: i64,
    tell: fn(&Said<'_>),
    /// One for each filter that may run at once: they do nothing but compute.
    places: Arc<Semaphore>,
}

/// Something that a filter logged.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// The name of the filter.
    pub filter: &'a str,
    /// The source repository that it was asked about; none before it was asked about any.
    pub repository: Option<&'a Repository>,
    /// What it said: foreign text.
    pub line: &'a Line,
}

impl Filtering {
    /// With these filters, by name. `now` is when the run started, in seconds since
    /// 1970-01-01T00:00:00Z; `tell` hears what filters log.
    pub fn new(filters: BTreeMap<String, Filter>, now: i64, tell: fn(&Said<'_>)) -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self { filters, now, tell, places: Arc::new(Semaphore::new(cores)) }
    }

    pub(super) fn find(&self, name: &str) -> Option<&Filter> {
        self.filters.get(name)
    }

    pub(super) fn now(&self) -> i64 {
        self.now
    }

    /// One decision for each image of the request. Whoever stops waiting leaves a filter that runs to
    /// its end, which its fuel bounds.
    pub(super) async fn decide(
        &self,
        filter: &Filter,
        request: Request,
        source: &Repository,
    ) -> Fallible<Vec<Decision>> {
        let count = request.images.len();
        let place = Arc::clone(&self.places).acquire_owned().await;
        let running = filter.clone();
        let decided = spawn_blocking(move || {
            let _place = place;
            running.decide(&request)
        });
        let (log, decisions) = match decided.await {
            Ok(Ok(Decided { decisions, log, used })) => {
                let Measured { fuel, memory_bytes } = used;
                tracing::debug!(filter = filter.name(), %source, fuel, memory_bytes, "the filter decided");
                (log, Ok(decisions))
            }
            Ok(Err(error)) => {
                let failure = failure(&error, source);
                (error.log, Err(failure))
            }
            Err(_) => {
                let message = format!("the filter `{}` ended in a mistake of ours", filter.name());
                let failure = Failure::new(Code::Internal, source, Operation::Filter, message);
                (Vec::new(), Err(failure.hint("please report this, with the message that was printed")))
            }
        };
        for line in &log {
            (self.tell)(&Said { filter: filter.name(), repository: Some(source), line });
        }
        match decisions {
            Ok(decisions) if decisions.len() != count => {
                let message = format!("{} decisions came for {count} images", decisions.len());
                Err(Failure::new(Code::Internal, source, Operation::Filter, message))
            }
            decisions => decisions,
        }
    }
}

/// What a filter that cannot decide means for its repository: nothing of it is mirrored.
fn failure(error: &FilterError, source: &Repository) -> Box<Failure> {
    let code = match error.fault {
        Fault::Internal => Code::Internal,
        _ => Code::Filter,
    };
    let mut failure = Failure::new(code, source, Operation::Filter, error.to_string());
    failure.hint = error.hint.clone();
    failure
}
