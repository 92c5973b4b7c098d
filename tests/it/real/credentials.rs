//! Credentials from every place where people keep them, against a registry that wants one.

use crate::bed::distribution::Distribution;
use crate::bed::grants::Users;
use crate::bed::images::{Format, one_platform};
use crate::bed::program::{Finished, Program};
use crate::bed::skopeo::Skopeo;
use crate::transcript::shown;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::os::unix::fs::PermissionsExt as _;

const PASSWORD: &str = "s3cret";

/// A registry that wants a password, with `team/app:1.0`.
fn registry() -> Distribution {
    let registry = Distribution::with_passwords(&Users::new().user("alice", PASSWORD));
    let folder = tempfile::tempdir().expect("a folder");
    one_platform(1, Format::Oci).write_layout(folder.path(), "1.0");
    let alice = Skopeo::new().certificates(&registry.certificates().trust()).credentials("alice", PASSWORD);
    let source = format!("oci:{}:1.0", folder.path().display());
    alice.copy_all(&source, &format!("docker://{}/team/app:1.0", registry.host())).expect("loaded");
    registry
}

/// The program with a spec that copies the image into a layout.
fn program(registry: &Distribution, keys: &str) -> Program {
    let program = Program::new();
    let ca = registry.certificates().trust().join("ca.crt");
    program.write(
        "crossdock.yaml",
        &format!(
            "version: 1\nregistries:\n  {0}:\n    tls: {{ ca_file: {1} }}\n{keys}\
             mirrors:\n- {{ source: {0}/team/app, target: \"oci:out\", tags: [\"1.0\"] }}\n",
            registry.host(),
            ca.display()
        ),
    );
    program
}

/// A file with a login as docker writes it.
fn auths(registry: &Distribution, password: &str) -> String {
    let auth = STANDARD.encode(format!("alice:{password}"));
    format!("{{\"auths\":{{\"{}\":{{\"auth\":\"{auth}\"}}}}}}", registry.host())
}

/// Runs, and tells which credential the report names.
fn used(program: &Program) -> String {
    program.run(&["sync", "--report", "json=report.json"]).expect_code(0);
    let report: serde_json::Value = serde_json::from_str(&program.read("report.json")).expect("JSON");
    assert!(program.read("out/index.json").contains(&one_platform(1, Format::Oci).digest()));
    let credential = &report["registries"][0]["credential"];
    assert_eq!(credential["user"], "alice");
    let source = credential["source"].as_str().expect("named");
    source.replace(&program.work().display().to_string(), "[DIR]")
}

fn with_credential_program(program: Program, registry: &Distribution, exit: i32) -> Program {
    let answer =
        format!("{{\"ServerURL\":\"{}\",\"Username\":\"alice\",\"Secret\":\"{PASSWORD}\"}}", registry.host());
    let script = format!(
        "#!/bin/sh\nread server\necho \"$1 $server\" >> \"$HOME/asked\"\necho '{answer}'\nexit {exit}\n"
    );
    let path = program.write_home("bin/docker-credential-desk", &script);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("ours");
    let search = format!("{}:/usr/bin:/bin", program.home().join("bin").display());
    program.variable("PATH", &search)
}

#[test]
fn each_place_is_found_and_named() {
    let registry = registry();
    let spec = "    credentials: { username: alice, password: \"${PASSWORD}\" }\n";
    let mut named = vec![used(&program(&registry, spec).variable("PASSWORD", PASSWORD))];

    let home = program(&registry, "");
    home.write_home(".docker/config.json", &auths(&registry, PASSWORD));
    named.push(used(&home));

    let docker = program(&registry, "");
    let folder = docker.write("docker/config.json", &auths(&registry, PASSWORD));
    let folder = folder.parent().expect("a folder").display().to_string();
    named.push(used(&docker.variable("DOCKER_CONFIG", &folder)));

    named.push(used(&program(&registry, "").variable("DOCKER_AUTH_CONFIG", &auths(&registry, PASSWORD))));

    let file = program(&registry, "");
    let path = file.write("auth.json", &auths(&registry, PASSWORD)).display().to_string();
    named.push(used(&file.variable("REGISTRY_AUTH_FILE", &path)));

    let podman = program(&registry, "");
    podman.write_home(".config/containers/auth.json", &auths(&registry, PASSWORD));
    named.push(used(&podman));

    let helped =
        with_credential_program(program(&registry, "    credentials: { helper: desk }\n"), &registry, 0);
    named.push(used(&helped));
    let asked = std::fs::read_to_string(helped.home().join("asked")).expect("it was asked");
    assert_eq!(asked, format!("get {}\n", registry.host()), "once");

    let stored = with_credential_program(program(&registry, ""), &registry, 0);
    stored.write_home(
        ".docker/config.json",
        &format!("{{\"credHelpers\":{{\"{}\":\"desk\"}}}}", registry.host()),
    );
    named.push(used(&stored));
    insta::assert_snapshot!(named.join("\n"));
}

#[test]
fn the_spec_goes_before_a_wrong_login_elsewhere() {
    let registry = registry();
    let spec = "    credentials: { username: alice, password: \"${PASSWORD}\" }\n";
    let program = program(&registry, spec).variable("PASSWORD", PASSWORD);
    program.write_home(".docker/config.json", &auths(&registry, "wrong"));
    assert_eq!(used(&program), "the spec");
}

fn refused(registry: &Distribution, program: &Program) -> String {
    let finished: Finished = program.run(&["sync", "--progress", "none"]).expect_code(5);
    let normal = program.normal().text(registry.host(), "registry.test");
    shown(&finished, &normal, &["sync", "--progress", "none"])
}

#[test]
fn nobody_is_told_how_to_log_in() {
    let registry = registry();
    insta::assert_snapshot!(refused(&registry, &program(&registry, "")));
}

#[test]
fn a_wrong_password_is_told_with_its_place() {
    let registry = registry();
    let program = program(&registry, "");
    program.write_home(".docker/config.json", &auths(&registry, "wrong"));
    insta::assert_snapshot!(refused(&registry, &program));
}

#[test]
fn a_credential_program_that_fails_or_is_missing_is_named() {
    let registry = registry();
    let spec = "    credentials: { helper: desk }\n";
    let failing = with_credential_program(program(&registry, spec), &registry, 1);
    insta::assert_snapshot!(refused(&registry, &failing));
    insta::assert_snapshot!("missing_program", refused(&registry, &program(&registry, spec)));
}

#[test]
fn a_broken_file_is_named_and_not_passed_over() {
    let registry = registry();
    let program = program(&registry, "");
    program.write_home(".docker/config.json", "{\"auths\":");
    insta::assert_snapshot!(refused(&registry, &program));
}
