//! Images are real, deterministic, and connected.

use crate::bed::digest::{matches, sha256};
use crate::bed::images::{
    Blob, Format, Layer, Recipe, artifact, attestation, index, one_platform, two_platforms,
};
use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha256};
use std::io::Read as _;

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    for format in [Format::Oci, Format::Docker] {
        assert_eq!(two_platforms(7, format).digest(), two_platforms(7, format).digest());
        assert_ne!(two_platforms(7, format).digest(), two_platforms(8, format).digest());
        assert_ne!(one_platform(7, format).digest(), two_platforms(7, format).digest());
    }
}

#[test]
fn every_descriptor_tells_digest_and_size_of_what_it_points_at() {
    let image = two_platforms(1, Format::Oci);
    for manifest in &image.manifests {
        assert!(matches(&manifest.digest, &manifest.bytes));
        let document = manifest.document();
        let blobs = document["layers"].as_array().into_iter().flatten().chain(document.get("config"));
        for entry in blobs {
            let blob = &image.blobs[entry["digest"].as_str().expect("a digest")];
            assert_eq!(entry["size"], blob.size_bytes);
        }
        for entry in document["manifests"].as_array().into_iter().flatten() {
            let mut children = image.children().iter();
            let child = children.find(|child| entry["digest"] == child.digest).expect("the child");
            assert_eq!(entry["size"], child.bytes.len());
        }
    }
}

#[test]
fn two_platforms_share_a_layer_and_carry_an_attestation() {
    let image = two_platforms(1, Format::Oci);
    assert_eq!(image.children().len(), 3);
    // 1 shared and 2 own layers, 2 configs; the attestation's layer and config.
    assert_eq!(image.blobs.len(), 7);
    let platforms: Vec<String> =
        image.children().iter().map(|child| child.descriptor()["platform"].to_string()).collect();
    assert!(platforms[2].contains("unknown"), "{platforms:?}");
    assert_eq!(two_platforms(1, Format::Docker).children().len(), 2);
}

#[test]
fn a_layer_is_a_gzipped_archive_whose_diff_id_is_right() {
    let layer = Layer::files(3, 5000);
    let packed = layer.blob.piece(0, layer.blob.size_bytes).expect("held");
    let mut plain = Vec::new();
    GzDecoder::new(packed.as_ref()).read_to_end(&mut plain).expect("gzip");
    assert_eq!(sha256(&plain), layer.diff_id);
    let mut archive = tar::Archive::new(plain.as_slice());
    let names: Vec<String> = archive
        .entries()
        .expect("tar")
        .map(|entry| entry.expect("an entry").path().expect("a name").display().to_string())
        .collect();
    assert_eq!(names, ["usr/share/seed-3"]);
}

#[test]
fn a_synthetic_blob_reads_the_same_from_any_offset() {
    let blob = Blob::synthetic(5, 200_000);
    let mut whole = Vec::new();
    while (whole.len() as u64) < blob.size_bytes {
        whole.extend_from_slice(&blob.piece(whole.len() as u64, blob.size_bytes).expect("made"));
    }
    assert_eq!(sha256(&whole), blob.digest);
    for offset in [0, 1, 7, 8, 65_535, 65_536, 65_540, 131_072, 199_999] {
        let piece = blob.piece(offset, offset + 20).expect("made");
        let start = usize::try_from(offset).expect("small");
        assert_eq!(piece, whole[start..start + piece.len()], "at {offset}");
        assert!(!piece.is_empty());
    }
    let layer = Layer::synthetic(5, 200_000);
    assert_eq!((layer.diff_id, layer.blob.digest), (blob.digest.clone(), blob.digest));
}

#[test]
fn recipes_keep_labels_annotations_and_platform() {
    let image = Recipe::new(1).platform("linux/arm/v7").label("who", "me").annotation("what", "that").build();
    let manifest = image.root().document();
    let config = &image.blobs[manifest["config"]["digest"].as_str().expect("a digest")];
    let config: serde_json::Value =
        serde_json::from_slice(&config.piece(0, config.size_bytes).expect("held")).expect("JSON");
    assert_eq!(manifest["annotations"]["what"], "that");
    assert_eq!(config["config"]["Labels"]["who"], "me");
    assert_eq!(config["variant"], "v7");
    assert_eq!(image.blobs_bytes(), manifest["config"]["size"].as_u64().expect("a size"));
}

#[test]
fn artifacts_point_at_their_subject_and_indexes_hold_each_child_once() {
    let image = one_platform(1, Format::Oci);
    let signature = artifact(&image, "application/vnd.example.signature", 1);
    assert_eq!(signature.root().document()["subject"]["digest"], image.digest());
    assert_eq!(signature.root().document()["subject"].get("platform"), None);
    let twice = index(Format::Oci, &[image.clone(), attestation(&image), image]);
    assert_eq!(twice.children().len(), 2);
    assert_eq!(twice.root().document()["manifests"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_layout_has_every_blob_under_its_digest() {
    let folder = tempfile::tempdir().expect("a folder");
    let image = two_platforms(2, Format::Oci);
    image.write_layout(folder.path(), "1.0");
    let mut count = 0;
    for entry in std::fs::read_dir(folder.path().join("blobs/sha256")).expect("blobs").flatten() {
        let bytes = std::fs::read(entry.path()).expect("a blob");
        let hex = entry.file_name().into_string().expect("hexadecimal");
        assert_eq!(crate::bed::digest::hex(&Sha256::digest(&bytes)), hex);
        count += 1;
    }
    assert_eq!(count, image.blobs.len() + image.manifests.len());
}
