//! Layouts that are wrong, by accident or on purpose.

use super::*;
use std::fs;

async fn failure_of(directory: &TempDir) -> String {
    match ReadLayout::open(directory.path()).await {
        Ok(_) => "opened".to_owned(),
        Err(failure) => told(&failure, directory),
    }
}

#[tokio::test]
async fn what_is_no_layout_says_what_is_missing() {
    let mut report = Vec::new();
    let empty = tempfile::tempdir().expect("a directory");
    report.push(failure_of(&empty).await);
    let nowhere = ReadLayout::open(&empty.path().join("nowhere")).await.err().expect("nothing there");
    report.push(told(&nowhere, &empty));
    fs::write(empty.path().join("README"), "hello").expect("new");
    report.push(failure_of(&empty).await);
    let target = WriteLayout::open(empty.path()).await.err().expect("something else is there");
    report.push(told(&target, &empty));
    let file = WriteLayout::open(&empty.path().join("README")).await.err().expect("a file");
    report.push(told(&file, &empty));
    fs::write(empty.path().join("oci-layout"), r#"{"imageLayoutVersion":"2.0.0"}"#).expect("new");
    report.push(failure_of(&empty).await);
    fs::write(empty.path().join("oci-layout"), "hello").expect("new");
    report.push(failure_of(&empty).await);
    fs::write(empty.path().join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("new");
    report.push(failure_of(&empty).await);
    insta::assert_snapshot!(report.join("\n"));
}

#[tokio::test]
async fn an_index_that_is_too_large_is_not_read() {
    let (directory, manifest) = layout_with_one_image().await;
    let file = fs::OpenOptions::new().write(true).open(directory.path().join("index.json")).expect("there");
    file.set_len(64 * 1024 * 1024 + 1).expect("sparse");
    let mut report = vec![failure_of(&directory).await];
    let opened = WriteLayout::open(directory.path()).await.err().expect("too large");
    report.push(told(&opened, &directory));
    insta::assert_snapshot!(report.join("\n"));
    assert!(directory.path().join("blobs/sha256").join(manifest.digest.hex()).exists());
}

#[tokio::test]
async fn entries_of_an_attacker_lead_nowhere() {
    let (directory, manifest) = layout_with_one_image().await;
    let entry = |tag: &str, digest: &str, size: &str| {
        format!(
            r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{digest}","size":{size},"annotations":{{"org.opencontainers.image.ref.name":"{tag}"}}}}"#
        )
    };
    let good = manifest.digest.as_str();
    let entries = [
        entry("traversal", "sha256:../../../../etc/passwd", "1"),
        entry("negative", good, "-1"),
        entry("huge", good, "9223372036854775807"),
        entry("twice", good, "1"),
        entry("twice", Digest::of(b"x").as_str(), "1"),
        entry("../../etc", good, "1"),
        "17".to_owned(),
    ];
    let json = format!(r#"{{"schemaVersion":2,"manifests":[{}]}}"#, entries.join(","));
    fs::write(directory.path().join("index.json"), json).expect("writable");
    let reader = reader(directory.path()).await;
    let names = ["huge", "negative", "traversal", "twice"];
    assert_eq!(tags(&reader).await, Some(names.map(str::to_owned).to_vec()));
    let mut report = Vec::new();
    for text in names {
        let failure = reader.manifest(&tag(text)).await.expect_err(text);
        report.push(told(&failure, &directory).replace(good, "DIGEST"));
    }
    assert_eq!(reader.head(&tag("huge")).await.expect("head"), None);
    insta::assert_snapshot!(report.join("\n"));
}

#[tokio::test]
async fn a_manifest_larger_than_the_limit_is_neither_read_nor_written() {
    let (directory, _) = layout_with_one_image().await;
    let layout = WriteLayout::open(directory.path()).await.expect("a layout");
    let bytes = vec![b' '; 8 * 1024 * 1024 + 1];
    let large = RawManifest::new(MediaType::oci_manifest(), bytes.clone().into(), None);
    let refused = layout.writer(None).put_manifest(&tag("v2"), &large).await.expect_err("too large");
    assert_eq!(refused.code, crate::failure::Code::LimitExceeded);
    upload(&layout.writer(None), &blob(LAYER, &bytes), &bytes).await.expect("a layer may be large");
    let unread = layout.reader(None).manifest(&At::Digest(large.digest)).await.expect_err("too large");
    assert_eq!(unread.code, crate::failure::Code::LimitExceeded);
}
