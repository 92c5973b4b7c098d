//! Resolving: which source tags a rule takes, and where each goes. Lists tags; never writes.

use crate::failure::{Code, Failure, Fallible, Operation, Side};
use crate::oci::{Reference, Repository, Tag};
use crate::plan::{Collisions, RefusalReason, Rename, RenamedBy, Unresolved};
use crate::select::{Decision, Verdict};
use crate::spec::{OnExisting, Rule};
use crate::store::Sight;
use futures::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One source tag and the target tags that it is for.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// The name of the rule.
    pub mirror: String,
    /// The line of the rule in the spec, from 1.
    pub spec_line: Option<u32>,
    /// The source tag.
    pub source: Reference,
    /// How the target tag differs from it.
    pub rename: Option<Rename>,
    /// One for each target of the rule.
    pub targets: Vec<MappingTarget>,
    /// What the rule says about targets that have the tag already.
    pub policy: Policy,
}

/// One target tag of a mapping.
#[derive(Debug, Clone)]
pub struct MappingTarget {
    /// The target tag.
    pub reference: Reference,
    /// The tags that the target repository has, where they were listed.
    pub listing: Option<Listing>,
    /// Why it will not be touched, where that is known before anything is asked.
    pub refusal: Option<RefusalReason>,
}

impl MappingTarget {
    /// A target of which nothing is known yet.
    pub fn plain(reference: Reference) -> Self {
        Self { reference, listing: None, refusal: None }
    }
}

/// What a rule says about targets that have the tag already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// What happens to a target tag that names another manifest.
    pub on_existing: OnExisting,
    /// The tag never moves: where it is, it is done.
    pub immutable: bool,
}

/// The tags of a repository, sorted.
pub type Listing = Arc<Vec<Tag>>;

/// What resolving some rules gave.
#[derive(Debug, Default)]
pub struct Resolved {
    /// The mappings, in the order of the rules and then of the source tags.
    pub mappings: Vec<Mapping>,
    /// What could not be resolved.
    pub unresolved: Vec<Unresolved>,
}

/// Immutable tags of one rule from which on listing the target's tags is cheaper than asking for
/// each.
const IMMUTABLE_TAGS_FOR_LISTING: usize = 2;

/// Rules that write to a common repository, together: only those can collide. In the order of their
/// first rules.
pub fn groups(rules: &[Rule]) -> Vec<Vec<&Rule>> {
    let mut groups: Vec<(BTreeSet<&Repository>, Vec<(usize, &Rule)>)> = Vec::new();
    for numbered in rules.iter().enumerate() {
        let mut repositories: BTreeSet<&Repository> = numbered.1.targets.iter().collect();
        let mut members = vec![numbered];
        let (joined, apart) = groups.into_iter().partition(|(others, _)| !others.is_disjoint(&repositories));
        groups = apart;
        for (others, rules) in joined {
            repositories.extend(others);
            members.extend(rules);
        }
        members.sort_by_key(|(number, _)| *number);
        groups.push((repositories, members));
    }
    groups.sort_by_key(|(_, members)| members.first().map(|(number, _)| *number));
    let rules_only = |(_, members): (_, Vec<(usize, _)>)| members.into_iter().map(|(_, rule)| rule).collect();
    groups.into_iter().map(rules_only).collect()
}

/// Resolves the rules of one group. Rules that name their tags cost no request.
pub async fn resolve(group: &[&Rule], sight: &dyn Sight) -> Resolved {
    let mut resolved = Resolved::default();
    for (rule, chosen) in group.iter().zip(join_all(group.iter().map(|rule| choose(rule, sight))).await) {
        match chosen {
            Ok(verdicts) => take(rule, verdicts, &mut resolved),
            Err(failure) => resolved.unresolved.push(unresolved(rule, &rule.source, None, failure)),
        }
    }
    refuse_collisions(&mut resolved.mappings);
    list_for_immutable(&mut resolved.mappings, sight).await;
    resolved
}

/// What becomes of each source tag of a rule.
///
/// # Errors
/// The tags had to be listed and could not be, or the source repository does not exist.
pub async fn choose(rule: &Rule, sight: &dyn Sight) -> Fallible<Vec<Verdict>> {
    if let Some(tags) = rule.selection.literals() {
        return Ok(rule.selection.choose(&tags));
    }
    let listed = async { sight.source(&rule.source).await?.tags().await }.await;
    let whole = Reference { repository: rule.source.clone(), tag: None, digest: None };
    let tags = listed
        .and_then(|tags| tags.ok_or_else(|| not_found(&whole, "does not exist, or has no tags")))
        .map_err(|failure| failure.on(Side::Source))?;
    Ok(rule.selection.choose(&tags))
}

fn take(rule: &Rule, verdicts: Vec<Verdict>, resolved: &mut Resolved) {
    let before = resolved.mappings.len() + resolved.unresolved.len();
    for Verdict { tag, decision } in verdicts {
        match decision {
            Decision::Dropped { .. } => {}
            Decision::Taken { target, renamed_by, .. } => {
                resolved.mappings.push(mapping(rule, &tag, &target, renamed_by.is_some()));
            }
            Decision::Invalid { would_be: _, why } => {
                let failure = Failure::new(Code::Refused, &rule.source, Operation::Compare, why)
                    .hint("change `rename`, or leave the tag out with `exclude`")
                    .on(Side::Target);
                resolved.unresolved.push(unresolved(rule, &rule.source, Some(tag), failure));
            }
        }
    }
    if resolved.mappings.len() + resolved.unresolved.len() == before {
        tracing::warn!(mirror = rule.name, source = %rule.source, "the rule takes no tag: `crossdock explain` tells why");
    }
}

fn mapping(rule: &Rule, tag: &Tag, target: &Tag, renamed: bool) -> Mapping {
    let plain = |repository: &Repository| MappingTarget::plain(repository.at(target.clone()));
    Mapping {
        mirror: rule.name.clone(),
        spec_line: Some(rule.line),
        source: rule.source.at(tag.clone()),
        rename: (renamed && tag != target).then(|| Rename {
            by: RenamedBy::Pattern,
            from: tag.clone(),
            to: target.clone(),
        }),
        targets: rule.targets.iter().map(plain).collect(),
        policy: Policy { on_existing: rule.on_existing, immutable: rule.immutable.is_match(target) },
    }
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
            target.refusal = collisions.refusal(&mapping.source, &target.reference);
        }
    }
}

/// Lists the tags of targets that get several immutable tags: one request instead of many. Where
/// that is not allowed, each tag is asked for.
async fn list_for_immutable(mappings: &mut [Mapping], sight: &dyn Sight) {
    let mut counts: BTreeMap<Repository, usize> = BTreeMap::new();
    for mapping in mappings.iter().filter(|mapping| mapping.policy.immutable) {
        for target in &mapping.targets {
            *counts.entry(target.reference.repository.clone()).or_default() += 1;
        }
    }
    counts.retain(|_, count| *count >= IMMUTABLE_TAGS_FOR_LISTING);
    let list = |repository: Repository| async move {
        let listed = async { sight.target(&repository).await?.tags().await }.await;
        (repository, listed.ok().map(Option::unwrap_or_default).map(Arc::new))
    };
    let listings: BTreeMap<Repository, Option<Listing>> =
        join_all(counts.into_keys().map(list)).await.into_iter().collect();
    for mapping in mappings.iter_mut().filter(|mapping| mapping.policy.immutable) {
        for target in &mut mapping.targets {
            target.listing = listings.get(&target.reference.repository).cloned().flatten();
        }
    }
}

/// The failure that something is not at the source.
pub(crate) fn not_found(reference: &Reference, what: &str) -> Box<Failure> {
    Failure::new(Code::NotFound, reference, Operation::ManifestHead, format!("{reference} {what}"))
        .hint("check the name; a private repository looks like this without credentials, too")
}

/// A mapping of `rule` that came to nothing.
pub(crate) fn unresolved(rule: &Rule, source: &Repository, tag: Option<Tag>, failure: Box<Failure>) -> Unresolved {
    Unresolved {
        mirror: rule.name.clone(),
        spec_line: Some(rule.line),
        source: Reference { repository: source.clone(), tag, digest: None },
        target: None,
        failure: *failure,
    }
}
