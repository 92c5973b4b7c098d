//! `crossdock filter new`: what is written, and that it builds and passes.

use super::seen;
use crate::bed::program::Program;
use crate::bed::tools::{find, run};
use std::path::Path;
use std::process::Command;

#[test]
fn a_filter_begins_with_everything_that_it_needs_and_what_comes_next() {
    let program = Program::new();
    let languages = ["rust", "js", "python", "c"];
    let told = languages.map(|lang| seen(&program, &["filter", "new", "--lang", lang, &format!("x-{lang}")]));
    let files = program.files().join("\n");
    insta::assert_snapshot!(format!("{}\n\n{files}", told.join("\n")));
    let wit = program.run(&["filter", "wit"]).expect_code(0).stdout;
    for contract in ["x-rust/sdk/wit", "x-js/wit", "x-python/wit", "x-c/wit"] {
        assert_eq!(program.read(&format!("{contract}/filter.wit")), wit);
    }
    for file in
        ["x-rust/Cargo.toml", "x-rust/Cargo.lock", "x-js/package.json", "x-python/README.md", "x-c/Makefile"]
    {
        let text = program.read(file);
        assert!(text.contains("x-") && !text.contains("my-filter") && !text.contains("my_filter"), "{text}");
    }
}

#[test]
fn what_is_there_is_left_alone() {
    let program = Program::new();
    program.write("mine/notes.txt", "dear diary");
    program.write("file", "text");
    let before = program.files();
    for name in ["mine", "file", "../mine", "Mine", "-"] {
        program.run(&["filter", "new", "--lang", "c", "--", name]).expect_code(4);
    }
    assert_eq!(program.files(), before);
    std::fs::create_dir(program.work().join("empty")).expect("a folder can be made");
    program.run(&["filter", "new", "--lang", "c", "empty"]).expect_code(0);
    assert!(program.work().join("empty/filter.c").is_file());
}

#[test]
fn a_filter_in_c_builds_and_passes_its_cases() {
    find("clang", "clang lld wasi-libc libclang-rt-14-dev-wasm32");
    let program = Program::new();
    program.run(&["filter", "new", "--lang", "c", "first"]).expect_code(0);
    let mut make = Command::new(find("make", "make"));
    make.arg("-C")
        .arg(program.work().join("first"))
        .arg(concat!("CROSSDOCK=", env!("CARGO_BIN_EXE_crossdock")));
    run(&mut make).expect("the template builds");
    program.run(&["filter", "check", "first/first.wasm"]).expect_code(0);
    program.run(&["filter", "test", "first/first.wasm", "first/tests"]).expect_code(0);
}

#[test]
fn a_filter_in_rust_builds_as_it_is_locked_and_passes_its_cases() {
    let program = Program::new();
    // In the lock file it stands before all others.
    program.run(&["filter", "new", "--lang", "rust", "aaa"]).expect_code(0);
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/filters/begun");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--release", "--locked", "--target", "wasm32-wasip2"]);
    run(cargo.current_dir(program.work().join("aaa")).env("CARGO_TARGET_DIR", &kept))
        .expect("the template builds");
    let component = kept.join("wasm32-wasip2/release/filter.wasm").display().to_string();
    program.run(&["filter", "check", &component]).expect_code(0);
    program.run(&["filter", "test", &component, "aaa/tests"]).expect_code(0);
}
