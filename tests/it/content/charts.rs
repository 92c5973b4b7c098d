//! A Helm chart with its provenance, packed as `helm package` does, and WASM modules and components.

use super::{image, manifest, pointer};
use crate::bed::component::keeps_all;
use crate::bed::images::{Blob, Image, Manifest};
use flate2::{Compression, GzBuilder};
use serde_json::{Value, json};
use std::io::Write as _;

const CHART: &str = "apiVersion: v2
name: web
description: A web server
type: application
version: 1.2.3
appVersion: \"1.27\"
";
const FILES: [(&str, &str); 6] = [
    ("web/Chart.yaml", CHART),
    ("web/values.yaml", "replicas: 2\nimage: { repository: nginx, tag: \"1.27\" }\n"),
    ("web/templates/_helpers.tpl", "{{- define \"web.name\" -}}{{ .Chart.Name }}{{- end }}\n"),
    (
        "web/templates/deployment.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: {{ include \"web.name\" . }} }\n",
    ),
    ("web/templates/NOTES.txt", "It runs: {{ .Release.Name }}\n"),
    ("web/.helmignore", ".git/\n*.tmp\n"),
];

/// A chart in a registry: its metadata as config, the archive and the provenance as layers.
pub fn chart() -> Image {
    let archive = packed();
    let provenance = Blob::new(format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{CHART}\n...\nfiles:\n  web-1.2.3.tgz: {}\n-----BEGIN PGP SIGNATURE-----\n",
        archive.digest
    ));
    let config = json!({
        "name": "web", "version": "1.2.3", "description": "A web server",
        "apiVersion": "v2", "appVersion": "1.27", "type": "application",
    });
    manifest(
        ("application/vnd.cncf.helm.config.v1+json", &Blob::new(config.to_string())),
        &[
            ("application/vnd.cncf.helm.chart.content.v1.tar+gzip", &archive),
            ("application/vnd.cncf.helm.chart.provenance.v1.prov", &provenance),
        ],
        json!({ "annotations": {
            "org.opencontainers.image.title": "web",
            "org.opencontainers.image.version": "1.2.3",
            "org.opencontainers.image.created": "2026-01-01T00:00:00Z",
        } }),
    )
}

fn packed() -> Blob {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, text) in FILES {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        archive.append_data(&mut header, name, text.as_bytes()).expect("writing to memory works");
    }
    let plain = archive.into_inner().expect("writing to memory works");
    let mut gzip = GzBuilder::new().mtime(0).comment("Helm").write(Vec::new(), Compression::default());
    gzip.write_all(&plain).expect("writing to memory works");
    Blob::new(gzip.finish().expect("writing to memory works"))
}

/// A component as the CNCF's guidance has it: a config that says what it is, and the bytes.
pub fn component() -> Image {
    let bytes = Blob::new(keeps_all("a component"));
    let config = json!({
        "created": "2026-01-01T00:00:00Z", "architecture": "wasm", "os": "wasip2",
        "layerDigests": [bytes.digest],
        "component": { "exports": ["crossdock:filter/filter@0.1.0"], "imports": [] },
    });
    let config = Blob::new(config.to_string());
    manifest(("application/vnd.wasm.config.v0+json", &config), &[("application/wasm", &bytes)], Value::Null)
}

/// A core module as wasm-to-oci and others push it: without an artifact type, and with a title.
pub fn module() -> Image {
    let bytes = Blob::new(wat::parse_str("(module (func (export \"run\")))").expect("it is WAT"));
    let config = Blob::new("{}");
    let mut layer = pointer("application/vnd.wasm.content.layer.v1+wasm", &bytes);
    layer["annotations"] = json!({ "org.opencontainers.image.title": "module.wasm" });
    let document = json!({
        "schemaVersion": 2,
        "config": pointer("application/vnd.wasm.config.v1+json", &config),
        "layers": [layer],
    });
    image(Manifest::new(super::MANIFEST, &document), [&bytes, &config])
}
