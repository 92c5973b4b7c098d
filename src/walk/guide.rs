//! Guides: the source of an entry as if it had the image in the form in which it is mirrored.

use crate::failure::{Code, Failure, Fallible, Operation, Side};
use crate::oci::At;
use crate::plan::Entry;
use crate::store::{Formed, Reader, Sight};
use std::sync::Arc;

/// Opens the source of an entry; where the image has another form, that is made again.
///
/// # Errors
/// The source fails, or does not have the image any more.
pub(super) async fn guide(entry: &Entry, sight: &dyn Sight) -> Fallible<Arc<dyn Reader>> {
    let opening = async {
        let reader = sight.source(&entry.source.repository).await?;
        let Some(origin) = entry.pin.as_ref().and_then(|pin| pin.origin.as_ref()) else { return Ok(reader) };
        let at = At::Digest(origin.digest.clone());
        let formed = Formed::make(&*reader, &at, &origin.form).await?.ok_or_else(|| {
            let why = format!("the manifest {} is not there (any more)", origin.digest);
            Failure::new(Code::NotFound, &entry.source, Operation::ManifestGet, why)
        })?;
        Ok(formed.before(reader))
    };
    opening.await.map_err(|failure: Box<Failure>| failure.on(Side::Source))
}
