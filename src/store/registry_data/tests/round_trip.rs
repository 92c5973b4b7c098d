//! What is written is read, lies where distribution looks for it, and is not written twice.

use super::*;

fn link(digest: &Digest) -> String {
    format!("{}/{}/link", digest.algorithm(), digest.hex())
}

#[tokio::test]
async fn everything_lies_where_distribution_looks_for_it() {
    let (directory, manifest) = data_with_one_image().await;
    let (config, layer) = (Digest::of(b"{}"), Digest::of(b"one"));
    let app = "repositories/team/app";
    let mut expected = vec![data(&config), data(&layer), data(&manifest.digest)];
    expected.extend([&config, &layer].map(|digest| format!("{app}/_layers/{}", link(digest))));
    expected.push(format!("{app}/_manifests/revisions/{}", link(&manifest.digest)));
    expected.push(format!("{app}/_manifests/tags/v1/index/{}", link(&manifest.digest)));
    expected.push(format!("{app}/_manifests/tags/v1/current/link"));
    expected.sort();
    let found: Vec<_> = files(&directory.path().join(V2)).iter().map(|p| p.display().to_string()).collect();
    assert_eq!(found, expected, "and no drafts are left");
    let current = fs::read_to_string(below(&directory, &format!("{app}/_manifests/tags/v1/current/link")));
    assert_eq!(current.expect("there"), manifest.digest.as_str());
}

#[tokio::test]
async fn what_was_written_is_read_by_tag_and_by_digest() {
    let (directory, manifest) = data_with_one_image().await;
    for place in [directory.path().to_owned(), directory.path().join(V2)] {
        let place = ReadRegistryData::open(&place).await.expect("data");
        assert_eq!(place.names().await.expect("names"), ["team/app"]);
        let reader = place.reader(name("team/app"));
        assert_eq!(tags(&reader).await, Some(vec!["v1".to_owned()]));
        for at in [tag("v1"), At::Digest(manifest.digest.clone())] {
            assert_eq!(reader.manifest(&at).await.expect("readable"), Some(manifest.clone()));
            assert_eq!(digest_of(&reader, &at).await, Some(manifest.digest.clone()));
        }
        assert_eq!(bytes_of(&reader, &blob(LAYER, b"one")).await.expect("there"), b"one");
        assert_eq!(digest_of(&reader, &tag("v2")).await, None);
        let nobody = place.reader(name("team/nobody"));
        assert_eq!(tags(&nobody).await, None);
        // What another repository has, this one has not.
        assert_eq!(digest_of(&nobody, &At::Digest(manifest.digest.clone())).await, None);
        let lost = bytes_of(&nobody, &blob(LAYER, b"one")).await.expect_err("not linked");
        assert_eq!(lost.code, crate::failure::Code::NotFound);
    }
}

#[tokio::test]
async fn putting_what_is_there_writes_nothing() {
    let (directory, manifest) = data_with_one_image().await;
    let stamp = |path: &PathBuf| fs::metadata(path).and_then(|m| m.modified()).expect("there");
    let all: Vec<PathBuf> = files(&directory.path().join(V2))
        .iter()
        .map(|path| below(&directory, path.to_str().expect("text")))
        .collect();
    let before: Vec<_> = all.iter().map(stamp).collect();
    let writer = open(&directory).await.writer(name("team/app"));
    assert!(!upload(&writer, &blob(LAYER, b"one"), b"one").await.expect("there"));
    writer.put_manifest(&tag("v1"), &manifest).await.expect("there");
    drop(writer);
    assert_eq!(all.iter().map(stamp).collect::<Vec<_>>(), before);
    assert_eq!(files(&directory.path().join(V2)).len(), all.len());
}

#[tokio::test]
async fn another_repository_gets_a_link_and_no_bytes() {
    let (directory, manifest) = data_with_one_image().await;
    let writer = open(&directory).await.writer(name("other"));
    for piece in [blob(CONFIG, b"{}"), blob(LAYER, b"one")] {
        assert!(matches!(writer.begin(&piece, None).await.expect("begins"), Begun::Mounted));
        assert!(matches!(writer.begin(&piece, None).await.expect("begins"), Begun::Present));
    }
    writer.put_manifest(&tag("v9"), &manifest).await.expect("complete");
    let place = ReadRegistryData::open(directory.path()).await.expect("data");
    assert_eq!(place.names().await.expect("names"), ["other", "team/app"]);
    assert_eq!(digest_of(&place.reader(name("other")), &tag("v9")).await, Some(manifest.digest));
}

#[tokio::test]
async fn a_tag_that_moves_keeps_what_it_was_in_its_index() {
    let (directory, first) = data_with_one_image().await;
    let writer = open(&directory).await.writer(name("team/app"));
    let second = put_image(&writer, Some(&tag("v1")), "two").await;
    drop(writer);
    let reader = reader(&directory, "team/app").await;
    assert_eq!(digest_of(&reader, &tag("v1")).await, Some(second.digest.clone()));
    for digest in [first.digest, second.digest] {
        let entry = format!("repositories/team/app/_manifests/tags/v1/index/{}", link(&digest));
        assert_eq!(fs::read_to_string(below(&directory, &entry)).expect("there"), digest.as_str());
    }
}

#[tokio::test]
async fn a_link_may_hold_another_digest_and_an_index_lies_as_any_manifest() {
    let (directory, child) = data_with_one_image().await;
    let writer = open(&directory).await.writer(name("team/app"));
    let both = index(&[described(&child)]);
    writer.put_manifest(&tag("all"), &both).await.expect("complete");
    // As distribution links what was pushed by SHA-512 and is kept by SHA-256.
    let zero: Digest = format!("sha512:{}", "0".repeat(128)).parse().expect("a digest");
    let mut hasher = zero.hasher();
    hasher.update(b"one");
    let long = hasher.finish();
    let path = below(&directory, &format!("repositories/team/app/_layers/{}", link(&long)));
    fs::create_dir_all(path.parent().expect("inside")).expect("new");
    fs::write(path, Digest::of(b"one").as_str()).expect("new");
    let reader = reader(&directory, "team/app").await;
    let wanted = crate::oci::Descriptor::new(LAYER.parse().expect("a media type"), long, 3);
    assert_eq!(bytes_of(&reader, &wanted).await.expect("linked"), b"one");
    assert_eq!(
        reader.manifest(&tag("all")).await.expect("readable").map(|m| m.media_type),
        Some(MediaType::oci_index())
    );
}
