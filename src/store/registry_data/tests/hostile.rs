//! Data that is wrong, by accident or on purpose, and what is refused.

use super::*;
use crate::failure::Code;

#[tokio::test]
async fn a_manifest_of_which_the_repository_lacks_something_is_refused() {
    let (directory, manifest) = data_with_one_image().await;
    let place = open(&directory).await;
    let other = place.writer(name("other"));
    // The bytes are there, and `other` does not link to them.
    let refused = other.put_manifest(&tag("v1"), &manifest).await.expect_err("incomplete");
    assert_eq!(refused.code, Code::UnsupportedManifest);
    assert!(refused.message.contains("which is not in the repository"), "{refused}");
    let outer = index(&[described(&manifest)]);
    assert!(other.put_manifest(&tag("v1"), &outer).await.is_err(), "its child is not there");
    drop(other);
    assert_eq!(tags(&(reader(&directory, "other").await)).await, None);
    assert!(!below(&directory, "repositories/other/_manifests").exists());
}

#[tokio::test]
async fn what_no_registry_of_distribution_would_serve_is_refused() {
    let (directory, manifest) = data_with_one_image().await;
    let writer = open(&directory).await.writer(name("team/app"));
    let artifact = r#"{"mediaType":"application/vnd.oci.artifact.manifest.v1+json","blobs":[]}"#;
    let artifact = RawManifest::new(
        "application/vnd.oci.artifact.manifest.v1+json".parse().expect("a media type"),
        artifact.into(),
        None,
    );
    let other = RawManifest {
        media_type: "application/vnd.docker.distribution.manifest.v2+json".parse().expect("a media type"),
        ..manifest.clone()
    };
    for manifest in [artifact, other] {
        let refused = writer.put_manifest(&tag("v2"), &manifest).await.expect_err("not served");
        assert_eq!(refused.code, Code::UnsupportedManifest, "{refused}");
    }
    assert_eq!(tags(&(reader(&directory, "team/app").await)).await, Some(vec!["v1".to_owned()]));
}

#[tokio::test]
async fn what_is_damaged_is_told_and_replaced() {
    let (directory, manifest) = data_with_one_image().await;
    let paths = [
        (data(&Digest::of(b"one")), "longer than it was"),
        (data(&manifest.digest), "{}"),
        (
            format!("repositories/team/app/_layers/sha256/{}/link", Digest::of(b"{}").hex()),
            "sha256:../../etc",
        ),
        ("repositories/team/app/_manifests/tags/v1/current/link".to_owned(), ""),
    ];
    for (path, text) in paths {
        fs::write(below(&directory, &path), text).expect("writable");
    }
    let unreadable = reader(&directory, "team/app").await;
    assert_eq!(unreadable.manifest(&tag("v1")).await.expect_err("an empty link").code, Code::Corrupt);
    assert_eq!(digest_of(&unreadable, &tag("v1")).await, None, "so that it is written again");
    let by_digest = At::Digest(manifest.digest.clone());
    assert_eq!(unreadable.manifest(&by_digest).await.expect_err("other bytes").code, Code::Corrupt);
    assert_eq!(bytes_of(&unreadable, &blob(LAYER, b"one")).await.expect_err("too long").code, Code::Corrupt);

    put_image(&open(&directory).await.writer(name("team/app")), Some(&tag("v1")), "one").await;
    assert_eq!(unreadable.manifest(&tag("v1")).await.expect("whole again"), Some(manifest));
    assert_eq!(bytes_of(&unreadable, &blob(LAYER, b"one")).await.expect("whole again"), b"one");
    assert_eq!(bytes_of(&unreadable, &blob(CONFIG, b"{}")).await.expect("linked again"), b"{}");
}

#[cfg(unix)]
#[tokio::test]
async fn symbolic_links_are_followed_nowhere() {
    let one = Digest::of(b"one");
    let short = format!("blobs/sha256/{}", &one.hex()[..2]);
    for place in [
        "blobs",
        "repositories",
        ".crossdock",
        "blobs/sha256",
        &short,
        &data(&one),
        "repositories/team",
        "repositories/team/app/_layers",
        "repositories/team/app/_manifests/tags",
        "repositories/team/app/_manifests/tags/v1",
    ] {
        let (directory, _) = data_with_one_image().await;
        let outside = tempfile::tempdir().expect("a directory");
        let (path, moved) = (below(&directory, place), outside.path().join("moved"));
        match path.exists() {
            true => fs::rename(&path, &moved).expect("there"),
            false => fs::create_dir(&moved).expect("new"),
        }
        std::os::unix::fs::symlink(&moved, &path).expect("new");
        let before = files(outside.path());
        let refused = match ReadRegistryData::open(directory.path()).await {
            Err(failure) => vec![failure],
            Ok(place) => {
                let reader = place.reader(name("team/app"));
                let manifest = reader.manifest(&tag("v1")).await.err();
                let layer = bytes_of(&reader, &blob(LAYER, b"one")).await.err();
                manifest.into_iter().chain(layer).collect()
            }
        };
        assert!(refused.iter().any(|f| f.message.contains("symbolic link")), "{place}: {refused:?}");
        if let Ok(open) = WriteRegistryData::open(directory.path()).await {
            let writer = open.writer(name("team/app"));
            let two = upload(&writer, &blob(LAYER, b"two"), b"two").await;
            let done = match two {
                Ok(_) => writer.put_manifest(&tag("v1"), &image(&blob(LAYER, b"two"), &[])).await.err(),
                Err(failure) => Some(failure),
            };
            drop(done);
        }
        assert_eq!(files(outside.path()), before, "{place}: nothing is written through");
    }
}

#[tokio::test]
async fn what_is_no_data_says_what_is_missing() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut report = Vec::new();
    let mut note = |failure: Option<Box<crate::failure::Failure>>| {
        report.push(told(&failure.expect("it is none"), &directory));
    };
    note(ReadRegistryData::open(directory.path()).await.err());
    note(ReadRegistryData::open(&directory.path().join("nowhere")).await.err());
    let vacant = ReadRegistryData::open_or_vacant(directory.path()).await.expect("a target may be vacant");
    assert_eq!(tags(&vacant.reader(name("a"))).await, None);
    fs::write(directory.path().join("README"), "hello").expect("new");
    note(ReadRegistryData::open_or_vacant(directory.path()).await.err());
    note(WriteRegistryData::open(directory.path()).await.err());
    insta::assert_snapshot!(report.join("\n"));
}

#[tokio::test]
async fn a_tag_that_was_begun_and_never_finished_is_not_listed() {
    let (directory, _) = data_with_one_image().await;
    let begun = "repositories/team/app/_manifests/tags/v2/index/sha256";
    fs::create_dir_all(below(&directory, begun)).expect("new");
    fs::create_dir_all(below(&directory, "repositories/team/app/_manifests/tags/-no-tag/current"))
        .expect("new");
    fs::create_dir_all(below(&directory, "repositories/team/app/_uploads/1/hashstates")).expect("new");
    fs::create_dir_all(below(&directory, "repositories/Team/_manifests")).expect("new");
    let place = ReadRegistryData::open(directory.path()).await.expect("data");
    assert_eq!(tags(&place.reader(name("team/app"))).await, Some(vec!["v1".to_owned()]));
    assert_eq!(place.names().await.expect("names"), ["team/app"]);
    // It is finished by whoever writes it next.
    put_image(&open(&directory).await.writer(name("team/app")), Some(&tag("v2")), "two").await;
    assert_eq!(tags(&place.reader(name("team/app"))).await, Some(vec!["v1".to_owned(), "v2".to_owned()]));
    assert!(below(&directory, "repositories/team/app/_uploads/1/hashstates").exists());
}
