//! Observing: what each target of a mapping has. Reads the source and the targets by HEAD, and
//! never writes.

mod ahead;
mod confirm;
mod formed;
mod gates;
#[cfg(test)]
mod tests;

pub use ahead::{Ahead, Fetched};
pub use confirm::confirm;
pub use gates::pass;

use crate::failure::{Failure, Fallible, Side};
use crate::oci::{At, RawManifest, Reference};
use crate::plan::{Drift, Entry, Pin, RefusalReason, TargetEntry, Unresolved};
use crate::resolve::{Mapping, MappingTarget, Mobility};
use crate::spec::OnExisting;
use crate::store::{Head, Known, ManifestGets, Reader, Sight};
use futures::future::{join, join_all, ready};

/// What observing a mapping gave: an entry for the targets that could be observed, and one
/// `Unresolved` for each that could not, or one for all when the source is to blame.
#[derive(Debug, Default)]
pub struct Observed {
    /// The entry, unless there is nothing that it could say.
    pub entry: Option<Entry>,
    /// What could not be observed.
    pub unresolved: Vec<Unresolved>,
    /// The place of the entry's manifest, where that was fetched.
    pub fetched: Option<Fetched>,
    /// Requests that were made to find out about referrers.
    pub referrer_requests: u64,
}

/// Compares one mapping with its targets: one HEAD at the source and one at each target, all at
/// once. None at a target where a list tells enough. None at the source where its list or a filter
/// told, where all that the mapping goes to is immutable and there, or where the manifest is fetched
/// `ahead`.
pub async fn observe(mapping: &Mapping, sight: &dyn Sight, ahead: &Ahead) -> Observed {
    let targets = join_all(mapping.targets.iter().map(|target| find(target, sight)));
    // Immutable tags are done where they are, whatever they were made of.
    let movable = mapping.targets.iter().any(|target| target.mobility == Mobility::Movable);
    if movable && !mapping.form.keeps_everything() {
        return formed::observe(mapping, sight, targets).await;
    }
    if let Some(head) = &mapping.head {
        return combine(mapping, Ok(pin(head.clone())), targets.await);
    }
    if mapping.targets.iter().any(is_certainly_pending) {
        let (source, targets) = join(fetch_source(&mapping.source, sight, ahead), targets).await;
        let (pin, fetched) =
            source.map_or_else(|failure| (Err(failure), None), |(head, place)| (Ok(pin(head)), place));
        return Observed { fetched, ..combine(mapping, pin, targets) };
    }
    if mapping.targets.iter().any(|target| target.mobility == Mobility::Movable) {
        let (source, targets) = join(head_source(&mapping.source, sight), targets).await;
        return combine(mapping, source.map(pin), targets);
    }
    let targets = targets.await;
    match targets.iter().all(|found| matches!(found, Ok(Found::Listed | Found::Head(_)))) {
        true => Observed { entry: Some(all_there(mapping, targets)), ..Observed::default() },
        false if mapping.form.keeps_everything() => {
            combine(mapping, head_source(&mapping.source, sight).await.map(pin), targets)
        }
        false => formed::observe(mapping, sight, ready(targets)).await,
    }
}

/// Whether a list says that the target lacks the tag, and nothing forbids to write it.
fn is_certainly_pending(target: &MappingTarget) -> bool {
    target.refusal.is_none() && target.known() == Known::Absent
}

/// Immutable tags that are there are done, whatever they name.
fn all_there(mapping: &Mapping, targets: Vec<Fallible<Found>>) -> Entry {
    let there = |(target, found): (&MappingTarget, _)| match found {
        Ok(Found::Head(head)) => current(target, Some(head)),
        _ => current(target, None),
    };
    entry(mapping, None, mapping.targets.iter().zip(targets).map(there).collect())
}

/// What a target has under a tag.
enum Found {
    Nothing,
    /// It is in the list of tags; what it names was not asked.
    Listed,
    Head(Head),
}

async fn head_source(source: &Reference, sight: &dyn Sight) -> Fallible<Head> {
    let head = async { head(&*sight.source(&source.repository).await?, source).await };
    head.await.map_err(|failure| failure.on(Side::Source))
}

/// What the source names, from its manifest, where that is going to be fetched anyway and a GET costs
/// no more than the HEAD would. Whoever copies it finds it on the shelf of the sources.
async fn fetch_source(
    source: &Reference,
    sight: &dyn Sight,
    ahead: &Ahead,
) -> Fallible<(Head, Option<Fetched>)> {
    let fetched = async {
        let reader = sight.source(&source.repository).await?;
        // Several tags may name one manifest: a quota would be charged for each of them.
        let place = match reader.costs().manifests {
            ManifestGets::Free => ahead.place().await,
            ManifestGets::Counted => None,
        };
        if place.is_none() {
            return Ok((head(&*reader, source).await?, None));
        }
        let raw = reader.manifest(&at(source)?).await?.ok_or_else(|| nothing(source))?;
        let RawManifest { digest, media_type, bytes } = raw;
        Ok((Head { digest, media_type, size_bytes: Some(bytes.len() as u64) }, place))
    };
    fetched.await.map_err(|failure: Box<Failure>| failure.on(Side::Source))
}

async fn head(reader: &dyn Reader, source: &Reference) -> Fallible<Head> {
    reader.head(&at(source)?).await?.ok_or_else(|| nothing(source))
}

fn nothing(source: &Reference) -> Box<Failure> {
    crate::resolve::not_found(source, "there is no such tag or digest")
}

async fn head_target(target: &Reference, sight: &dyn Sight) -> Fallible<Found> {
    let head = async {
        let reader = sight.target(&target.repository).await?;
        let found = reader.head(&at(target)?).await?;
        Ok(found.map_or(Found::Nothing, Found::Head))
    };
    head.await.map_err(|failure: Box<Failure>| failure.on(Side::Target))
}

/// What a target has; not asked where a list tells.
async fn find(target: &MappingTarget, sight: &dyn Sight) -> Fallible<Found> {
    match (target.known(), target.mobility) {
        (Known::Names(head), _) => Ok(Found::Head(head)),
        (Known::Absent, _) => Ok(Found::Nothing),
        (Known::Present, Mobility::Immutable) => Ok(Found::Listed),
        (Known::Present, Mobility::Movable) | (Known::Untold, _) => {
            head_target(&target.reference, sight).await
        }
    }
}

/// What a reference is asked for by: its digest where it has one.
fn at(reference: &Reference) -> Fallible<At> {
    match (&reference.digest, &reference.tag) {
        (Some(digest), _) => Ok(At::Digest(digest.clone())),
        (None, Some(tag)) => Ok(At::Tag(tag.clone())),
        (None, None) => Err(crate::resolve::not_found(reference, "it names neither a tag nor a digest")),
    }
}

/// What is mirrored byte for byte.
fn pin(head: Head) -> Pin {
    Pin { digest: head.digest, media_type: head.media_type, origin: None }
}

fn combine(mapping: &Mapping, source: Fallible<Pin>, targets: Vec<Fallible<Found>>) -> Observed {
    let pin = match source {
        Ok(pin) => pin,
        Err(failure) => {
            let unresolved = vec![unresolved(mapping, None, *failure)];
            return Observed { unresolved, ..Observed::default() };
        }
    };
    let mut observed = Observed::default();
    let mut entries = Vec::new();
    for (target, found) in mapping.targets.iter().zip(targets) {
        match found {
            Ok(found) => entries.push(compare(mapping.on_existing, target, &pin, found)),
            Err(failure) => observed.unresolved.push(unresolved(mapping, Some(target), *failure)),
        }
    }
    if !entries.is_empty() {
        observed.entry = Some(entry(mapping, Some(pin), entries));
    }
    observed
}

/// The drift of one target. Pure.
fn compare(on_existing: OnExisting, target: &MappingTarget, source: &Pin, found: Found) -> TargetEntry {
    let immutable = target.mobility == Mobility::Immutable;
    let digest = match &found {
        Found::Head(head) => Some(head.digest.clone()),
        Found::Listed | Found::Nothing => None,
    };
    let drift = match (found, &target.refusal) {
        (_, Some(reason)) => Drift::Refused { found: digest, reason: reason.clone() },
        (Found::Nothing, None) => Drift::Absent,
        (Found::Listed, None) => Drift::Current { found: None },
        (Found::Head(head), None) if head.digest == source.digest || immutable => {
            Drift::Current { found: Some(head.digest) }
        }
        (Found::Head(head), None) => match on_existing {
            OnExisting::Overwrite => Drift::Stale { found: head.digest },
            OnExisting::Keep => Drift::Current { found: Some(head.digest) },
            OnExisting::Fail => Drift::Refused { found: Some(head.digest), reason: RefusalReason::Exists },
        },
    };
    TargetEntry { reference: target.reference.clone(), drift, lacks: Vec::new() }
}

fn current(target: &MappingTarget, head: Option<Head>) -> TargetEntry {
    let found = head.map(|head| head.digest);
    let drift = match &target.refusal {
        Some(reason) => Drift::Refused { found, reason: reason.clone() },
        None => Drift::Current { found },
    };
    TargetEntry { reference: target.reference.clone(), drift, lacks: Vec::new() }
}

fn entry(mapping: &Mapping, pin: Option<Pin>, targets: Vec<TargetEntry>) -> Entry {
    Entry {
        mirror: mapping.mirror.clone(),
        spec_line: mapping.spec_line,
        source: mapping.source.clone(),
        pin,
        rename: mapping.rename.clone(),
        referrers: None,
        targets,
    }
}

fn unresolved(mapping: &Mapping, target: Option<&MappingTarget>, failure: Failure) -> Unresolved {
    Unresolved {
        mirror: mapping.mirror.clone(),
        spec_line: mapping.spec_line,
        source: mapping.source.clone(),
        target: target.map(|target| target.reference.clone()),
        failure,
    }
}
