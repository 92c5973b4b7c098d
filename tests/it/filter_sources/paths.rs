//! Filters in files.

use super::{digest, fetched, hex, spec, text, told};
use crossdock::filter::Fault;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder can be made")
}

/// A filter `f` in this file, with these keys.
fn declared(path: &Path, keys: &str) -> crossdock::spec::Spec {
    spec("", &format!("f: {{ wasm: {}{keys} }}", path.display()))
}

/// What is said, without the folder.
fn said(folder: &TempDir, name: &str, keys: &str) -> String {
    let text = told(&declared(&folder.path().join(name), keys));
    text.replace(&folder.path().display().to_string(), "[DIR]")
}

#[test]
fn a_file_is_taken_as_it_is_or_as_its_pin_says() {
    let folder = folder();
    let file = folder.path().join("f.wasm");
    fs::write(&file, "\0asm and more").expect("a file can be written");
    let pin = format!(", sha256: {}", hex(b"\0asm and more"));
    for keys in ["", pin.as_str()] {
        let fetched = fetched(&declared(&file, keys)).expect("it is there");
        assert_eq!((fetched.bytes.as_slice(), fetched.manifest), (b"\0asm and more".as_slice(), None));
        assert_eq!(fetched.digest, digest(b"\0asm and more"));
    }
}

#[test]
fn a_file_that_is_not_what_its_pin_says_is_refused() {
    let folder = folder();
    fs::write(folder.path().join("f.wasm"), "\0asm, changed").expect("a file can be written");
    fs::write(folder.path().join("page.wasm"), "<html>").expect("a file can be written");
    let keys = format!(", sha256: {}", hex(b"\0asm"));
    insta::assert_snapshot!([said(&folder, "f.wasm", &keys), said(&folder, "page.wasm", &keys)].join("\n"));
    let error = fetched(&declared(&folder.path().join("f.wasm"), &keys)).expect_err("it is another");
    let crossdock::components::LoadError::Filter(error) = error else { panic!("{error}") };
    assert_eq!(error.fault, Fault::Pin);
}

#[test]
fn what_is_no_file_says_what_to_do() {
    let folder = folder();
    fs::create_dir(folder.path().join("folder")).expect("a folder can be made");
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo is always there");
    assert!(made.success());
    insta::assert_snapshot!(
        ["missing.wasm", "folder", "pipe", "folder/x\u{301}/y"]
            .map(|name| said(&folder, name, ""))
            .join("\n")
    );
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let folder = folder();
    let file = fs::File::create(folder.path().join("large.wasm")).expect("a file can be made");
    file.set_len(33 << 20).expect("a file can have holes");
    insta::assert_snapshot!(said(&folder, "large.wasm", ""));
}

#[test]
fn a_path_is_relative_to_the_working_directory_and_need_not_be_pinned() {
    let program = crate::bed::program::Program::new();
    program.write("specs/crossdock.yaml", &text("", "f: { wasm: f.wasm }"));
    fs::write(program.work().join("f.wasm"), "\0asm").expect("a file can be written");
    program.run(&["filter", "pin", "--spec", "specs/crossdock.yaml"]).expect_code(0);
    assert!(program.read("specs/crossdock.yaml").contains(&hex(b"\0asm")));
}
