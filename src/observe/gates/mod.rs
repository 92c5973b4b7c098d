//! Gates: whether an observed image may be mirrored. What stops it is a refusal; what cannot be judged does
//! not pass either.

mod judge;

use super::{Observed, unresolved};
use crate::facts::{self, Parts};
use crate::failure::{Code, Fallible, Side};
use crate::form::Entries;
use crate::oci::{At, Digest};
use crate::plan::{Drift, Entry, Gate, Origin, Pin, RefusalReason, TargetEntry};
use crate::resolve::{Gated, Mapping};
use crate::spec::Gates;
use crate::store::{Formed, Reader, Sight};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use judge::Made;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Configs of one image that are read at once.
const CONFIGS_AT_ONCE: usize = 8;

/// Which gate stopped an image, and why.
type Stopped = (Gate, String);

/// Refuses what the pin and the gates of a mapping do not let through.
///
/// No request for what is at its targets, but a HEAD at a target that told of an immutable tag by a list only,
/// where digests are denied. For what is to be brought, the GETs of manifests that copying makes anyway, and one more of
/// each config where there is a least age.
pub async fn pass(mapping: &Mapping, observed: Observed, sight: &dyn Sight) -> Observed {
    let mut observed = hold(mapping, observed);
    let Some(Gated { gates, now }) = &mapping.gates else { return observed };
    let Some(mut entry) = observed.entry.take() else { return observed };
    if let Err(failure) = deny_known(gates, &mut entry, sight).await {
        observed.unresolved.push(unresolved(mapping, None, *failure.on(Side::Target)));
        return observed;
    }
    let brought = entry.targets.iter().any(|target| is_brought(&target.drift));
    if let (true, Some(pin)) = (brought && must_be_read(gates, entry.pin.as_ref()), &entry.pin) {
        match read_and_judge(gates, *now, mapping, pin, sight).await {
            Ok(None) => {}
            Ok(Some(stopped)) => refuse(&mut entry, &stopped, is_brought),
            Err(failure) => {
                observed.unresolved.push(unresolved(mapping, None, *failure.on(Side::Source)));
                return observed;
            }
        }
    }
    observed.entry = Some(entry);
    observed
}

/// Whether the image itself is to be brought: what is there was let through once.
fn is_brought(drift: &Drift) -> bool {
    matches!(drift, Drift::Absent | Drift::Stale { .. })
}

/// Refuses what does not name the digest that it is pinned to. Pure.
fn hold(mapping: &Mapping, mut observed: Observed) -> Observed {
    let (Some(pinned), Some(tag)) = (&mapping.pinned, &mapping.source.tag) else { return observed };
    match &mut observed.entry {
        Some(entry) => {
            let named = entry.pin.as_ref().map(Pin::at_source);
            if let Some(named) = named.filter(|named| *named != pinned) {
                let why = format!("`{tag}` is pinned to {pinned}, and names {named} now");
                refuse(entry, &(Gate::Pin, why), |_| true);
            }
        }
        None => {
            let is_gone = |failure: &crate::failure::Failure| {
                failure.code == Code::NotFound && failure.side == Some(Side::Source)
            };
            if observed.unresolved.iter().any(|lost| lost.target.is_none() && is_gone(&lost.failure)) {
                let why = format!("`{tag}` is pinned to {pinned}, and is not at the source any more");
                let reason = RefusalReason::Gate { gate: Gate::Pin, why };
                let refused = mapping.targets.iter().map(|target| TargetEntry {
                    reference: target.reference.clone(),
                    drift: Drift::Refused { found: None, reason: reason.clone() },
                    lacks: Vec::new(),
                });
                observed.entry = Some(super::entry(mapping, None, refused.collect()));
                observed.unresolved.clear();
            }
        }
    }
    observed
}

/// Refuses what is denied by what is known without reading anything: the image whatever its targets have, and
/// a target that is left as it is with an image that is denied.
async fn deny_known(gates: &Gates, entry: &mut Entry, sight: &dyn Sight) -> Fallible<()> {
    let denied = &gates.deny.digests;
    if denied.is_empty() {
        return Ok(());
    }
    let pin = entry.pin.iter().flat_map(|pin| [&pin.digest, pin.at_source()]);
    let referrers = entry.referrers.iter().flatten().map(|referrer| &referrer.digest);
    if let Some(why) = judge::denied(denied, pin.chain(referrers)) {
        refuse(entry, &(Gate::Deny, why), |_| true);
        return Ok(());
    }
    for target in &mut entry.targets {
        let Drift::Current { found } = &mut target.drift else { continue };
        if let (None, Some(tag)) = (&found, &target.reference.tag) {
            let reader = sight.target(&target.reference.repository).await?;
            *found = reader.head(&At::Tag(tag.clone())).await?.map(|head| head.digest);
        }
        if let Some(why) = judge::denied(denied, found.iter()) {
            let reason = RefusalReason::Gate { gate: Gate::Deny, why };
            target.drift = Drift::Refused { found: found.clone(), reason };
        }
    }
    Ok(())
}

/// Whether more than the digest of the image has to be known.
fn must_be_read(gates: &Gates, pin: Option<&Pin>) -> bool {
    let is_index = pin.is_some_and(|pin| pin.type_at_source().is_index());
    gates.max_size.is_some() || gates.min_age.is_some() || (is_index && !gates.deny.digests.is_empty())
}

/// Reads the image as it is mirrored, and judges it.
async fn read_and_judge(
    gates: &Gates,
    now: i64,
    mapping: &Mapping,
    pin: &Pin,
    sight: &dyn Sight,
) -> Fallible<Option<Stopped>> {
    let mut reader = sight.source(&mapping.source.repository).await?;
    let mut digests = BTreeSet::new();
    if let Some(origin) = &pin.origin {
        let Some((formed, taken)) = formed(&reader, origin).await? else {
            return Err(super::nothing(&mapping.source));
        };
        (reader, digests) = (formed, taken);
    }
    let mut parts = Parts::default();
    parts.add(&*reader, pin.digest.clone()).await?;
    if let Some(why) = judge::denied(&gates.deny.digests, parts.manifests.iter().chain(&digests)) {
        return Ok(Some((Gate::Deny, why)));
    }
    if let Some(why) = judge::unread(&parts) {
        return Ok(Some((asked(gates), why)));
    }
    if let Some(why) = gates.max_size.and_then(|most| judge::too_large(most, &parts)) {
        return Ok(Some((Gate::MaxSize, why)));
    }
    let Some(least) = gates.min_age else { return Ok(None) };
    let made = made(&*reader, &parts).await?;
    Ok(judge::too_young(least, now, &made).map(|why| (Gate::MinAge, why)))
}

/// The gate that could not judge.
fn asked(gates: &Gates) -> Gate {
    match (&gates.max_size, &gates.min_age) {
        (Some(_), _) => Gate::MaxSize,
        (None, Some(_)) => Gate::MinAge,
        (None, None) => Gate::Deny,
    }
}

/// The source with the image in its form, and the digests that its parts had before. All of it was read when
/// the image was observed.
async fn formed(
    reader: &Arc<dyn Reader>,
    origin: &Origin,
) -> Fallible<Option<(Arc<dyn Reader>, BTreeSet<Digest>)>> {
    let at = At::Digest(origin.digest.clone());
    let Some(formed) = Formed::make(&**reader, &at, &origin.form).await? else { return Ok(None) };
    let raw = reader.manifest(&at).await?.filter(|raw| raw.media_type.is_index());
    let entries = raw.and_then(|raw| Entries::choose(&raw, &origin.form.platforms).ok());
    let taken = entries.iter().flat_map(Entries::taken).map(|one| one.descriptor.digest.clone());
    let taken = taken.collect();
    Ok(Some((formed.before(Arc::clone(reader)), taken)))
}

/// When each image of the parts was made.
async fn made(reader: &dyn Reader, parts: &Parts) -> Fallible<Vec<Made>> {
    let read = |(digest, config): (&Digest, &Option<crate::oci::Descriptor>)| {
        let (digest, config) = (digest.clone(), config.clone());
        async move {
            let at = match &config {
                Some(config) => facts::made_at(reader, config).await?,
                None => None,
            };
            Ok(Made { digest, at })
        }
    };
    let reads: Vec<_> = parts.images.iter().map(read).collect();
    stream::iter(reads).buffered(CONFIGS_AT_ONCE).try_collect().await
}

/// Refuses the targets whose drift is one of those that are meant; one that is refused already stays so.
fn refuse(entry: &mut Entry, (gate, why): &Stopped, meant: impl Fn(&Drift) -> bool) {
    for target in &mut entry.targets {
        if meant(&target.drift) && !matches!(target.drift, Drift::Refused { .. }) {
            let found = target.drift.found().cloned();
            let reason = RefusalReason::Gate { gate: *gate, why: why.clone() };
            target.drift = Drift::Refused { found, reason };
            target.lacks = Vec::new();
        }
    }
}
