//! Observing a mapping whose image is mirrored in another form than its source has: the manifest is read,
//! so that what the targets shall have is known.

use super::{Found, Observed, at, combine, nothing};
use crate::facts::platform_of;
use crate::failure::{Fallible, Side};
use crate::form::{FormError, Platforms};
use crate::oci::At;
use crate::plan::{Entry, Origin, Pin};
use crate::resolve::Mapping;
use crate::store::{Formed, Reader, Sight};
use futures::future::join;
use std::sync::Arc;

/// Compares what the image becomes with what the targets have. A GET at the source, and more where
/// manifests are converted; the config of an image without an index, where it is going to be copied.
/// `targets` finds what they have. Beside what was observed, the image in its form.
pub(super) async fn observe(
    mapping: &Mapping,
    sight: &dyn Sight,
    targets: impl Future<Output = Vec<Fallible<Found>>>,
) -> (Observed, Option<Formed>) {
    let (made, targets) = join(make(mapping, sight), targets).await;
    let (reader, formed) = match made {
        Ok(made) => made,
        Err(failure) => return (combine(mapping, Err(failure.on(Side::Source)), targets), None),
    };
    let observed = combine(mapping, Ok(pin(mapping, &formed)), targets);
    let pending = |entry: &Entry| entry.targets.iter().any(|target| target.drift.is_pending());
    if !observed.entry.as_ref().is_some_and(pending) {
        return (observed, Some(formed));
    }
    match fits(&*reader, mapping, &formed).await {
        Ok(()) => {
            say(mapping, &formed);
            (observed, Some(formed))
        }
        Err(failure) => (combine(mapping, Err(failure.on(Side::Source)), Vec::new()), None),
    }
}

/// Says what will not be mirrored, as long as there is something to be mirrored.
fn say(mapping: &Mapping, Formed { strangers, .. }: &Formed) {
    if *strangers > 0 {
        tracing::warn!(
            source = %mapping.source,
            "of its index {strangers} are left out, which are no images: Docker's format has no place for attestations and artifacts"
        );
    }
}

async fn make(mapping: &Mapping, sight: &dyn Sight) -> Fallible<(Arc<dyn Reader>, Formed)> {
    let reader = sight.source(&mapping.source.repository).await?;
    let at = match &mapping.head {
        Some(head) => At::Digest(head.digest.clone()),
        None => at(&mapping.source)?,
    };
    let formed = Formed::make(&*reader, &at, &mapping.form).await?;
    Ok((reader, formed.ok_or_else(|| nothing(&mapping.source))?))
}

fn pin(mapping: &Mapping, formed: &Formed) -> Pin {
    let origin = Origin {
        digest: formed.origin.clone(),
        media_type: formed.origin_type.clone(),
        form: mapping.form.clone(),
        left_behind: 0,
    };
    Pin {
        digest: formed.root.digest.clone(),
        media_type: formed.root.media_type.clone(),
        origin: (!formed.keeps_all()).then_some(origin),
    }
}

/// An image without an index says in its config what it runs on.
async fn fits(reader: &dyn Reader, mapping: &Mapping, formed: &Formed) -> Fallible<()> {
    if mapping.form.platforms == Platforms::All || formed.origin_type.is_index() {
        return Ok(());
    }
    // What says nothing is no image that runs somewhere.
    let Some(platform) = platform_of(reader, &formed.root).await? else { return Ok(()) };
    if mapping.form.platforms.take(&platform) {
        return Ok(());
    }
    Err(Formed::refusal(&mapping.source, &FormError::NoPlatform { there: vec![platform] }))
}
