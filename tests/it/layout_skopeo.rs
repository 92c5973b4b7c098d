//! skopeo and we read what the other wrote. Needs `skopeo` (`apt-get install skopeo`).

use crate::layout_images::{assert_whole, at, described, index, put_image, texts};
use crossdock::oci::{At, RawManifest};
use crossdock::store::layout::{ReadLayout, WriteLayout};
use crossdock::store::{ReadPlace, WritePlace};
use std::path::Path;
use std::process::Command;

const NAME: &str = "registry.example.com/shop/web";

fn skopeo(arguments: &[&str]) -> String {
    let output = Command::new("skopeo")
        .args(["--insecure-policy", "--override-os", "linux", "--override-arch", "amd64"])
        .args(arguments)
        .output()
        .expect("skopeo is installed (apt-get install skopeo)");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "skopeo {arguments:?}: {told}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn reference(layout: &Path, tag: &str) -> String {
    format!("oci:{}:{tag}", layout.display())
}

/// A layout with a multi-platform image under the bare tag `v1`, and an image in a named repository.
async fn ours(directory: &Path) -> (RawManifest, RawManifest, WriteLayout) {
    let layout = WriteLayout::open(directory).await.expect("new");
    let (bare, named) = (layout.writer(None), layout.writer(Some(NAME.parse().expect("a name"))));
    let children = [
        described(&put_image(&bare, None, "amd64", b"one").await, "amd64"),
        described(&put_image(&bare, None, "arm64", b"two").await, "arm64"),
    ];
    let both = index(&children);
    bare.put_manifest(&at("v1"), &both).await.expect("complete");
    let single = put_image(&named, Some("v1"), "amd64", b"three").await;
    (both, single, layout)
}

async fn manifest(layout: &Path, at: &At) -> Option<RawManifest> {
    let layout = ReadLayout::open(layout).await.expect("a layout");
    layout.reader(None).manifest(at).await.expect("readable")
}

#[tokio::test]
async fn skopeo_reads_what_we_wrote_while_we_have_it_open() {
    let directory = tempfile::tempdir().expect("a directory");
    let (layout, copy) = (directory.path().join("ours"), directory.path().join("copy"));
    let (both, single, open) = ours(&layout).await;
    assert!(layout.join(".crossdock").exists(), "the writer is at work");
    skopeo(&["copy", "--preserve-digests", "--all", &reference(&layout, "v1"), &reference(&copy, "all")]);
    skopeo(&[
        "copy",
        "--preserve-digests",
        &reference(&layout, &format!("{NAME}:v1")),
        &reference(&copy, "one"),
    ]);
    drop(open);
    assert_eq!(manifest(&copy, &at("all")).await, Some(both.clone()));
    assert_eq!(manifest(&copy, &at("one")).await, Some(single));
    assert_eq!(skopeo(&["inspect", "--raw", &reference(&layout, "v1")]).as_bytes(), both.bytes);
}

#[tokio::test]
async fn we_read_what_skopeo_wrote_and_keep_it_when_we_write() {
    let directory = tempfile::tempdir().expect("a directory");
    let (layout, theirs) = (directory.path().join("ours"), directory.path().join("theirs"));
    let (both, single, _open) = ours(&layout).await;
    skopeo(&["copy", "--preserve-digests", "--all", &reference(&layout, "v1"), &reference(&theirs, "bare")]);
    skopeo(&[
        "copy",
        "--preserve-digests",
        &reference(&layout, &format!("{NAME}:v1")),
        &reference(&theirs, &format!("{NAME}:v2")),
    ]);

    let writing = WriteLayout::open(&theirs).await.expect("a layout");
    let (bare, named) = (writing.reader(None), writing.writer(Some(NAME.parse().expect("a name"))));
    assert_eq!(texts(bare.tags().await.expect("tags")), ["bare".to_owned()].into());
    assert_eq!(bare.manifest(&at("bare")).await.expect("readable"), Some(both));
    assert_eq!(named.manifest(&at("v2")).await.expect("readable"), Some(single));
    put_image(&named, Some("v3"), "amd64", b"four").await;
    drop(writing);
    assert_whole(&theirs);
    skopeo(&["inspect", &reference(&theirs, "bare")]);
    skopeo(&["inspect", &reference(&theirs, &format!("{NAME}:v3"))]);
}

#[tokio::test]
async fn skopeo_writes_into_a_layout_that_we_have_open_and_we_see_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let layout = directory.path().join("ours");
    let (_, single, open) = ours(&layout).await;
    let named = format!("{NAME}:v1");
    skopeo(&["copy", "--preserve-digests", &reference(&layout, &named), &reference(&layout, "by-skopeo")]);
    put_image(&open.writer(None), Some("by-us"), "amd64", b"five").await;
    let tags = texts(open.reader(None).tags().await.expect("tags"));
    assert_eq!(tags, ["by-skopeo", "by-us", "v1"].map(str::to_owned).into());
    drop(open);
    assert_eq!(manifest(&layout, &at("by-skopeo")).await, Some(single));
    assert_whole(&layout);
}
