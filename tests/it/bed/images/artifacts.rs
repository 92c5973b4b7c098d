//! What speaks about images, in the shapes that cosign, notation and oras give it. Nothing here is really
//! signed: who carries a signature does not look into it.

use super::recipe::descriptor;
use super::{Blob, Format, Image, Manifest};
use crate::bed::digest::sha256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What cosign signs.
pub const SIMPLE_SIGNING: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// What notation calls its signatures.
pub const NOTATION: &str = "application/vnd.cncf.notary.signature";
/// What cosign calls what it attaches since its version 3.
pub const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
/// A bill of materials.
pub const SPDX: &str = "application/spdx+json";

const EMPTY: &str = "application/vnd.oci.empty.v1+json";
const DSSE: &str = "application/vnd.dsse.envelope.v1+json";

/// The tag that lists the referrers of a digest where the registry does not.
pub fn referrers_tag(digest: &str) -> String {
    digest.replacen(':', "-", 1)
}

/// The tag under which cosign looks for `suffix`: `sig`, `att` or `sbom`.
pub fn cosign_tag(digest: &str, suffix: &str) -> String {
    format!("{}.{suffix}", referrers_tag(digest))
}

/// Signatures of `subject` as cosign puts them under the tag with `.sig`: a layer for each seed. Cosign
/// appends: who has signed once more has the layers of before, and one more.
pub fn cosign_signature(subject: &Manifest, seeds: &[u64]) -> Image {
    let layers = seeds.iter().map(|seed| {
        let signature = signature(&subject.digest, *seed);
        (SIMPLE_SIGNING, payload(&subject.digest), json!({ "dev.cosignproject.cosign/signature": signature }))
    });
    under_a_tag(layers.collect())
}

/// Attestations of `subject` as cosign puts them under the tag with `.att`.
pub fn cosign_attestation(subject: &Manifest, seeds: &[u64]) -> Image {
    let layers = seeds.iter().map(|seed| {
        let annotations = json!({
            "dev.cosignproject.cosign/signature": "",
            "predicateType": "https://slsa.dev/provenance/v0.2",
        });
        (DSSE, envelope(&subject.digest, *seed), annotations)
    });
    under_a_tag(layers.collect())
}

/// A bill of materials as cosign puts it under the tag with `.sbom`.
pub fn cosign_sbom(seed: u64) -> Image {
    under_a_tag(vec![("text/spdx+json", sbom(seed), Value::Null)])
}

/// A signature of `subject` as cosign 2 attaches it where it is told to use the referrers API: what it is
/// is said by the config alone.
pub fn cosign_attached(subject: &Manifest, seed: u64) -> Image {
    let annotations = json!({ "dev.cosignproject.cosign/signature": signature(&subject.digest, seed) });
    let config = ("application/vnd.dev.cosign.artifact.sig.v1+json", Blob::new("{}"));
    attached(subject, None, config, vec![(SIMPLE_SIGNING, payload(&subject.digest), annotations)], None)
}

/// A bundle as cosign 3 attaches it: `artifactType`, an empty config, annotations.
pub fn bundle(subject: &Manifest, seed: u64) -> Image {
    let document = json!({ "mediaType": BUNDLE, "dsseEnvelope": envelope_value(&subject.digest, seed) });
    let annotations = json!({
        "dev.sigstore.bundle.content": "dsse-envelope",
        "dev.sigstore.bundle.predicateType": "https://sigstore.dev/cosign/sign/v1",
        "org.opencontainers.image.created": "1970-01-01T00:00:00Z",
    });
    let layers = vec![(BUNDLE, Blob::new(document.to_string()), Value::Null)];
    attached(subject, Some(BUNDLE), (EMPTY, Blob::new("{}")), layers, Some(annotations))
}

/// A signature of `subject` as notation attaches it.
pub fn notation(subject: &Manifest, seed: u64) -> Image {
    let envelope = json!({ "payload": STANDARD.encode(&subject.digest), "signature": format!("{seed}") });
    let annotations = json!({
        "io.cncf.notary.x509chain.thumbprint#S256": format!("[\"{}\"]", &sha256(&seed.to_le_bytes())[7..]),
        "org.opencontainers.image.created": "1970-01-01T00:00:00Z",
    });
    let layers = vec![("application/jose+json", Blob::new(envelope.to_string()), Value::Null)];
    attached(subject, None, (NOTATION, Blob::new("{}")), layers, Some(annotations))
}

/// A bill of materials of `subject` as oras attaches it.
pub fn attached_sbom(subject: &Manifest, seed: u64) -> Image {
    attached(subject, Some(SPDX), (EMPTY, Blob::new("{}")), vec![(SPDX, sbom(seed), Value::Null)], None)
}

/// The index by which `artifacts` are found where the registry does not list them, with `artifactType` and
/// annotations as the specification has them. distribution-spec, "Referrers Tag Schema".
pub fn fallback_index(artifacts: &[&Image]) -> Image {
    let entries: Vec<Value> = artifacts.iter().map(|artifact| listed(artifact.root())).collect();
    let media_type = Format::Oci.index_type();
    let document = json!({ "schemaVersion": 2, "mediaType": media_type, "manifests": entries });
    Image { manifests: vec![Manifest::new(media_type, &document)], blobs: BTreeMap::new() }
}

/// How a list of referrers points at one.
fn listed(artifact: &Manifest) -> Value {
    let document = artifact.document();
    let mut entry = artifact.descriptor();
    let artifact_type = [&document["artifactType"], &document["config"]["mediaType"]];
    if let Some(found) = artifact_type.into_iter().find(|value| value.is_string()) {
        entry["artifactType"] = found.clone();
    }
    if document["annotations"].is_object() {
        entry["annotations"] = document["annotations"].clone();
    }
    entry
}

type Part = (&'static str, Blob, Value);

fn layers_of(layers: &[Part]) -> Vec<Value> {
    let entry = |(media_type, blob, annotations): &Part| {
        let mut entry = descriptor(media_type, blob);
        if annotations.is_object() {
            entry["annotations"] = annotations.clone();
        }
        entry
    };
    layers.iter().map(entry).collect()
}

/// A manifest as cosign writes it under a tag: it looks like an image, and names no subject.
fn under_a_tag(layers: Vec<Part>) -> Image {
    let diff_ids: Vec<&str> = layers.iter().map(|(_, blob, _)| blob.digest.as_str()).collect();
    let config = json!({
        "architecture": "", "created": "0001-01-01T00:00:00Z", "os": "", "config": {},
        "history": [{ "created": "0001-01-01T00:00:00Z" }],
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
    });
    let config = Blob::new(config.to_string());
    let document = json!({
        "schemaVersion": 2,
        "mediaType": Format::Oci.manifest_type(),
        "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
        "layers": layers_of(&layers),
    });
    made(document, config, layers)
}

/// A manifest that names its subject.
fn attached(
    subject: &Manifest,
    artifact_type: Option<&str>,
    (config_type, config): (&str, Blob),
    layers: Vec<Part>,
    annotations: Option<Value>,
) -> Image {
    let mut document = json!({
        "schemaVersion": 2,
        "mediaType": Format::Oci.manifest_type(),
        "config": descriptor(config_type, &config),
        "layers": layers_of(&layers),
        "subject": {
            "mediaType": subject.media_type, "digest": subject.digest, "size": subject.bytes.len(),
        },
    });
    if let Some(artifact_type) = artifact_type {
        document["artifactType"] = json!(artifact_type);
    }
    if let Some(annotations) = annotations {
        document["annotations"] = annotations;
    }
    made(document, config, layers)
}

fn made(document: Value, config: Blob, layers: Vec<Part>) -> Image {
    let blobs = layers.into_iter().map(|(_, blob, _)| blob).chain([config]);
    Image {
        manifests: vec![Manifest::new(Format::Oci.manifest_type(), &document)],
        blobs: blobs.map(|blob| (blob.digest.clone(), blob)).collect(),
    }
}

/// What cosign signs of an image.
fn payload(digest: &str) -> Blob {
    let identity = json!({ "docker-reference": "registry.example.com/team/app" });
    let document = json!({
        "critical": {
            "identity": identity,
            "image": { "docker-manifest-digest": digest },
            "type": "cosign container image signature",
        },
        "optional": null,
    });
    Blob::new(document.to_string())
}

fn signature(digest: &str, seed: u64) -> String {
    STANDARD.encode(sha256(format!("{digest} signed by {seed}").as_bytes()))
}

fn envelope(digest: &str, seed: u64) -> Blob {
    Blob::new(envelope_value(digest, seed).to_string())
}

fn envelope_value(digest: &str, seed: u64) -> Value {
    let hex = digest.trim_start_matches("sha256:");
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v0.1",
        "subject": [{ "name": "registry.example.com/team/app", "digest": { "sha256": hex } }],
        "predicateType": "https://slsa.dev/provenance/v0.2",
        "predicate": { "buildType": format!("build {seed}") },
    });
    json!({
        "payloadType": "application/vnd.in-toto+json",
        "payload": STANDARD.encode(statement.to_string()),
        "signatures": [{ "keyid": "", "sig": signature(digest, seed) }],
    })
}

fn sbom(seed: u64) -> Blob {
    let document = json!({ "spdxVersion": "SPDX-2.3", "name": format!("image {seed}"), "packages": [] });
    Blob::new(document.to_string())
}
