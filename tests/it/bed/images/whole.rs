//! Images with all that speaks about them, and where each registry has that.

use super::artifacts::{
    attached_sbom, bundle, cosign_attached, cosign_attestation, cosign_sbom, cosign_signature, cosign_tag,
    fallback_index, notation, referrers_tag,
};
use super::{Blob, Image, Manifest};
use crate::bed::memory::{Options, Referrers, Registry};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// An image and its referrers.
#[derive(Debug, Clone)]
pub struct Whole {
    /// The image.
    pub image: Image,
    /// What speaks about it, each after its subject.
    pub referrers: Vec<Referrer>,
}

/// What speaks about an image, about a child of it, or about another referrer.
#[derive(Debug, Clone)]
pub struct Referrer {
    /// Its manifest and its blobs.
    pub artifact: Image,
    /// The digest that it speaks about.
    pub subject: String,
    /// How it is found.
    pub found: Found,
}

/// How a referrer is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It names its subject.
    BySubject,
    /// By cosign's tag: `sig`, `att` or `sbom`.
    ByTag(&'static str),
}

impl Whole {
    /// An image without referrers.
    pub fn new(image: Image) -> Self {
        Self { image, referrers: Vec::new() }
    }

    /// Adds a referrer that names its subject.
    pub fn attach(mut self, artifact: Image) -> Self {
        let subject = artifact.root().document()["subject"]["digest"].as_str().map(str::to_owned);
        let subject = subject.expect("it names its subject");
        self.referrers.push(Referrer { artifact, subject, found: Found::BySubject });
        self
    }

    /// Adds a referrer that is found by cosign's tag.
    pub fn beside(mut self, subject: &str, suffix: &'static str, artifact: Image) -> Self {
        let subject = subject.to_owned();
        self.referrers.push(Referrer { artifact, subject, found: Found::ByTag(suffix) });
        self
    }

    /// An image with everything: signed, attested and listed by cosign under tags, signed by cosign and
    /// notation as referrers, a bill of materials with a signature on it, and its first child, where it has
    /// children, signed in both ways.
    pub fn signed(image: Image) -> Self {
        let root = image.root().clone();
        let sbom = attached_sbom(&root, 5);
        let child = image.children().first().cloned();
        let mut whole = Self::new(image)
            .attach(notation(&root, 1))
            .attach(bundle(&root, 2))
            .attach(cosign_attached(&root, 3))
            .attach(sbom.clone())
            .attach(notation(sbom.root(), 6))
            .beside(&root.digest, "sig", cosign_signature(&root, &[1, 2]))
            .beside(&root.digest, "att", cosign_attestation(&root, &[3]))
            .beside(&root.digest, "sbom", cosign_sbom(4));
        if let Some(child) = child {
            whole = whole.attach(notation(&child, 7)).beside(
                &child.digest,
                "sig",
                cosign_signature(&child, &[8]),
            );
        }
        whole
    }

    /// Puts the image under `tags`, and its referrers where a registry with or without the API has them.
    pub fn seed(&self, registry: &Registry, repository: &str, tags: &[&str], api: Referrers) {
        registry.seed(&self.image, repository, tags);
        for Referrer { artifact, subject, found } in &self.referrers {
            match found {
                Found::BySubject => registry.seed(artifact, repository, &[]),
                Found::ByTag(suffix) => registry.seed(artifact, repository, &[&cosign_tag(subject, suffix)]),
            }
        }
        if api == Referrers::Absent {
            for (subject, index) in self.fallbacks() {
                registry.seed(&index, repository, &[&referrers_tag(&subject)]);
            }
        }
    }

    /// A registry with or without the API that has the image under `repository:tag`.
    pub fn start(&self, api: Referrers, repository: &str, tag: &str) -> Registry {
        let registry = Options::new().referrers(api).start();
        self.seed(&registry, repository, &[tag], api);
        registry
    }

    /// The index for each subject that has referrers which name it.
    pub fn fallbacks(&self) -> Vec<(String, Image)> {
        let attached = self.referrers.iter().filter(|one| one.found == Found::BySubject);
        let subjects: BTreeSet<&String> = attached.clone().map(|one| &one.subject).collect();
        let index = |subject: &String| {
            let of = attached.clone().filter(|one| one.subject == *subject).map(|one| &one.artifact);
            (subject.clone(), fallback_index(&of.collect::<Vec<_>>()))
        };
        subjects.into_iter().map(index).collect()
    }

    /// Every manifest of the image and its referrers, by digest.
    pub fn manifests(&self) -> BTreeMap<String, &Manifest> {
        let artifacts = self.referrers.iter().flat_map(|one| &one.artifact.manifests);
        let manifests = self.image.manifests.iter().chain(artifacts);
        manifests.map(|manifest| (manifest.digest.clone(), manifest)).collect()
    }

    /// Every blob of the image and its referrers, by digest.
    pub fn blobs(&self) -> BTreeMap<String, &Blob> {
        let artifacts = self.referrers.iter().flat_map(|one| &one.artifact.blobs);
        self.image.blobs.iter().chain(artifacts).map(|(digest, blob)| (digest.clone(), blob)).collect()
    }

    /// Each of cosign's tags with the digest that it names.
    pub fn cosign_tags(&self) -> BTreeMap<String, String> {
        let tag = |one: &Referrer| match one.found {
            Found::BySubject => None,
            Found::ByTag(suffix) => Some((cosign_tag(&one.subject, suffix), one.artifact.digest())),
        };
        self.referrers.iter().filter_map(tag).collect()
    }

    /// The referrers as a saved plan lists them.
    pub fn planned(&self) -> Vec<Value> {
        let one = |Referrer { artifact, subject, found }: &Referrer| {
            let root = artifact.root();
            let link = match found {
                Found::BySubject => "subject",
                Found::ByTag(suffix) => suffix,
            };
            json!({
                "subject": subject, "digest": root.digest, "mediaType": root.media_type,
                "artifactType": null, "link": link,
            })
        };
        self.referrers.iter().map(one).collect()
    }

    /// Writes the image and its referrers into a layout, as one that copies tag by tag would.
    pub fn write_layout(&self, folder: &Path, tag: &str) {
        self.image.write_layout(folder, tag);
        let mut named = vec![(self.image.clone(), tag.to_owned())];
        for Referrer { artifact, subject, found } in &self.referrers {
            match found {
                // The index of the layout is written last.
                Found::BySubject => artifact.write_layout(folder, tag),
                Found::ByTag(suffix) => named.push((artifact.clone(), cosign_tag(subject, suffix))),
            }
        }
        let fallbacks = self.fallbacks().into_iter();
        named.extend(fallbacks.map(|(subject, index)| (index, referrers_tag(&subject))));
        let mut entries = Vec::new();
        for (image, tag) in &named {
            image.write_layout(folder, tag);
            let mut entry = image.root().descriptor();
            entry["annotations"]["org.opencontainers.image.ref.name"] = json!(tag);
            entries.push(entry);
        }
        let index = json!({ "schemaVersion": 2, "manifests": entries });
        fs::write(folder.join("index.json"), index.to_string()).expect("a layout can be written");
    }
}
