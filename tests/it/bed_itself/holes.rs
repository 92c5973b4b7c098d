//! A registry that lost the bytes of a blob shows the blob, until somebody asks for the bytes.

use crate::bed::images::{Format, Image, one_platform};
use crate::bed::memory::{Noticed, Options, Registry};
use crate::bed::wire::{Ask, Reply};

/// A registry with an image in `app`, and its largest blob, which `app` lost.
fn bed(noticed: Noticed) -> (Registry, Image, String) {
    let (registry, image) = (Options::new().start(), one_platform(1, Format::Oci));
    registry.seed(&image, "app", &["1.0"]);
    let lost = image.blobs.values().max_by_key(|blob| blob.size_bytes).expect("a blob").digest.clone();
    registry.forget_behind("app", &lost, noticed);
    (registry, image, lost)
}

fn ask(registry: &Registry, method: &str, target: &str) -> Reply {
    Ask::new(method, target).send(&registry.host()).expect("an answer")
}

fn put_root(registry: &Registry, image: &Image, at: &str) -> Reply {
    let root = image.root();
    let ask = Ask::new("PUT", &format!("/v2/app/manifests/{at}")).header("content-type", &root.media_type);
    ask.body(root.bytes.clone()).send(&registry.host()).expect("an answer")
}

#[test]
fn a_lost_blob_is_shown_by_head_and_not_found_by_get() {
    let (registry, image, lost) = bed(Noticed::ByReaders);
    let blob = format!("/v2/app/blobs/{lost}");
    assert_eq!(ask(&registry, "HEAD", &blob).status, 200);
    let get = ask(&registry, "GET", &blob);
    assert_eq!((get.status, get.json()["errors"][0]["code"].as_str()), (404, Some("BLOB_UNKNOWN")));
    let part = Ask::new("GET", &blob).header("range", "bytes=0-0").send(&registry.host());
    assert_eq!(part.expect("an answer").status, 404);
    assert!(!registry.has_blob("app", &lost));
    assert_eq!(registry.missing("app", "1.0"), [lost.as_str()]);
    assert_eq!(put_root(&registry, &image, "2.0").status, 201, "it does not look");
}

#[test]
fn a_lost_blob_may_be_noticed_when_a_manifest_names_it_which_is_nobodys_fault() {
    let (registry, image, lost) = bed(Noticed::ByManifests);
    let put = put_root(&registry, &image, "2.0");
    let errors = put.json()["errors"].clone();
    assert_eq!((put.status, errors[0]["code"].as_str()), (400, Some("MANIFEST_BLOB_UNKNOWN")));
    assert_eq!(
        (errors.as_array().map(Vec::len), errors[0]["detail"]["digest"].as_str()),
        (Some(1), Some(&*lost))
    );
    assert_eq!(registry.tag("app", "2.0"), None);
    registry.assert_clean();
}

#[test]
fn a_mount_brings_nothing_of_a_lost_blob_and_an_upload_brings_all() {
    let (registry, image, lost) = bed(Noticed::ByReaders);
    let mount = |name: &str| {
        ask(&registry, "POST", &format!("/v2/{name}/blobs/uploads/?mount={lost}&from=app")).status
    };
    assert_eq!((mount("app"), mount("other")), (201, 201));
    assert_eq!(ask(&registry, "HEAD", &format!("/v2/other/blobs/{lost}")).status, 200);
    assert_eq!(ask(&registry, "GET", &format!("/v2/other/blobs/{lost}")).status, 404);
    let begun = ask(&registry, "POST", "/v2/app/blobs/uploads/");
    let place = begun.header("location").expect("a place").replace(&registry.url(), "");
    let bytes = image.blobs[&lost].piece(0, u64::MAX).expect("held");
    let put = Ask::new("PUT", &format!("{place}&digest={lost}")).body(bytes.clone());
    assert_eq!(put.send(&registry.host()).expect("an answer").status, 201);
    assert_eq!(ask(&registry, "GET", &format!("/v2/app/blobs/{lost}")).body, bytes);
    assert!(registry.complete("app", "1.0"));
}
