//! `.ci/release-pins`, which makes a checkout the commit of a release.

use super::{below, documents, place};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn digest() -> String {
    format!("sha256:{}", "d".repeat(64))
}

fn sums(machines: &[&str]) -> String {
    machines.iter().map(|machine| format!("{}  crossdock-{machine}\n", "a".repeat(64))).collect()
}

/// A checkout with the files that the script reads and writes.
fn checkout() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let single = ["Cargo.toml", "README.md", "action.yml", "binary/pins", ".ci/release-pins"];
    let many = [below("ci-templates"), below("docs")].concat();
    for path in single.iter().map(ToString::to_string).chain(many) {
        let copy = folder.path().join(&path);
        fs::create_dir_all(copy.parent().expect("a file has a folder")).expect("a folder can be made");
        fs::copy(place(&path), copy).unwrap_or_else(|why| panic!("{path}: {why}"));
    }
    folder
}

fn run(checkout: &Path, version: &str, sums: &str, digest: &str) -> Output {
    let file = checkout.join("SHA256SUMS");
    fs::write(&file, sums).expect("the folder is ours");
    let script = checkout.join(".ci/release-pins");
    let output = Command::new(script).arg(version).arg(&file).arg(digest).output().expect("a script");
    fs::remove_file(file).expect("the file is ours");
    output
}

/// Every file with its text.
fn contents(checkout: &Path) -> Vec<(String, String)> {
    let (mut open, mut found) = (vec![checkout.to_owned()], Vec::new());
    while let Some(folder) = open.pop() {
        for path in fs::read_dir(folder).expect("a directory").flatten().map(|entry| entry.path()) {
            match path.is_dir() {
                true => open.push(path),
                false => found.push((path.display().to_string(), fs::read_to_string(&path).expect("a text"))),
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_release_commit_names_its_program_and_its_image_by_their_bytes() {
    let checkout = checkout();
    let sums = sums(&["linux-amd64", "linux-arm64"]);
    let ran = run(checkout.path(), VERSION, &sums, &digest());
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let text = |path: &str| fs::read_to_string(checkout.path().join(path)).expect("there");
    let action = documents("action.yml", &text("action.yml")).swap_remove(0);
    let pinned = format!("ghcr.io/crossdock-dev/crossdock:{VERSION}@{}", digest());
    assert_eq!(action["runs"]["image"], format!("docker://{pinned}"));
    let pins = text("binary/pins");
    let lines: Vec<&str> = pins.lines().filter(|line| !line.starts_with('#')).collect();
    let sum = "a".repeat(64);
    let expected = [
        format!("version {VERSION}"),
        format!("sha256 linux-amd64 {sum}"),
        format!("sha256 linux-arm64 {sum}"),
    ];
    assert_eq!(lines, expected);
    assert!(pins.starts_with("# The release"), "what the file says of itself stays");
    for (path, text) in contents(checkout.path()).iter().filter(|(path, _)| path.contains("ci-templates")) {
        let named = text.matches("ghcr.io/crossdock-dev/crossdock:").count();
        assert_eq!(named, text.matches(&pinned).count(), "{path}");
    }
    let once = contents(checkout.path());
    assert!(run(checkout.path(), VERSION, &sums, &digest()).status.success());
    assert!(contents(checkout.path()) == once, "twice is once");
}

#[test]
fn what_is_wrong_changes_nothing() {
    let checkout = checkout();
    let before = contents(checkout.path());
    let all = sums(&["linux-amd64", "linux-arm64"]);
    for (version, sums, digest, words) in [
        ("latest", &all, &digest(), "latest is no version"),
        ("99.0.0", &all, &digest(), "Cargo.toml does not say that this is 99.0.0"),
        (VERSION, &all, &"sha256:d".to_owned(), "sha256:d is no digest"),
        (VERSION, &sums(&["linux-amd64"]), &digest(), "does not have crossdock-linux-arm64 once"),
        (VERSION, &sums(&["linux-amd64", "linux-arm64", "linux-arm64"]), &digest(), "once"),
    ] {
        let ran = run(checkout.path(), version, sums, digest);
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(!ran.status.success() && said.contains(words), "{said}");
        assert!(contents(checkout.path()) == before, "{words}");
    }
}
