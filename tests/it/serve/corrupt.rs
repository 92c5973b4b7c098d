//! Bytes that are not what they are called by reach nobody as if they were.

use super::{Served, Shelf, gather};
use crate::bed::images::{Format, Layer, Recipe};
use crate::bed::wire::{Ask, Ended};
use std::fs;

/// More than one piece, so that the beginning is sent before the end was seen.
const LAYER_BYTES: u64 = 700_000;

fn flip(path: &std::path::Path, at: usize) {
    let mut bytes = fs::read(path).expect("the blob is there");
    bytes[at] ^= 1;
    fs::write(path, bytes).expect("writable");
}

#[test]
fn a_damaged_blob_breaks_off_before_its_end_and_a_whole_one_does_not() {
    let image = Recipe::new(1).format(Format::Oci).layer(Layer::synthetic(1, LAYER_BYTES)).build();
    let shelf = Shelf::new("site").with(&image, &["a:1"]);
    let layer = image.blobs.values().find(|blob| blob.size_bytes == LAYER_BYTES).expect("the layer");
    let config = image.blobs.values().find(|blob| blob.size_bytes != LAYER_BYTES).expect("the config");
    let served = Served::of(&shelf);
    flip(&shelf.blob(&layer.digest), 3);
    flip(&shelf.blob(&config.digest), 3);
    let target = format!("/v2/a/blobs/{}", layer.digest);
    for _ in 0..2 {
        let reply = served.get(&target);
        assert_eq!(reply.status, 200, "the head goes out before the bytes are known");
        assert_ne!(reply.ended, Ended::Whole);
        assert!(!reply.body.is_empty() && (reply.body.len() as u64) < LAYER_BYTES, "{}", reply.body.len());
    }
    // What fits into one piece is held back as a whole.
    let reply = Ask::new("GET", &format!("/v2/a/blobs/{}", config.digest)).send(&served.host);
    assert!(reply.as_ref().is_err() || reply.as_ref().is_ok_and(|reply| reply.body.is_empty()), "{reply:?}");

    flip(&shelf.blob(&layer.digest), 3);
    let reply = served.get(&target);
    assert_eq!((reply.ended, reply.body.len() as u64), (Ended::Whole, LAYER_BYTES));
}

#[test]
fn a_blob_that_lost_its_end_or_itself_is_no_blob() {
    let image = Recipe::new(1).format(Format::Oci).layer(Layer::synthetic(1, LAYER_BYTES)).build();
    let shelf = Shelf::new("site").with(&image, &["a:1"]);
    let layer = image.blobs.values().find(|blob| blob.size_bytes == LAYER_BYTES).expect("the layer");
    let served = Served::of(&shelf);
    let target = format!("/v2/a/blobs/{}", layer.digest);
    fs::remove_file(shelf.blob(&layer.digest)).expect("the blob is there");
    assert_eq!(served.get(&target).status, 404);
    fs::create_dir(shelf.blob(&layer.digest)).expect("nothing is in the way");
    assert_eq!(served.get(&target).status, 404);
}

#[test]
fn a_manifest_that_is_damaged_later_is_not_served() {
    let (shelf, index, _) = Shelf::of_three();
    let served = Served::of(&shelf);
    flip(&shelf.blob(&index.digest()), 3);
    let reply = served.get("/v2/library/nginx/manifests/1.27");
    assert_eq!((reply.status, reply.json()["errors"][0]["code"].as_str()), (500, Some("UNKNOWN")));
    let folder = shelf.folder().display().to_string();
    assert!(!reply.text().contains(&folder), "nobody is told where files are: {}", reply.text());
}

#[tokio::test]
async fn what_is_damaged_or_missing_at_the_start_is_named_and_nothing_is_served() {
    let (shelf, index, _) = Shelf::of_three();
    let path = shelf.blob(&index.children()[0].digest);
    let whole = fs::read(&path).expect("it is there");
    flip(&path, 3);
    let failure = gather(&[shelf.folder()]).await.err().expect("a child is damaged");
    assert!(failure.message.contains("is damaged"), "{failure}");
    // What an index lists need not be there: somebody may have brought one platform only.
    fs::remove_file(&path).expect("it is there");
    assert!(gather(&[shelf.folder()]).await.is_ok());
    fs::write(&path, whole).expect("writable");
    fs::remove_file(shelf.blob(&index.digest())).expect("it is there");
    let failure = gather(&[shelf.folder()]).await.err().expect("what a tag names is gone");
    assert!(failure.message.contains("is not there"), "{failure}");
}
