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
    // By the number of its first rule: the group that each target repository belongs to so far.
    let mut group_of: BTreeMap<&Repository, usize> = BTreeMap::new();
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, rule) in rules.iter().enumerate() {
        let joined: BTreeSet<usize> =
            rule.targets.iter().filter_map(|target| group_of.get(target).copied()).collect();
        let first = joined.first().copied().unwrap_or(number);
        let mut members = groups.remove(&first).unwrap_or_default();
        for group in joined.iter().skip(1) {
            // This rule is what two groups have in common: they become one.
            let merged = groups.remove(group).unwrap_or_default();
            let targets = merged.iter().flat_map(|member| &rules[*member].targets);
            group_of.extend(targets.map(|target| (target, first)));
            members.extend(merged);
            members.sort_unstable();
        }
        members.push(number);
        group_of.extend(rule.targets.iter().map(|target| (target, first)));
        groups.insert(first, members);
    }
    let rules_of = |members: Vec<usize>| members.into_iter().map(|member| &rules[member]).collect();
    groups.into_values().map(rules_of).collect()
}

/// Resolves the rules of one group. Rules that name their tags cost no request.
pub async fn resolve(group: &[&Rule], sight: &dyn Sight) -> Resolved {
    let mut resolved = Resolved::default();
    for (rule, chosen) in group.iter().zip(join_all(group.iter().map(|rule| choose(rule, sight))).await) {
        match chosen {
            Ok(chosen) => take(rule, chosen, &mut resolved),
            Err(failure) => resolved.unresolved.push(unresolved(rule, &rule.source, None, *failure)),
        }
    }
    refuse_collisions(&mut resolved.mappings);
    list_for_immutable(&mut resolved.mappings, sight).await;
    resolved
}

/// What a rule makes of the tags of its source.
#[derive(Debug, Clone, Default)]
pub struct Chosen {
    /// What becomes of each tag.
    pub verdicts: Vec<Verdict>,
    /// Tags that the rule names beside patterns, and that the source does not list.
    pub missing: Vec<Tag>,
}

/// What becomes of each source tag of a rule.
///
/// # Errors
/// The tags had to be listed and could not be, or the source repository does not exist.
pub async fn choose(rule: &Rule, sight: &dyn Sight) -> Fallible<Chosen> {
    if let Some(tags) = rule.selection.literals() {
        // Whether they are there is seen when they are asked for.
        return Ok(Chosen { verdicts: rule.selection.choose(&tags), missing: Vec::new() });
    }
    let listed = async { sight.source(&rule.source).await?.tags().await }.await;
    let whole = Reference { repository: rule.source.clone(), tag: None, digest: None };
    let tags = listed
        .and_then(|tags| {
            tags.ok_or_else(|| not_found(&whole, "the repository does not exist, or has no tags"))
        })
        .map_err(|failure| failure.on(Side::Source))?;
    Ok(Chosen { verdicts: rule.selection.choose(&tags), missing: rule.selection.missing(&tags) })
}

fn take(rule: &Rule, Chosen { verdicts, missing }: Chosen, resolved: &mut Resolved) {
    for tag in missing {
        tracing::warn!(mirror = rule.name, %tag, "the rule names a tag that the source does not list");
    }
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
                resolved.unresolved.push(unresolved(rule, &rule.source, Some(tag), *failure));
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
    Failure::new(Code::NotFound, reference, Operation::ManifestHead, what)
        .hint("check the name; a private repository looks like this without credentials, too")
}

/// A mapping of `rule` that came to nothing.
pub(crate) fn unresolved(rule: &Rule, source: &Repository, tag: Option<Tag>, failure: Failure) -> Unresolved {
    Unresolved {
        mirror: rule.name.clone(),
        spec_line: Some(rule.line),
        source: Reference { repository: source.clone(), tag, digest: None },
        target: None,
        failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_grouped_by_the_repositories_that_they_write_to() {
        let rule = |(name, targets)| format!("  - {{ name: {name}, source: {name}, target: [{targets}] }}\n");
        let rules = [("a", "r.test/1"), ("b", "r.test/2"), ("c", "r.test/3"), ("d", "r.test/2, r.test/1")];
        let rules: String = rules.into_iter().chain([("e", "r.test/1")]).map(rule).collect();
        let text = format!("version: 1\nmirrors:\n{rules}");
        let spec = crate::spec::load("spec", &text, &|_| None).expect("a good spec");
        let names = |group: Vec<&Rule>| group.iter().map(|rule| rule.name.as_str()).collect::<String>();
        let groups: Vec<String> = groups(&spec.mirrors).into_iter().map(names).collect();
        assert_eq!(groups, ["abde", "c"]);
    }
}
