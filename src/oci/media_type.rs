//! Media types of manifests, and the one `Accept` list that every request uses.

use std::fmt;
use std::str::FromStr;

/// A media type, kept verbatim; the ones that we act on have a predicate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaType(Box<str>);

const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OCI_ARTIFACT: &str = "application/vnd.oci.artifact.manifest.v1+json";
const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const DOCKER_SCHEMA1: [&str; 2] = [
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
];

/// The `Accept` header of every HEAD and GET of a manifest.
///
/// One list for both verbs: registries choose what to answer by it, so two lists would give two
/// digests for one tag. Several refuse (404) a request without it.
pub const MANIFEST_ACCEPT: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.docker.distribution.manifest.v2+json, \
    application/vnd.oci.artifact.manifest.v1+json";

/// Longest media type that is accepted, in bytes (RFC 6838 §4.2 allows 127 + 1 + 127).
const BYTES_MAX: usize = 255;

impl MediaType {
    /// `application/vnd.oci.image.manifest.v1+json`.
    pub fn oci_manifest() -> Self {
        Self(OCI_MANIFEST.into())
    }

    /// `application/vnd.oci.image.index.v1+json`.
    pub fn oci_index() -> Self {
        Self(OCI_INDEX.into())
    }

    /// `application/vnd.docker.distribution.manifest.list.v2+json`.
    pub fn docker_list() -> Self {
        Self(DOCKER_LIST.into())
    }

    /// An image index, or Docker's manifest list.
    pub fn is_index(&self) -> bool {
        matches!(&*self.0, OCI_INDEX | DOCKER_LIST)
    }

    /// A manifest of any kind: what is fetched under `/manifests/`, not under `/blobs/`.
    pub fn is_manifest(&self) -> bool {
        self.is_index() || matches!(&*self.0, OCI_MANIFEST | DOCKER_MANIFEST | OCI_ARTIFACT)
    }

    /// Docker's schema 1, which no current registry takes.
    pub fn is_schema1(&self) -> bool {
        DOCKER_SCHEMA1.contains(&&*self.0)
    }

    /// A layer whose licence forbids to push it: kept by reference, never fetched.
    pub fn is_nondistributable(&self) -> bool {
        self.0.starts_with("application/vnd.oci.image.layer.nondistributable.")
            || self.0.starts_with("application/vnd.docker.image.rootfs.foreign.")
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MediaType {
    type Err = String;

    /// Takes the value of a `Content-Type` header too: parameters after `;` are dropped.
    fn from_str(text: &str) -> Result<Self, String> {
        let essence = text.split(';').next().unwrap_or("").trim();
        let legal = |b: u8| b.is_ascii_alphanumeric() || b"!#$&-^_.+/".contains(&b);
        let one_slash = essence.bytes().filter(|b| *b == b'/').count() == 1;
        if one_slash && essence.len() <= BYTES_MAX && essence.bytes().all(legal) {
            Ok(Self(essence.to_ascii_lowercase().into()))
        } else {
            Err("not a media type (`type/subtype`, at most 255 bytes)".to_owned())
        }
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(MediaType);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_case_do_not_matter() {
        let parsed: MediaType =
            "Application/vnd.oci.image.index.v1+JSON; charset=utf-8".parse().expect("valid");
        assert_eq!(parsed, MediaType::oci_index());
        assert!(parsed.is_index() && parsed.is_manifest());
    }

    #[test]
    fn header_injection_is_not_a_media_type() {
        for text in ["", "text", "a/b/c", "text/html\r\nX: y", "text/\u{202e}html"] {
            assert!(text.parse::<MediaType>().is_err(), "{text:?}");
        }
    }
}
