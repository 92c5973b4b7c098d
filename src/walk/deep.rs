//! Deep looks: what target tags name is examined to the bytes, and, where that is asked for, what is
//! broken is brought again until it is whole.

use super::guide::guide;
use crate::examine::{Examined, Examiner, damaged};
use crate::failure::{Class, Fallible};
use crate::form::IndexMode;
use crate::oci::{Digest, Reference};
use crate::outcome::{Content, Done, Outcome, Tally};
use crate::plan::{Drift, Entry, Pin};
use crate::report::Settled;
use crate::store::{Reach, Reader, Sight};
use crate::transfer::{Broken, Shared, Stop};
use futures::stream::{self, StreamExt as _};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Target tags that are examined or repaired at once.
const TARGETS_AT_ONCE: usize = 16;
/// How often what is broken is brought again before it is told that it stays so.
const REPAIRS_MAX: u32 = 3;

/// A target tag of a run: which of its entries, and which of the targets of that.
type Place = (usize, usize);

/// Examines what each current target tag names, and gives an outcome to those that are not whole. Those
/// that were not reached before the run is to end are told as such.
pub async fn examine(entries: &mut [Settled], sight: &dyn Sight, stop: &Stop) {
    let examiner = Examiner::default();
    let is_current =
        |entry: &Settled, at: usize| matches!(entry.entry.targets[at].drift, Drift::Current { .. });
    let places = places(entries, is_current);
    for ((entry, target), examined) in looked_at(&examiner, entries, &places, sight, stop).await {
        let settled = &mut entries[entry];
        let reference = &settled.entry.targets[target].reference;
        let result = match examined {
            Ok(examined) if examined.findings.damages.is_empty() => continue,
            Ok(examined) => Done::from(damaged(reference, &examined.findings)),
            Err(failure) => Done::from(failure),
        };
        let digest_after = settled.entry.targets[target].drift.found().cloned();
        let (tally, attempts, duration_ms) = (Tally::default(), 0, 0);
        settled.outcomes[target] = Some(Outcome { result, digest_after, tally, attempts, duration_ms });
    }
}

/// Examines what each target tag names that is as it shall be, and brings again what is broken there.
pub async fn repair(
    entries: &mut [Settled],
    shared: &Shared,
    sight: &dyn Sight,
    reach: &dyn Reach,
    stop: &Stop,
) {
    let examiner = Examiner::default();
    let mut open = places(entries, |settled, at| {
        let done = settled.outcomes[at].as_ref().map(|outcome| &outcome.result);
        matches!(done, Some(Done::Created | Done::Updated | Done::Current))
    });
    for round in 0..=REPAIRS_MAX {
        let mut torn = Vec::new();
        for (place, examined) in looked_at(&examiner, entries, &open, sight, stop).await {
            match examined {
                Ok(examined) if examined.findings.damages.is_empty() => {}
                Ok(examined) if round < REPAIRS_MAX => torn.push((place, examined)),
                Ok(examined) => {
                    let failure = damaged(target(entries, place), &examined.findings)
                        .hint("the target keeps what is broken: delete it there, and run again");
                    end(entries, place, failure.into());
                }
                // What was written stays written when the run is to end.
                Err(failure) if failure.code.class() == Class::Deferred => {}
                Err(failure) => end(entries, place, failure.into()),
            }
        }
        open = brought_again(&examiner, entries, torn, shared, reach).await;
        if open.is_empty() {
            return;
        }
    }
}

/// Brings what is broken; returns the places that are to be looked at again.
async fn brought_again(
    examiner: &Examiner,
    entries: &mut [Settled],
    torn: Vec<(Place, Examined)>,
    shared: &Shared,
    reach: &dyn Reach,
) -> Vec<Place> {
    let pins: Vec<Pin> = torn.iter().map(|(place, found)| pin(&entries[place.0].entry, found)).collect();
    let broken: Vec<Broken<'_>> = torn
        .iter()
        .zip(&pins)
        .map(|((place, found), pin)| Broken {
            entry: &entries[place.0].entry,
            target: target(entries, *place),
            pin,
            findings: &found.findings,
        })
        .collect();
    // All of them before any is brought: what several tags lack is brought once.
    broken.iter().for_each(|broken| shared.doubt(broken));
    let repairs =
        broken.iter().enumerate().map(|(at, broken)| async move { (at, shared.repair(broken, reach).await) });
    let mut repaired: Vec<(usize, Outcome)> =
        stream::iter(repairs).buffer_unordered(TARGETS_AT_ONCE).collect().await;
    repaired.sort_by_key(|(at, _)| *at);
    drop(broken);
    let mut open = Vec::new();
    for ((place, found), (_, done)) in torn.into_iter().zip(repaired) {
        examiner.forget(&target(entries, place).repository, &found.findings);
        let settled = &mut entries[place.0];
        let Some(outcome) = settled.outcomes[place.1].as_mut() else { continue };
        outcome.tally += done.tally;
        outcome.attempts = outcome.attempts.max(done.attempts);
        outcome.duration_ms += done.duration_ms;
        outcome.digest_after = done.digest_after;
        match (&done.result, &outcome.result) {
            (Done::Updated, result) => {
                let contents: BTreeSet<&Content> =
                    found.findings.damages.iter().map(|d| &d.content).collect();
                outcome.tally.repaired += contents.len() as u64;
                if *result == Done::Current {
                    outcome.result = Done::Updated;
                }
                open.push(place);
            }
            _ => outcome.result = done.result,
        }
    }
    open
}

/// What the tag names, and what that is: as the target says, or else as the source did.
fn pin(entry: &Entry, found: &Examined) -> Pin {
    let of_source = entry.pin.as_ref().filter(|pin| pin.digest == found.root);
    let origin = of_source.and_then(|pin| pin.origin.clone());
    let media_type = found.media_type.clone().or(of_source.map(|pin| pin.media_type.clone()));
    // A manifest that nobody can read and the source does not name any more: it is asked for, and if it is
    // there it says what it is.
    let media_type = media_type.unwrap_or_else(crate::oci::MediaType::oci_manifest);
    Pin { digest: found.root.clone(), media_type, origin }
}

async fn looked_at(
    examiner: &Examiner,
    entries: &[Settled],
    places: &[Place],
    sight: &dyn Sight,
    stop: &Stop,
) -> Vec<(Place, Fallible<Examined>)> {
    let looks = places.iter().map(|place| async move {
        let look = async {
            let settled = &entries[place.0];
            let guide = leaving_out(&settled.entry, sight).await?;
            let target = target(entries, *place);
            examiner.examine(target, shown(settled, place.1), guide.as_deref(), sight).await
        };
        let examined = match stop.or(look).await {
            Ok(examined) => examined,
            Err(stopped) => Err(stopped),
        };
        (*place, examined)
    });
    stream::iter(looks).buffer_unordered(TARGETS_AT_ONCE).collect().await
}

/// Who knows what an index lists and was never meant to be there.
async fn leaving_out(entry: &Entry, sight: &dyn Sight) -> Fallible<Option<Arc<dyn Reader>>> {
    match entry.pin.as_ref().and_then(|pin| pin.origin.as_ref()) {
        Some(origin) if origin.form.index == IndexMode::Sparse => guide(entry, sight).await.map(Some),
        _ => Ok(None),
    }
}

/// What a target tag was last seen to name.
fn shown(settled: &Settled, at: usize) -> Option<&Digest> {
    let after = settled.outcomes[at].as_ref().and_then(|outcome| outcome.digest_after.as_ref());
    after.or(settled.entry.targets[at].drift.found())
}

fn places(entries: &[Settled], is_looked_at: impl Fn(&Settled, usize) -> bool) -> Vec<Place> {
    let mut places = Vec::new();
    for (at, settled) in entries.iter().enumerate() {
        let targets = (0..settled.entry.targets.len()).filter(|target| is_looked_at(settled, *target));
        places.extend(targets.map(|target| (at, target)));
    }
    places
}

fn target(entries: &[Settled], place: Place) -> &Reference {
    &entries[place.0].entry.targets[place.1].reference
}

fn end(entries: &mut [Settled], place: Place, result: Done) {
    if let Some(outcome) = entries[place.0].outcomes[place.1].as_mut() {
        outcome.result = result;
    }
}
