//! Who speaks about an image, and which of that its targets lack.

use super::{Observed, unresolved};
use crate::failure::Failure;
use crate::plan::{Drift, Gate, Origin, Pin, RefusalReason, TargetEntry};
use crate::referrers::{self, Conflict, Finder, Found, Image, Policy, Presence};
use crate::resolve::{Mapping, MappingTarget, Mobility};
use crate::spec::{OnExisting, Referrers};
use crate::store::{Formed, Reader, Sight};
use futures::future::join_all;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// Adds to what was observed who speaks about the image, and what each target lacks of that. Asks nothing
/// where nobody wants to know, or where no target would get it.
///
/// A source that cannot be asked makes the whole mapping unresolved: an image whose signatures are not
/// known is not one without.
pub(super) async fn add(
    mapping: &Mapping,
    observed: Observed,
    formed: Option<&Formed>,
    sight: &dyn Sight,
    finder: &Finder,
) -> Observed {
    let requires = !mapping.require.is_empty();
    let Some(entry) = &observed.entry else { return observed };
    let Some(pin) = entry.pin.clone().filter(|_| requires || mapping.referrers != Referrers::None) else {
        return observed;
    };
    let concerned: Vec<usize> = (0..entry.targets.len())
        .filter(|at| concerns(&entry.targets[*at], mapping, &pin, requires))
        .collect();
    if concerned.is_empty() {
        return observed;
    }
    let requests = AtomicU64::new(0);
    let looked = look(mapping, &observed, (&pin, formed), sight, finder, &requests).await;
    let mut observed = match looked {
        Ok((source, found)) => {
            let work = Work { mapping, source, found, sight, finder, requests: &requests };
            work.note(observed, &concerned).await
        }
        Err(failure) => {
            let lost = vec![unresolved(mapping, None, *failure)];
            Observed { entry: None, unresolved: lost, fetched: None, ..observed }
        }
    };
    observed.referrer_requests += requests.into_inner();
    observed
}

/// Whether a target gets what speaks about the image, or is refused for want of it. Not what is refused
/// already, nor an immutable tag that is there, nor one that keeps what it has.
fn concerns(target: &TargetEntry, mapping: &Mapping, pin: &Pin, requires: bool) -> bool {
    match &target.drift {
        Drift::Absent | Drift::Stale { .. } | Drift::Incomplete { .. } => true,
        Drift::Current { found } => {
            is_movable(target, mapping) && (requires || found.as_ref() == Some(&pin.digest))
        }
        Drift::Refused { .. } => false,
    }
}

fn is_movable(target: &TargetEntry, mapping: &Mapping) -> bool {
    let is_it = |one: &&MappingTarget| one.reference == target.reference;
    mapping.targets.iter().find(is_it).is_none_or(|one| one.mobility == Mobility::Movable)
}

async fn look(
    mapping: &Mapping,
    observed: &Observed,
    (pin, formed): (&Pin, Option<&Formed>),
    sight: &dyn Sight,
    finder: &Finder,
    requests: &AtomicU64,
) -> Result<(Arc<dyn Reader>, Found), Box<Failure>> {
    let plain = sight.source(&mapping.source.repository).await?;
    let reader = match formed {
        Some(formed) => formed.clone().before(Arc::clone(&plain)),
        None => Arc::clone(&plain),
    };
    let has_it = |target: &&TargetEntry| target.drift.found() == Some(&pin.digest);
    let twin = observed.entry.iter().flat_map(|entry| &entry.targets).find(has_it);
    let twin = match twin {
        Some(twin) => sight.target(&twin.reference.repository).await.ok(),
        None => None,
    };
    let image = Image {
        reader: &*reader,
        root: &pin.digest,
        root_type: &pin.media_type,
        formed,
        is_at_hand: formed.is_some() || observed.fetched.is_some(),
        twin: twin.as_deref(),
        tags: &mapping.source_tags,
        wanted: &mapping.referrers,
    };
    let found = finder.find(image, !mapping.require.is_empty(), requests).await?;
    Ok((plain, found))
}

/// What was found at the source, on its way to the targets.
struct Work<'a> {
    mapping: &'a Mapping,
    source: Arc<dyn Reader>,
    found: Found,
    sight: &'a dyn Sight,
    finder: &'a Finder,
    requests: &'a AtomicU64,
}

impl Work<'_> {
    /// Notes what was found, and what each of the targets at `concerned` lacks.
    async fn note(&self, mut observed: Observed, concerned: &[usize]) -> Observed {
        let Some(mut entry) = observed.entry.take() else { return observed };
        if let Some(Pin { origin: Some(Origin { left_behind, .. }), .. }) = &mut entry.pin {
            *left_behind = self.found.left_behind;
        }
        if let Some(why) = self.missing() {
            for at in concerned {
                let drift = &mut entry.targets[*at].drift;
                let reason = RefusalReason::Gate { gate: Gate::Require, why: why.clone() };
                *drift = Drift::Refused { found: drift.found().cloned(), reason };
            }
        }
        if self.mapping.referrers != Referrers::None {
            entry.referrers = Some(self.found.wanted.clone());
        }
        if self.found.wanted.is_empty() {
            observed.entry = Some(entry);
            return observed;
        }
        let pin = entry.pin.as_ref();
        let judging = entry.targets.iter().enumerate().map(|(at, target)| async move {
            match concerned.contains(&at) {
                true => self.judge(target, pin).await,
                false => Ok(target.clone()),
            }
        });
        let judged = join_all(judging).await;
        let mut targets = Vec::new();
        for (target, judged) in entry.targets.iter().zip(judged) {
            match judged {
                Ok(judged) => targets.push(judged),
                Err(failure) => {
                    let end = self.mapping.targets.iter().find(|one| one.reference == target.reference);
                    observed.unresolved.push(unresolved(self.mapping, end, *failure));
                }
            }
        }
        entry.targets = targets;
        observed.entry = Some(entry).filter(|entry| !entry.targets.is_empty());
        observed
    }

    /// What `require` asks for and the image does not have, in words.
    fn missing(&self) -> Option<String> {
        let missing = referrers::missing(&self.mapping.require, &self.found.of_root);
        let types: Vec<&str> = missing.into_iter().map(|one| one.as_str()).collect();
        (!types.is_empty())
            .then(|| format!("nothing of the type {} speaks about the image", types.join(", or ")))
    }

    async fn judge(&self, target: &TargetEntry, pin: Option<&Pin>) -> Result<TargetEntry, Box<Failure>> {
        let presence = match (&target.drift, pin) {
            (Drift::Absent | Drift::Stale { .. }, _) => Presence::Coming,
            (Drift::Incomplete { .. }, _) => Presence::There,
            (Drift::Current { found: Some(found) }, Some(pin)) if *found == pin.digest => Presence::There,
            (Drift::Current { .. } | Drift::Refused { .. }, _) => return Ok(target.clone()),
        };
        let policy = match self.mapping.on_existing {
            OnExisting::Overwrite => Policy::Grow,
            OnExisting::Keep => Policy::Keep,
            OnExisting::Fail => Policy::Fail,
        };
        let reader = self.sight.target(&target.reference.repository).await?;
        let lacking = self.finder.lacking(
            &self.found.wanted,
            &*self.source,
            &*reader,
            (presence, policy),
            self.requests,
        );
        Ok(with(target, presence, lacking.await?))
    }
}

/// A target that lacks something, or that must not be given it. Pure.
pub(super) fn with(target: &TargetEntry, presence: Presence, lacking: referrers::Lacking) -> TargetEntry {
    let reference = target.reference.clone();
    let found = target.drift.found().cloned();
    match lacking {
        Err(conflict) => {
            let drift = Drift::Refused { found, reason: lost(&conflict) };
            TargetEntry { reference, drift, lacks: Vec::new() }
        }
        Ok(lacks) => {
            let drift = match (presence, found) {
                (Presence::There, Some(found)) if lacks.is_empty() => Drift::Current { found: Some(found) },
                (Presence::There, Some(found)) => Drift::Incomplete { found },
                _ => target.drift.clone(),
            };
            TargetEntry { reference, drift, lacks }
        }
    }
}

fn lost(Conflict { tag }: &Conflict) -> RefusalReason {
    RefusalReason::Referrers {
        why: format!(
            "its tag {tag} has what the source's has not, which would be lost if that took its place"
        ),
    }
}
