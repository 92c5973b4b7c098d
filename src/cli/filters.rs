//! The filters of a run: made ready before anything is mirrored, and what is said when one cannot be.

use super::early::Early;
use super::given::Given;
use super::setting::Setting;
use crate::components::{self, Filters, LoadError};
use crate::failure::{Code, Failure, Operation};
use crate::filter::{Fault, FilterError};
use crate::plan::FilterFacts;
use crate::report::escape::foreign;
use crate::resolve::{self, Filtering, Said};
use crate::spec::{self, Problem, Rule};
use crate::store::Download;
use crate::walk;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Loads, compiles and prepares the filters of `rules`, and no other. What `given` tells of the spec
/// tells of them from then on.
pub(super) async fn ready(
    setting: &Setting,
    given: &mut Given,
    rules: &[Rule],
    stores: &dyn Download,
) -> Result<Arc<Filtering>, Early> {
    let names: BTreeSet<String> = rules.iter().filter_map(|rule| rule.filter.clone()).collect();
    let filters = load(setting, given, &names, stores).await.map_err(|error| match error {
        LoadError::Filter(error) => refuse(setting, given, vec![*error]),
        LoadError::Store(failure) => fail(setting, rules, *failure),
    })?;
    given.facts.filters = facts(&filters);
    Ok(Arc::new(Filtering::new(filters, setting.started_at.unix_timestamp(), walk::tell)))
}

/// Loads, compiles and prepares filters, unless the run is to end first. What they log is told.
pub(super) async fn load(
    setting: &Setting,
    given: &Given,
    names: &BTreeSet<String>,
    stores: &dyn Download,
) -> Result<Filters, LoadError> {
    let cache = setting.filter_cache();
    let loading = components::load(&given.spec, names, stores, cache.as_ref());
    let filters = setting.stop.or(loading).await.map_err(LoadError::Store)?.map_err(ours)?;
    for filter in filters.values() {
        for line in filter.prepared().1 {
            walk::tell(&Said { filter: filter.name(), repository: None, line });
        }
    }
    Ok(filters)
}

/// Names and digests, for plans and reports.
pub(super) fn facts(filters: &Filters) -> Vec<FilterFacts> {
    let fact = |(name, filter): (&String, &crate::filter::Filter)| FilterFacts {
        name: name.clone(),
        digest: filter.digest().clone(),
    };
    filters.iter().map(fact).collect()
}

/// A filter of a saved plan that is another one now.
pub(super) enum Changed {
    /// None is.
    No,
    /// One is: why the plan cannot be carried out.
    Yes(String),
}

/// Whether the filters that decided what is in a plan are still the same.
pub(super) async fn changed(
    setting: &Setting,
    given: &Given,
    planned: &[FilterFacts],
    stores: &dyn Download,
) -> Result<Changed, Early> {
    let names: BTreeSet<String> = planned.iter().map(|filter| filter.name.clone()).collect();
    let looking = components::digests(&given.spec, &names, stores);
    let looked = setting.stop.or(looking).await.map_err(LoadError::Store);
    let now: BTreeMap<_, _> =
        looked.and_then(|looked| looked.map_err(ours)).map_err(|error| match error {
            LoadError::Filter(error) => refuse(setting, given, vec![*error]),
            LoadError::Store(failure) => fail(setting, &given.spec.mirrors, *failure),
        })?;
    let other = planned.iter().find_map(|FilterFacts { name, digest }| {
        let now = now.get(name).filter(|now| *now != digest)?;
        Some(format!(
            "the plan was made with another filter `{name}`: its SHA-256 was {}, and is {} now",
            digest.short(),
            now.short()
        ))
    });
    Ok(other.map_or(Changed::No, Changed::Yes))
}

/// A mistake of ours is none of the filter's.
fn ours(error: LoadError) -> LoadError {
    match error {
        LoadError::Filter(error) if error.fault == Fault::Internal => {
            let mut failure = Failure::new(Code::Internal, "crossdock", Operation::Filter, error.to_string());
            failure.hint = error.hint;
            LoadError::Store(failure)
        }
        other => other,
    }
}

/// The filters are wrong, and so is the spec that names them.
pub(super) fn refuse(setting: &Setting, given: &Given, errors: Vec<FilterError>) -> Early {
    let mut problems = Vec::new();
    for error in errors {
        for line in &error.log {
            walk::tell(&Said { filter: &error.filter, repository: None, line });
        }
        let hint = error.hint.as_ref().map(foreign);
        match given.spec.filters.get(&error.filter) {
            Some(declaration) => problems.push(
                Problem::new(spec::Code::BadFilter, declaration.place, foreign(&error)).maybe_help(hint),
            ),
            None => return Early::Invalid(error.to_string()),
        }
    }
    given.refuse(setting, problems)
}

/// A filter could not be fetched: none of the rules that have one can be resolved.
fn fail(setting: &Setting, rules: &[Rule], failure: Failure) -> Early {
    setting.complain_of(None, &failure);
    let filtered = rules.iter().filter(|rule| rule.filter.is_some());
    let unresolved = filtered.map(|rule| resolve::unresolved(rule, &rule.source, None, failure.clone()));
    Early::Unresolved(unresolved.collect())
}
