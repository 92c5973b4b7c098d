//! Many writers at one time lose nothing.

use super::*;
use futures::future::join_all;

#[tokio::test(flavor = "multi_thread")]
async fn two_writers_of_one_layout_lose_no_tag() {
    let directory = tempfile::tempdir().expect("a directory");
    let each = async |who: &'static str| {
        let layout = WriteLayout::open(directory.path()).await.expect("a layout");
        let writer = layout.writer(name("a/b"));
        for number in 0..40 {
            put_image(&writer, Some(&tag(&format!("{who}-{number:02}"))), &format!("{number}")).await;
        }
    };
    futures::join!(each("one"), each("two"), each("three"));
    let layout = ReadLayout::open(directory.path()).await.expect("whole");
    assert_eq!(tags(&layout.reader(name("a/b"))).await.expect("there").len(), 120);
    assert!(!directory.path().join(".crossdock").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_threads_with_runtimes_of_their_own_lose_no_tag() {
    let directory = tempfile::tempdir().expect("a directory");
    let run = |who: &'static str| {
        let path = directory.path().to_owned();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            runtime.block_on(async {
                let layout = WriteLayout::open(&path).await.expect("a layout");
                for number in 0..40 {
                    put_image(&layout.writer(None), Some(&tag(&format!("{who}-{number}"))), "same").await;
                }
            });
        })
    };
    for thread in [run("one"), run("two")] {
        thread.join().expect("no panic");
    }
    assert_eq!(tags(&reader(directory.path()).await).await.expect("there").len(), 80);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_put_that_returned_is_visible_at_once() {
    let (directory, manifest) = layout_with_one_image().await;
    let layout = WriteLayout::open(directory.path()).await.expect("a layout");
    let writer = layout.writer(None);
    let put = async |number: usize| {
        let at = tag(&format!("t{number}"));
        writer.put_manifest(&at, &manifest).await.expect("complete");
        // A reader that shares nothing with the writer.
        assert_eq!(digest_of(&reader(directory.path()).await, &at).await.as_ref(), Some(&manifest.digest));
    };
    join_all((0..200).map(put)).await;
    assert_eq!(tags(&reader(directory.path()).await).await.expect("there").len(), 201);
}

#[tokio::test]
async fn a_caller_that_stops_waiting_does_not_stop_the_others() {
    let (directory, manifest) = layout_with_one_image().await;
    let layout = WriteLayout::open(directory.path()).await.expect("a layout");
    let writer = layout.writer(None);
    for number in 0..20 {
        let at = tag(&format!("t{number}"));
        let put = writer.put_manifest(&at, &manifest);
        let _ = tokio::time::timeout(std::time::Duration::ZERO, put).await;
    }
    writer.put_manifest(&tag("last"), &manifest).await.expect("complete");
    assert_eq!(digest_of(&layout.reader(None), &tag("last")).await, Some(manifest.digest));
}
