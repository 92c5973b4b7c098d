//! Verifying: whether what a run wrote is still what tags name when it ends, and whether its sources
//! still name what was copied. Reads only.

use crate::failure::{Class, Code, Failure, Fallible, Operation, Side};
use crate::oci::{At, Digest, Reference};
use crate::outcome::Done;
use crate::plan::Pin;
use crate::report::Settled;
use crate::report::escape::Foreign;
use crate::store::{Reader, Sight};
use crate::transfer::Stop;
use futures::stream::{self, StreamExt as _};
use std::sync::Arc;

/// Tags that are looked at at once.
const TAGS_AT_ONCE: usize = 96;

/// Which tag is looked at: that of an entry's source, or that of one of its targets.
#[derive(Debug, Clone, Copy)]
enum Tag {
    Source,
    Target(usize),
}

/// Looks once more at every tag that was written, and at the tags that they were copied from. A target
/// tag that names something else by now is told as such, and so is a source tag.
pub async fn verify(entries: &mut [Settled], sight: &dyn Sight, stop: &Stop) {
    let mut looks = Vec::new();
    for (at, settled) in entries.iter().enumerate() {
        let written: Vec<usize> =
            (0..settled.outcomes.len()).filter(|target| is_written(settled, *target)).collect();
        if !written.is_empty() && settled.entry.source.digest.is_none() {
            looks.push((at, Tag::Source));
        }
        looks.extend(written.into_iter().map(|target| (at, Tag::Target(target))));
    }
    let seen: &[Settled] = entries;
    let looking = looks.into_iter().map(|(at, tag)| async move {
        let named = match stop.or(named(&seen[at], tag, sight)).await {
            Ok(named) => named,
            Err(stopped) => Err(stopped),
        };
        (at, tag, named)
    });
    let looked: Vec<_> = stream::iter(looking).buffer_unordered(TAGS_AT_ONCE).collect().await;
    for (at, tag, named) in looked {
        match tag {
            Tag::Source => source(&mut entries[at], named),
            Tag::Target(target) => judge(&mut entries[at], target, named),
        }
    }
}

fn is_written(settled: &Settled, target: usize) -> bool {
    let done = settled.outcomes[target].as_ref().map(|outcome| &outcome.result);
    matches!(done, Some(Done::Created | Done::Updated))
}

async fn named(settled: &Settled, tag: Tag, sight: &dyn Sight) -> Fallible<Option<Digest>> {
    let (reader, reference): (Arc<dyn Reader>, &Reference) = match tag {
        Tag::Source => {
            let source = &settled.entry.source;
            (sight.source(&source.repository).await?, source)
        }
        Tag::Target(target) => {
            let target = &settled.entry.targets[target].reference;
            (sight.target(&target.repository).await?, target)
        }
    };
    let Some(tag) = &reference.tag else { return Ok(None) };
    Ok(reader.head(&At::Tag(tag.clone())).await?.map(|head| head.digest))
}

/// What was copied stays copied, and is told: the next run follows.
fn source(settled: &mut Settled, named: Fallible<Option<Digest>>) {
    let source = Foreign(&settled.entry.source);
    match named {
        Ok(named) => {
            let copied = settled.entry.pin.as_ref().map(Pin::at_source);
            if named.as_ref() != copied {
                tracing::warn!("{source} moved during the run: what it named before was copied");
            }
            settled.source_after = named;
        }
        Err(failure) => tracing::warn!(%failure, "{source} could not be looked at again"),
    }
}

fn judge(settled: &mut Settled, target: usize, named: Fallible<Option<Digest>>) {
    let reference = &settled.entry.targets[target].reference;
    let Some(outcome) = settled.outcomes[target].as_mut() else { return };
    match named {
        Ok(named) if named == outcome.digest_after => {}
        Ok(named) => {
            outcome.result = Done::from(moved(reference, outcome.digest_after.as_ref(), named.as_ref()));
            outcome.digest_after = named;
        }
        // It was written: that the run is to end changes nothing of it.
        Err(failure) if failure.code.class() == Class::Deferred => {}
        Err(failure) => outcome.result = Done::from(failure.on(Side::Target)),
    }
}

fn moved(target: &Reference, ours: Option<&Digest>, theirs: Option<&Digest>) -> Box<Failure> {
    let text = |digest: Option<&Digest>| digest.map_or_else(|| "nothing".to_owned(), ToString::to_string);
    let message = format!("it was written, and named {} at the end instead of {}", text(theirs), text(ours));
    Failure::new(Code::MovedUnderUs, &target.repository, Operation::Compare, message)
        .on(Side::Target)
        .hint("somebody else writes to this tag: let only one of you do so, such as by a concurrency group")
}
