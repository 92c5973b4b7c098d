//! What manifests and configs say of themselves, as far as filters can ask. Pure, and lenient: what
//! is damaged says nothing; copying it will tell what is wrong with it.

use crate::oci::{Descriptor, MediaType, Platform, RawManifest};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A manifest or an index.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Document {
    #[serde(default, deserialize_with = "or_nothing")]
    pub annotations: BTreeMap<String, String>,
    config: Option<Descriptor>,
    #[serde(default)]
    manifests: Vec<Descriptor>,
}

/// The config of an image. OCI image-spec, config.md.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Config {
    #[serde(default, deserialize_with = "or_nothing")]
    os: Option<String>,
    #[serde(default, deserialize_with = "or_nothing")]
    architecture: Option<String>,
    #[serde(default, deserialize_with = "or_nothing")]
    variant: Option<String>,
    #[serde(default, rename = "os.version", deserialize_with = "or_nothing")]
    os_version: Option<String>,
    #[serde(default, deserialize_with = "or_nothing")]
    created: Option<String>,
    #[serde(default, deserialize_with = "or_nothing")]
    config: Execution,
}

#[derive(Debug, Default, Deserialize)]
struct Execution {
    #[serde(default, rename = "Labels", deserialize_with = "or_nothing")]
    labels: BTreeMap<String, String>,
}

impl Document {
    /// What `raw` says; nothing where it could not be mirrored either.
    pub fn of(raw: &RawManifest) -> Self {
        match raw.parse() {
            Ok(_) => serde_json::from_slice(&raw.bytes).unwrap_or_default(),
            Err(_) => Self::default(),
        }
    }

    /// The platforms of an index, sorted; entries that name none are left out.
    pub fn platforms(&self) -> Vec<Platform> {
        let entries = self.manifests.iter().filter(|entry| !is_attestation(entry));
        let mut platforms: Vec<Platform> = entries.filter_map(|entry| entry.platform.clone()).collect();
        platforms.sort();
        platforms.dedup();
        platforms
    }

    /// The first platform of an index: the first entry, in its own order, that is no attestation.
    pub fn first(&self) -> Option<&Descriptor> {
        self.manifests.iter().find(|entry| !is_attestation(entry))
    }

    /// The config, where it is that of an image and not of some other artifact.
    pub fn image_config(&self) -> Option<&Descriptor> {
        self.config.as_ref().filter(|config| config.media_type.is_image_config())
    }
}

/// What BuildKit keeps beside the images of an index.
pub(super) fn is_attestation(entry: &Descriptor) -> bool {
    entry
        .platform
        .as_ref()
        .is_some_and(|platform| platform.os == "unknown" && platform.architecture == "unknown")
}

impl Config {
    pub fn of(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// What the image runs on, where it says so.
    pub fn platform(&self) -> Option<Platform> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        Some(Platform {
            os: given(&self.os)?,
            architecture: given(&self.architecture)?,
            variant: given(&self.variant),
            os_version: given(&self.os_version),
        })
    }

    /// When it was made, in seconds since 1970-01-01T00:00:00Z.
    pub fn created(&self) -> Option<i64> {
        let at = OffsetDateTime::parse(self.created.as_deref()?, &Rfc3339).ok()?;
        Some(at.unix_timestamp())
    }

    pub fn into_labels(self) -> BTreeMap<String, String> {
        self.config.labels
    }
}

/// The default where there is something of another type.
fn or_nothing<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(value: D) -> Result<T, D::Error> {
    let value = serde_json::Value::deserialize(value)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

impl MediaType {
    /// The config of an image that can be run: OCI's or Docker's.
    fn is_image_config(&self) -> bool {
        matches!(
            self.as_str(),
            "application/vnd.oci.image.config.v1+json" | "application/vnd.docker.container.image.v1+json"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use serde_json::json;

    fn index(entries: serde_json::Value) -> Document {
        let document = json!({ "schemaVersion": 2, "manifests": entries, "annotations": { "a": "b" } });
        let bytes = Bytes::from(document.to_string());
        Document::of(&RawManifest::new(MediaType::oci_index(), bytes, None))
    }

    fn entry(byte: char, platform: serde_json::Value) -> serde_json::Value {
        let digest = format!("sha256:{}", byte.to_string().repeat(64));
        json!({ "mediaType": MediaType::oci_manifest(), "digest": digest, "size": 1, "platform": platform })
    }

    #[test]
    fn platforms_are_sorted_and_attestations_are_none() {
        let attestation = json!({ "os": "unknown", "architecture": "unknown" });
        let document = index(json!([
            entry('0', attestation),
            entry('1', json!({ "os": "windows", "architecture": "amd64", "os.version": "10.0.1" })),
            entry('2', json!({ "os": "linux", "architecture": "arm", "variant": "v7" })),
            entry('3', json!({ "os": "linux", "architecture": "amd64" })),
            entry('4', json!({ "os": "linux", "architecture": "amd64" })),
        ]));
        let shown: Vec<String> = document.platforms().iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["linux/amd64", "linux/arm/v7", "windows/amd64"]);
        assert_eq!(document.platforms()[2].os_version.as_deref(), Some("10.0.1"));
        let first = document.first().expect("the first that is no attestation");
        assert!(first.digest.as_str().contains("111"), "the order of the index is kept: {first:?}");
        assert_eq!(document.annotations["a"], "b");
        assert!(index(json!([])).first().is_none());
    }

    #[test]
    fn what_is_damaged_says_nothing() {
        let config = |value: serde_json::Value| Config::of(value.to_string().as_bytes());
        let odd = config(json!({
            "os": "linux", "architecture": 7, "created": "yesterday",
            "config": { "Labels": { "a": 1 }, "Env": [] },
        }));
        assert_eq!((odd.platform(), odd.created()), (None, None));
        assert!(odd.into_labels().is_empty());
        assert_eq!(config(json!({ "config": null, "created": null })).created(), None);
        assert_eq!(Config::of(b"\xff{").platform(), None);
        let both = json!({ "manifests": [], "layers": [], "annotations": { "a": "b" } }).to_string();
        let raw = RawManifest::new(MediaType::oci_index(), Bytes::from(both), None);
        assert!(Document::of(&raw).annotations.is_empty(), "what two readers read differently says nothing");
    }

    #[test]
    fn a_time_of_creation_is_in_seconds_wherever_it_was() {
        let created = |text: &str| Config::of(json!({ "created": text }).to_string().as_bytes()).created();
        assert_eq!(created("1970-01-01T00:00:01.999999999Z"), Some(1));
        assert_eq!(created("2026-03-01T02:00:00+02:00"), Some(1_772_323_200));
        assert_eq!(created("0001-01-01T00:00:00Z"), Some(-62_135_596_800));
        assert_eq!(created("2026-03-01"), None);
    }
}
