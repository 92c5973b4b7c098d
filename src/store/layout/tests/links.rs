//! Links in a layout are neither read nor written through.

#![cfg(unix)]

use super::*;
use std::fs;
use std::os::unix::fs::symlink;

#[tokio::test]
async fn a_blob_that_is_a_link_or_a_pipe_is_not_read() {
    let (directory, manifest) = layout_with_one_image().await;
    let outside = tempfile::tempdir().expect("a directory");
    let shelf = directory.path().join("blobs/sha256");
    for digest in [Digest::of(b"one"), manifest.digest.clone()] {
        fs::rename(shelf.join(digest.hex()), outside.path().join(digest.hex())).expect("there");
        symlink(outside.path().join(digest.hex()), shelf.join(digest.hex())).expect("new");
    }
    let reader = reader(directory.path()).await;
    let failures = [
        reader.manifest(&tag("v1")).await.expect_err("a link"),
        bytes_of(&reader, &blob(LAYER, b"one")).await.expect_err("a link"),
    ];
    insta::assert_snapshot!(
        failures.map(|f| told(&f, &directory).replace(manifest.digest.hex(), "HEX")).join("\n")
    );
    fs::remove_file(shelf.join(manifest.digest.hex())).expect("there");
    let made = std::process::Command::new("mkfifo").arg(shelf.join(manifest.digest.hex())).status();
    assert!(made.expect("mkfifo").success());
    let failure = reader.manifest(&tag("v1")).await.expect_err("a pipe, which is not waited for");
    assert!(failure.message.contains("pipe"), "{failure}");
}

#[tokio::test]
async fn a_link_in_the_place_of_a_blob_is_replaced_and_not_written_through() {
    let (directory, _) = layout_with_one_image().await;
    let victim = directory.path().join("victim");
    fs::write(&victim, "one").expect("new");
    let path = directory.path().join("blobs/sha256").join(Digest::of(b"one").hex());
    fs::remove_file(&path).expect("there");
    symlink(&victim, &path).expect("new");
    let layout = WriteLayout::open(directory.path()).await.expect("a layout");
    assert!(upload(&layout.writer(None), &blob(LAYER, b"one"), b"one").await.expect("written"));
    assert!(fs::symlink_metadata(&path).expect("there").is_file());
    assert_eq!(fs::read_to_string(&victim).expect("there"), "one");
}

#[tokio::test]
async fn a_layout_whose_directories_or_index_are_links_is_not_opened() {
    for place in ["blobs", "blobs/sha256", ".crossdock", "index.json", "oci-layout"] {
        let (directory, _) = layout_with_one_image().await;
        let outside = tempfile::tempdir().expect("a directory");
        let path = directory.path().join(place);
        match path.exists() {
            true => fs::rename(&path, outside.path().join("moved")).expect("there"),
            false => fs::create_dir(outside.path().join("moved")).expect("new"),
        }
        symlink(outside.path().join("moved"), &path).expect("new");
        for failure in [
            ReadLayout::open(directory.path()).await.err().expect("a link"),
            WriteLayout::open(directory.path()).await.err().expect("a link"),
        ] {
            assert!(failure.message.contains("symbolic link"), "{place}: {failure}");
        }
        assert!(!outside.path().join("moved/writer-0").exists());
    }
}
