//! What the program says about itself: help, version, schemas, completions; also to nobody.

use crate::bed::program::Program;
use crate::transcript::transcript;
use std::process::{Command, Stdio};

const COMMANDS: [&str; 12] = [
    "lint",
    "plan",
    "apply",
    "sync",
    "check",
    "verify",
    "copy",
    "explain",
    "ci",
    "schema",
    "completions",
    "man",
];

fn told(arguments: &[&str]) -> String {
    let program = Program::new();
    transcript(&program, &program.normal(), arguments)
}

#[test]
fn the_program_explains_itself() {
    insta::assert_snapshot!(told(&["--help"]));
    insta::assert_snapshot!("of_sync", told(&["sync", "--help"]));
    insta::assert_snapshot!("short", told(&["-h"]));
}

#[test]
fn every_command_has_help_and_version_and_they_end_with_0() {
    let program = Program::new();
    for command in COMMANDS {
        let help = program.run(&[command, "--help"]).expect_code(0);
        assert!(help.stdout.contains("Usage: crossdock") && help.stderr.is_empty(), "{command}");
    }
    let version = program.run(&["--version"]).expect_code(0).stdout;
    assert_eq!(version, format!("crossdock {}\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(program.files(), [""; 0]);
}

#[test]
fn a_command_line_that_is_wrong_ends_with_4_and_never_with_2() {
    let mut text = String::new();
    for arguments in [
        ["sync", "--spce", "x"].as_slice(),
        &["snyc"],
        &[],
        &["sync", "extra"],
        &["sync", "--report", "yaml=x"],
        &["sync", "--report", "report.json"],
        &["sync", "--var", "1=x"],
        &["sync", "--deadline", "soon"],
        &["sync", "-v", "-q"],
        &["apply"],
    ] {
        let said = told(arguments);
        assert!(said.contains("exit code 4"), "{said}");
        text.push_str(&said);
        text.push_str("\n\n");
    }
    insta::assert_snapshot!(text);
}

#[test]
fn schemas_are_draft_07_and_good() {
    let program = Program::new();
    for of in ["spec", "report", "plan", "verification"] {
        let schema = program.run(&["schema", of]).expect_code(0).stdout;
        let schema = serde_json::from_str(&schema).expect("a schema is JSON");
        jsonschema::draft7::meta::validate(&schema).expect("a schema follows draft-07");
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    }
}

#[test]
fn a_reader_that_went_away_is_no_failure() {
    let program = Program::new();
    for arguments in
        [["schema", "spec"].as_slice(), &["--help"], &["man"], &["completions", "bash"], &["sync"]]
    {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = Command::new(env!("CARGO_BIN_EXE_crossdock"))
            .args(arguments)
            .env_clear()
            .current_dir(program.work())
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .expect("it runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!stderr.contains("panicked"), "{arguments:?}: {stderr}");
        let expected = if arguments == ["sync"] { 4 } else { 0 };
        assert_eq!(output.status.code(), Some(expected), "{arguments:?}: {stderr}");
    }
}

#[test]
fn nobody_who_reads_stderr_is_no_failure_either() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_crossdock"));
    command.args(["sync", "--spec", "/nowhere.yaml"]).env_clear().stdin(Stdio::null());
    let output = command.stdout(Stdio::null()).stderr(writer).status().expect("it runs");
    assert_eq!(output.code(), Some(4));
}
