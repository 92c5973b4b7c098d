//! What a kill leaves behind is no harm, and is gone after the next writer has opened the layout.

use super::*;
use std::fs;

#[tokio::test]
async fn a_dropped_upload_leaves_nothing() {
    let (directory, _) = layout_with_one_image().await;
    let before = files(directory.path());
    let layout = WriteLayout::open(directory.path()).await.expect("a layout");
    let started = layout.writer(None).begin(&blob(LAYER, b"two"), None).await.expect("begins");
    let Begun::Upload(mut upload) = started else { panic!("it is not there") };
    upload.open().await.expect("room");
    upload.write(Bytes::from_static(b"t")).await.expect("room");
    let during = files(directory.path());
    assert!(during.contains(&PathBuf::from(".crossdock/writer-0/draft-0")), "{during:?}");
    drop((upload, layout));
    assert_eq!(files(directory.path()), before);
    assert!(!directory.path().join(".crossdock").exists());
}

#[tokio::test]
async fn what_dead_writers_left_is_swept_and_what_living_ones_have_is_not() {
    let (directory, _) = layout_with_one_image().await;
    let before = files(directory.path());
    let living = WriteLayout::open(directory.path()).await.expect("a layout");
    let Begun::Upload(mut upload) =
        living.writer(None).begin(&blob(LAYER, b"two"), None).await.expect("begins")
    else {
        panic!("it is not there")
    };
    upload.open().await.expect("room");
    upload.write(Bytes::from_static(b"two")).await.expect("room");
    let drafts = directory.path().join(".crossdock");
    for dead in ["writer-7", "writer-8"] {
        fs::create_dir(drafts.join(dead)).expect("new");
        fs::write(drafts.join(dead).join("draft-3"), "half of").expect("new");
    }
    fs::write(drafts.join("writer-7/alive"), "").expect("new");
    fs::write(drafts.join("stray"), "").expect("new");

    let another = WriteLayout::open(directory.path()).await.expect("a layout");
    for dead in ["writer-7", "writer-8", "stray"] {
        assert!(!drafts.join(dead).exists(), "{dead}");
    }
    upload.commit().await.expect("its draft was not swept");
    drop((another, living, upload));
    let layer = PathBuf::from("blobs/sha256").join(Digest::of(b"two").hex());
    let left: Vec<_> = files(directory.path()).into_iter().filter(|file| *file != layer).collect();
    assert_eq!(left, before);
}

#[tokio::test]
async fn a_layout_whose_making_was_interrupted_is_finished() {
    // The steps of making one: the directory, an empty `oci-layout`, its draft, the whole one.
    let steps: [&[(&str, &str)]; 4] = [
        &[],
        &[("oci-layout", "")],
        &[("oci-layout", ""), (".crossdock/oci-layout", "{\"image")],
        &[("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}"), (".crossdock/writer-0/draft-0", "{")],
    ];
    for step in steps {
        let directory = tempfile::tempdir().expect("a directory");
        for (path, text) in step {
            let path = directory.path().join(path);
            fs::create_dir_all(path.parent().expect("inside")).expect("new");
            fs::write(path, text).expect("new");
        }
        assert!(ReadLayout::open(directory.path()).await.is_err(), "{step:?}");
        let vacant = ReadLayout::open_or_vacant(directory.path()).await.expect("a target may be vacant");
        assert_eq!(digest_of(&vacant.reader(None), &tag("v1")).await, None);
        let layout = WriteLayout::open(directory.path()).await.expect("finished");
        put_image(&layout.writer(None), Some(&tag("v1")), "one").await;
        assert!(digest_of(&vacant.reader(None), &tag("v1")).await.is_some(), "a reader sees what came later");
        drop(layout);
        assert_eq!(files(directory.path()).len(), 5, "{step:?}");
        ReadLayout::open(directory.path()).await.expect("whole");
    }
}
