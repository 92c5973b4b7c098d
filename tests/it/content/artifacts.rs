//! Artifacts: with an empty config, with a type of their own, with media types that nobody knows.

use super::{MANIFEST, empty, image, manifest, pointer};
use crate::bed::images::{Blob, Format, Image, Layer, Manifest, one_platform};
use crate::bed::memory::{Behaviour, Canned, RequestKind, Rule};
use crate::commands::pair::Pair;
use serde_json::json;

const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// Nothing but annotations, and the empty blob in its own descriptor.
/// OCI image-spec, manifest.md, "Guidelines for Artifact Usage".
pub fn only_annotations() -> Image {
    let blob = empty();
    let mut nothing = pointer(EMPTY, &blob);
    nothing["data"] = json!("e30=");
    let document = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "application/vnd.example.note+json",
        "config": nothing, "layers": [nothing], "annotations": { "org.example.note": "checked" },
    });
    image(Manifest::new(MANIFEST, &document), [&blob])
}

/// A bill of materials that stands for itself.
pub fn typed() -> Image {
    let bill = Blob::new(json!({ "spdxVersion": "SPDX-2.3", "packages": [] }).to_string());
    manifest(
        (EMPTY, &empty()),
        &[("application/spdx+json", &bill)],
        json!({ "artifactType": "application/spdx+json" }),
    )
}

/// The same beside an image that it speaks about, which is not there.
pub fn of_something_that_is_not_there() -> Image {
    let subject = one_platform(77, Format::Oci).root().descriptor();
    let bill = Blob::new("a bill of materials");
    manifest((EMPTY, &empty()), &[("text/plain", &bill)], json!({ "subject": subject }))
}

/// Types that nobody knows, of the config and of the layers.
pub fn unknown() -> Image {
    let (config, first, second) = (Blob::new("config"), Blob::new("first"), Blob::new(vec![0_u8, 255, 10]));
    manifest(
        ("application/vnd.acme.thing.config.v7+toml", &config),
        &[("application/x-made-up", &first), ("chemical/x-pdb", &second)],
        json!({ "x-acme": { "nested": [1, 2.50, null] }, "layersCount": 2 }),
    )
}

/// An image with a layer of no bytes at all, and the same layer twice.
pub fn nothing_in_a_layer() -> Image {
    let (nothing, config) = (Blob::new(""), Blob::new("{}"));
    let layer = "application/vnd.oci.image.layer.v1.tar";
    manifest((EMPTY, &config), &[(layer, &nothing), (layer, &nothing)], json!({}))
}

/// An image with a layer that may not be distributed: its bytes are nowhere but at `url`.
pub fn not_to_be_distributed(url: &str) -> Image {
    let base = Layer::files(9, 300);
    let away = Blob::new("bytes that may not be pushed");
    let config = Blob::new(json!({ "architecture": "amd64", "os": "windows" }).to_string());
    let mut layer = pointer("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", &away);
    layer["urls"] = json!([url]);
    let document = json!({
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": pointer("application/vnd.oci.image.config.v1+json", &config),
        "layers": [layer, pointer("application/vnd.oci.image.layer.v1.tar+gzip", &base.blob)],
    });
    image(Manifest::new(MANIFEST, &document), [&base.blob, &config])
}

#[test]
fn a_registry_that_takes_no_layers_by_reference_is_told_of_with_what_to_do() {
    let pair = Pair::new();
    pair.source.seed(&not_to_be_distributed("https://example.com/layer"), "app", &["1.0"]);
    pair.mirrors("- { source: SOURCE/app, target: TARGET/app, tags: [\"1.0\"] }");
    let refused = Canned::new(400).error("MANIFEST_INVALID", "invalid URL on layer");
    pair.target.rule(Rule::on(RequestKind::ManifestPut).then(Behaviour::Answer(refused)));
    let (finished, report) = pair.report(&["sync"]);
    finished.expect_code(1);
    let error = &report["items"][0]["error"];
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("validation.manifests.urls")), "{error}");
    let plain = one_platform(1, Format::Oci);
    pair.source.seed(&plain, "app", &["1.0"]);
    let (finished, report) = pair.report(&["sync"]);
    finished.expect_code(1);
    let hint = report["items"][0]["error"]["hint"].as_str().unwrap_or_default().to_owned();
    assert!(!hint.contains("layers"), "{hint}");
}
