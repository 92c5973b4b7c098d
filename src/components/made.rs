//! A filter as an artifact that can be pushed: the same bytes for the same component, always.

use crate::failure::{Code, Failure, Fallible, Operation};
use crate::filter::Inspection;
use crate::oci::{At, Descriptor, Digest, MediaType, RawManifest, Repository, Tag};
use crate::store::{BlobStream, Head, Reader};
use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream;
use serde::Serialize;
use std::collections::BTreeMap;

/// Which media types an artifact has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Those that the CNCF's layout for WebAssembly names.
    Wasm,
    /// An empty config and an artifact type, for registries that refuse the config of the other.
    Compatible,
}

/// A filter as an artifact, in memory. It can be read as any repository that holds it.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// Its manifest.
    pub manifest: RawManifest,
    /// Its config and its layer.
    blobs: Vec<(Descriptor, Bytes)>,
    repository: Repository,
}

const CONFIG: &str = "application/vnd.wasm.config.v0+json";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";
const LAYER: &str = "application/wasm";

/// The config of the layout, in the order in which it is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Config<'a> {
    created: &'a str,
    architecture: &'a str,
    os: &'a str,
    layer_digests: [&'a Digest; 1],
    component: World<'a>,
}

#[derive(Serialize)]
struct World<'a> {
    exports: &'a [String],
    imports: &'a [String],
    target: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: u32,
    media_type: &'a MediaType,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<&'a str>,
    config: &'a Descriptor,
    layers: [&'a Descriptor; 1],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: &'a BTreeMap<String, String>,
}

impl Artifact {
    /// The artifact of a component, for `repository`.
    ///
    /// # Errors
    /// A mistake of ours: nothing of this can fail to be written.
    pub fn new(
        component: Vec<u8>,
        inspection: &Inspection,
        style: Style,
        annotations: &BTreeMap<String, String>,
        repository: Repository,
    ) -> Fallible<Self> {
        let mistake = |why: String| Failure::new(Code::Internal, &repository, Operation::Open, why);
        let layer = blob(LAYER, Bytes::from(component)).map_err(mistake)?;
        let (config, artifact_type) = match style {
            Style::Wasm => (blob(CONFIG, config(&layer.0.digest, inspection).map_err(mistake)?), None),
            Style::Compatible => (blob(EMPTY, Bytes::from_static(b"{}")), Some(LAYER)),
        };
        let config = config.map_err(mistake)?;
        let media_type = MediaType::oci_manifest();
        let document = Document {
            schema_version: 2,
            media_type: &media_type,
            artifact_type,
            config: &config.0,
            layers: [&layer.0],
            annotations,
        };
        let bytes = json(&document).map_err(mistake)?;
        Ok(Self {
            manifest: RawManifest::new(media_type, bytes, None),
            blobs: vec![config, layer],
            repository,
        })
    }
}

fn config(layer: &Digest, inspection: &Inspection) -> Result<Bytes, String> {
    let Inspection { contract, imports, exports, .. } = inspection;
    json(&Config {
        // Other readers want a time. One that moves would make another artifact of the same filter.
        created: "1970-01-01T00:00:00Z",
        architecture: "wasm",
        os: "wasip2",
        layer_digests: [layer],
        component: World { exports, imports, target: format!("crossdock:filter/tag-filter@{contract}") },
    })
}

fn json(value: &impl Serialize) -> Result<Bytes, String> {
    serde_json::to_vec(value).map(Bytes::from).map_err(|why| why.to_string())
}

fn blob(media_type: &str, bytes: Bytes) -> Result<(Descriptor, Bytes), String> {
    Ok((Descriptor::new(media_type.parse()?, Digest::of(&bytes), bytes.len() as u64), bytes))
}

#[async_trait]
impl Reader for Artifact {
    fn repository(&self) -> &Repository {
        &self.repository
    }

    async fn tags(&self) -> Fallible<Option<Vec<Tag>>> {
        Ok(Some(Vec::new()))
    }

    async fn head(&self, at: &At) -> Fallible<Option<Head>> {
        let RawManifest { media_type, digest, bytes } = &self.manifest;
        Ok((*at == At::Digest(digest.clone())).then(|| Head {
            digest: digest.clone(),
            media_type: media_type.clone(),
            size_bytes: Some(bytes.len() as u64),
        }))
    }

    async fn manifest(&self, at: &At) -> Fallible<Option<RawManifest>> {
        Ok((*at == At::Digest(self.manifest.digest.clone())).then(|| self.manifest.clone()))
    }

    async fn blob(&self, blob: &Descriptor, start: u64) -> Fallible<BlobStream> {
        let held = self.blobs.iter().find(|(known, _)| known.digest == blob.digest);
        match held {
            Some((_, bytes)) => {
                let start = usize::try_from(start).unwrap_or(usize::MAX).min(bytes.len());
                Ok(stream::iter([Ok(bytes.slice(start..))]).boxed())
            }
            None => {
                let message = format!("the artifact has no blob {}", blob.digest);
                Err(Failure::new(Code::Internal, &self.repository, Operation::BlobGet, message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(style: Style) -> Artifact {
        let component = b"\0asm".to_vec();
        let inspection = Inspection {
            digest: Digest::of(&component),
            size_bytes: 4,
            contract: "0.1.0".to_owned(),
            imports: vec!["crossdock:filter/log@0.1.0".to_owned()],
            exports: vec!["crossdock:filter/filter@0.1.0".to_owned()],
            producers: Vec::new(),
            compiled_in: None,
        };
        let annotations =
            BTreeMap::from([("b".to_owned(), "2".to_owned()), ("a".to_owned(), "1".to_owned())]);
        let repository = "r.test/f".parse().expect("a repository");
        Artifact::new(component, &inspection, style, &annotations, repository).expect("it is made")
    }

    #[test]
    fn an_artifact_has_these_bytes_and_no_others() {
        let shown = |artifact: Artifact| {
            let config = String::from_utf8_lossy(&artifact.blobs[0].1).into_owned();
            format!("{}\n{config}", String::from_utf8_lossy(&artifact.manifest.bytes))
        };
        insta::assert_snapshot!(shown(made(Style::Wasm)));
        insta::assert_snapshot!("compatible", shown(made(Style::Compatible)));
        assert_eq!(made(Style::Wasm).manifest, made(Style::Wasm).manifest);
    }

    #[test]
    fn what_is_made_is_what_is_read() {
        for style in [Style::Wasm, Style::Compatible] {
            let Artifact { manifest, blobs, .. } = made(style);
            let layer = super::super::artifact::layer("calver", "r.test/f:1", &manifest).expect("one layer");
            assert_eq!(layer, blobs[1].0);
        }
    }
}
