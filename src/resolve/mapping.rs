//! Mappings: one source tag and the target tags that it is for. Decisions become mappings here; pure.

use super::gated::{self, Gated};
use super::{Choice, Chosen, Resolved};
use crate::failure::{Code, Failure, Fallible, Operation, Side};
use crate::filter::{self, Destination};
use crate::form::Form;
use crate::oci::{Digest, MediaType, Reference, Repository, Tag};
use crate::plan::{Dropped, RefusalReason, Rename, RenamedBy, Unresolved};
use crate::select;
use crate::spec::{OnExisting, Referrers, Rule};
use crate::store::{Head, Known, Listing};
use std::collections::BTreeSet;
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
    /// What it named when it was listed, or when a filter judged it: that is mirrored, and nothing
    /// else. None where nobody has asked yet.
    pub head: Option<Head>,
    /// How the target tag differs from it.
    pub rename: Option<Rename>,
    /// One for each target of the rule, and each name there.
    pub targets: Vec<MappingTarget>,
    /// What happens to a target tag that names another manifest.
    pub on_existing: OnExisting,
    /// How much of the image is mirrored, and as what.
    pub form: Form,
    /// Which of its referrers are mirrored with it.
    pub referrers: Referrers,
    /// Artifact types of which it must have a referrer each.
    pub require: Vec<MediaType>,
    /// What the source tag must name.
    pub pinned: Option<Digest>,
    /// What else the image has to pass; none where the rule asks for nothing.
    pub gates: Option<Gated>,
}

/// One target tag of a mapping.
#[derive(Debug, Clone)]
pub struct MappingTarget {
    /// The target tag.
    pub reference: Reference,
    /// Whether the rule lets it move.
    pub mobility: Mobility,
    /// What the target repository has, where it was listed to answer for this tag.
    pub listing: Option<Arc<Listing>>,
    /// Why it will not be touched, where that is known before anything is asked.
    pub refusal: Option<RefusalReason>,
}

/// Whether a target tag may move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mobility {
    /// It may name something else later.
    Movable,
    /// It never moves: where it is, it is done.
    Immutable,
}

impl MappingTarget {
    /// A target of which nothing is known yet, and that may move.
    pub fn plain(reference: Reference) -> Self {
        Self { reference, mobility: Mobility::Movable, listing: None, refusal: None }
    }

    /// What the list tells of the tag.
    pub fn known(&self) -> Known {
        match (&self.listing, &self.reference.tag) {
            (Some(listing), Some(tag)) => listing.find(tag),
            _ => Known::Untold,
        }
    }
}

/// Adds what a rule chose to what is resolved.
///
/// # Errors
/// A filter named a place that cannot be: then nothing of the rule is resolved.
pub(super) fn take(rule: &Rule, chosen: Chosen, now: i64, resolved: &mut Resolved) -> Fallible<()> {
    resolved.asked += chosen.asked;
    let mut taken = Resolved::default();
    for Choice { verdict: select::Verdict { tag, decision }, decision: filtered, head } in chosen.choices {
        match (filtered, decision) {
            (Some(filter::Decision::Drop(reason)), _) => taken.dropped.push(dropped(rule, tag, reason)),
            (Some(filter::Decision::Rename(destinations)), _) => {
                taken.mappings.push(placed(rule, &tag, &destinations, head)?);
            }
            (_, select::Decision::Taken { target, renamed_by, .. }) => {
                let rename = (renamed_by.is_some() && tag != target).then(|| Rename {
                    by: RenamedBy::Pattern,
                    from: tag.clone(),
                    to: target.clone(),
                });
                let targets = rule.targets.iter().map(|repository| repository.at(target.clone()));
                taken.mappings.push(mapping(rule, tag, rename, targets.collect(), head));
            }
            (_, select::Decision::Invalid { would_be: _, why }) => {
                let failure = Failure::new(Code::Refused, &rule.source, Operation::Compare, why)
                    .hint("change `rename`, or leave the tag out with `exclude`")
                    .on(Side::Target);
                taken.unresolved.push(unresolved(rule, &rule.source, Some(tag), *failure));
            }
            (_, select::Decision::Dropped { .. }) => {}
        }
    }
    gated::gate(rule, now, &mut taken.mappings);
    let gone = chosen.gone.into_iter();
    taken.unresolved.extend(gone.map(|(tag, why)| unresolved(rule, &rule.source, Some(tag), why)));
    if taken.mappings.is_empty() && taken.unresolved.is_empty() {
        tracing::warn!(mirror = rule.name, source = %rule.source, "the rule takes no tag: `crossdock explain` tells why");
    }
    resolved.add(taken);
    Ok(())
}

fn mapping(
    rule: &Rule,
    tag: Tag,
    rename: Option<Rename>,
    targets: Vec<Reference>,
    head: Option<Head>,
) -> Mapping {
    let target = |reference: Reference| {
        let immutable = reference.tag.as_ref().is_some_and(|tag| rule.immutable.is_match(tag));
        let mobility = if immutable { Mobility::Immutable } else { Mobility::Movable };
        MappingTarget { mobility, ..MappingTarget::plain(reference) }
    };
    Mapping {
        mirror: rule.name.clone(),
        spec_line: Some(rule.line),
        source: rule.source.at(tag),
        head,
        rename,
        targets: targets.into_iter().map(target).collect(),
        on_existing: rule.on_existing,
        form: rule.form(),
        referrers: rule.referrers.clone(),
        require: rule.require.clone(),
        pinned: None,
        gates: None,
    }
}

/// The mapping of a tag that a filter gives names to: at each target of the rule, each of them.
fn placed(rule: &Rule, tag: &Tag, destinations: &[Destination], head: Option<Head>) -> Fallible<Mapping> {
    let mut targets = Vec::new();
    let mut seen = BTreeSet::new();
    for target in &rule.targets {
        for Destination { below, tag: name } in destinations {
            let repository = match below {
                None => target.clone(),
                Some(below) => target.below(below).map_err(|why| {
                    let filter = rule.filter.as_deref().unwrap_or_default();
                    let message = format!(
                        "the filter `{filter}` puts {}:{tag} at `{below}` below {target}, which cannot be: {why}",
                        rule.source
                    );
                    Failure::new(Code::Filter, &rule.source, Operation::Filter, message)
                        .hint("change what the filter answers, or the `target` of the rule")
                })?,
            };
            // Two targets of a rule may lie below each other.
            let reference = repository.at(name.clone());
            if seen.insert(reference.clone()) {
                targets.push(reference);
            }
        }
    }
    let to = destinations.iter().map(|destination| &destination.tag).find(|to| *to != tag);
    let rename = to.map(|to| Rename {
        by: RenamedBy::Filter { name: rule.filter.clone().unwrap_or_default() },
        from: tag.clone(),
        to: to.clone(),
    });
    Ok(mapping(rule, tag.clone(), rename, targets, head))
}

fn dropped(rule: &Rule, tag: Tag, reason: Option<String>) -> Dropped {
    Dropped {
        mirror: rule.name.clone(),
        spec_line: Some(rule.line),
        source: rule.source.at(tag),
        filter: rule.filter.clone().unwrap_or_default(),
        reason,
    }
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
