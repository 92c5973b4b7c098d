//! Several places as one registry.

use super::program::Serving;
use super::{Served, Setup, Shelf, gather};
use crate::bed::digest::matches;
use crate::bed::distribution::Distribution;
use crate::bed::images::{Format, one_platform};
use crate::bed::skopeo::Skopeo;
use crate::bed::wire::Ask;

#[test]
fn several_places_are_one_registry_and_blobs_are_found_wherever_they_lie() {
    let (one, other) = (one_platform(1, Format::Oci), one_platform(2, Format::Oci));
    let first = Shelf::new("first").with(&one, &["r.test/a:1", "x"]);
    let second = Shelf::new("second").with(&one, &["r.test/a:1"]).with(&other, &["r.test/a:2", "r.test/b:1"]);
    let served = Served::with(&[first.folder(), second.folder()], Setup::default());
    let list = |target: &str, key: &str| served.get(target).json()[key].to_string();
    assert_eq!(list("/v2/_catalog", "repositories"), r#"["first","r.test/a","r.test/b"]"#);
    assert_eq!(list("/v2/r.test/a/tags/list", "tags"), r#"["1","2"]"#);
    for image in [&one, &other] {
        assert_eq!(served.get(&format!("/v2/a/manifests/{}", image.digest())).body, image.root().bytes);
        for digest in image.blobs.keys() {
            assert_eq!(served.get(&format!("/v2/a/blobs/{digest}")).status, 200);
        }
    }
}

#[tokio::test]
async fn two_places_with_different_images_under_one_tag_are_refused_by_name() {
    let (one, other) = (one_platform(1, Format::Oci), one_platform(2, Format::Oci));
    let first = Shelf::new("first").with(&one, &["r.test/a:1"]);
    let second = Shelf::new("second").with(&other, &["r.test/a:1"]);
    let failure = gather(&[first.folder(), second.folder()]).await.err().expect("they clash");
    for part in ["r.test/a:1", &one.digest(), &other.digest(), "/first", "/second"] {
        assert!(failure.message.contains(part), "{part}: {failure}");
    }
}

#[tokio::test]
async fn a_layout_without_any_tag_is_served_by_digest() {
    let image = one_platform(1, Format::Oci);
    let shelf = Shelf::new("site").with(&image, &[]);
    let site = gather(&[shelf.folder()]).await.expect("it can be served");
    assert_eq!((site.repositories().collect::<Vec<_>>(), site.tags()), (vec!["site"], 0));
}

/// As docker and buildx write them: the whole name, and the tag alone, of two images under one tag.
#[tokio::test]
async fn two_images_that_docker_saved_under_one_tag_are_two_repositories() {
    let (one, other) = (one_platform(1, Format::Oci), one_platform(2, Format::Oci));
    let shelf = Shelf::new("saved")
        .with(&one, &["latest", "docker.io/library/a:latest"])
        .with(&other, &["latest", "docker.io/library/b:latest"]);
    let site = gather(&[shelf.folder()]).await.expect("it can be served");
    let names: Vec<&str> = site.repositories().collect();
    assert_eq!((names, site.tags()), (vec!["docker.io/library/a", "docker.io/library/b"], 2));
}

#[tokio::test]
async fn a_directory_whose_name_is_no_repository_needs_one() {
    let image = one_platform(1, Format::Oci);
    let shelf = Shelf::new("__").with(&image, &["1.0"]);
    let failure = gather(&[shelf.folder()]).await.err().expect("it has no name");
    assert!(failure.hint.as_deref().is_some_and(|hint| hint.contains("--name")), "{failure}");
}

/// What a registry keeps, a directory of skopeo and what docker saves, each found out by what is in it or named by
/// its kind, and all as one registry.
#[test]
fn places_of_other_tools_are_served_like_layouts() {
    let image = one_platform(1, Format::Oci);
    let shelf = Shelf::new("site").with(&image, &["v1"]);
    let (registry, skopeo) = (Distribution::plain(), Skopeo::new());
    let source = format!("oci:{}:v1", shelf.folder().display());
    skopeo.copy_all(&source, &format!("docker://{}/team/app:v1", registry.host())).expect("it is copied");
    let beside = |name: &str| shelf.folder().with_file_name(name).display().to_string();
    let (folder, saved) = (beside("one-image"), beside("saved.tar"));
    let stored = format!("docker://{}/team/app:v1", registry.host());
    skopeo.copy_all(&stored, &format!("dir:{folder}")).expect("it is copied");
    skopeo
        .copy_one(&stored, &format!("docker-archive:{saved}:docker.io/team/saved:v2"), "amd64")
        .expect("saved");
    let data = registry.storage().display().to_string();
    let serving = Serving::start(&[&data, &folder, &format!("docker-archive:{saved}")]);
    let get = |target: &str| Ask::new("GET", target).send(&serving.host).expect("an answer");
    assert_eq!(
        serving.told["repositories"],
        serde_json::json!(["docker.io/team/saved", "one-image", "team/app"])
    );
    for (repository, tag) in [("team/app", "v1"), ("one-image", "latest"), ("team/saved", "v2")] {
        let manifest = get(&format!("/v2/{repository}/manifests/{tag}"));
        assert_eq!(manifest.status, 200, "{repository}: {}", manifest.text());
        let document = manifest.json();
        let layers = document["layers"].as_array().expect("layers");
        for blob in layers.iter().chain([&document["config"]]) {
            let digest = blob["digest"].as_str().expect("a digest");
            let reply = get(&format!("/v2/{repository}/blobs/{digest}"));
            assert!(matches(digest, &reply.body), "{repository}: {digest}: {}", reply.status);
        }
    }
    serving.end("TERM").expect_code(0);
}
