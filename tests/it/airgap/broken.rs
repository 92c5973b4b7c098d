//! Bundles of which a byte is wrong: found, wherever it is, and named.

use super::Scene;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

fn bytes(scene: &Scene, name: &str) -> (PathBuf, Vec<u8>) {
    let path = scene.program.work().join(name);
    let bytes = fs::read(&path).expect("it is there");
    (path, bytes)
}

/// Changes a byte, and returns what is found of it.
fn found(scene: &Scene, name: &str, at: usize) -> Value {
    let (path, sound) = bytes(scene, name);
    let mut broken = sound.clone();
    broken[at] ^= 0x04;
    fs::write(&path, broken).expect("writable");
    let told = scene.json(&["bundle", "verify", name], 2);
    fs::write(&path, sound).expect("writable");
    told["bundles"][0]["broken"].clone()
}

/// Where something of each kind is in a bundle: its name there, and a byte of it.
fn places(bytes: &[u8]) -> Vec<(String, usize)> {
    let mut places = Vec::new();
    let mut archive = tar::Archive::new(bytes);
    for entry in archive.entries().expect("a tar") {
        let entry = entry.expect("a member");
        let name = entry.path().expect("a name").to_string_lossy().into_owned();
        let (header, at, size) =
            (entry.raw_header_position() as usize, entry.raw_file_position() as usize, entry.size() as usize);
        // The mode is not looked at by any reader, and the padding neither.
        places.extend([(format!("the header at byte {header}"), header + 1), (name.clone(), at)]);
        places.extend([(name.clone(), at + size / 2), (name.clone(), at + size - 1)]);
        if size % 512 != 0 {
            places.push((format!("what fills up the last block of {name}"), at + size));
        }
    }
    places.push(("the header at byte".to_owned(), bytes.len() - 600));
    places.push(("the end mark".to_owned(), bytes.len() - 1));
    places
}

#[test]
fn a_wrong_byte_is_found_wherever_it_is_and_what_it_belongs_to_is_named() {
    let scene = Scene::new();
    scene.create(&[]);
    let sound = scene.run(&["bundle", "verify", "site.tar"]).expect_code(0).stdout;
    assert!(sound.starts_with("site.tar: sound: 2 images, 3 referrers, "), "{sound}");
    let (path, whole) = bytes(&scene, "site.tar");
    let places = places(&whole);
    assert!(places.len() > 60, "{}", places.len());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for (name, at) in places {
        let mut broken = whole.clone();
        broken[at] ^= 0x04;
        fs::write(&path, broken).expect("writable");
        // Within this process, because there are many.
        let run = vec![path.clone()];
        let sound = runtime.block_on(crossdock::delivery::examine(run, || true)).expect("readable");
        let told: Vec<String> = sound.broken.iter().map(|one| format!("{}: {}", one.what, one.why)).collect();
        assert!(told.iter().any(|line| line.contains(&name)), "byte {at} of {name}: {told:?}");
    }
    fs::write(&path, &whole[..whole.len() - 512]).expect("writable");
    let told = scene.run(&["bundle", "verify", "site.tar"]).expect_code(2).stdout;
    assert!(told.contains("the end mark"), "{told}");
    fs::write(&path, &whole[..whole.len() / 2]).expect("writable");
    let told = scene.run(&["bundle", "verify", "site.tar"]).expect_code(2).stdout;
    assert!(told.contains("it ends before it should, in or after the member"), "{told}");
}

#[test]
fn a_part_that_is_wrong_is_named_by_its_sum_and_so_is_the_member_in_it() {
    let scene = Scene::new();
    scene.create(&["--split", "40KiB"]);
    let report = scene.json(&["bundle", "verify", "site.tar"], 0);
    assert!(report["bundles"][0]["sums"].as_u64().is_some_and(|sums| sums > 2), "{report:#}");
    let broken = found(&scene, "site.tar.002", 20_000);
    let told = broken.to_string();
    assert!(told.contains("site.tar.002") && told.contains("its SHA-256 is another"), "{told}");
    assert!(told.contains("blobs/sha256/"), "{told}");
    let first = broken.as_array().expect("a list").iter().find_map(|one| one["firstByte"].as_u64());
    assert!(first.is_some_and(|first| first < 60_960 + 1), "{told}");
    let told = found(&scene, "site.tar.sha256", 70).to_string();
    assert!(told.contains("sha256"), "{told}");
    fs::remove_file(scene.program.work().join("site.tar.002")).expect("there");
    let told = scene.run(&["bundle", "verify", "site.tar.001"]).expect_code(4).stderr;
    assert!(told.contains("site.tar.002 is missing"), "{told}");
}

#[test]
fn what_a_manifest_reaches_and_is_not_there_is_told() {
    let scene = Scene::new();
    scene.create(&[]);
    let (path, whole) = bytes(&scene, "site.tar");
    let mut archive = tar::Archive::new(whole.as_slice());
    let mut builder = tar::Builder::new(Vec::new());
    let mut left = None;
    for entry in archive.entries().expect("a tar") {
        let entry = entry.expect("a member");
        let name = entry.path().expect("a name").to_string_lossy().into_owned();
        // The last blob of the bundle is a layer.
        if entry.raw_file_position() + entry.size() + 1536 > whole.len() as u64 {
            left = Some(name);
            continue;
        }
        builder.append(&entry.header().clone(), entry).expect("a member");
    }
    fs::write(&path, builder.into_inner().expect("an end")).expect("writable");
    let told = scene.run(&["bundle", "verify", "site.tar"]).expect_code(2).stdout;
    assert!(told.contains(&left.expect("one was left out")) && told.contains("it is not there"), "{told}");
    let report = scene.json(&["bundle", "verify", "site.tar"], 2);
    let schema = scene.run(&["schema", "bundle-verification"]).expect_code(0).stdout;
    assert!(jsonschema::is_valid(&serde_json::from_str(&schema).expect("JSON"), &report));
}
