//! Comparing: each target tag with its source, graph by graph, and what speaks about the image, too.
//! Reads only.

use super::guide::guide;
use crate::examine::{Examiner, damaged};
use crate::failure::{Code, Failure, Fallible, Operation, Side};
use crate::oci::{At, Digest, Link, Referrer};
use crate::outcome::{Done, Findings, Outcome, Tally};
use crate::plan::{Drift, Entry, TargetEntry};
use crate::report::Settled;
use crate::report::verification::{Beside, Closeness, Compared, Standing, Verification};
use crate::store::{Depth, Reader, Sight};
use crate::transfer::Stop;
use futures::future::{BoxFuture, FutureExt as _, join_all};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

/// Entries that are compared at once.
const ENTRIES_AT_ONCE: usize = 16;
/// Referrers of one image that are looked at at once.
const REFERRERS_AT_ONCE: usize = 16;

/// Compares every target tag that the spec lets be, whatever it was seen to name, and tells drift by what it
/// names now. One that is not whole gets an outcome, and so does one that could not be compared.
pub async fn compare(
    entries: &mut [Settled],
    closeness: Closeness,
    sight: &dyn Sight,
    stop: &Stop,
) -> Verification {
    let examiner = Examiner::of_everything(match closeness {
        Closeness::Head => Depth::Word,
        Closeness::Fetch => Depth::Bytes,
        Closeness::Bytes => Depth::Whole,
    });
    let looks = entries.iter().enumerate().map(|(at, settled)| {
        let (examiner, entry) = (&examiner, &settled.entry);
        async move { (at, of_entry(examiner, entry, sight, stop).await) }
    });
    let looked: Vec<_> = stream::iter(looks).buffer_unordered(ENTRIES_AT_ONCE).collect().await;
    let mut verification = Verification::new(closeness);
    for (at, targets) in looked {
        let settled = &mut entries[at];
        for (target, compared) in targets.into_iter().enumerate() {
            let Some(compared) = compared else { continue };
            settle(settled, target, &compared);
            if let Ok(compared) = compared {
                let Entry { mirror, source, targets, .. } = &settled.entry;
                verification.add(mirror, source, &targets[target].reference, compared);
            }
        }
    }
    verification
}

/// What was found of each target; none of one that the spec does not let be written.
async fn of_entry(
    examiner: &Examiner,
    entry: &Entry,
    sight: &dyn Sight,
    stop: &Stop,
) -> Vec<Option<Fallible<Compared>>> {
    let looking = async {
        let guide = guide(entry, sight).await;
        let looks = entry.targets.iter().map(|target| {
            let guide = guide.as_deref().map_err(Clone::clone);
            async move {
                let is_refused = matches!(target.drift, Drift::Refused { .. });
                match (is_refused, guide) {
                    (true, _) => None,
                    (false, Ok(guide)) => Some(of_target(examiner, entry, target, guide, sight).await),
                    (false, Err(failure)) => Some(Err(failure)),
                }
            }
        });
        join_all(looks).await
    };
    match stop.or(looking).await {
        Ok(compared) => compared,
        Err(stopped) => entry.targets.iter().map(|_| Some(Err(stopped.clone()))).collect(),
    }
}

async fn of_target(
    examiner: &Examiner,
    entry: &Entry,
    target: &TargetEntry,
    guide: &dyn Reader,
    sight: &dyn Sight,
) -> Fallible<Compared> {
    let Some(pin) = &entry.pin else {
        let why = "what the source names was not asked";
        return Err(Failure::new(Code::Internal, &entry.source, Operation::Compare, why)
            .hint("please report this as a bug"));
    };
    let shown = target.drift.found();
    let found = examiner.compare(&target.reference, shown, &pin.digest, guide, sight).await?;
    let referrers = entry.referrers.iter().flatten();
    let mut looks: Vec<BoxFuture<'_, Fallible<Beside>>> = Vec::new();
    for referrer in referrers {
        looks.push(beside(examiner, referrer, target, guide, sight).boxed());
    }
    let referrers = stream::iter(looks).buffered(REFERRERS_AT_ONCE).try_collect().await?;
    Ok(Compared { root: pin.digest.clone(), named: found.named, findings: found.findings, referrers })
}

async fn beside(
    examiner: &Examiner,
    referrer: &Referrer,
    target: &TargetEntry,
    guide: &dyn Reader,
    sight: &dyn Sight,
) -> Fallible<Beside> {
    let repository = &target.reference.repository;
    let findings = examiner.beside(repository, &referrer.digest, guide, sight).await?;
    let standing = match (&referrer.link, target.lacks.contains(referrer)) {
        (_, false) => Standing::Same,
        (Link::Subject, true) => Standing::Missing,
        (Link::Tag(cosign), true) => {
            let reading = async {
                let reader = sight.target(repository).await?;
                let Some(tag) = cosign.of(&referrer.subject) else { return Ok(None) };
                reader.head(&At::Tag(tag)).await
            };
            match reading.await.map_err(|failure: Box<Failure>| failure.on(Side::Target))? {
                Some(head) if head.digest == referrer.digest => Standing::Same,
                Some(_) => Standing::Differs,
                None => Standing::Missing,
            }
        }
    };
    Ok(Beside { referrer: referrer.clone(), standing, findings })
}

/// Puts what was found into the run: drift by what the tag names now, and an outcome where the target shows
/// what it does not have whole.
fn settle(settled: &mut Settled, at: usize, compared: &Fallible<Compared>) {
    let expected = settled.entry.pin.as_ref().map(|pin| pin.digest.clone());
    let target = &mut settled.entry.targets[at];
    let result = match compared {
        Ok(compared) => {
            target.drift = drift(target, expected.as_ref(), compared);
            match (&target.drift, broken(compared)) {
                (Drift::Current { .. } | Drift::Incomplete { .. }, Some(findings)) => {
                    Done::from(damaged(&target.reference, &findings))
                }
                _ => return,
            }
        }
        Err(failure) => Done::from(failure.clone()),
    };
    let digest_after = target.drift.found().cloned();
    let (tally, attempts, duration_ms) = (Tally::default(), 0, 0);
    settled.outcomes[at] = Some(Outcome { result, digest_after, tally, attempts, duration_ms });
}

fn drift(target: &TargetEntry, expected: Option<&Digest>, compared: &Compared) -> Drift {
    let is_told = |beside: &Beside| beside.standing == Standing::Same;
    match &compared.named {
        None => Drift::Absent,
        Some(named) if Some(named) != expected => Drift::Stale { found: named.clone() },
        Some(named) if compared.referrers.iter().all(is_told) && target.lacks.is_empty() => {
            Drift::Current { found: Some(named.clone()) }
        }
        Some(named) => Drift::Incomplete { found: named.clone() },
    }
}

/// What the image, and the referrers that the target tells of, have that is not whole.
fn broken(compared: &Compared) -> Option<Findings> {
    let told = compared.referrers.iter().filter(|beside| beside.standing == Standing::Same);
    let all = std::iter::once(&compared.findings).chain(told.map(|beside| &beside.findings));
    let mut damages: Vec<_> = all.flat_map(|findings| findings.damages.iter().cloned()).collect();
    damages.sort();
    damages.dedup();
    (!damages.is_empty()).then(|| Findings { damages, ..Findings::default() })
}
