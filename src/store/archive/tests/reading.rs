//! What is read of archives that are as they should be, or are damaged in one place.

use super::*;
use crate::failure::{Code, Fallible};
use crate::oci::{At, Link};
use crate::store::{BlobStream, Condition, Depth, ReadPlace as _, Reader};
use futures::TryStreamExt as _;
use std::sync::Arc;

async fn all(stream: Fallible<BlobStream>) -> Fallible<Vec<u8>> {
    let pieces: Vec<bytes::Bytes> = stream?.try_collect().await?;
    Ok(pieces.concat())
}

fn reader(archive: &ReadArchive, name: Option<&str>) -> Arc<dyn Reader> {
    archive.reader(name.map(|name| name.parse().expect("a name")))
}

fn tag(text: &str) -> At {
    At::Tag(text.parse().expect("a tag"))
}

#[tokio::test]
async fn an_image_is_read_from_where_it_lies() {
    let folder = tempfile::tempdir().expect("a folder");
    let layer = vec![7; 300_000];
    let (bytes, manifest, signature) = one_image(&layer);
    let archive = open(&saved(folder.path(), "a.tar", &bytes)).await.expect("an archive");
    assert_eq!(archive.names().await.expect("names"), ["r.test/a"]);
    let named = reader(&archive, Some("r.test/a"));
    assert!(named.repository().to_string().ends_with("a.tar//r.test/a"));
    assert_eq!(named.tags().await.expect("tags"), Some(vec!["1".parse().expect("a tag")]));
    assert_eq!(reader(&archive, Some("r.test/b")).tags().await.expect("tags"), None);
    let head = named.head(&tag("1")).await.expect("a head").expect("it is there");
    assert_eq!((&head.digest, head.size_bytes), (&manifest.digest, Some(manifest.bytes.len() as u64)));
    assert_eq!(named.manifest(&tag("1")).await.expect("a manifest").as_ref(), Some(&manifest));
    assert_eq!(named.head(&tag("2")).await.expect("none"), None);
    let blob = described(LAYER, &layer);
    assert_eq!(all(named.blob(&blob, 0).await).await.expect("its bytes"), layer);
    assert_eq!(all(named.blob(&blob, 299_990).await).await.expect("its end"), layer[..10]);
    assert_eq!(named.look_at(&blob, Depth::Bytes).await, Ok(Condition::Sound));
    let listed = named.referrers(&manifest.digest).await.expect("a list").list.expect("a list");
    let [one] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((&one.digest, &one.subject, &one.link), (&signature.digest, &manifest.digest, &Link::Subject));
    assert_eq!(one.artifact_type.as_ref().map(MediaType::as_str), Some("application/vnd.example.signature"));
    let of_signature = named.referrers(&signature.digest).await.expect("no list");
    assert_eq!(of_signature.list, None, "a tag may list some");
}

#[tokio::test]
async fn parts_are_the_whole_wherever_it_was_cut() {
    let folder = tempfile::tempdir().expect("a folder");
    let layer: Vec<u8> = (0..5000_u32).map(|number| (number % 251) as u8).collect();
    let (bytes, manifest, _) = one_image(&layer);
    for (at, chunk) in bytes.chunks(700).enumerate() {
        saved(folder.path(), &format!("a.tar.{:03}", at + 1), chunk);
    }
    for named in ["a.tar", "a.tar.001", "a.tar.004"] {
        let archive = open(&folder.path().join(named)).await.expect("an archive");
        assert_eq!(archive.parts().len(), bytes.len().div_ceil(700));
        assert_eq!(archive.length_bytes(), bytes.len() as u64);
        let reader = reader(&archive, Some("r.test/a"));
        assert_eq!(reader.manifest(&tag("1")).await.expect("a manifest"), Some(manifest.clone()));
        assert_eq!(all(reader.blob(&described(LAYER, &layer), 0).await).await.expect("its bytes"), layer);
    }
    // One block of the end mark is enough, so more than one part has to go.
    for number in [0, 1] {
        let last = format!("a.tar.{:03}", bytes.len().div_ceil(700) - number);
        std::fs::remove_file(folder.path().join(last)).expect("there");
    }
    let failure = open(&folder.path().join("a.tar")).await.err().expect("it is cut");
    assert_eq!(failure.code, Code::Corrupt);
    assert!(failure.hint.as_deref().is_some_and(|hint| hint.contains("parts")), "{failure:?}");
}

#[tokio::test]
async fn a_byte_that_is_wrong_is_found_when_it_is_read_and_its_member_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let layer = b"a layer of some bytes".repeat(100);
    let (bytes, manifest, _) = one_image(&layer);
    let archive = open(&saved(folder.path(), "a.tar", &bytes)).await.expect("an archive");
    let place = |digest| archive.blob_member(digest).expect("it is there").content_at as usize;
    let blob = described(LAYER, &layer);
    let (of_layer, of_manifest) = (place(&blob.digest) + 100, place(&manifest.digest) + 100);
    let damaged = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        bytes
    };
    let archive = open(&saved(folder.path(), "b.tar", &damaged(of_layer))).await.expect("it opens");
    let condition = reader(&archive, Some("r.test/a")).look_at(&blob, Depth::Bytes).await;
    assert!(matches!(condition, Ok(Condition::Damaged(_))), "{condition:?}");
    let archive = open(&saved(folder.path(), "c.tar", &damaged(of_manifest))).await.expect("it opens");
    let failure = reader(&archive, Some("r.test/a")).manifest(&tag("1")).await.expect_err("damaged");
    assert_eq!(failure.code, Code::Corrupt);
    let named = format!("the member blobs/sha256/{} of ", manifest.digest.hex());
    assert!(failure.message.starts_with(&named) && failure.message.contains("c.tar"), "{failure}");
    let header = archive.blob_member(&blob.digest).expect("there").header_at as usize;
    let failure = open(&saved(folder.path(), "d.tar", &damaged(header + 3))).await.err().expect("damaged");
    assert!(failure.message.ends_with(&format!("the header at byte {header} is damaged")), "{failure}");
}

#[tokio::test]
async fn what_is_missing_or_of_another_size_is_told_with_the_archive() {
    let folder = tempfile::tempdir().expect("a folder");
    let manifest = image(b"layer", None);
    let index = index(&[entry(&manifest, Some("1"))]);
    let made = Made::new().file("./oci-layout", VERSION.as_bytes()).file("./index.json", index.as_bytes());
    let made = made.file(&format!("./{}", member_of(&manifest.bytes)), &manifest.bytes);
    let path = saved(folder.path(), "a.tar", &made.file(&member_of(b"layer"), b"long layer").bytes());
    let archive = open(&path).await.expect("names may begin with ./");
    let bare = reader(&archive, None);
    assert_eq!(bare.manifest(&tag("1")).await.expect("a manifest"), Some(manifest));
    let missing = all(bare.blob(&described(LAYER, b"gone"), 0).await).await.expect_err("missing");
    assert_eq!(missing.code, Code::NotFound);
    assert!(missing.message.contains("a.tar does not hold the blob sha256:"), "{missing}");
    let other = all(bare.blob(&described(LAYER, b"layer"), 0).await).await.expect_err("too long");
    assert_eq!(other.code, Code::Corrupt);
    assert!(other.message.ends_with("it has 10 bytes instead of 5"), "{other}");
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_read_is_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let layer = b"layer".repeat(10);
    let (bytes, ..) = one_image(&layer);
    let path = saved(folder.path(), "a.tar", &bytes);
    let archive = open(&path).await.expect("an archive");
    let other = saved(folder.path(), "b.tar", &bytes);
    std::fs::rename(other, &path).expect("replaced");
    let reader = reader(&archive, Some("r.test/a"));
    let failure = all(reader.blob(&described(LAYER, &layer), 0).await).await.expect_err("another file");
    assert!(failure.message.contains("was changed or replaced"), "{failure}");
}
