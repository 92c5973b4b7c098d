//! Manifests as files: read whole, within the limit, and verified. Knows nothing of tags.

use super::fault::Act;
use super::files::{Opened, open_plain, read_at_most};
use crate::failure::{Code, Failure, Fallible};
use crate::oci::{Digest, MediaType};
use crate::store::MANIFEST_BYTES_MAX;
use bytes::Bytes;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::path::Path;

/// The verified bytes of the manifest with this digest in the file at `path`; none when there is no
/// such file.
pub(in crate::store) fn read_manifest(path: &Path, digest: &Digest, act: &Act) -> Fallible<Option<Bytes>> {
    let file = match open_plain(path).map_err(|e| act.io("open", path, &e))? {
        Opened::File(file, _) => file,
        Opened::Absent => return Ok(None),
        Opened::Irregular(what) => return Err(act.irregular(path, what)),
    };
    let bytes = read_at_most(&file, MANIFEST_BYTES_MAX).map_err(|e| act.io("read", path, &e))?;
    match bytes {
        None => Err(too_large(path, act)),
        Some(bytes) if digest.matches(&bytes) => Ok(Some(bytes.into())),
        Some(_) => Err(damaged(path, "its bytes do not have the digest that it is named by", act)),
    }
}

/// The file of a manifest is larger than manifests may be.
pub(in crate::store) fn too_large(path: &Path, act: &Act) -> Box<Failure> {
    let limit = MANIFEST_BYTES_MAX / (1024 * 1024);
    act.fail(Code::LimitExceeded, format!("{} is larger than the {limit} MiB of a manifest", path.display()))
}

/// A file of the store is not what it must be.
pub(in crate::store) fn damaged(path: &Path, why: &str, act: &Act) -> Box<Failure> {
    act.fail(Code::Corrupt, format!("{} is damaged: {why}", path.display()))
        .hint("copy the image there again; crossdock replaces what is damaged")
}

/// A file that the store must have is not there.
pub(in crate::store) fn missing(path: &Path, act: &Act) -> Box<Failure> {
    act.fail(Code::NotFound, format!("{} is not there", path.display()))
        .hint("what is there is not complete: copy the image there again")
}

/// What a document without a descriptor is: what it says itself, else what its fields make it. None
/// when it is no manifest.
pub(in crate::store) fn media_type_of(document: &[u8]) -> Option<MediaType> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Shape {
        media_type: Option<String>,
        manifests: Option<IgnoredAny>,
        config: Option<IgnoredAny>,
        layers: Option<IgnoredAny>,
    }
    let shape: Shape = serde_json::from_slice(document).ok()?;
    if let Some(named) = shape.media_type {
        return named.parse().ok();
    }
    // An image's config has a field `config` too, but never layers.
    match (shape.manifests.is_some(), shape.config.is_some() && shape.layers.is_some()) {
        (true, false) => Some(MediaType::oci_index()),
        (false, true) => Some(MediaType::oci_manifest()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_says_what_it_is_or_its_fields_do() {
        let told = |json: &str| media_type_of(json.as_bytes()).map(|m| m.to_string());
        let docker = "application/vnd.docker.distribution.manifest.v2+json";
        assert_eq!(told(&format!(r#"{{"mediaType":"{docker}"}}"#)).as_deref(), Some(docker));
        assert_eq!(told(r#"{"manifests":[]}"#), Some(MediaType::oci_index().to_string()));
        assert_eq!(told(r#"{"config":{},"layers":[]}"#), Some(MediaType::oci_manifest().to_string()));
        for other in ["", "[]", r#"{"config":{},"rootfs":{}}"#, r#"{"manifests":[],"layers":[],"config":{}}"#]
        {
            assert_eq!(told(other), None, "{other}");
        }
    }
}
