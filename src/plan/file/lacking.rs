//! Referrers in a saved plan: which the source has, and which a target lacks.

use super::PlanFileError;
use super::read::{optional, value};
use crate::oci::{CosignTag, Link, Referrer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A manifest that speaks about the image, about one of its child manifests, or about another of these.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Referrer")]
pub(super) struct Lacking {
    /// The digest of what it speaks about.
    pub(super) subject: String,
    /// Its own digest.
    pub(super) digest: String,
    /// Its media type.
    pub(super) media_type: String,
    /// What it is about its subject; null where that is not known.
    pub(super) artifact_type: Option<String>,
    /// How it is found.
    pub(super) link: LinkWord,
}

/// How a referrer is found by whoever has its subject.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Link")]
pub(super) enum LinkWord {
    /// It names its subject.
    Subject,
    /// By the tag of its subject with `.sig`.
    Sig,
    /// By the tag of its subject with `.att`.
    Att,
    /// By the tag of its subject with `.sbom`.
    Sbom,
}

impl From<&Referrer> for Lacking {
    fn from(Referrer { subject, digest, media_type, artifact_type, link }: &Referrer) -> Self {
        Self {
            subject: subject.to_string(),
            digest: digest.to_string(),
            media_type: media_type.to_string(),
            artifact_type: artifact_type.as_ref().map(ToString::to_string),
            link: match link {
                Link::Subject => LinkWord::Subject,
                Link::Tag(CosignTag::Signature) => LinkWord::Sig,
                Link::Tag(CosignTag::Attestation) => LinkWord::Att,
                Link::Tag(CosignTag::Sbom) => LinkWord::Sbom,
            },
        }
    }
}

/// Reads a list of them that stands at `path`.
pub(super) fn read_list(path: &str, list: Vec<Lacking>) -> Result<Vec<Referrer>, PlanFileError> {
    let each = list.into_iter().enumerate();
    each.map(|(at, one)| read(&format!("{path}[{at}]"), &one)).collect()
}

fn read(path: &str, one: &Lacking) -> Result<Referrer, PlanFileError> {
    let Lacking { subject, digest, media_type, artifact_type, link } = one;
    Ok(Referrer {
        subject: value(&format!("{path}.subject"), subject)?,
        digest: value(&format!("{path}.digest"), digest)?,
        media_type: value(&format!("{path}.mediaType"), media_type)?,
        artifact_type: optional(&format!("{path}.artifactType"), artifact_type.as_deref())?,
        link: match link {
            LinkWord::Subject => Link::Subject,
            LinkWord::Sig => Link::Tag(CosignTag::Signature),
            LinkWord::Att => Link::Tag(CosignTag::Attestation),
            LinkWord::Sbom => Link::Tag(CosignTag::Sbom),
        },
    })
}
