//! Files and folders, as people name them.

use crate::bed::program::Program;
use crate::transcript::transcript;
use std::path::Path;
use std::process::{Command, Stdio};

const HARVEST: [&str; 4] = ["harvest", "files", "-t", "t.io/m"];

/// A checkout with a bit of everything.
fn checkout() -> Program {
    let program = Program::new();
    program.write("compose.yaml", "services:\n  web: { image: \"nginx:${TAG}\" }\n");
    program.write(".env", "TAG=1.27\n");
    program.write("build/Dockerfile", "ARG BASE=alpine:3.20\nFROM ${BASE}\n");
    program.write("deploy/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { containers: [{ name: a, image: a.io/x:1 }] }\n");
    program.write("chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 0.1.0\n");
    program.write("chart/values.yaml", "image: { repository: a.io/values, tag: \"1\" }\n");
    program.write("chart/templates/a.yaml", "apiVersion: v1\nkind: Pod\nspec: {{ .Values.spec }}\n");
    program.write("package.json", "{ \"name\": \"x\", \"name\": \"y\" }\n");
    program.write(".hidden/Dockerfile", "FROM not/this:1\n");
    program.write("node_modules/a/Dockerfile", "FROM not/this:2\n");
    program.write("README.md", "FROM not/this:3\n");
    program
}

#[test]
fn the_command_explains_itself() {
    let program = Program::new();
    let helps: Vec<String> = ["cluster", "files"]
        .iter()
        .map(|place| transcript(&program, &program.normal(), &["harvest", place, "-h"]))
        .collect();
    insta::assert_snapshot!(helps.join("\n\n"));
}

#[test]
fn a_folder_is_searched_and_what_is_left_out_is_told() {
    let program = checkout();
    insta::assert_snapshot!(transcript(&program, &program.normal(), &[&HARVEST[..], &["."]].concat()));
    let given = program.run(&[&HARVEST[..], &["build", "--var", "BASE=debian:12"]].concat()).expect_code(0);
    assert!(given.stdout.contains("source: docker.io/library/debian"), "{}", given.stdout);
}

#[test]
fn a_file_that_is_wrong_ends_it_and_says_where() {
    let program = checkout();
    let mut told = String::new();
    for path in ["chart/templates/a.yaml", "package.json", "missing.yaml", "README.md"] {
        told += &transcript(&program, &program.normal(), &[&HARVEST[..], &["deploy", path]].concat());
        told += "\n\n";
    }
    told += &transcript(&program, &program.normal(), &["harvest", "files", "deploy"]);
    told += "\n\n";
    told += &transcript(&program, &program.normal(), &["harvest", "files", "deploy", "-t", "mirror"]);
    told += "\n\n";
    let pinned = ["harvest", "files", "deploy", "-t", "t.io", "--pin", "--as", "images.json"];
    told += &transcript(&program, &program.normal(), &pinned);
    insta::assert_snapshot!(told);
}

#[test]
fn what_a_pipe_brings_is_read() {
    let program = Program::new();
    let text = "---\napiVersion: v1\nkind: Pod\nspec: { containers: [{ image: \"a.io/x:1\" }] }\n";
    let path = program.write("rendered", text);
    let piped = |arguments: &[&str], path: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crossdock"));
        command.args(arguments).env_clear().current_dir(program.work());
        let finished = command
            .stdin(std::fs::File::open(path).expect("it is there"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output()
            .expect("it runs");
        assert!(finished.status.success(), "{finished:?}");
        String::from_utf8(finished.stdout).expect("a text")
    };
    let stdout = piped(&["harvest", "files", "-t", "t.io", "-"], &path);
    assert!(stdout.contains("# 1: <stdin>:4 Pod\n") && stdout.contains("target: t.io/x"), "{stdout}");
    let path = program.write("spec", &stdout);
    piped(&["lint", "-s", "/dev/stdin"], &path);
}

#[test]
fn a_migration_job_is_a_spec() {
    let program = checkout();
    program.write("job.yaml", "apiVersion: imagetransfer.io/v1\nkind: MigrationJob\nmetadata: { name: m }\nspec:\n  source: { registry: a.io }\n  target: { oci: t.io/new }\n");
    let run = |paths: &[&str]| program.run(&[&["harvest", "files"], paths].concat()).expect_code(0).stdout;
    let whole = run(&["job.yaml"]);
    assert!(
        whole.contains("source: \"a.io/**\"") && whole.contains("target: \"t.io/new/{repository}\""),
        "{whole}"
    );
    let some = run(&["job.yaml", "deploy", "compose.yaml"]);
    assert!(some.contains("source: a.io/x") && some.contains("target: t.io/new/x"), "{some}");
    assert!(some.contains("in another registry") && !some.contains("**"), "{some}");
    program.write("crossdock.yaml", &some);
    program.run(&["lint"]).expect_code(0);
    // What cannot be selected by would be all.
    program.write("job.yaml", "apiVersion: imagetransfer.io/v1\nkind: MigrationJob\nspec:\n  source: { registry: a.io }\n  target: { oci: t.io/new }\n  selector: { matchExpressions: [{ key: app, operator: Exists }] }\n");
    let refused = program.run(&["harvest", "files", "job.yaml"]).expect_code(4).stderr;
    assert!(refused.contains("`selector.matchExpressions` is not understood"), "{refused}");
}
