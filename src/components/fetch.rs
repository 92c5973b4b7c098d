//! Fetching one component, from wherever it is. Its pin is checked before a byte of it is parsed.

use super::{LoadError, file, pull};
use crate::filter::COMPONENT_BYTES_MAX;
use crate::oci::{At, Digest, Reference};
use crate::spec::{FilterDeclaration, FilterSource};
use crate::store::Download;

/// The bytes of a component, checked against its pin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The component.
    pub bytes: Vec<u8>,
    /// The SHA-256 of the bytes.
    pub digest: Digest,
    /// The digest of the manifest that named it; none where it came from no registry.
    pub manifest: Option<Digest>,
}

/// Fetches the component of one declaration, which is called `name` in errors. Its pins are checked
/// before a byte is parsed, and where a manifest tells, before a byte is fetched; a declaration
/// without `sha256` is taken as it comes.
///
/// # Errors
/// It is not there, too large, or not what the pin says.
pub async fn fetch(
    name: &str,
    declaration: &FilterDeclaration,
    stores: &dyn Download,
) -> Result<Fetched, LoadError> {
    let pin = declaration.sha256.as_ref();
    let (bytes, manifest, place) = match &declaration.wasm {
        FilterSource::Path(path) => (file::read(name, path).await?, None, path.display().to_string()),
        FilterSource::Https(url) => {
            let fetched = stores.download(url, COMPONENT_BYTES_MAX).await;
            let bytes = fetched.map_err(|failure| LoadError::store(name, failure))?;
            (Vec::from(bytes), None, FilterSource::Https(url.clone()).to_string())
        }
        FilterSource::Oci(reference) => {
            let found = pull::find(name, reference, &at(name, reference)?, stores).await?;
            let told = Some(&found.layer.digest).filter(|digest| digest.algorithm() == "sha256");
            if let (Some(pin), Some(told)) = (pin, told) {
                check(name, &reference.to_string(), pin, told, Came::Announced)?;
            }
            (found.bytes(name).await?, Some(found.manifest), reference.to_string())
        }
    };
    let digest = Digest::of(&bytes);
    if let Some(pin) = pin {
        check(name, &place, pin, &digest, Came::of(&bytes))?;
    }
    Ok(Fetched { bytes, digest, manifest })
}

/// What is asked for: the digest, where the reference has one.
pub(super) fn at(name: &str, Reference { tag, digest, .. }: &Reference) -> Result<At, LoadError> {
    match (digest, tag) {
        (Some(digest), _) => Ok(At::Digest(digest.clone())),
        (None, Some(tag)) => Ok(At::Tag(tag.clone())),
        (None, None) => Err(LoadError::source(
            name,
            "the reference names a repository, and no artifact in it".to_owned(),
            "add a tag or a digest",
        )),
    }
}

/// What is known of bytes that do not have the right digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// Only what a manifest says of them.
    Announced,
    /// They begin as WebAssembly does.
    Wasm,
    /// They begin otherwise.
    Other,
}

impl Came {
    pub(super) fn of(bytes: &[u8]) -> Self {
        if bytes.starts_with(b"\0asm") { Self::Wasm } else { Self::Other }
    }
}

fn check(name: &str, place: &str, pin: &Digest, found: &Digest, came: Came) -> Result<(), LoadError> {
    if pin == found {
        return Ok(());
    }
    let (expected, found) = (pin.hex(), found.hex());
    let message = format!("{place} has the SHA-256 {found}, and its pin in the spec is {expected}");
    Err(match came {
        Came::Announced | Came::Wasm => {
            let hint = format!(
                "if this change is meant, run `crossdock filter pin {name}`; if not, find out who made it"
            );
            LoadError::pin(name, message, hint)
        }
        Came::Other => {
            let message = format!("{message}; it is no WebAssembly at all");
            LoadError::pin(name, message, "look at what is there now: perhaps a page for people".to_owned())
        }
    })
}
