//! What pins a component: the digests that its source has now, whatever the spec says.

use super::fetch::Came;
use super::{LoadError, fetch, file, pull};
use crate::filter::COMPONENT_BYTES_MAX;
use crate::oci::{At, Digest};
use crate::spec::{FilterDeclaration, FilterSource, Pin};
use crate::store::Download;

/// Works out what would pin the component of a declaration. The pins that it has are not looked at,
/// but for the digest of a reference without a tag. Where a manifest tells, the component is not
/// fetched.
///
/// # Errors
/// It is not there, too large, or no WebAssembly.
pub async fn pin(
    name: &str,
    declaration: &FilterDeclaration,
    stores: &dyn Download,
) -> Result<Pin, LoadError> {
    let (bytes, manifest) = match &declaration.wasm {
        FilterSource::Path(path) => (file::read(name, path).await?, None),
        FilterSource::Https(url) => {
            let fetched = stores.download(url, COMPONENT_BYTES_MAX).await;
            (Vec::from(fetched.map_err(|failure| LoadError::store(name, failure))?), None)
        }
        FilterSource::Oci(reference) => {
            let at = match &reference.tag {
                Some(tag) => At::Tag(tag.clone()),
                None => fetch::at(name, reference)?,
            };
            let found = pull::find(name, reference, &at, stores).await?;
            if found.layer.digest.algorithm() == "sha256" {
                return Ok(Pin { sha256: found.layer.digest, manifest: Some(found.manifest) });
            }
            (found.bytes(name).await?, Some(found.manifest))
        }
    };
    if Came::of(&bytes) == Came::Other {
        let place = &declaration.wasm;
        let hint = "a filter is a WebAssembly component: check the path or the address";
        return Err(LoadError::source(name, format!("{place} is no WebAssembly"), hint));
    }
    Ok(Pin { sha256: Digest::of(&bytes), manifest })
}
