//! The directory of an image as a whole, through the traits that the rest of the program sees.

use super::{ReadDirectory, WriteDirectory};
use crate::failure::Code;
use crate::oci::{At, Digest, RawManifest};
use crate::store::disk::tests::*;
use crate::store::{ReadPlace, Reader, WritePlace};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// A directory with one image, closed again.
async fn directory_with_an_image() -> (TempDir, RawManifest) {
    let directory = tempfile::tempdir().expect("a directory");
    let opened = WriteDirectory::open(directory.path()).await.expect("new");
    let manifest = put_image(&opened.writer(None), Some(&tag("1.27")), "one").await;
    (directory, manifest)
}

async fn reader(path: &Path) -> Arc<dyn Reader> {
    ReadDirectory::open(path).await.expect("an image").reader(None)
}

#[tokio::test]
async fn an_image_is_meant_by_every_tag_and_listed_as_latest() {
    let (directory, manifest) = directory_with_an_image().await;
    let mut expected = ["manifest.json", "version", Digest::of(b"{}").hex(), Digest::of(b"one").hex()]
        .map(std::path::PathBuf::from);
    expected.sort();
    assert_eq!(files(directory.path()), expected);
    let reader = reader(directory.path()).await;
    assert_eq!(tags(&reader).await, Some(vec!["latest".to_owned()]));
    for at in [tag("latest"), tag("1.27"), At::Digest(manifest.digest.clone())] {
        assert_eq!(reader.manifest(&at).await.expect("readable"), Some(manifest.clone()));
        assert_eq!(digest_of(&reader, &at).await, Some(manifest.digest.clone()));
    }
    assert_eq!(digest_of(&reader, &At::Digest(Digest::of(b"x"))).await, None);
    assert_eq!(bytes_of(&reader, &blob(LAYER, b"one")).await.expect("there"), b"one");
}

#[tokio::test]
async fn children_lie_beside_the_image_and_another_image_takes_its_place() {
    let (directory, first) = directory_with_an_image().await;
    let opened = WriteDirectory::open(directory.path()).await.expect("an image");
    let writer = opened.writer(None);
    let both = index(&[described(&first)]);
    assert!(writer.put_manifest(&tag("2"), &both).await.is_err(), "its child lies there as no child yet");
    writer.put_manifest(&At::Digest(first.digest.clone()), &first).await.expect("complete");
    writer.put_manifest(&tag("2"), &both).await.expect("complete");
    drop((writer, opened));
    assert!(directory.path().join(format!("{}.manifest.json", first.digest.hex())).exists());
    assert!(!directory.path().join(".crossdock").exists());
    let reader = reader(directory.path()).await;
    assert_eq!(digest_of(&reader, &tag("1.27")).await, Some(both.digest));
    assert_eq!(reader.manifest(&At::Digest(first.digest.clone())).await.expect("readable"), Some(first));
}

#[tokio::test]
async fn a_signature_does_not_take_the_place_of_the_image() {
    let (directory, manifest) = directory_with_an_image().await;
    let opened = WriteDirectory::open(directory.path()).await.expect("an image");
    let signature = tag(&format!("sha256-{}.sig", manifest.digest.hex()));
    let other = image(&blob(CONFIG, b"{}"), &[]);
    let refused = opened.writer(None).put_manifest(&signature, &other).await.expect_err("no place for it");
    assert_eq!(refused.code, Code::UnsupportedManifest);
    let reader = reader(directory.path()).await;
    assert_eq!(digest_of(&reader, &signature).await, None);
    assert_eq!(digest_of(&reader, &tag("latest")).await, Some(manifest.digest));
}

#[tokio::test]
async fn what_is_not_whole_is_refused_and_what_is_damaged_is_replaced() {
    let (directory, manifest) = directory_with_an_image().await;
    let absent = image(&blob(CONFIG, b"{}"), &[blob(LAYER, b"absent")]);
    let opened = WriteDirectory::open(directory.path()).await.expect("an image");
    assert!(opened.writer(None).put_manifest(&tag("2"), &absent).await.is_err());
    let layer = directory.path().join(Digest::of(b"one").hex());
    fs::write(&layer, "longer than it was").expect("writable");
    fs::write(directory.path().join("manifest.json"), "damaged").expect("writable");
    let target = ReadDirectory::open_or_vacant(directory.path()).await.expect("a target").reader(None);
    assert_eq!(digest_of(&target, &tag("1.27")).await, None);
    assert_eq!(bytes_of(&target, &blob(LAYER, b"one")).await.expect_err("damaged").code, Code::Corrupt);
    put_image(&opened.writer(None), Some(&tag("1.27")), "one").await;
    assert_eq!(digest_of(&target, &tag("1.27")).await, Some(manifest.digest));
    assert_eq!(fs::read(&layer).expect("there"), b"one");
}

#[tokio::test]
async fn links_are_not_followed_and_other_directories_not_touched() {
    let (directory, _) = directory_with_an_image().await;
    let victim = directory.path().join("victim");
    fs::write(&victim, "one").expect("new");
    for name in [Digest::of(b"one").hex().to_owned(), "manifest.json".to_owned()] {
        fs::remove_file(directory.path().join(&name)).expect("there");
        std::os::unix::fs::symlink(&victim, directory.path().join(&name)).expect("new");
    }
    assert!(
        ReadDirectory::open(directory.path()).await.err().expect("a link").message.contains("symbolic link")
    );
    let opened = WriteDirectory::open(directory.path()).await.expect("an image was there");
    put_image(&opened.writer(None), Some(&tag("1")), "one").await;
    assert_eq!(fs::read_to_string(&victim).expect("there"), "one");
    assert!(fs::symlink_metadata(directory.path().join("manifest.json")).expect("there").is_file());

    let other = tempfile::tempdir().expect("a directory");
    fs::write(other.path().join("README"), "hello").expect("new");
    let mut report = Vec::new();
    for failure in [
        WriteDirectory::open(other.path()).await.err(),
        ReadDirectory::open_or_vacant(other.path()).await.err(),
        ReadDirectory::open(&other.path().join("nowhere")).await.err(),
    ] {
        report.push(told(&failure.expect("it holds something else"), &other));
    }
    assert_eq!(files(other.path()), [Path::new("README")]);
    insta::assert_snapshot!(report.join("\n"));
}
