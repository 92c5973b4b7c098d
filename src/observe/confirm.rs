//! Confirming: whether what a saved plan says is still so.

use super::{Found, Observed, head_source, head_target};
use crate::failure::{Code, Failure};
use crate::plan::{Drift, Entry, Pin, RefusalReason, TargetEntry, Unresolved};
use crate::store::Sight;
use futures::future::{join, join_all};

/// Looks at the ends of a planned entry again: what moved since is refused, what has become current
/// is current, and the rest stays pending. An entry with nothing pending costs no request.
pub async fn confirm(planned: &Entry, sight: &dyn Sight) -> Observed {
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
    for (target, found) in pending.iter().zip(found) {
        match found {
            Ok(found) => targets.push(still(target, pin, source_moved, found)),
            Err(failure) => unobserved.push(unresolved(planned, Some(target), *failure)),
        }
    }
    targets.sort_by(|one, other| one.reference.cmp(&other.reference));
    let entry = Some(Entry { targets, ..planned.clone() });
    let entry = entry.filter(|entry| !entry.targets.is_empty());
    Observed { entry, unresolved: unobserved, ..Observed::default() }
}

/// The drift of a planned target now. Pure.
fn still(planned: &TargetEntry, pin: &Pin, source_moved: bool, found: Found) -> TargetEntry {
    let now = match found {
        Found::Head(head) => Some(head.digest),
        Found::Nothing | Found::Listed => None,
    };
    let drift = match (&planned.drift, now) {
        (Drift::Refused { .. } | Drift::Current { .. }, _) => planned.drift.clone(),
        (_, Some(now)) if now == pin.digest => Drift::Current { found: Some(now) },
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
