//! Parts: ranges of the very same tar, each verified alone by `sha256sum`.

use super::*;
use crate::bed::memory::Rule;
use crate::bed::tools;
use std::process::Command;

fn parts_of(scene: &Scene) -> Vec<String> {
    let files = scene.program.files().into_iter();
    files
        .filter_map(|file| {
            file.strip_prefix("work/").filter(|file| file.starts_with("site.tar")).map(str::to_owned)
        })
        .collect()
}

fn checked(scene: &Scene) -> Result<String, String> {
    let mut sums = Command::new(tools::find("sha256sum", "coreutils"));
    let told = tools::run(sums.arg("-c").arg("site.tar.sha256").current_dir(scene.program.work()));
    told.map(|text| String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn parts_joined_are_the_bundle_and_sha256sum_verifies_each() {
    let scene = Scene::new();
    scene.create(&[]).expect_code(0);
    let whole = scene.bytes("site.tar");
    let finished = scene.create(&["--split", "256KiB"]).expect_code(0);
    let count = whole.len().div_ceil(256 << 10);
    let mut expected: Vec<String> = (1..=count).map(|part| format!("site.tar.{part:03}")).collect();
    expected.push("site.tar.sha256".to_owned());
    assert_eq!(
        parts_of(&scene),
        expected,
        "the bundle in one file is gone, which a reader would take: {finished:?}"
    );
    let joined: Vec<u8> = expected[..count].iter().flat_map(|part| scene.bytes(part)).collect();
    assert!(joined == whole, "the parts are not the same tar");
    assert_eq!(checked(&scene).expect("all are right").matches(": OK").count(), count);
    let mut second = scene.bytes("site.tar.002");
    second[1000] ^= 1;
    std::fs::write(scene.program.work().join("site.tar.002"), second).expect("it is ours");
    let told = checked(&scene).expect_err("one is wrong");
    assert!(
        told.contains("site.tar.002: FAILED") || told.contains("1 computed checksum did NOT match"),
        "{told}"
    );
}

#[test]
fn a_bundle_with_fewer_parts_leaves_none_of_one_with_more() {
    let scene = Scene::new();
    scene.create(&["--split", "100kB"]).expect_code(0);
    let many = parts_of(&scene).len();
    scene.create(&["--split", "400kB"]).expect_code(0);
    let few = parts_of(&scene);
    assert!(few.len() < many && few.last().is_some_and(|last| last == "site.tar.sha256"), "{few:?}");
    let joined: Vec<u8> = few[..few.len() - 1].iter().flat_map(|part| scene.bytes(part)).collect();
    Bundle::read(&joined).assert_sound();
    checked(&scene).expect("all are right");
}

#[test]
fn parts_are_gone_on_with_as_one_file_is() {
    let scene = Scene::new();
    let missing = two().children()[1].document()["layers"][1]["digest"].as_str().expect("text").to_owned();
    scene.source.rule(Rule::on(RequestKind::BlobGet).path(&missing).answer(404));
    scene.create(&["--split", "100kB"]).expect_code(3);
    assert!(!scene.has("site.tar.001") && scene.has("site.tar.001.partial"));
    scene.source.clear_rules();
    scene.source.clear_requests();
    scene.create(&["--split", "100kB"]).expect_code(0);
    assert_eq!(scene.fetched(), [missing]);
    checked(&scene).expect("all are right");
    assert!(parts_of(&scene).iter().all(|file| !file.ends_with("partial")), "{:?}", parts_of(&scene));
}

#[test]
fn parts_of_another_size_than_before_are_made_anew_and_right() {
    for (before, after) in [("300kB", "100kB"), ("100kB", "300kB"), ("100kB", "1MB")] {
        let scene = Scene::new();
        let missing =
            two().children()[1].document()["layers"][1]["digest"].as_str().expect("text").to_owned();
        scene.source.rule(Rule::on(RequestKind::BlobGet).path(&missing).answer(404));
        scene.create(&["--split", before]).expect_code(3);
        scene.source.clear_rules();
        scene.create(&["--split", after]).expect_code(0);
        let files = parts_of(&scene);
        let joined: Vec<u8> = files[..files.len() - 1].iter().flat_map(|part| scene.bytes(part)).collect();
        Bundle::read(&joined).assert_sound();
        checked(&scene).expect("all are right");
        assert!(files.iter().all(|file| !file.ends_with("partial")), "{files:?}");
    }
}

#[test]
fn a_run_that_was_killed_while_parts_got_their_names_is_gone_on_with() {
    let scene = Scene::new();
    scene.create(&["--split", "100kB"]).expect_code(0);
    let (work, files) = (scene.program.work(), parts_of(&scene));
    let rename = |old: &str, new: &str| std::fs::rename(work.join(old), work.join(new)).expect("it is ours");
    // As if the third had been the last to get its name.
    for part in &files[3..files.len() - 1] {
        rename(part, &format!("{part}.partial"));
    }
    rename("site.tar.sha256", "site.tar.sha256.partial");
    std::fs::write(work.join("site.tar.partial"), "").expect("writable");
    scene.source.clear_requests();
    scene.create(&["--split", "100kB"]).expect_code(0);
    assert_eq!(scene.fetched(), [""; 0]);
    assert_eq!(parts_of(&scene), files);
    checked(&scene).expect("all are right");
}

#[test]
fn too_many_parts_and_sizes_that_are_none_are_refused() {
    let scene = Scene::new();
    let finished = scene.create(&["--split", "512"]);
    assert_eq!(finished.code, Some(1), "{finished:?}");
    assert!(finished.stdout.contains("more than 999 parts"), "{finished:?}");
    scene.create(&["--split", "0"]).expect_code(4);
    scene.create(&["--split", "many"]).expect_code(4);
    assert_eq!(scene.fetched(), [""; 0]);
}
