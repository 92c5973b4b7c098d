//! Who speaks about what in an archive: manifests that the index lists without a name, and that name a
//! subject. This is how bundles carry referrers, and other tools do it alike.

use super::contents::Archive;
use crate::failure::{Code, Fallible};
use crate::oci::{Digest, Link, MediaType, Object, RawManifest, Referrer};
use crate::store::REFERRERS_MAX;
use crate::store::disk::fault::Act;
use crate::store::layout::contents::Contents as _;
use serde::Deserialize;
use std::collections::HashMap;

/// Who speaks about each subject, sorted.
#[derive(Debug, Default)]
pub(super) struct Referring(HashMap<Digest, Vec<Referrer>>);

impl Referring {
    /// Reads every manifest that may speak about another. What cannot be read speaks about nothing.
    pub(super) fn read(archive: &Archive, act: &Act) -> Fallible<Self> {
        let mut all: HashMap<Digest, Vec<Referrer>> = HashMap::new();
        for pointer in archive.index.unnamed() {
            if !pointer.media_type.is_manifest() {
                continue;
            }
            let Some(bytes) = archive.manifest(&pointer.digest, act)? else { continue };
            let (media_type, digest) = (pointer.media_type.clone(), pointer.digest.clone());
            let raw = RawManifest { media_type, digest, bytes };
            let Some(referrer) = referrer(&raw) else { continue };
            let of_subject = all.entry(referrer.subject.clone()).or_default();
            if of_subject.len() == REFERRERS_MAX {
                let message = format!("more than {REFERRERS_MAX} manifests speak about {}", referrer.subject);
                return Err(act.fail(Code::LimitExceeded, message));
            }
            of_subject.push(referrer);
        }
        for of_subject in all.values_mut() {
            of_subject.sort();
            of_subject.dedup();
        }
        Ok(Self(all))
    }

    /// Who speaks about `subject`; none where nobody does: then the tag of the subject may list some.
    pub(super) fn about(&self, subject: &Digest) -> Option<Vec<Referrer>> {
        self.0.get(subject).cloned()
    }
}

/// What a manifest that names a subject says of itself. OCI image-spec, manifest.md, "Guidelines for Artifact
/// Usage": where there is no `artifactType`, the type of the config is it.
fn referrer(raw: &RawManifest) -> Option<Referrer> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Typed {
        artifact_type: Option<String>,
        config: Option<Config>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Config {
        media_type: String,
    }
    let subject = raw.parse().ok()?.subject?.digest;
    let Object(typed): Object<Typed> = serde_json::from_slice(&raw.bytes).ok()?;
    let named = typed.artifact_type.filter(|name| !name.is_empty());
    let name = named.or_else(|| typed.config.map(|config| config.media_type));
    Some(Referrer {
        subject,
        digest: raw.digest.clone(),
        media_type: raw.media_type.clone(),
        artifact_type: name.and_then(|name| name.parse::<MediaType>().ok()),
        link: Link::Subject,
    })
}
