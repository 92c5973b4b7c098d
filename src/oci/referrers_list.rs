//! The list of referrers that stands under a tag where the registry has none of its own: an index that
//! several clients add to. distribution-spec, "Referrers Tag Schema". No I/O.

use super::manifest::ENTRIES_MAX;
use super::{Digest, ManifestError, MediaType, Object, RawManifest, Referrer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// How such a list points at a referrer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReferrerEntry {
    media_type: MediaType,
    digest: Digest,
    #[serde(rename = "size")]
    size_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<MediaType>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

/// Why a list cannot be added to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListError {
    /// It is the subject itself: a registry that takes the tag for the digest that it is made of.
    Itself,
    /// It is no list of referrers.
    Other(String),
    /// It would have more entries, or more bytes, than it may have.
    TooLong,
}

/// What a manifest says of itself.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    artifact_type: Option<String>,
    config: Option<Object<SaidType>>,
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SaidType {
    media_type: String,
}

#[derive(Deserialize)]
struct Entries<'a> {
    #[serde(borrow)]
    manifests: &'a RawValue,
}

impl ReferrerEntry {
    /// The entry of a manifest, with what its own bytes say of it: `artifactType`, or else the media type of
    /// its config, and its annotations. What cannot be read as these is left out.
    pub fn new(raw: &RawManifest) -> Self {
        let said = serde_json::from_slice::<Object<Said>>(&raw.bytes).ok().map(|Object(said)| said);
        let (artifact_type, annotations) = match said {
            Some(Said { artifact_type, config, annotations }) => {
                let config_type = config.map(|Object(config)| config.media_type);
                let named = artifact_type.filter(|named| !named.is_empty()).or(config_type);
                (named.and_then(|named| named.parse().ok()), annotations.unwrap_or_default())
            }
            None => (None, BTreeMap::new()),
        };
        Self {
            media_type: raw.media_type.clone(),
            digest: raw.digest.clone(),
            size_bytes: raw.bytes.len() as u64,
            artifact_type,
            annotations,
        }
    }

    /// What the manifest is about its subject; none where it does not say that.
    pub fn artifact_type(&self) -> Option<&MediaType> {
        self.artifact_type.as_ref()
    }
}

/// The list of the referrers of `subject` that has all of `referrers`, made from the one that is there; none
/// where that has them all. Every byte of what is there stays, and what is new stands behind it, by digest:
/// so the same referrers always make the same list.
///
/// # Errors
/// What is there is no such list, or it would become longer than lists or `bytes_max` may be.
pub fn with_referrers(
    subject: &Digest,
    there: Option<&RawManifest>,
    referrers: &[ReferrerEntry],
    bytes_max: u64,
) -> Result<Option<RawManifest>, ListError> {
    let listed: Vec<Digest> = there.map_or(Ok(Vec::new()), |there| listed(subject, there))?;
    let known: BTreeSet<&Digest> = listed.iter().collect();
    let new: BTreeMap<&Digest, &ReferrerEntry> =
        referrers.iter().filter(|one| !known.contains(&one.digest)).map(|one| (&one.digest, one)).collect();
    if new.is_empty() && there.is_some() {
        return Ok(None);
    }
    let texts: Result<Vec<String>, _> = new.values().map(serde_json::to_string).collect();
    let added = texts.map_err(|error| ListError::Other(error.to_string()))?.join(",");
    let text = match there {
        None => {
            format!(r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[{added}]}}"#, MediaType::oci_index())
        }
        Some(there) => {
            let (before, behind) = parted(there)?;
            let comma = if listed.is_empty() { "" } else { "," };
            format!("{before}{comma}{added}{behind}")
        }
    };
    if listed.len() + new.len() > ENTRIES_MAX || text.len() as u64 > bytes_max {
        return Err(ListError::TooLong);
    }
    Ok(Some(RawManifest::new(MediaType::oci_index(), text.into(), None)))
}

/// The digests that a list of the referrers of `subject` has.
fn listed(subject: &Digest, there: &RawManifest) -> Result<Vec<Digest>, ListError> {
    if there.digest == *subject {
        return Err(ListError::Itself);
    }
    if there.media_type != MediaType::oci_index() {
        return Err(ListError::Other(format!("it is {}", there.media_type)));
    }
    let listed = Referrer::listed(there, subject);
    let listed = listed.map_err(|error: ManifestError| ListError::Other(error.to_string()))?;
    Ok(listed.into_iter().map(|entry| entry.digest).collect())
}

/// The text of a list up to the end of its last entry, and from there.
fn parted(there: &RawManifest) -> Result<(&str, &str), ListError> {
    let no_list = || ListError::Other("it lists nothing".to_owned());
    let text = std::str::from_utf8(&there.bytes).map_err(|_| no_list())?;
    let Entries { manifests } = serde_json::from_str(text).map_err(|_| no_list())?;
    let begin = manifests.get().as_ptr().addr() - text.as_ptr().addr();
    let list = manifests.get().strip_suffix(']').ok_or_else(no_list)?;
    Ok(text.split_at(begin + list.trim_end().len()))
}

impl fmt::Display for ListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Itself => f.write_str("it is the image itself"),
            Self::Other(why) => write!(f, "it is no list of referrers: {why}"),
            Self::TooLong => write!(f, "it would be longer than a manifest or {ENTRIES_MAX} entries"),
        }
    }
}

#[cfg(test)]
mod tests;
