//! Measures what many tags cost; run by hand, asserts no time:
//! `cargo test --test it layout_scale -- --ignored --nocapture --test-threads=1`.

use crate::layout_images::{at, put_image, texts};
use crossdock::store::layout::{ReadLayout, WriteLayout};
use crossdock::store::{ReadPlace, WritePlace};
use futures::StreamExt;
use std::time::Instant;

const TAGS: usize = 10_000;

async fn put_tags(under_way: usize) {
    let directory = tempfile::tempdir().expect("a directory");
    let layout = WriteLayout::open(directory.path()).await.expect("new");
    let name = "registry.example.com/shop/web";
    let writer = layout.writer(Some(name.parse().expect("a name")));
    let manifest = put_image(&writer, None, "amd64", b"one").await;
    let puts = |round: &'static str| {
        let start = Instant::now();
        let (writer, manifest) = (&writer, &manifest);
        async move {
            let numbers = futures::stream::iter(0..TAGS);
            let put = |number| async move {
                writer.put_manifest(&at(&format!("v1.0.{number}")), manifest).await.expect("complete");
            };
            numbers.for_each_concurrent(under_way, put).await;
            println!("{under_way} at once, {round}: {TAGS} tags in {} ms", start.elapsed().as_millis());
        }
    };
    puts("all new").await;
    puts("all there").await;
    let start = Instant::now();
    for number in 0..TAGS {
        let at = at(&format!("v1.0.{number}"));
        assert!(writer.head(&at).await.expect("head").is_some());
    }
    println!("{TAGS} heads in {} ms", start.elapsed().as_millis());
    let start = Instant::now();
    let read = ReadLayout::open(directory.path()).await.expect("a layout");
    let tags = texts(read.reader(Some(name.parse().expect("a name"))).tags().await.expect("tags"));
    assert_eq!(tags.len(), TAGS);
    let bytes = std::fs::metadata(directory.path().join("index.json")).expect("there").len();
    println!("opened and listed in {} ms, index.json has {bytes} bytes", start.elapsed().as_millis());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures, and takes minutes"]
async fn ten_thousand_tags_one_after_the_other() {
    put_tags(1).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn ten_thousand_tags_sixteen_at_once() {
    put_tags(16).await;
}
