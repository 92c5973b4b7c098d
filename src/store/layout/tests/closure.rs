//! Nothing is named before what it reaches is there, and nothing wrong is ever named.

use super::*;

#[tokio::test]
async fn a_manifest_whose_parts_are_not_there_is_refused() {
    let (directory, whole) = layout_with_one_image().await;
    let layout = WriteLayout::open(directory.path()).await.expect("a layout");
    let writer = layout.writer(None);
    let absent = image(&blob(CONFIG, b"{}"), &[blob(LAYER, b"absent")]);
    let no_child = index(&[described(&whole), described(&absent)]);
    let schema1 = RawManifest {
        media_type: "application/vnd.docker.distribution.manifest.v1+json".parse().expect("a media type"),
        ..absent.clone()
    };
    let ambiguous = RawManifest { media_type: MediaType::oci_index(), ..absent.clone() };
    let mut report = Vec::new();
    for manifest in [&absent, &no_child, &schema1, &ambiguous] {
        let failure = writer.put_manifest(&tag("v2"), manifest).await.expect_err("incomplete");
        report.push(told(&failure, &directory));
        assert_eq!(digest_of(&layout.reader(None), &tag("v2")).await, None);
        assert_eq!(digest_of(&layout.reader(None), &At::Digest(manifest.digest.clone())).await, None);
    }
    insta::assert_snapshot!(report.join("\n"));
}

#[tokio::test]
async fn a_child_that_is_itself_incomplete_is_refused() {
    let (directory, whole) = layout_with_one_image().await;
    let layout = WriteLayout::open(directory.path()).await.expect("a layout");
    let inner = index(&[described(&whole)]);
    layout.writer(None).put_manifest(&At::Digest(inner.digest.clone()), &inner).await.expect("complete");
    let outer = index(&[described(&inner)]);
    let layer = directory.path().join("blobs/sha256").join(Digest::of(b"one").hex());
    std::fs::remove_file(layer).expect("there");
    let failure = layout.writer(None).put_manifest(&tag("v2"), &outer).await.expect_err("incomplete");
    assert!(failure.message.contains(Digest::of(b"one").as_str()), "{failure}");
}

#[tokio::test]
async fn layers_that_stay_away_and_subjects_may_be_absent() {
    let directory = tempfile::tempdir().expect("a directory");
    let layout = WriteLayout::open(directory.path()).await.expect("new");
    let writer = layout.writer(None);
    upload(&writer, &blob(CONFIG, b"{}"), b"{}").await.expect("config");
    let foreign = blob("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", b"licensed");
    let json = serde_json::json!({ "config": blob(CONFIG, b"{}"), "layers": [foreign], "subject": blob(CONFIG, b"x") });
    let manifest = RawManifest::new(MediaType::oci_manifest(), json.to_string().into(), None);
    writer.put_manifest(&tag("v1"), &manifest).await.expect("complete");
}

#[tokio::test]
async fn wrong_bytes_never_become_a_blob() {
    let directory = tempfile::tempdir().expect("a directory");
    let layout = WriteLayout::open(directory.path()).await.expect("new");
    let writer = layout.writer(None);
    let wanted = blob(LAYER, b"right");
    let mut report = Vec::new();
    for bytes in ["wrong", "long right", "a"] {
        report.push(told(&upload(&writer, &wanted, bytes.as_bytes()).await.expect_err("wrong"), &directory));
    }
    insta::assert_snapshot!(report.join("\n"));
    drop((layout, writer));
    assert_eq!(files(directory.path()), [Path::new("index.json"), Path::new("oci-layout")]);
}

#[tokio::test]
async fn a_manifest_under_a_foreign_digest_is_refused() {
    let (directory, whole) = layout_with_one_image().await;
    let layout = WriteLayout::open(directory.path()).await.expect("a layout");
    let other = At::Digest(Digest::of(b"other"));
    let forged = RawManifest { digest: Digest::of(b"other"), ..whole.clone() };
    for manifest in [&whole, &forged] {
        let failure = layout.writer(None).put_manifest(&other, manifest).await.expect_err("another digest");
        assert_eq!(failure.code, crate::failure::Code::Corrupt);
    }
    assert_eq!(digest_of(&layout.reader(None), &other).await, None);
}

#[tokio::test]
async fn what_is_damaged_is_replaced() {
    let (directory, manifest) = layout_with_one_image().await;
    let path = |digest: &Digest| directory.path().join("blobs/sha256").join(digest.hex());
    std::fs::write(path(&Digest::of(b"one")), "short by some, or long").expect("writable");
    std::fs::write(path(&manifest.digest), vec![b' '; manifest.bytes.len()]).expect("writable");
    let reader = reader(directory.path()).await;
    let failures = [
        reader.manifest(&tag("v1")).await.expect_err("damaged"),
        bytes_of(&reader, &blob(LAYER, b"one")).await.expect_err("damaged"),
    ];
    insta::assert_snapshot!(failures.map(|failure| told(&failure, &directory)).join("\n"));

    let layout = WriteLayout::open(directory.path()).await.expect("a layout");
    put_image(&layout.writer(None), Some(&tag("v1")), "one").await;
    assert_eq!(reader.manifest(&tag("v1")).await.expect("whole again"), Some(manifest));
    assert_eq!(bytes_of(&reader, &blob(LAYER, b"one")).await.expect("whole again"), b"one");
}
