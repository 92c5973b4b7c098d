//! Manifests: their bytes, kept verbatim, and what those bytes point at.

use super::spelling::Exact;
use super::{Descriptor, Digest, MediaType, Object};
use bytes::Bytes;
use serde::Deserialize;
use std::fmt;

/// A manifest exactly as a store gave it. Its bytes are never serialised again, because its digest
/// is the digest of those bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawManifest {
    /// What the store said that it is.
    pub media_type: MediaType,
    /// The digest of `bytes`, computed here.
    pub digest: Digest,
    /// The document.
    pub bytes: Bytes,
}

/// What a manifest points at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manifest {
    /// Manifests that must be at the target before this one: the entries of an index.
    pub manifests: Vec<Descriptor>,
    /// Blobs that must be at the target before this one: config, layers, an artifact's blobs, and what an
    /// index lists that is no manifest.
    pub blobs: Vec<Descriptor>,
    /// The manifest that this one speaks about; it may be absent.
    pub subject: Option<Descriptor>,
}

/// Why bytes are not a manifest that can be mirrored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManifestError {
    /// Not JSON, or a field has the wrong type; with the parser's words.
    Malformed(String),
    /// Both an image and an index, or with keys that some readers take for others: what it is would depend
    /// on the reader (CVE-2021-41190).
    Ambiguous,
    /// The document names another media type than the one it was served with.
    MediaTypeMismatch {
        /// What the document says.
        document: String,
        /// What it was served with.
        served: MediaType,
    },
    /// Docker's schema 1.
    Schema1,
    /// More entries than [`ENTRIES_MAX`].
    TooManyEntries,
}

/// Most entries that an index, and most blobs that an image may have.
pub(crate) const ENTRIES_MAX: usize = 20_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    media_type: Option<String>,
    manifests: Option<Vec<Object<Descriptor>>>,
    config: Option<Object<Descriptor>>,
    layers: Option<Vec<Object<Descriptor>>>,
    blobs: Option<Vec<Object<Descriptor>>>,
    subject: Option<Object<Descriptor>>,
    fs_layers: Option<serde::de::IgnoredAny>,
}

impl RawManifest {
    /// Takes the bytes of a manifest and computes their digest with the algorithm of `expected`,
    /// or SHA-256.
    pub fn new(media_type: MediaType, bytes: Bytes, expected: Option<&Digest>) -> Self {
        let digest = match expected {
            Some(digest) => {
                let mut hasher = digest.hasher();
                hasher.update(&bytes);
                hasher.finish()
            }
            None => Digest::of(&bytes),
        };
        Self { media_type, digest, bytes }
    }

    /// Reads what the manifest points at.
    ///
    /// # Errors
    /// See [`ManifestError`]; an unknown media type is no error, so that artifacts of any kind pass.
    pub fn parse(&self) -> Result<Manifest, ManifestError> {
        if self.media_type.is_schema1() {
            return Err(ManifestError::Schema1);
        }
        let Object(document): Object<Document> =
            serde_json::from_slice(&self.bytes).map_err(|e| ManifestError::Malformed(e.to_string()))?;
        if document.fs_layers.is_some() {
            return Err(match document.manifests.is_some() {
                true => ManifestError::Ambiguous,
                false => ManifestError::Schema1,
            });
        }
        if serde_json::from_slice::<Exact>(&self.bytes).is_err() {
            return Err(ManifestError::Ambiguous);
        }
        self.check_media_type(&document)?;
        let Document { media_type: _, manifests, config, layers, blobs, subject, fs_layers: _ } = document;
        let list = |list: Option<Vec<Object<Descriptor>>>| list.into_iter().flatten().map(|Object(one)| one);
        // What an index lists and is no manifest lies where blobs do, as in BuildKit's caches. Registries
        // take no manifest that they do not know, so what nobody knows is none.
        let is_manifest = |one: &Descriptor| one.media_type.is_manifest() || one.media_type.is_schema1();
        let (manifests, others): (Vec<_>, Vec<_>) = list(manifests).partition(is_manifest);
        let mut needed = Vec::from_iter(config.map(|Object(config)| config));
        needed.extend(others);
        needed.extend(list(layers));
        needed.extend(list(blobs));
        if manifests.len() > ENTRIES_MAX || needed.len() > ENTRIES_MAX {
            return Err(ManifestError::TooManyEntries);
        }
        Ok(Manifest { manifests, blobs: needed, subject: subject.map(|Object(subject)| subject) })
    }

    fn check_media_type(&self, document: &Document) -> Result<(), ManifestError> {
        let image = document.config.is_some() || document.layers.is_some() || document.blobs.is_some();
        let index = document.manifests.is_some();
        let kind_differs = (index && !self.media_type.is_index()) || (image && self.media_type.is_index());
        if (image && index) || (self.media_type.is_manifest() && kind_differs) {
            return Err(ManifestError::Ambiguous);
        }
        match &document.media_type {
            Some(named) if named.parse().as_ref() != Ok(&self.media_type) => {
                Err(ManifestError::MediaTypeMismatch {
                    document: named.chars().take(100).collect(),
                    served: self.media_type.clone(),
                })
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(why) => write!(f, "the manifest cannot be read: {why}"),
            Self::Ambiguous => f.write_str(
                "the manifest means different things to different readers: it could be an image and an index, \
                 or spells a key in two ways",
            ),
            Self::MediaTypeMismatch { document, served } => {
                write!(f, "the manifest calls itself {document:?} but was served as {served}")
            }
            Self::Schema1 => f.write_str("the image has Docker's schema 1, which current registries refuse"),
            Self::TooManyEntries => write!(f, "the manifest has more than {ENTRIES_MAX} entries"),
        }
    }
}

impl std::error::Error for ManifestError {}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCKER_SCHEMA1: &str = "application/vnd.docker.distribution.manifest.v1+prettyjws";

    fn raw(media_type: &MediaType, json: &str) -> RawManifest {
        RawManifest::new(media_type.clone(), Bytes::copy_from_slice(json.as_bytes()), None)
    }

    fn descriptor(media_type: &str) -> String {
        let digest = Digest::of(media_type.as_bytes());
        format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":3,"annotations":null}}"#)
    }

    #[test]
    fn an_image_needs_its_config_and_layers() {
        let json = format!(
            r#"{{"schemaVersion":2,"config":{},"layers":[{},{}],"new":1}}"#,
            descriptor("a/config"),
            descriptor("a/layer"),
            descriptor("application/vnd.oci.image.layer.nondistributable.v1.tar")
        );
        let manifest = raw(&MediaType::oci_manifest(), &json).parse().expect("valid");
        assert_eq!(manifest.blobs.len(), 3);
        assert!(manifest.blobs[2].stays_away() && !manifest.blobs[1].stays_away());
    }

    #[test]
    fn what_an_index_lists_and_is_no_manifest_is_a_blob() {
        let listed = [
            "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.docker.image.rootfs.diff.tar.gzip",
            "application/vnd.buildkit.cacheconfig.v0",
            DOCKER_SCHEMA1,
        ];
        let json = format!(r#"{{"manifests":[{}]}}"#, listed.map(descriptor).join(","));
        let manifest = raw(&MediaType::oci_index(), &json).parse().expect("valid");
        let types = |list: &[Descriptor]| -> Vec<String> {
            list.iter().map(|one| one.media_type.to_string()).collect()
        };
        assert_eq!(types(&manifest.manifests), [listed[0], DOCKER_SCHEMA1]);
        assert_eq!(types(&manifest.blobs), [listed[1], listed[2]]);
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        let child = descriptor("application/vnd.oci.image.manifest.v1+json");
        let both = format!(r#"{{"manifests":[{child}],"layers":[{child}]}}"#);
        let index_only = format!(r#"{{"manifests":[{child}]}}"#);
        let named =
            format!(r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","manifests":[{child}]}}"#);
        assert_eq!(raw(&MediaType::oci_index(), &both).parse(), Err(ManifestError::Ambiguous));
        assert_eq!(raw(&MediaType::oci_manifest(), &index_only).parse(), Err(ManifestError::Ambiguous));
        assert!(matches!(
            raw(&MediaType::oci_index(), &named).parse(),
            Err(ManifestError::MediaTypeMismatch { .. })
        ));
        assert_eq!(
            raw(&MediaType::oci_manifest(), r#"{"fsLayers":[]}"#).parse(),
            Err(ManifestError::Schema1)
        );
    }

    #[test]
    fn a_list_of_fields_is_no_object() {
        let (digest, index) = (Digest::of(b""), MediaType::oci_index());
        let manifest = MediaType::oci_manifest();
        for json in [
            format!(r#"[null,[{}],null,null,null,null,null]"#, descriptor(manifest.as_str())),
            format!(r#"{{"manifests":[["{manifest}","{digest}",3,[],null,{{}}]]}}"#),
        ] {
            let found = raw(&index, &json).parse();
            assert!(
                matches!(&found, Err(ManifestError::Malformed(why)) if why.contains("an object")),
                "{found:?}"
            );
        }
    }

    #[test]
    fn a_negative_or_missing_size_is_malformed() {
        let json = descriptor("a/b").replace("\"size\":3", "\"size\":-1");
        let json = format!(r#"{{"config":{json}}}"#);
        assert!(matches!(raw(&MediaType::oci_manifest(), &json).parse(), Err(ManifestError::Malformed(_))));
    }
}
