//! A chunked upload that breaks goes on where the registry is, and reads from its source no more than
//! that needs.

use super::{Behaviour, MIB, Options, RequestKind, SMOOTH, Scene, error, header};
use crate::bed::memory::Cuts;

/// What is asked after the second chunk went wrong with `status`, when nothing of it was kept.
fn repeated(status: &str) -> Vec<String> {
    let mut expected: Vec<String> = SMOOTH.map(str::to_owned).into();
    expected.insert(2, format!("PATCH 2097152-4194303 {status}"));
    expected.insert(3, "GET where 204".to_owned());
    expected
}

/// The source gives the layer for the PUT, for the chunks, and from the second chunk on.
fn assert_read_from_the_second_chunk_on(scene: &Scene) {
    let rest = format!("bytes={}-{}", 2 * MIB, 5 * MIB - 1);
    assert_eq!(scene.gets(), ["all", "all", rest.as_str()]);
}

fn mounts_of_layer(scene: &Scene) -> usize {
    let mounts = scene.target.requests().of(RequestKind::Mount);
    mounts.iter().filter(|mount| mount.query("mount") == Some(&scene.layer)).count()
}

#[test]
fn a_chunk_that_meets_an_error_is_sent_again_and_nothing_before_it() {
    for (behaviour, status) in [(error(500, "UNKNOWN"), "500"), (Behaviour::Drop, "-")] {
        let scene = Scene::chunked();
        scene.target.rule(scene.on_layer(RequestKind::UploadPatch).nth(2).then(behaviour));
        scene.sync();
        assert_eq!(scene.bytes_asked(), repeated(status));
        assert_read_from_the_second_chunk_on(&scene);
        assert_eq!(mounts_of_layer(&scene), 2, "one session for the PUT, one for the chunks");
    }
}

#[test]
fn a_chunk_that_is_cut_off_is_sent_again() {
    let scene = Scene::chunked_at(Options::new().cuts(Cuts::Forgotten));
    let cut = Behaviour::CutRequest(500_000);
    scene.target.rule(scene.on_layer(RequestKind::UploadPatch).nth(2).then(cut));
    scene.sync();
    assert_eq!(scene.bytes_asked(), repeated("-"));
    assert_read_from_the_second_chunk_on(&scene);
}

#[test]
fn what_a_registry_kept_of_a_chunk_is_not_sent_again() {
    let scene = Scene::chunked_at(Options::new().cuts(Cuts::Kept));
    let cut = Behaviour::CutRequest(1_500_000);
    scene.target.rule(scene.on_layer(RequestKind::UploadPatch).nth(2).then(cut));
    scene.sync();
    let asked = scene.bytes_asked();
    let range = asked[4].split(' ').nth(1).expect("a range");
    let (start, end) = range.split_once('-').expect("a range");
    let (start, end): (u64, u64) = (start.parse().expect("a number"), end.parse().expect("a number"));
    // Up to the cut, and a piece that came with it is lost.
    assert!((2 * MIB + 1_000_000..=2 * MIB + 1_500_000).contains(&start), "{asked:?}");
    assert_eq!(end, (start + 2 * MIB - 1).min(5 * MIB - 1));
    assert_eq!(asked[3], "GET where 204");
    assert_eq!(mounts_of_layer(&scene), 2);
    // Of the bytes that are there, those after the last mark are hashed once more.
    assert_eq!(scene.gets()[2], format!("bytes={}-{}", start / MIB * MIB, 5 * MIB - 1));
}

#[test]
fn a_session_that_is_lost_is_begun_anew() {
    // As distribution does.
    let scene = Scene::chunked_at(Options::new().cuts(Cuts::Fatal));
    let cut = Behaviour::CutRequest(500_000);
    scene.target.rule(scene.on_layer(RequestKind::UploadPatch).nth(2).then(cut));
    scene.sync();
    let mut expected: Vec<&str> = SMOOTH.into();
    expected.splice(1..1, [SMOOTH[1], "PATCH 2097152-4194303 -", "GET where 404"]);
    assert_eq!(scene.bytes_asked(), expected);
    assert_eq!(mounts_of_layer(&scene), 3);
    assert_eq!(scene.gets(), ["all"; 3]);
}

#[test]
fn a_session_that_is_lost_again_and_again_ends_the_blob() {
    let scene = Scene::chunked();
    let lost = error(404, "BLOB_UPLOAD_UNKNOWN");
    scene.target.rule(scene.on_layer(RequestKind::UploadPatch).then(lost));
    let run = scene.mirror().sync().code(1);
    assert_eq!(run.outcome(), "server_error");
    let patches = scene.target.requests().count(RequestKind::UploadPatch);
    assert!((3..=6).contains(&patches), "{patches}");
    assert!(scene.bytes_asked().iter().all(|asked| !asked.starts_with("GET")), "a lost session is not asked");
}

#[test]
fn a_chunk_whose_answer_was_lost_is_not_sent_again() {
    let scene = Scene::chunked();
    scene.target.rule(scene.on_layer(RequestKind::UploadPatch).nth(2).then(Behaviour::DropAfter));
    scene.sync();
    let mut expected: Vec<&str> = SMOOTH.into();
    expected.splice(2..3, ["PATCH 2097152-4194303 -", "GET where 204"]);
    assert_eq!(scene.bytes_asked(), expected);
}

#[test]
fn an_offset_that_is_disputed_is_asked_for() {
    let scene = Scene::chunked();
    scene.target.rule(scene.on_layer(RequestKind::UploadPatch).nth(2).answer(416));
    scene.sync();
    assert_eq!(scene.bytes_asked(), repeated("416"));
}

#[test]
fn an_offset_that_stays_disputed_ends_the_session_and_not_the_blob() {
    let scene = Scene::chunked();
    let patches = scene.on_layer(RequestKind::UploadPatch).path("upload-[0-9]+.*offset-2097152");
    scene.target.rule(patches.first(2).then(error(416, "BLOB_UPLOAD_INVALID")));
    scene.sync();
    let mut expected: Vec<&str> = SMOOTH.into();
    let dispute = ["PATCH 2097152-4194303 416", "GET where 204"];
    expected.splice(1..1, [SMOOTH[1]].into_iter().chain(dispute).chain(dispute));
    assert_eq!(scene.bytes_asked(), expected);
    assert_eq!(mounts_of_layer(&scene), 3);
}

#[test]
fn a_range_that_stays_behind_is_not_believed() {
    let scene = Scene::chunked();
    let patches = scene.on_layer(RequestKind::UploadPatch);
    scene.target.rule(patches.first(1).then(header("range", "0-0")));
    scene.target.rule(scene.on_layer(RequestKind::UploadPatch).nth(2).answer(500));
    scene.target.rule(scene.on_layer(RequestKind::UploadStatus).then(header("range", "0-1048575")));
    scene.sync();
    assert_eq!(scene.bytes_asked(), repeated("500"));
}

#[test]
fn a_registry_that_cannot_be_asked_is_gone_on_with_where_it_acknowledged() {
    for status in [400, 405] {
        let scene = Scene::chunked();
        scene.target.rule(scene.on_layer(RequestKind::UploadPatch).nth(2).answer(500));
        scene.target.rule(scene.on_layer(RequestKind::UploadStatus).answer(status));
        scene.sync();
        let mut expected = repeated("500");
        expected[3] = format!("GET where {status}");
        assert_eq!(scene.bytes_asked(), expected);
    }
}

#[test]
fn wrong_bytes_never_lead_to_the_closing_put() {
    let scene = Scene::chunked();
    let get = scene.on_layer(RequestKind::BlobGet).nth(2);
    scene.source.rule(get.then(Behaviour::WrongBytes));
    let run = scene.mirror().sync().code(1);
    assert_eq!(run.outcome(), "corrupt");
    let asked = scene.bytes_asked();
    assert_eq!(asked[1..3], [SMOOTH[1], SMOOTH[2]]);
    // The last chunk is not whole either, if any of it was sent before the digest was known.
    assert!(asked[3..].iter().all(|request| request == "PATCH 4194304-5242879 -"), "{asked:?}");
    for last in scene.target.requests().of(RequestKind::UploadPatch).iter().skip(2) {
        assert!(last.body_bytes < MIB, "{}", last.body_bytes);
    }
    assert!(scene.target.blob(&scene.layer).is_none());
}

#[test]
fn an_upload_that_makes_progress_may_break_more_often_than_one_that_does_not() {
    // Seven breaks of chunks of 1 MiB, each after another one arrived.
    let scene = Scene::plain(9 * MIB, Options::new().cuts(Cuts::Forgotten));
    scene.target.rule(scene.on_layer(RequestKind::UploadPut).first(1).answer(413));
    scene.target.rule(scene.on_layer(RequestKind::UploadPatch).first(1).answer(413));
    scene.target.rule(scene.on_layer(RequestKind::UploadPatch).nth(2).answer(413));
    scene.target.rule(scene.on_layer(RequestKind::UploadPatch).every(2).then(Behaviour::CutRequest(1000)));
    scene.sync();
    let requests = scene.target.requests().of(RequestKind::UploadPatch);
    let broken = requests.iter().filter(|patch| patch.status.is_none()).count();
    assert!(broken > 6, "{requests}");
    assert_eq!(scene.target.requests().count(RequestKind::UploadStatus), broken);
}
