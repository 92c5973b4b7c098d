//! The images that are mirrored. Made from numbers alone, so that every run mirrors the same.

pub(crate) mod shapes;

use crate::content::Content;
use crossdock::oci::Digest;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(crate) const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// A blob, and which repositories have it.
pub(crate) struct Blob {
    pub(crate) content: Content,
    /// The first gets it first.
    pub(crate) repositories: Vec<String>,
}

/// A manifest of one repository.
#[derive(Clone)]
pub(crate) struct Manifest {
    pub(crate) repository: String,
    /// A tag, or its digest.
    pub(crate) at: String,
    pub(crate) media_type: &'static str,
    pub(crate) digest: String,
    pub(crate) body: String,
    /// Digests of blobs, or of the children of an index, in the same repository.
    pub(crate) needs: Vec<String>,
}

/// A layer, as a shape describes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layer {
    pub(crate) seed: u64,
    pub(crate) size_bytes: usize,
}

#[derive(Default)]
pub(crate) struct Corpus {
    /// By digest.
    pub(crate) blobs: BTreeMap<String, Blob>,
    /// Children before what names them.
    pub(crate) manifests: Vec<Manifest>,
    /// By seed: making up and hashing is not free.
    made: BTreeMap<u64, (String, u64)>,
}

/// The path of a repository at the source.
pub(crate) fn at_source(repository: &str) -> String {
    format!("team/{repository}")
}

impl Manifest {
    pub(crate) fn is_tagged(&self) -> bool {
        self.at != self.digest
    }
}

impl Corpus {
    /// Repositories with their tags.
    pub(crate) fn tags(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut tags: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for manifest in self.tagged() {
            tags.entry(&manifest.repository).or_default().push(&manifest.at);
        }
        tags
    }

    pub(crate) fn tagged(&self) -> impl Iterator<Item = &Manifest> {
        self.manifests.iter().filter(|manifest| manifest.is_tagged())
    }

    pub(crate) fn unique_bytes(&self) -> u64 {
        self.blobs.values().map(|blob| blob.content.size_bytes()).sum()
    }

    /// Everything that is there: the repository, where a manifest is found or nothing for a blob, and
    /// the digest.
    pub(crate) fn has(&self) -> BTreeSet<(&str, &str, &str)> {
        let blobs = self.blobs.iter().flat_map(|(digest, blob)| {
            blob.repositories.iter().map(move |repository| (repository.as_str(), "", digest.as_str()))
        });
        let manifests =
            self.manifests.iter().map(|one| (one.repository.as_str(), one.at.as_str(), one.digest.as_str()));
        blobs.chain(manifests).collect()
    }

    /// Adds a tag: an image where there is one platform, an index where there are more. `what` makes
    /// its configs different from all others.
    pub(crate) fn add(&mut self, repository: &str, tag: &str, what: &str, platforms: &[(&str, Vec<Layer>)]) {
        let images: Vec<Manifest> = platforms
            .iter()
            .map(|(architecture, layers)| self.image(repository, architecture, what, layers))
            .collect();
        if let [image] = images.as_slice() {
            self.manifests.push(Manifest { at: tag.to_owned(), ..image.clone() });
            return;
        }
        let entry = |(image, (architecture, _)): (&Manifest, &(&str, Vec<Layer>))| {
            json!({ "mediaType": MANIFEST, "digest": image.digest, "size": image.body.len(),
                "platform": { "architecture": architecture, "os": "linux" } })
        };
        let entries: Vec<_> = images.iter().zip(platforms).map(entry).collect();
        let body = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": entries }).to_string();
        let needs = images.iter().map(|image| image.digest.clone()).collect();
        let index = manifest(repository, tag, INDEX, body, needs);
        self.manifests.extend(images);
        self.manifests.push(index);
    }

    fn image(&mut self, repository: &str, architecture: &str, what: &str, layers: &[Layer]) -> Manifest {
        let mut needs = Vec::new();
        let mut descriptors = Vec::new();
        for layer in layers {
            let (digest, size_bytes) = self.layer(repository, *layer);
            descriptors.push(json!({ "mediaType": LAYER, "digest": digest, "size": size_bytes }));
            needs.push(digest);
        }
        let config = json!({ "architecture": architecture, "os": "linux", "what": what,
            "rootfs": { "type": "layers", "diff_ids": [] } })
        .to_string();
        let digest = Digest::of(config.as_bytes()).to_string();
        let config_bytes = config.len();
        self.add_blob(repository, &digest, || Content::once(config));
        let body = json!({ "schemaVersion": 2, "mediaType": MANIFEST, "layers": descriptors,
            "config": { "mediaType": CONFIG, "digest": digest, "size": config_bytes } })
        .to_string();
        needs.push(digest);
        manifest(repository, "", MANIFEST, body, needs)
    }

    fn layer(&mut self, repository: &str, layer: Layer) -> (String, u64) {
        let content = || Content::made_up(layer.seed, layer.size_bytes);
        let made = self.made.entry(layer.seed).or_insert_with(|| {
            let content = content();
            (content.digest(), content.size_bytes())
        });
        let (digest, size_bytes) = made.clone();
        self.add_blob(repository, &digest, content);
        (digest, size_bytes)
    }

    fn add_blob(&mut self, repository: &str, digest: &str, content: impl FnOnce() -> Content) {
        let absent = || Blob { content: content(), repositories: Vec::new() };
        let blob = self.blobs.entry(digest.to_owned()).or_insert_with(absent);
        if !blob.repositories.iter().any(|one| one == repository) {
            blob.repositories.push(repository.to_owned());
        }
    }
}

/// `at` its digest where no tag is given.
fn manifest(
    repository: &str,
    tag: &str,
    media_type: &'static str,
    body: String,
    needs: Vec<String>,
) -> Manifest {
    let digest = Digest::of(body.as_bytes()).to_string();
    let at = if tag.is_empty() { digest.clone() } else { tag.to_owned() };
    Manifest { repository: repository.to_owned(), at, media_type, digest, body, needs }
}
