//! Digests of the other algorithm: of blobs everywhere, of manifests in layouts.

use super::image;
use crate::bed::digest::hex;
use crate::bed::images::{Blob, Image, Layer, Manifest};
use crate::bed::memory::Registry;
use crate::bed::program::Program;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};
use std::fs;

fn sha512(bytes: &[u8]) -> String {
    format!("sha512:{}", hex(&Sha512::digest(bytes)))
}

fn blob(bytes: &[u8]) -> Blob {
    Blob { digest: sha512(bytes), ..Blob::new(bytes.to_vec()) }
}

/// An image whose blobs have digests of SHA-512.
pub fn of_blobs() -> Image {
    let config = blob(json!({ "architecture": "amd64", "os": "linux" }).to_string().as_bytes());
    let (layer, other) = (blob(b"bytes of a layer"), Layer::files(71, 300).blob);
    super::manifest(
        ("application/vnd.oci.image.config.v1+json", &config),
        &[
            ("application/vnd.oci.image.layer.v1.tar", &layer),
            ("application/vnd.oci.image.layer.v1.tar+gzip", &other),
        ],
        Value::Null,
    )
}

/// The same, and its manifest has one, too.
fn of_manifests() -> Image {
    let mut all = of_blobs();
    let manifest = &mut all.manifests[0];
    manifest.digest = sha512(&manifest.bytes);
    all
}

/// An index of an image whose manifest has a digest of SHA-512.
fn index() -> Image {
    let child = of_manifests();
    let document = json!({
        "schemaVersion": 2, "mediaType": super::INDEX, "manifests": [child.root().descriptor()],
    });
    let mut whole = image(Manifest::new(super::INDEX, &document), child.blobs.values());
    whole.manifests.insert(0, child.manifests[0].clone());
    whole
}

/// Writes a layout, each file on the shelf of its algorithm.
fn write(image: &Image, program: &Program, tag: &str) {
    let folder = program.work().join("images");
    image.write_layout(&folder, tag);
    let manifests = image.manifests.iter().map(|manifest| (&manifest.digest, manifest.bytes.clone()));
    let blobs =
        image.blobs.values().map(|blob| (&blob.digest, blob.piece(0, blob.size_bytes).expect("bytes")));
    for (digest, bytes) in manifests.chain(blobs) {
        let file = folder.join("blobs").join(digest.replace(':', "/"));
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder can be made");
        fs::write(file, bytes).expect("a file can be written");
    }
}

#[test]
fn manifests_of_a_layout_go_into_another_layout_and_are_found_again() {
    for (image, pieces) in [(of_manifests(), 4), (index(), 5)] {
        let program = Program::new();
        write(&image, &program, "1.0");
        program.run(&["copy", "oci:images:1.0", "oci:other"]).expect_code(0);
        let finished =
            program.run(&["verify", "oci:images:1.0", "oci:other", "--depth", "bytes", "--format", "json"]);
        let found: Value = serde_json::from_str(&finished.expect_code(0).stdout).expect("JSON");
        assert_eq!(found["images"][0]["target"]["digest"], image.digest());
        assert_eq!(found["images"][0]["pieces"].as_array().map(Vec::len), Some(pieces));
        let again = program.run(&["copy", "oci:images:1.0", "oci:other"]).expect_code(0);
        assert!(again.stdout.contains("1 current"), "{}", again.stdout);
    }
}

#[test]
fn a_registry_that_names_a_manifest_by_another_algorithm_is_told() {
    let (program, target) = (Program::new(), Registry::start());
    write(&of_manifests(), &program, "1.0");
    program.write("crossdock.yaml", &format!(
        "version: 1\nregistries:\n  {0}: {{ plain_http: true }}\nmirrors:\n  - {{ source: \"oci:images\", target: {0}/app, tags: [\"1.0\"] }}\n",
        target.host()
    ));
    let finished = program.run(&["sync"]).expect_code(1);
    assert!(finished.stdout.contains("instead of sha512:"), "{}", finished.stdout);
}
