//! OCI layouts in tars as sources, as skopeo, docker and buildx write them.

use crate::bed::images::{Format, Image, one_platform, two_platforms};
use crate::bed::memory::Registry;
use crate::bed::program::Program;
use crate::bed::skopeo::Skopeo;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// A target, and the program with a spec that says how it is spoken to.
fn target(rules: &str) -> (Registry, Program) {
    let (target, program) = (Registry::start(), Program::new());
    let text = format!("version: 1\nregistries:\n  TARGET: {{ plain_http: true }}\nmirrors:\n  - {rules}\n");
    program.write("crossdock.yaml", &text.replace("TARGET", &target.host()));
    (target, program)
}

/// The files of a folder as a tar, in the order of their names.
fn archived(folder: &Path, file: &Path) {
    let mut builder = tar::Builder::new(Vec::new());
    builder.append_dir_all(".", folder).expect("readable");
    fs::write(file, builder.into_inner().expect("an end")).expect("writable");
}

/// Adds what a tool says of the one image in a layout.
fn annotated(folder: &Path, annotations: &Value) {
    let path = folder.join("index.json");
    let mut index: Value = serde_json::from_slice(&fs::read(&path).expect("there")).expect("JSON");
    index["manifests"][0]["annotations"] = annotations.clone();
    fs::write(path, index.to_string()).expect("writable");
}

#[test]
fn what_skopeo_wrote_is_copied_synced_and_verified() {
    let (target, program) = target("{ source: 'oci-archive:all.tar', target: TARGET/synced, tags: [v*] }");
    let image = two_platforms(1, Format::Oci);
    let folder = program.work();
    image.write_layout(&folder.join("layout"), "v1");
    let (layout, file) = (folder.join("layout"), folder.join("all.tar"));
    Skopeo::new()
        .copy_all(&format!("oci:{}:v1", layout.display()), &format!("oci-archive:{}:v1", file.display()))
        .expect("skopeo writes archives");
    let copy = format!("{}/copied:1", target.host());
    program.run(&["copy", "--spec", "crossdock.yaml", "oci-archive:all.tar:v1", &copy]).expect_code(0);
    assert_eq!(target.tag("copied", "1"), Some(image.digest()));
    assert_eq!(target.missing("copied", "1"), [""; 0]);
    program.run(&["sync", "--progress", "none"]).expect_code(0);
    assert_eq!(target.tag("synced", "v1"), Some(image.digest()));
    program.run(&["verify", "--depth", "bytes"]).expect_code(0);
    target.clear_requests();
    program.run(&["sync", "--progress", "none"]).expect_code(0);
    assert!(target.requests().writes().is_empty(), "{}", target.requests());
    let told = program.run(&["bundle", "verify", "all.tar"]).expect_code(0).stdout;
    assert!(told.starts_with("all.tar: sound: 1 image, "), "{told}");
    let told = program.run(&["bundle", "push", "all.tar", "--to", "r.test"]).expect_code(4).stderr;
    assert!(told.contains("`oci-archive:FILE`"), "{told}");
    let told = program.run(&["sync", "--spec", "crossdock.yaml", "-q"]);
    told.expect_code(0);
}

/// `docker save` since version 25: a layout beside `manifest.json`, named by containerd's annotation.
#[test]
fn what_docker_saves_is_found_by_its_full_name_and_by_its_tag() {
    let (target, program) = target(
        "{ source: 'oci-archive:saved.tar//docker.io/library/app', target: TARGET/saved, tags: ['1.0'] }",
    );
    let (image, folder): (Image, _) = (one_platform(3, Format::Oci), program.work().join("saved"));
    image.write_layout(&folder, "1.0");
    annotated(
        &folder,
        &json!({ "io.containerd.image.name": "docker.io/library/app:1.0", "org.opencontainers.image.ref.name": "1.0" }),
    );
    fs::write(folder.join("manifest.json"), "[]").expect("writable");
    archived(&folder, &program.work().join("saved.tar"));
    program.run(&["sync", "--progress", "none"]).expect_code(0);
    assert_eq!(target.tag("saved", "1.0"), Some(image.digest()));
    let bare = format!("{}/bare:x", target.host());
    program.run(&["copy", "--spec", "crossdock.yaml", "oci-archive:saved.tar:1.0", &bare]).expect_code(0);
    assert_eq!(target.missing("bare", "x"), [""; 0]);
}

/// `docker buildx build --output type=oci`: an index with attestations, and `latest` as its only name.
#[test]
fn what_buildx_writes_is_copied_with_its_attestations_and_so_are_its_parts() {
    let (target, program) =
        target("{ source: 'oci-archive:built.tar', target: TARGET/built, tags: [latest] }");
    let image = one_platform(5, Format::Oci);
    let attestation = crate::bed::images::attestation(&image);
    let attested = crate::bed::images::index(Format::Oci, &[image, attestation]);
    let folder = program.work().join("built");
    attested.write_layout(&folder, "latest");
    archived(&folder, &program.work().join("whole.tar"));
    let whole = fs::read(program.work().join("whole.tar")).expect("there");
    for (part, number) in whole.chunks(3000).zip(1..) {
        fs::write(program.work().join(format!("built.tar.{number:03}")), part).expect("writable");
    }
    program.run(&["sync", "--progress", "none"]).expect_code(0);
    assert_eq!(target.tag("built", "latest"), Some(attested.digest()));
    assert_eq!(target.missing("built", "latest"), [""; 0]);
}

#[test]
fn an_archive_that_is_no_layout_or_is_damaged_ends_the_run_and_writes_no_tag() {
    let (target, program) = target("{ source: 'oci-archive:a.tar', target: TARGET/a, tags: [v1] }");
    let image = one_platform(7, Format::Oci);
    let folder = program.work().join("a");
    image.write_layout(&folder, "v1");
    archived(&folder, &program.work().join("a.tar"));
    let whole = fs::read(program.work().join("a.tar")).expect("there");
    let layer = image.blobs.values().max_by_key(|blob| blob.size_bytes).expect("a blob");
    let head = layer.piece(0, 64.min(layer.size_bytes)).expect("bytes");
    let at = whole.windows(head.len()).position(|window| window == &head[..]).expect("it is in there");
    let mut damaged = whole.clone();
    damaged[at + 10] ^= 1;
    program.write("gz.tar", "");
    fs::write(program.work().join("a.tar"), damaged).expect("writable");
    let finished = program.run(&["sync", "--progress", "none"]).expect_code(1);
    let told = finished.stdout + &finished.stderr;
    assert!(told.contains(layer.digest.trim_start_matches("sha256:")) && told.contains("a.tar"), "{told}");
    assert_eq!(target.tag("a", "v1"), None);
    fs::write(program.work().join("a.tar"), [0x1f, 0x8b, 8, 0]).expect("writable");
    let finished = program.run(&["sync", "--progress", "none"]).expect_code(1);
    let told = finished.stdout + &finished.stderr;
    assert!(told.contains("it is compressed with gzip") && told.contains("unpack it first"), "{told}");
}
