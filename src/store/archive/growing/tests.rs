//! Archives that are written, through the traits that the rest of the program sees.

use super::WriteArchive;
use crate::failure::Code;
use crate::oci::{At, Digest, MediaType, Place, PlaceKind, RawManifest};
use crate::store::archive::{ReadArchive, ReadDockerArchive};
use crate::store::disk::tests::*;
use crate::store::{Begun, ReadPlace, WritePlace};
use bytes::Bytes;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn place(directory: &TempDir, kind: PlaceKind) -> Place {
    Place { kind, path: directory.path().join("out.tar") }
}

async fn open(directory: &TempDir) -> WriteArchive {
    WriteArchive::open(&place(directory, PlaceKind::Archive)).await.expect("opens")
}

/// An archive with one image under `v1`, finished.
async fn archive_with_one_image() -> (TempDir, RawManifest) {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(&directory).await;
    let manifest = put_image(&archive.writer(None), Some(&tag("v1")), "one").await;
    archive.finish().await.expect("finished");
    (directory, manifest)
}

/// The members of an archive, as another reader of tars sees them.
fn members(path: &Path) -> Vec<String> {
    let file = fs::File::open(path).expect("there");
    let mut archive = tar::Archive::new(file);
    let entries = archive.entries().expect("a tar").map(|entry| entry.expect("a member"));
    let mut names: Vec<_> =
        entries.map(|entry| entry.path().expect("a name").display().to_string()).collect();
    names.sort();
    names
}

fn member(bytes: &[u8]) -> String {
    format!("blobs/sha256/{}", Digest::of(bytes).hex())
}

#[tokio::test]
async fn an_archive_appears_when_it_is_finished_and_can_be_read_before() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(&directory).await;
    assert_eq!(files(directory.path()), [] as [PathBuf; 0], "nothing is written before there is something");
    let writer = archive.writer(name("team/app"));
    let manifest = put_image(&writer, Some(&tag("v1")), "one").await;
    assert_eq!(files(directory.path()), [Path::new("out.tar.crossdock-partial")]);
    let reader = archive.reader(name("team/app"));
    for finished in [false, true] {
        assert_eq!(reader.manifest(&tag("v1")).await.expect("readable"), Some(manifest.clone()));
        assert_eq!(bytes_of(&reader, &blob(LAYER, b"one")).await.expect("there"), b"one");
        if !finished {
            archive.finish().await.expect("finished");
        }
    }
    assert_eq!(files(directory.path()), [Path::new("out.tar")]);
    let mut expected = vec!["index.json".to_owned(), "oci-layout".to_owned(), member(&manifest.bytes)];
    expected.extend([member(b"one"), member(b"{}")]);
    expected.sort();
    assert_eq!(members(&directory.path().join("out.tar")), expected);
    let read = ReadArchive::open(&directory.path().join("out.tar")).await.expect("an archive");
    assert_eq!(read.names().await.expect("names"), ["team/app"]);
    assert_eq!(digest_of(&read.reader(name("team/app")), &tag("v1")).await, Some(manifest.digest));
}

#[tokio::test]
async fn what_an_archive_holds_stays_in_it_and_no_change_writes_nothing() {
    let (directory, first) = archive_with_one_image().await;
    let path = directory.path().join("out.tar");
    let before = fs::metadata(&path).and_then(|it| it.modified()).expect("there");
    let archive = open(&directory).await;
    let writer = archive.writer(None);
    assert!(!upload(&writer, &blob(LAYER, b"one"), b"one").await.expect("there"));
    writer.put_manifest(&tag("v1"), &first).await.expect("there");
    archive.finish().await.expect("nothing to do");
    assert_eq!(fs::metadata(&path).and_then(|it| it.modified()).expect("there"), before);
    assert_eq!(files(directory.path()), [Path::new("out.tar")]);

    let archive = open(&directory).await;
    let second = put_image(&archive.writer(None), Some(&tag("v2")), "two").await;
    drop(archive);
    let reader = ReadArchive::open(&path).await.expect("the old one").reader(None);
    assert_eq!(tags(&reader).await, Some(vec!["v1".to_owned()]), "not finished, it is as it was");

    // What the dead one left is taken over.
    let archive = open(&directory).await;
    put_image(&archive.writer(None), Some(&tag("v2")), "two").await;
    archive.finish().await.expect("finished");
    assert_eq!(files(directory.path()), [Path::new("out.tar")]);
    let reader = ReadArchive::open(&path).await.expect("an archive").reader(None);
    for (text, manifest, layer) in [("v1", first, b"one"), ("v2", second, b"two")] {
        assert_eq!(reader.manifest(&tag(text)).await.expect("readable"), Some(manifest));
        assert_eq!(bytes_of(&reader, &blob(LAYER, layer)).await.expect("there"), layer);
    }
}

#[tokio::test]
async fn an_upload_that_failed_leaves_no_gap() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(&directory).await;
    let writer = archive.writer(None);
    let large = vec![b'x'; 3 * 512 + 7];
    let wanted = blob(LAYER, &large);
    let Begun::Upload(mut failing) = writer.begin(&wanted, None).await.expect("begins") else {
        panic!("new")
    };
    failing.open().await.expect("room");
    failing.write(Bytes::from(large[..700].to_vec())).await.expect("room");
    let manifest = put_image(&writer, Some(&tag("v1")), "one").await;
    failing.write(Bytes::from_static(b"other bytes")).await.expect("room");
    assert_eq!(failing.commit().await.expect_err("too short").code, Code::Corrupt);
    drop(failing);
    archive.finish().await.expect("finished");
    let path = directory.path().join("out.tar");
    assert_eq!(members(&path).len(), 5);
    // Five headers and contents of one block each, and the end.
    assert_eq!(fs::metadata(&path).expect("there").len(), 5 * 1024 + 1024);
    let reader = ReadArchive::open(&path).await.expect("an archive").reader(None);
    assert_eq!(reader.manifest(&tag("v1")).await.expect("readable"), Some(manifest));
    assert_eq!(bytes_of(&reader, &blob(LAYER, b"one")).await.expect("moved"), b"one");
    assert_eq!(bytes_of(&reader, &blob(CONFIG, b"{}")).await.expect("moved"), b"{}");
}

#[tokio::test]
async fn wrong_bytes_and_incomplete_images_make_no_archive() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(&directory).await;
    let writer = archive.writer(None);
    for bytes in ["wrong", "long right", "a"] {
        let failure = upload(&writer, &blob(LAYER, b"right"), bytes.as_bytes()).await.expect_err("wrong");
        assert_eq!(failure.code, Code::Corrupt);
    }
    let absent = image(&blob(CONFIG, b"{}"), &[blob(LAYER, b"right")]);
    let failure = writer.put_manifest(&tag("v1"), &absent).await.expect_err("incomplete");
    assert_eq!(failure.code, Code::UnsupportedManifest);
    assert_eq!(digest_of(&archive.reader(None), &tag("v1")).await, None);
    archive.finish().await.expect("nothing to finish");
    assert_eq!(files(directory.path()), [] as [PathBuf; 0]);
}

#[tokio::test]
async fn two_runs_do_not_write_one_archive_and_a_failure_at_the_end_loses_nothing() {
    let (directory, manifest) = archive_with_one_image().await;
    let (archive, other) = (open(&directory).await, open(&directory).await);
    put_image(&archive.writer(None), Some(&tag("v2")), "two").await;
    let begun = other.writer(None).begin(&blob(LAYER, b"three"), None).await.expect("not there");
    let Begun::Upload(mut refused) = begun else { panic!("new") };
    let failure = refused.open().await.expect_err("another run writes");
    assert!(failure.message.contains("another run"), "{failure}");

    let path = directory.path().join("out.tar");
    fs::rename(&path, directory.path().join("kept.tar")).expect("there");
    fs::create_dir_all(path.join("in the way")).expect("new");
    assert!(archive.finish().await.is_err());
    assert!(!directory.path().join("out.tar.crossdock-partial").exists());
    let kept = ReadArchive::open(&directory.path().join("kept.tar")).await.expect("an archive");
    assert_eq!(digest_of(&kept.reader(None), &tag("v1")).await, Some(manifest.digest));
}

#[tokio::test]
async fn a_longer_name_goes_before_its_member() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(&directory).await;
    let writer = archive.writer(None);
    let zero: Digest = format!("sha512:{}", "0".repeat(128)).parse().expect("a digest");
    let mut hasher = zero.hasher();
    hasher.update(b"long");
    let long = crate::oci::Descriptor::new(LAYER.parse().expect("a media type"), hasher.finish(), 4);
    upload(&writer, &long, b"long").await.expect("room");
    upload(&writer, &blob(CONFIG, b"{}"), b"{}").await.expect("room");
    writer
        .put_manifest(&tag("v1"), &image(&blob(CONFIG, b"{}"), std::slice::from_ref(&long)))
        .await
        .expect("complete");
    archive.finish().await.expect("finished");
    let path = directory.path().join("out.tar");
    assert!(members(&path).contains(&format!("blobs/sha512/{}", long.digest.hex())));
    let reader = ReadArchive::open(&path).await.expect("an archive").reader(None);
    assert_eq!(bytes_of(&reader, &long).await.expect("there"), b"long");
}

#[tokio::test]
async fn docker_is_told_of_images_by_their_full_names_and_of_nothing_else() {
    let directory = tempfile::tempdir().expect("a directory");
    let place = place(&directory, PlaceKind::DockerArchive);
    let archive = WriteArchive::open(&place).await.expect("new");
    let writer = archive.writer(name("app"));
    let manifest = put_image(&writer, Some(&tag("v1")), "one").await;
    writer.put_manifest(&tag("stable"), &manifest).await.expect("complete");
    let signature = tag(&format!("sha256-{}.sig", manifest.digest.hex()));
    writer.put_manifest(&signature, &manifest).await.expect("kept, and not loaded");
    let both = index(&[described(&manifest)]);
    let refused = writer.put_manifest(&tag("all"), &both).await.expect_err("many platforms");
    assert!(refused.hint.as_deref().is_some_and(|hint| hint.contains("index: single")), "{refused}");
    writer.put_manifest(&At::Digest(both.digest.clone()), &both).await.expect("without a tag");
    archive.finish().await.expect("finished");

    let mut tar = tar::Archive::new(fs::File::open(&place.path).expect("there"));
    let entries = tar.entries().expect("a tar").map(|entry| entry.expect("a member"));
    let mut document = entries.filter(|entry| entry.path().expect("a name") == Path::new("manifest.json"));
    let document: serde_json::Value =
        serde_json::from_reader(document.next().expect("a manifest.json")).expect("JSON");
    let expected = serde_json::json!([{
        "Config": member(b"{}"), "Layers": [member(b"one")],
        "RepoTags": ["docker.io/library/app:stable", "docker.io/library/app:v1"],
    }]);
    assert_eq!(document, expected);
    let read = ReadDockerArchive::open(&place.path).await.expect("docker would read it");
    for asked in ["app", "docker.io/library/app"] {
        let found = read.reader(name(asked)).manifest(&tag("v1")).await.expect("readable");
        assert_eq!(found.as_ref(), Some(&manifest), "{asked}");
    }
    assert_eq!(MediaType::oci_manifest(), manifest.media_type);
}
