//! The images that are mirrored: some repositories with shared base layers, each tag an index of two
//! platforms. Made from numbers alone, so that every run mirrors the same.

use crate::content;
use crossdock::oci::Digest;
use serde_json::json;
use std::collections::BTreeMap;

const REPOSITORIES: u64 = 24;
const TAGS: u64 = 3;
const ARCHITECTURES: [&str; 2] = ["amd64", "arm64"];
/// Base layers for each architecture; a repository is built on one of them.
const BASES: u64 = 2;
const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(crate) const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// A blob: where its bytes come from, and which repositories have it.
pub(crate) struct Blob {
    pub(crate) content: Content,
    pub(crate) size_bytes: u64,
    /// By number; the first gets it first.
    pub(crate) repositories: Vec<u64>,
}

pub(crate) enum Content {
    Seed(u64),
    Text(String),
}

/// A manifest of one repository.
pub(crate) struct Manifest {
    pub(crate) repository: u64,
    /// A tag, or its digest.
    pub(crate) at: String,
    pub(crate) media_type: &'static str,
    pub(crate) digest: String,
    pub(crate) body: String,
}

#[derive(Default)]
pub(crate) struct Corpus {
    /// By digest.
    pub(crate) blobs: BTreeMap<String, Blob>,
    pub(crate) children: Vec<Manifest>,
    pub(crate) indexes: Vec<Manifest>,
}

impl Blob {
    pub(crate) fn bytes(&self) -> bytes::Bytes {
        match &self.content {
            Content::Seed(seed) => content::bytes(*seed, self.size_bytes as usize),
            Content::Text(text) => text.clone().into(),
        }
    }
}

impl Corpus {
    pub(crate) fn new(scale: f64) -> Self {
        let mut corpus = Self::default();
        let mut known: BTreeMap<u64, (String, u64)> = BTreeMap::new();
        for repository in 0..REPOSITORIES {
            for tag in 0..TAGS {
                corpus.add_image(repository, tag, scale, &mut known);
            }
        }
        corpus
    }

    /// The name of a repository without the path before it.
    pub(crate) fn name(repository: u64) -> String {
        format!("app-{repository:02}")
    }

    /// Repositories with their tags.
    pub(crate) fn tags(&self) -> BTreeMap<u64, Vec<&str>> {
        let mut tags: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
        for index in &self.indexes {
            tags.entry(index.repository).or_default().push(&index.at);
        }
        tags
    }

    pub(crate) fn unique_bytes(&self) -> u64 {
        self.blobs.values().map(|blob| blob.size_bytes).sum()
    }

    fn add_image(&mut self, repository: u64, tag: u64, scale: f64, known: &mut BTreeMap<u64, (String, u64)>) {
        let mut children = Vec::new();
        for (number, architecture) in (0_u64..).zip(ARCHITECTURES) {
            let base = repository % BASES;
            // A base that many share, one layer that the tags of a repository share, and one of the
            // tag's own: small and large ones.
            let layers = [
                (1_000_000 + number * 100 + base, 8 * MIB),
                (2_000_000 + repository * 100 + number, 4 * MIB),
                (3_000_000 + (repository * TAGS + tag) * 100 + number, own_layer_bytes(repository, tag)),
            ];
            let layers = layers.map(|(seed, bytes)| {
                let size = ((bytes as f64 * scale) as u64).max(KIB);
                let found = known
                    .entry(seed)
                    .or_insert_with(|| (Digest::of(&content::bytes(seed, size as usize)).to_string(), size));
                let digest = found.0.clone();
                self.add_blob(&digest, Content::Seed(seed), size, repository);
                json!({ "mediaType": LAYER, "digest": digest, "size": size })
            });
            let config = json!({ "architecture": architecture, "os": "linux", "repository": repository,
                "tag": tag, "rootfs": { "type": "layers", "diff_ids": [] } })
            .to_string();
            let config_digest = Digest::of(config.as_bytes()).to_string();
            let config_bytes = config.len() as u64;
            self.add_blob(&config_digest, Content::Text(config), config_bytes, repository);
            let body = json!({ "schemaVersion": 2, "mediaType": MANIFEST, "layers": layers, "config":
                { "mediaType": CONFIG, "digest": config_digest, "size": config_bytes } })
            .to_string();
            let digest = Digest::of(body.as_bytes()).to_string();
            let bytes = body.len();
            children.push(format!(
                r#"{{"mediaType":"{MANIFEST}","digest":"{digest}","size":{bytes},"platform":{{"architecture":"{architecture}","os":"linux"}}}}"#
            ));
            let at = digest.clone();
            self.children.push(Manifest { repository, at, media_type: MANIFEST, digest, body });
        }
        let children = children.join(",");
        let body = format!(r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{children}]}}"#);
        let digest = Digest::of(body.as_bytes()).to_string();
        let at = format!("v{}", tag + 1);
        self.indexes.push(Manifest { repository, at, media_type: INDEX, digest, body });
    }

    fn add_blob(&mut self, digest: &str, content: Content, size_bytes: u64, repository: u64) {
        let blob = self.blobs.entry(digest.to_owned()).or_insert_with(|| Blob {
            content,
            size_bytes,
            repositories: Vec::new(),
        });
        if !blob.repositories.contains(&repository) {
            blob.repositories.push(repository);
        }
    }
}

/// From 64 KiB to 4 MiB, doubling.
fn own_layer_bytes(repository: u64, tag: u64) -> u64 {
    (64 * KIB) << ((repository + 3 * tag) % 7)
}
