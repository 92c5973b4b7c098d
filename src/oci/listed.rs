//! What an index of referrers lists. OCI image-spec, image-index.md; distribution-spec, "Listing Referrers".

use super::{Digest, Link, ManifestError, MediaType, Object, RawManifest, Referrer};
use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
struct Document {
    #[serde(deserialize_with = "null_is_empty")]
    manifests: Vec<Object<Entry>>,
}

/// A descriptor, as far as it tells of a referrer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    media_type: MediaType,
    digest: Digest,
    artifact_type: Option<String>,
}

impl Referrer {
    /// Those that `index` lists for `subject`, in its order.
    ///
    /// # Errors
    /// It is no index, or one of its entries is no descriptor.
    pub fn listed(index: &RawManifest, subject: &Digest) -> Result<Vec<Self>, ManifestError> {
        index.parse()?;
        let Object(Document { manifests }) = serde_json::from_slice(&index.bytes)
            .map_err(|error| ManifestError::Malformed(error.to_string()))?;
        let one = |Object(Entry { media_type, digest, artifact_type })| Self {
            subject: subject.clone(),
            digest,
            media_type,
            // What is no media type tells nothing: the manifest itself will.
            artifact_type: artifact_type.and_then(|text: String| text.parse().ok()),
            link: Link::Subject,
        };
        Ok(manifests.into_iter().map(one).collect())
    }
}

/// Some registries write null for an empty list.
fn null_is_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Object<Entry>>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
