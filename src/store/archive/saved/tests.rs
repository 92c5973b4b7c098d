//! What `docker save` and others wrote, made by hand as they write it.

use super::ReadDockerArchive;
use crate::failure::Code;
use crate::oci::Digest;
use crate::store::ReadPlace;
use crate::store::disk::tests::*;
use serde_json::json;
use std::path::PathBuf;
use tar::{Builder, EntryType, Header};
use tempfile::TempDir;

/// An archive that is made member by member.
struct Made(Builder<Vec<u8>>);

impl Made {
    fn new() -> Self {
        Self(Builder::new(Vec::new()))
    }

    fn file(mut self, name: &str, bytes: &[u8]) -> Self {
        let mut header = Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        self.0.append_data(&mut header, name, bytes).expect("a member");
        self
    }

    fn link(mut self, name: &str, to: &str) -> Self {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Symlink);
        header.set_size(0);
        self.0.append_link(&mut header, name, to).expect("a member");
        self
    }

    fn write(self) -> (TempDir, PathBuf) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("saved.tar");
        std::fs::write(&path, self.0.into_inner().expect("an end")).expect("written");
        (directory, path)
    }
}

fn config(layers: &[&[u8]]) -> String {
    let diff_ids: Vec<Digest> = layers.iter().map(|layer| Digest::of(layer)).collect();
    json!({ "os": "linux", "rootfs": { "type": "layers", "diff_ids": diff_ids } }).to_string()
}

/// Two images that share a layer, as docker before version 25 saves them: the second has a link.
fn classic() -> Made {
    let (app, other) = (config(&[b"base", b"app"]), config(&[b"base"]));
    let document = json!([
        { "Config": "app.json", "RepoTags": ["team/app:1.0", "alpine:3.20"], "Layers": ["a/layer.tar", "b/layer.tar"] },
        { "Config": "other.json", "RepoTags": ["localhost/other:1.0"], "Layers": ["./c/layer.tar"] },
    ]);
    Made::new()
        .file("a/layer.tar", b"base")
        .file("a/VERSION", b"1.0")
        .file("b/layer.tar", b"app")
        .link("c/layer.tar", "../a/layer.tar")
        .file("app.json", app.as_bytes())
        .file("other.json", other.as_bytes())
        .file("repositories", b"{}")
        .file("manifest.json", document.to_string().as_bytes())
}

#[tokio::test]
async fn manifests_are_made_of_what_docker_saved() {
    let (_directory, path) = classic().write();
    let saved = ReadDockerArchive::open(&path).await.expect("saved");
    let names = ["docker.io/library/alpine", "docker.io/team/app", "localhost/other"];
    assert_eq!(saved.names().await.expect("names"), names);
    let app = saved.reader(name("team/app"));
    let manifest = app.manifest(&tag("1.0")).await.expect("readable").expect("there");
    assert_eq!(
        saved.reader(name("alpine")).manifest(&tag("3.20")).await.expect("readable"),
        Some(manifest.clone())
    );
    assert_eq!(saved.reader(None).manifest(&tag("3.20")).await.expect("readable"), Some(manifest.clone()));
    let text = config(&[b"base", b"app"]);
    let blobs = manifest.parse().expect("a manifest").blobs;
    let expected = [text.as_bytes(), b"base", b"app"];
    assert_eq!(blobs.iter().map(|blob| blob.digest.clone()).collect::<Vec<_>>(), expected.map(Digest::of));
    for (blob, bytes) in blobs.iter().zip(expected) {
        assert_eq!(bytes_of(&app, blob).await.expect("there"), bytes, "{}", blob.media_type);
    }
    // The layer that is a link is the same as that of the other image.
    let other = saved.reader(name("localhost/other"));
    let manifest = other.manifest(&tag("1.0")).await.expect("readable").expect("there");
    let layer = &manifest.parse().expect("a manifest").blobs[1];
    assert_eq!(bytes_of(&other, layer).await.expect("there"), b"base");
    // Two images have the bare tag.
    let bare = saved.reader(None);
    assert_eq!(tags(&bare).await, Some(vec!["1.0".to_owned(), "3.20".to_owned()]));
    assert!(bare.manifest(&tag("1.0")).await.expect_err("two").message.contains("more than once"));
}

#[tokio::test]
async fn an_image_alone_without_a_name_is_the_latest_and_compressed_layers_stay_so() {
    let gzipped = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let document = json!([{ "Config": "c.json", "RepoTags": null, "Layers": ["l.tar.gz"] }]);
    let (_directory, path) = Made::new()
        .file("c.json", config(&[b""]).as_bytes())
        .file("l.tar.gz", &gzipped)
        .file("manifest.json", document.to_string().as_bytes())
        .write();
    let reader = ReadDockerArchive::open(&path).await.expect("saved").reader(None);
    assert_eq!(tags(&reader).await, Some(vec!["latest".to_owned()]));
    let manifest = reader.manifest(&tag("latest")).await.expect("readable").expect("there");
    let layer = &manifest.parse().expect("a manifest").blobs[1];
    assert_eq!((layer.digest.clone(), layer.size_bytes), (Digest::of(&gzipped), 20));
    assert!(layer.media_type.as_str().ends_with(".tar.gzip"), "{}", layer.media_type);
    assert_eq!(bytes_of(&reader, layer).await.expect("there"), gzipped);
}

#[tokio::test]
async fn what_docker_did_not_save_says_what_to_do() {
    let image =
        |layers: &[&str]| json!([{ "Config": "c.json", "RepoTags": ["a:1"], "Layers": layers }]).to_string();
    let whole = config(&[b"base"]);
    let rows = [
        Made::new().file("repositories", b"{}"),
        Made::new().file("something", b"else"),
        Made::new().file("manifest.json", b"{}"),
        Made::new().file("manifest.json", image(&["a.tar"]).as_bytes()),
        Made::new().file("manifest.json", image(&["a.tar"]).as_bytes()).file("c.json", whole.as_bytes()),
        Made::new().file("manifest.json", image(&[]).as_bytes()).file("c.json", whole.as_bytes()),
        Made::new()
            .file("manifest.json", image(&["a.tar"]).as_bytes())
            .file("c.json", b"[]")
            .file("a.tar", b"x"),
        Made::new()
            .file("manifest.json", image(&["a.tar"]).as_bytes())
            .file("c.json", whole.as_bytes())
            .link("a.tar", "/etc/passwd"),
    ];
    let mut report = Vec::new();
    for made in rows {
        let (directory, path) = made.write();
        let told_of = match ReadDockerArchive::open(&path).await {
            Err(failure) => told(&failure, &directory),
            Ok(saved) => {
                let reader = saved.reader(None);
                let manifest = reader.manifest(&tag("1")).await.expect("made").expect("there");
                let layer = &manifest.parse().expect("a manifest").blobs[1];
                let failure = bytes_of(&reader, layer).await.expect_err("a link is not followed");
                told(&failure, &directory)
            }
        };
        report.push(told_of);
    }
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("saved.tar.gz");
    std::fs::write(&path, [0x1f, 0x8b, 8, 0]).expect("written");
    let failure = ReadDockerArchive::open(&path).await.err().expect("compressed");
    assert_eq!(failure.code, Code::Protocol);
    report.push(told(&failure, &directory));
    insta::assert_snapshot!(report.join("\n"));
}
