//! Layouts as other tools write them.

use super::*;
use crate::oci::{Descriptor, Digest};
use std::fs;

/// Replaces `index.json`; `DIGEST` and `SIZE` stand for the one manifest of the layout.
fn rewrite(directory: &Path, manifest: &RawManifest, json: &str) {
    let json =
        json.replace("DIGEST", manifest.digest.as_str()).replace("SIZE", &manifest.bytes.len().to_string());
    fs::write(directory.join("index.json"), json).expect("writable");
}

const ENTRY: &str =
    r#""mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"DIGEST","size":SIZE"#;

#[tokio::test]
async fn what_buildx_writes_has_two_names() {
    let (directory, manifest) = layout_with_one_image().await;
    let names = r#"{"io.containerd.image.name":"docker.io/library/alpine:3.20","org.opencontainers.image.created":"2026-01-01T00:00:00Z","org.opencontainers.image.ref.name":"3.20"}"#;
    rewrite(
        directory.path(),
        &manifest,
        &format!(
            r#"{{"schemaVersion":2,"manifests":[{{{ENTRY},"annotations":{names},"platform":{{"os":"linux","architecture":"amd64"}}}}]}}"#
        ),
    );
    let layout = ReadLayout::open(directory.path()).await.expect("a layout");
    assert_eq!(digest_of(&layout.reader(None), &tag("3.20")).await.as_ref(), Some(&manifest.digest));
    let named = layout.reader(name("docker.io/library/alpine"));
    assert_eq!(digest_of(&named, &tag("3.20")).await.as_ref(), Some(&manifest.digest));
    assert_eq!(tags(&named).await, Some(vec!["3.20".to_owned()]));
}

#[tokio::test]
async fn an_entry_without_a_name_is_reached_by_its_digest() {
    let (directory, manifest) = layout_with_one_image().await;
    rewrite(directory.path(), &manifest, &format!(r#"{{"schemaVersion":2,"manifests":[{{{ENTRY}}}]}}"#));
    let reader = reader(directory.path()).await;
    assert_eq!(tags(&reader).await, Some(Vec::new()));
    assert_eq!(reader.manifest(&At::Digest(manifest.digest.clone())).await.expect("there"), Some(manifest));
}

#[tokio::test]
async fn what_we_do_not_know_survives_a_new_tag_and_a_moved_one() {
    let (directory, manifest) = layout_with_one_image().await;
    let foreign = format!(
        r#"{{{ENTRY},"artifactType":"a/b","platform":{{"os":"linux","architecture":"arm","variant":"v7","x":1}},"annotations":{{"org.opencontainers.image.ref.name":"kept","k":"v"}}}}"#
    );
    rewrite(
        directory.path(),
        &manifest,
        &format!(r#"{{"schemaVersion":2,"newField":[1,{{"a":2.50}}],"manifests":[ {foreign} ]}}"#),
    );
    let layout = WriteLayout::open(directory.path()).await.expect("a layout");
    for text in ["one", "two"] {
        put_image(&layout.writer(None), Some(&tag("v1")), text).await;
    }
    let written = fs::read_to_string(directory.path().join("index.json")).expect("there");
    let foreign = foreign
        .replace("DIGEST", manifest.digest.as_str())
        .replace("SIZE", &manifest.bytes.len().to_string());
    assert!(written.contains(&foreign), "{written}");
    assert!(written.contains(r#""newField":[1,{"a":2.50}]"#), "{written}");
}

#[tokio::test]
async fn a_change_by_another_tool_is_seen_and_kept() {
    let (directory, manifest) = layout_with_one_image().await;
    let layout = WriteLayout::open(directory.path()).await.expect("a layout");
    let writer = layout.writer(None);
    put_image(&writer, Some(&tag("ours")), "ours").await;
    rewrite(
        directory.path(),
        &manifest,
        &format!(
            r#"{{"schemaVersion":2,"manifests":[{{{ENTRY},"annotations":{{"org.opencontainers.image.ref.name":"theirs"}}}}]}}"#
        ),
    );
    assert_eq!(tags(&layout.reader(None)).await, Some(vec!["theirs".to_owned()]));
    put_image(&writer, Some(&tag("more")), "more").await;
    assert_eq!(tags(&layout.reader(None)).await, Some(vec!["more".to_owned(), "theirs".to_owned()]));
}

#[tokio::test]
async fn a_place_tells_what_it_lists_under_no_name_and_how_long_its_blobs_are() {
    let (directory, manifest) = layout_with_one_image().await;
    rewrite(directory.path(), &manifest, &format!(r#"{{"schemaVersion":2,"manifests":[{{{ENTRY}}}]}}"#));
    let layout = ReadLayout::open(directory.path()).await.expect("a layout");
    let size_bytes = manifest.bytes.len() as u64;
    let listed = layout.listed().await.expect("readable");
    assert_eq!(listed, [Descriptor::new(manifest.media_type, manifest.digest.clone(), size_bytes)]);
    assert_eq!(layout.blob_size(&manifest.digest).await, Ok(Some(size_bytes)));
    assert_eq!(layout.blob_size(&Digest::of(b"not there")).await, Ok(None));
}
