//! Confirming: whether what a saved plan says is still so.

use super::{Found, Observed, head_source, head_target, referrers};
use crate::failure::{Code, Failure, Fallible};
use crate::plan::{Drift, Entry, Pin, RefusalReason, TargetEntry, Unresolved};
use crate::referrers::{Finder, Policy, Presence};
use crate::store::Sight;
use futures::future::{join, join_all};
use std::sync::atomic::AtomicU64;

/// Looks at the ends of a planned entry again: what moved since is refused, what has become current
/// is current, and the rest stays pending. An entry with nothing pending costs no request. What a target
/// lacked of those that speak about the image is compared again, and nothing else is looked for.
pub async fn confirm(planned: &Entry, sight: &dyn Sight, finder: &Finder) -> Observed {
    let (pending, settled): (Vec<_>, Vec<_>) =
        planned.targets.iter().cloned().partition(|target| target.drift.is_pending());
    let (Some(pin), false) = (&planned.pin, pending.is_empty()) else {
        return Observed { entry: Some(planned.clone()), ..Observed::default() };
    };
    let found = join_all(pending.iter().map(|target| head_target(&target.reference, sight)));
    let (source, found) = join(head_source(&planned.source, sight), found).await;
    let source_moved = match source {
        Ok(head) => head.digest != *pin.at_source(),
        Err(failure) if failure.code == Code::NotFound => true,
        Err(failure) => {
            let unresolved = vec![unresolved(planned, None, *failure)];
            return Observed { unresolved, ..Observed::default() };
        }
    };
    let mut targets = settled;
    let mut unobserved = Vec::new();
    let requests = AtomicU64::new(0);
    let confirming = pending.iter().zip(found).map(|(target, found)| async {
        let now = still(target, pin, source_moved, found?);
        compared(planned, pin, now, (sight, finder), &requests).await
    });
    for (target, confirmed) in pending.iter().zip(join_all(confirming).await) {
        match confirmed {
            Ok(confirmed) => targets.push(confirmed),
            Err(failure) => unobserved.push(unresolved(planned, Some(target), *failure)),
        }
    }
    targets.sort_by(|one, other| one.reference.cmp(&other.reference));
    let entry = Some(Entry { targets, ..planned.clone() });
    let entry = entry.filter(|entry| !entry.targets.is_empty());
    let referrer_requests = requests.into_inner();
    Observed { entry, unresolved: unobserved, referrer_requests, ..Observed::default() }
}

/// A target with what it still lacks of what the plan says that it lacks.
async fn compared(
    planned: &Entry,
    pin: &Pin,
    now: TargetEntry,
    (sight, finder): (&dyn Sight, &Finder),
    requests: &AtomicU64,
) -> Fallible<TargetEntry> {
    let is_there = now.drift.found() == Some(&pin.digest);
    let presence = if is_there { Presence::There } else { Presence::Coming };
    if now.lacks.is_empty() || matches!(now.drift, Drift::Refused { .. }) {
        return Ok(now);
    }
    let source = sight.source(&planned.source.repository).await?;
    let target = sight.target(&now.reference.repository).await?;
    // A plan does not say what becomes of what is there: nothing is lost.
    let how = (presence, Policy::Grow);
    let lacking = finder.lacking(&now.lacks, &*source, &*target, how, requests).await?;
    Ok(referrers::with(&now, presence, lacking))
}

/// The drift of a planned target now. Pure.
fn still(planned: &TargetEntry, pin: &Pin, source_moved: bool, found: Found) -> TargetEntry {
    let now = match found {
        Found::Head(head) => Some(head.digest),
        Found::Nothing | Found::Listed => None,
    };
    let drift = match (&planned.drift, now) {
        (Drift::Refused { .. } | Drift::Current { .. }, _) => planned.drift.clone(),
        // What speaks about an image that is there may still lack: that is compared next.
        (_, Some(now)) if now == pin.digest && (planned.lacks.is_empty() || !source_moved) => {
            Drift::Current { found: Some(now) }
        }
        (_, now) if source_moved => Drift::Refused { found: now, reason: RefusalReason::SourceMoved },
        (planned, now) if planned.found() == now.as_ref() => planned.clone(),
        (_, now) => Drift::Refused { found: now, reason: RefusalReason::TargetMoved },
    };
    TargetEntry { reference: planned.reference.clone(), drift, lacks: planned.lacks.clone() }
}

fn unresolved(planned: &Entry, target: Option<&TargetEntry>, failure: Failure) -> Unresolved {
    Unresolved {
        mirror: planned.mirror.clone(),
        spec_line: planned.spec_line,
        source: planned.source.clone(),
        target: target.map(|target| target.reference.clone()),
        failure,
    }
}
