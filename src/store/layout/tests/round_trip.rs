//! What was written is read again.

use super::*;
use crate::oci::Descriptor;
use crate::store::Head;
use futures::TryStreamExt;

#[tokio::test]
async fn an_index_with_its_images_comes_back_as_it_went_in() {
    let directory = tempfile::tempdir().expect("a directory");
    let root = directory.path().join("new/deep");
    let layout = WriteLayout::open(&root).await.expect("new");
    let writer = layout.writer(None);
    let one = put_image(&writer, None, "one").await;
    let two = put_image(&writer, None, "two").await;
    let index = index(&[described(&one), described(&two)]);
    writer.put_manifest(&tag("v1"), &index).await.expect("children are there");
    drop((layout, writer));

    let reader = reader(&root).await;
    let head = Head {
        digest: index.digest.clone(),
        media_type: MediaType::oci_index(),
        size_bytes: Some(index.bytes.len() as u64),
    };
    assert_eq!(reader.head(&tag("v1")).await.expect("head"), Some(head));
    assert_eq!(reader.manifest(&tag("v1")).await.expect("index"), Some(index));
    let child = At::Digest(two.digest.clone());
    assert_eq!(digest_of(&reader, &child).await, Some(two.digest.clone()));
    assert_eq!(reader.manifest(&child).await.expect("child"), Some(two));
    assert_eq!(bytes_of(&reader, &blob(LAYER, b"two")).await.expect("layer"), b"two");
    assert_eq!(tags(&reader).await, Some(vec!["v1".to_owned()]));
    assert_eq!(files(&root).len(), 2 + 3 + 3, "nothing but the layout is left: {:?}", files(&root));
}

#[tokio::test]
async fn what_is_not_there_is_none() {
    let (directory, _) = layout_with_one_image().await;
    let layout = ReadLayout::open(directory.path()).await.expect("a layout");
    let reader = layout.reader(None);
    let nothing = At::Digest(Digest::of(b"nothing"));
    for at in [tag("v2"), nothing, At::Digest(Digest::of(b"one"))] {
        assert_eq!(reader.head(&at).await.expect("head"), None, "{at}");
        assert_eq!(reader.manifest(&at).await.expect("manifest"), None, "{at}");
    }
    assert_eq!(tags(&layout.reader(name("a/b"))).await, None);
    let missing = bytes_of(&reader, &blob(LAYER, b"gone")).await.expect_err("no such blob");
    insta::assert_snapshot!(told(&missing, &directory));
}

#[tokio::test]
async fn repositories_of_one_layout_share_blobs_but_not_tags() {
    let directory = tempfile::tempdir().expect("a directory");
    let layout = WriteLayout::open(directory.path()).await.expect("new");
    let (web, api) =
        (layout.writer(name("registry.example.com/web")), layout.writer(name("registry.example.com/api")));
    put_image(&web, Some(&tag("v2")), "base").await;
    put_image(&web, Some(&tag("v1")), "base").await;
    assert!(!upload(&api, &blob(LAYER, b"base"), b"base").await.expect("begins"), "the blob is present");
    put_image(&api, Some(&tag("v1")), "other").await;

    let layout = ReadLayout::open(directory.path()).await.expect("a layout");
    let tags_of = async |text| tags(&layout.reader(name(text))).await;
    assert_eq!(tags_of("registry.example.com/web").await, Some(vec!["v1".to_owned(), "v2".to_owned()]));
    assert_eq!(tags_of("registry.example.com/api").await, Some(vec!["v1".to_owned()]));
    assert_eq!(tags(&layout.reader(None)).await, Some(Vec::new()));
}

#[tokio::test]
async fn a_moved_tag_keeps_what_it_named_before() {
    let (directory, old) = layout_with_one_image().await;
    let layout = WriteLayout::open(directory.path()).await.expect("a layout");
    let writer = layout.writer(None);
    let new = put_image(&writer, Some(&tag("v1")), "two").await;
    let reader = reader(directory.path()).await;
    assert_eq!(digest_of(&reader, &tag("v1")).await, Some(new.digest));
    assert_eq!(reader.manifest(&At::Digest(old.digest.clone())).await.expect("kept"), Some(old));
    assert_eq!(bytes_of(&reader, &blob(LAYER, b"one")).await.expect("kept"), b"one");
}

#[tokio::test]
async fn putting_what_is_there_writes_nothing() {
    let (directory, manifest) = layout_with_one_image().await;
    let layout = WriteLayout::open(directory.path()).await.expect("a layout");
    let (index, stored) = (
        directory.path().join("index.json"),
        directory.path().join("blobs/sha256").join(manifest.digest.hex()),
    );
    // A file that is replaced is another file, even with equal bytes.
    let open =
        [&index, &stored].map(|path| std::fs::File::open(path).expect("there").metadata().expect("known"));
    layout.writer(None).put_manifest(&tag("v1"), &manifest).await.expect("the same");
    for (path, before) in [&index, &stored].into_iter().zip(open) {
        let after = std::fs::metadata(path).expect("there");
        assert!(crate::store::disk::files::same_file(&before, &after), "{}", path.display());
    }
}

#[tokio::test]
async fn sha512_and_empty_blobs_are_kept_too() {
    let directory = tempfile::tempdir().expect("a directory");
    let layout = WriteLayout::open(directory.path()).await.expect("new");
    let writer = layout.writer(None);
    let mut hasher = crate::oci::Hasher::Sha512(Box::default());
    hasher.update(b"abc");
    let long = Descriptor::new(LAYER.parse().expect("a media type"), hasher.finish(), 3);
    assert!(upload(&writer, &long, b"abc").await.expect("written"));
    assert!(upload(&writer, &blob(LAYER, b""), b"").await.expect("written"));
    let reader = layout.reader(None);
    assert_eq!(bytes_of(&reader, &long).await.expect("there"), b"abc");
    assert_eq!(bytes_of(&reader, &blob(LAYER, b"")).await.expect("there"), b"");
}

#[tokio::test]
async fn a_blob_is_read_in_pieces_of_bounded_size() {
    let directory = tempfile::tempdir().expect("a directory");
    let layout = WriteLayout::open(directory.path()).await.expect("new");
    let bytes = vec![7_u8; 600 * 1024];
    upload(&layout.writer(None), &blob(LAYER, &bytes), &bytes).await.expect("written");
    let stream = layout.reader(None).blob(&blob(LAYER, &bytes), 0).await.expect("there");
    let lengths: Vec<usize> = stream.map_ok(|piece| piece.len()).try_collect().await.expect("read");
    assert_eq!(lengths, [256 * 1024, 256 * 1024, 88 * 1024]);
}
