//! Resolving: which source tags a rule takes, and where each goes. Lists tags, asks filters; never
//! writes.

mod aliases;
mod choose;
mod filtering;
mod gated;
mod groups;
mod lists;
mod mapping;
#[cfg(test)]
mod tests;

pub use choose::{Choice, Chosen, choose, named};
pub use filtering::{Filtering, Said};
pub use gated::Gated;
pub use groups::groups;
pub(crate) use mapping::unresolved;
pub use mapping::{Mapping, MappingTarget, Mobility};

use crate::failure::{Code, Failure, Operation};
use crate::oci::Reference;
use crate::plan::{Collisions, Dropped, FilterRequests, Unresolved};
use crate::spec::Rule;
use crate::store::Sight;
use futures::future::join_all;
use std::sync::Arc;

/// What resolving some rules gave.
#[derive(Debug, Default)]
pub struct Resolved {
    /// The mappings, in the order of the rules and then of the source tags.
    pub mappings: Vec<Mapping>,
    /// What could not be resolved.
    pub unresolved: Vec<Unresolved>,
    /// What filters left out.
    pub dropped: Vec<Dropped>,
    /// What sources were asked so that filters could decide.
    pub asked: FilterRequests,
}

impl Resolved {
    fn add(&mut self, Self { mappings, unresolved, dropped, asked }: Self) {
        self.mappings.extend(mappings);
        self.unresolved.extend(unresolved);
        self.dropped.extend(dropped);
        self.asked += asked;
    }
}

/// Resolves the rules of one group. Rules that name their tags cost no request, unless their filter
/// wants to know more.
pub async fn resolve(group: &[&Rule], sight: &Arc<dyn Sight>, filtering: &Filtering) -> Resolved {
    let mut resolved = Resolved::default();
    let mut choosing = Vec::new();
    for rule in group {
        choosing.push(choose(rule, sight, filtering));
    }
    for (rule, chosen) in group.iter().zip(join_all(choosing).await) {
        let taken = chosen.and_then(|chosen| {
            for tag in &chosen.missing {
                tracing::warn!(mirror = rule.name, %tag, "the rule names a tag that the source does not list");
            }
            mapping::take(rule, chosen, filtering.now(), &mut resolved)
        });
        if let Err(failure) = taken {
            resolved.unresolved.push(unresolved(rule, &rule.source, None, *failure));
        }
    }
    refuse_collisions(&mut resolved.mappings);
    lists::list_targets(&mut resolved.mappings, &**sight).await;
    resolved
}

/// Marks target tags that two sources would write.
fn refuse_collisions(mappings: &mut [Mapping]) {
    let written = mappings.iter().map(|mapping| {
        let targets = mapping.targets.iter().map(|target| &target.reference);
        (&mapping.source, targets.collect::<Vec<_>>())
    });
    let collisions = Collisions::among(written);
    if collisions.is_empty() {
        return;
    }
    for mapping in mappings {
        for target in &mut mapping.targets {
            let collision = collisions.refusal(&mapping.source, &target.reference);
            target.refusal = collision.or(target.refusal.take());
        }
    }
}

/// The failure that something is not at the source.
pub(crate) fn not_found(reference: &Reference, what: &str) -> Box<Failure> {
    Failure::new(Code::NotFound, reference, Operation::ManifestHead, what)
        .hint("check the name; a private repository looks like this without credentials, too")
}
