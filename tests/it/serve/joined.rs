//! Several places as one registry.

use super::{Served, Setup, Shelf, gather};
use crate::bed::images::{Format, one_platform};

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

#[tokio::test]
async fn a_directory_whose_name_is_no_repository_needs_one() {
    let image = one_platform(1, Format::Oci);
    let shelf = Shelf::new("__").with(&image, &["1.0"]);
    let failure = gather(&[shelf.folder()]).await.err().expect("it has no name");
    assert!(failure.hint.as_deref().is_some_and(|hint| hint.contains("--name")), "{failure}");
}
