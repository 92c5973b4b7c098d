//! `crossdock filter pin`: what it writes, what it leaves alone, and what it says.

use super::{hex, text};
use crate::bed::component::keeps_all;
use crate::bed::files::{Files, Reply};
use crate::bed::memory::{Registry, RequestKind};
use crate::bed::program::Program;
use crate::transcript::transcript;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::{fs, path::Path};

const PIN: [&str; 2] = ["filter", "pin"];

fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("a file can be written");
}

#[test]
fn every_filter_of_a_spec_is_pinned_wherever_it_is_and_then_nothing_is_left_to_do() {
    let (files, registry, program) = (Files::start(), Registry::start(), Program::new());
    let (local, remote, pushed) = (keeps_all("local"), keeps_all("remote"), keeps_all("pushed"));
    write(&program.work().join("local.wasm"), &local);
    write(&program.work().join("pushed.wasm"), &pushed);
    files.put("/remote.wasm", &[Reply::File(remote.clone())]);
    let host = registry.host();
    let registries = format!("{}\n{host}: {{ plain_http: true }}", files.trusted(""));
    let filters = format!(
        "f:\n  wasm: local.wasm # built here\n  config: {{ a: 1 }}\n\
         g: {{ wasm: \"{}\" }}\nh:\n  wasm: oci://{host}/filters/h:1\n",
        files.url("/remote.wasm")
    );
    program.write("crossdock.yaml", &text(&registries, &filters));
    let push = ["filter", "push", "--spec", "crossdock.yaml", "pushed.wasm"];
    program.run(&[&push[..], &[&format!("{host}/filters/h:1")]].concat()).expect_code(0);
    let manifest = registry.tag("filters/h", "1").expect("it was pushed");
    registry.clear_requests();

    let before = program.read("crossdock.yaml");
    let normal = || program.normal().text(&host, "registry.test").text(&files.host(), "files.test").digests();
    insta::assert_snapshot!("check", transcript(&program, &normal(), &["filter", "pin", "--check"]));
    assert_eq!(program.read("crossdock.yaml"), before, "a check writes nothing");
    insta::assert_snapshot!("pin", transcript(&program, &normal(), &PIN));
    let expected = before
        .replace("# built here\n", &format!("# built here\n    sha256: {}\n", hex(&local)))
        .replace("/remote.wasm\" }", &format!("/remote.wasm\", sha256: {} }}", hex(&remote)))
        .replace("/h:1\n", &format!("/h:1@{manifest}\n    sha256: {}\n", hex(&pushed)));
    assert_eq!(program.read("crossdock.yaml"), expected);
    // The manifest tells the digest of the component: it was never fetched.
    assert_eq!(registry.requests().count(RequestKind::BlobGet), 0);
    assert_eq!(registry.requests().count(RequestKind::ManifestGet), 2);

    insta::assert_snapshot!("again", transcript(&program, &normal(), &["filter", "pin", "--check"]));
    assert_eq!(program.read("crossdock.yaml"), expected);
}

#[test]
fn a_filter_that_changed_is_told_and_only_those_that_are_named_are_pinned() {
    let program = Program::new();
    for name in ["one", "other"] {
        write(&program.work().join(format!("{name}.wasm")), &keeps_all(name));
    }
    program.write("crossdock.yaml", &text("", "f: { wasm: one.wasm }\ng: { wasm: other.wasm }"));
    program.run(&["filter", "pin", "g"]).expect_code(0);
    let spec = program.read("crossdock.yaml");
    assert!(spec.contains("one.wasm }") && spec.contains("other.wasm, sha256"), "{spec}");
    program.run(&PIN).expect_code(0);
    write(&program.work().join("one.wasm"), &keeps_all("one, changed"));
    let normal = program.normal().digests();
    insta::assert_snapshot!(transcript(&program, &normal, &PIN));
}

#[test]
fn what_cannot_be_pinned_is_explained_and_the_spec_stays_as_it_is() {
    let program = Program::new();
    write(&program.work().join("page.wasm"), b"<html>");
    write(&program.work().join("f.wasm"), &keeps_all("f"));
    let mut told = String::new();
    for (filters, names) in [
        ("f: { wasm: missing.wasm }", [].as_slice()),
        ("f: { wasm: page.wasm }", &[]),
        (
            "f: { wasm: f.wasm, sha256: \"${PIN}\" }",
            &["--var", concat!("PIN=", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")],
        ),
        ("f: { wasm: f.wasm }", &["calver"]),
        ("f: { wsam: f.wasm }", &[]),
        ("f: { wasm: \"oci://127.0.0.1:9/f\" }", &[]),
    ] {
        let spec = text("", filters);
        program.write("crossdock.yaml", &spec);
        let words = [&PIN[..], names].concat();
        told.push_str(&transcript(&program, &program.normal().digests(), &words));
        told.push_str("\n\n");
        assert_eq!(program.read("crossdock.yaml"), spec);
    }
    insta::assert_snapshot!(told);
}

#[test]
fn whoever_may_read_the_spec_and_the_link_to_it_stay() {
    let program = Program::new();
    write(&program.work().join("f.wasm"), &keeps_all("f"));
    let spec = program.write("specs/real.yaml", &text("", "f: { wasm: f.wasm }"));
    fs::set_permissions(&spec, fs::Permissions::from_mode(0o640)).expect("the file is ours");
    let link = program.work().join("crossdock.yaml");
    symlink(&spec, &link).expect("a link can be made");
    program.run(&PIN).expect_code(0);
    assert!(link.is_symlink());
    assert_eq!(fs::metadata(&spec).expect("it is there").permissions().mode() & 0o777, 0o640);
    assert!(program.read("specs/real.yaml").contains("sha256"));
}

#[test]
fn a_server_that_fails_ends_with_1_and_credentials_that_are_refused_with_5() {
    let (files, program) = (Files::start(), Program::new());
    for (status, code) in [(404, 1), (401, 5)] {
        files.put("/f.wasm", &[Reply::Status(status)]);
        let filters = format!("f: {{ wasm: \"{}\" }}", files.url("/f.wasm"));
        program.write("crossdock.yaml", &text(&files.trusted(""), &filters));
        program.run(&PIN).expect_code(code);
    }
}
