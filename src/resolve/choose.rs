//! Choosing: what becomes of each source tag of a rule, by what the rule says and then by its filter.

use super::lists::MOVABLE_TAGS_FOR_LIST;
use super::{Filtering, aliases};
use crate::facts::{self, Gathered};
use crate::failure::{Code, Failure, Fallible, Operation, Side};
use crate::filter::{Decision, Named, Request};
use crate::oci::{Reference, Repository, Tag};
use crate::plan::FilterRequests;
use crate::referrers::SourceTags;
use crate::select::{self, Verdict};
use crate::spec::{Aliases, Rule};
use crate::store::{Head, Listed, Listing, Lists, Sight};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a rule makes of the tags of its source.
#[derive(Debug, Default)]
pub struct Chosen {
    /// What becomes of each tag, sorted bytewise by tag.
    pub choices: Vec<Choice>,
    /// Tags that the rule names beside patterns, and that the source does not list.
    pub missing: Vec<Tag>,
    /// Tags that the filter could not be asked about, because they name nothing (any more).
    pub gone: Vec<(Tag, Failure)>,
    /// What the source was asked so that the filter could decide.
    pub asked: FilterRequests,
    /// What is known of the tags of the source that belong to digests; none where nothing was chosen.
    pub tags: Option<SourceTags>,
}

/// What becomes of one source tag.
#[derive(Debug)]
pub struct Choice {
    /// What the rule says without its filter.
    pub verdict: Verdict,
    /// What the filter decided; none where it was not asked.
    pub decision: Option<Decision>,
    /// What the tag named when it was listed, or when the filter was asked about it.
    pub head: Option<Head>,
}

/// What becomes of each source tag of a rule. The filter is asked about the tags that the rest of the
/// rule takes, by their names at the source.
///
/// # Errors
/// The tags had to be listed and could not be, or the source repository does not exist; or the filter
/// could not decide, or not be told what it wants to know.
pub async fn choose(rule: &Rule, sight: &Arc<dyn Sight>, filtering: &Filtering) -> Fallible<Chosen> {
    let mut chosen = by_tags(rule, sight).await?;
    if let Some(name) = &rule.filter {
        by_filter(rule, name, &mut chosen, sight, filtering).await?;
    }
    Ok(chosen)
}

async fn by_tags(rule: &Rule, sight: &Arc<dyn Sight>) -> Fallible<Chosen> {
    let (listing, missing, about) = source_tags(rule, &**sight).await?;
    let Listing { tags, mut heads, extent: _ } = listing;
    let mut verdicts = match rule.selection.last_pushed {
        Some(_) => rule.selection.take_pushed(&tags, &pushed(rule, &**sight).await?),
        None => rule.selection.take(&tags),
    };
    if rule.aliases == Aliases::Taken {
        aliases::take(rule, &mut verdicts, &mut heads, sight).await?;
    }
    rule.selection.rename_all(&mut verdicts);
    let mut choice = |verdict: Verdict| {
        let head = heads.remove(&verdict.tag);
        Choice { verdict, decision: None, head }
    };
    let mut choices: Vec<Choice> = verdicts.into_iter().map(&mut choice).collect();
    // Who names a digest wants to hear that it is gone.
    let (pinned, missing): (Vec<Tag>, Vec<Tag>) =
        missing.into_iter().partition(|tag| rule.selection.pins.contains_key(tag));
    let alone = |tag: &Tag| rule.selection.choose(std::slice::from_ref(tag));
    choices.extend(pinned.iter().flat_map(alone).map(choice));
    choices.sort_by(|one, other| one.verdict.tag.cmp(&other.verdict.tag));
    Ok(Chosen { choices, missing, tags: Some(about), ..Chosen::default() })
}

/// The tags that a rule chooses from, those that it names beside patterns and that are not there, and what is
/// known of tags that belong to digests.
async fn source_tags(rule: &Rule, sight: &dyn Sight) -> Fallible<(Listing, Vec<Tag>, SourceTags)> {
    let literals = rule.selection.literals();
    if let (Some(tags), Aliases::Alone) = (&literals, rule.aliases) {
        // Whether they are there is seen when they are asked for.
        let listing = named_by_list(rule, tags, sight).await;
        let about = listing.as_ref().map_or(SourceTags::Named(tags.len()), SourceTags::of);
        let heads = listing.map(|listing| listing.heads).unwrap_or_default();
        return Ok((Listing { heads, ..Listing::of(tags.clone()) }, Vec::new(), about));
    }
    let listed = async { sight.source(&rule.source).await?.list(usize::MAX).await }.await;
    let whole = Reference { repository: rule.source.clone(), tag: None, digest: None };
    let nothing = || super::not_found(&whole, "the repository does not exist, or has no tags");
    let listing = listed.and_then(|listed| match listed {
        Listed::Tags(listing) => Ok(listing),
        Listed::Nowhere | Listed::Untold => Err(nothing()),
    });
    let mut listing = listing.map_err(|failure| failure.on(Side::Source))?;
    let about = SourceTags::of(&listing);
    match literals {
        None => {
            let missing = rule.selection.missing(&listing.tags);
            Ok((listing, missing, about))
        }
        // The list is for their aliases; they themselves are asked for whatever it says.
        Some(tags) => {
            listing.tags.extend(tags);
            Ok((listing, Vec::new(), about))
        }
    }
}

/// The tags of the source, the one that was pushed last first.
async fn pushed(rule: &Rule, sight: &dyn Sight) -> Fallible<Vec<Tag>> {
    let told = async { sight.source(&rule.source).await?.pushed().await };
    let told = told.await.map_err(|failure| failure.on(Side::Source))?;
    told.ok_or_else(|| {
        let message = "this store does not tell when tags were pushed";
        Failure::new(Code::NotYet, &rule.source, Operation::TagList, message)
            .hint("leave out `last_pushed`; `newest` compares versions, and needs nobody to tell")
            .on(Side::Source)
    })
}

/// The list that tells what tags name that a rule spells out, where one is cheaper than asking for each.
async fn named_by_list(rule: &Rule, tags: &[Tag], sight: &dyn Sight) -> Option<Listing> {
    // For a few, the source may not have to be opened at all.
    if tags.len() < MOVABLE_TAGS_FOR_LIST {
        return None;
    }
    let listed = async {
        let reader = sight.source(&rule.source).await?;
        match reader.costs().lists {
            Lists::Names => Ok(Listed::Untold),
            Lists::Digests => reader.list(tags.len()).await,
        }
    };
    match listed.await {
        Ok(Listed::Tags(listing)) => Some(listing),
        // Asking for each tells what is wrong.
        Ok(Listed::Nowhere | Listed::Untold) | Err(_) => None,
    }
}

async fn by_filter(
    rule: &Rule,
    name: &str,
    chosen: &mut Chosen,
    sight: &Arc<dyn Sight>,
    filtering: &Filtering,
) -> Fallible<()> {
    // A name that `rename` made and that is no tag may be replaced by the filter.
    let taken = chosen.choices.iter().filter(|choice| match choice.verdict.decision {
        select::Decision::Taken { .. } | select::Decision::Invalid { .. } => true,
        select::Decision::Dropped { .. } => false,
    });
    let tags: Vec<Tag> = taken.map(|choice| choice.verdict.tag.clone()).collect();
    let Some(filter) = filtering.find(name) else {
        let message = format!("the filter `{name}` was not loaded");
        return Err(Failure::new(Code::Internal, &rule.source, Operation::Filter, message));
    };
    if tags.is_empty() {
        return Ok(());
    }
    let needs = filter.needs();
    let known =
        chosen.choices.iter().filter_map(|choice| Some((choice.verdict.tag.clone(), choice.head.clone()?)));
    let known = known.collect();
    let Gathered { images, heads, gone, asked } =
        facts::gather(&rule.source, &tags, known, needs, sight).await?;
    let tags: Vec<Tag> = images.iter().map(|image| image.tag.clone()).collect();
    chosen.asked = asked;
    let request = Request {
        source: named(&rule.source),
        target: rule.targets.first().map_or_else(|| named(&rule.source), named),
        images,
        now: needs.now.then_some(filtering.now()),
    };
    let decisions = match tags.is_empty() {
        true => Vec::new(),
        false => filtering.decide(filter, request, &rule.source).await?,
    };
    note(chosen, tags.into_iter().zip(decisions).collect(), heads, gone);
    Ok(())
}

/// Puts what was found out and decided to the tags that it is about.
fn note(
    chosen: &mut Chosen,
    mut decisions: BTreeMap<Tag, Decision>,
    mut heads: BTreeMap<Tag, Head>,
    gone: Vec<(Tag, Failure)>,
) {
    let lost: BTreeSet<&Tag> = gone.iter().map(|(tag, _)| tag).collect();
    chosen.choices.retain(|choice| !lost.contains(&choice.verdict.tag));
    for choice in &mut chosen.choices {
        choice.decision = decisions.remove(&choice.verdict.tag);
        choice.head = heads.remove(&choice.verdict.tag).or(choice.head.take());
    }
    chosen.gone = gone;
}

/// A repository as filters see it.
pub fn named(repository: &Repository) -> Named {
    let path = match repository {
        Repository::Registry { path, .. } => path.as_str(),
        Repository::Local { name, .. } => name.as_ref().map_or("", |name| name.as_str()),
    };
    Named { registry: repository.store().to_string(), path: path.to_owned() }
}
