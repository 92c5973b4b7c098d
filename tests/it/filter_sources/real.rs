//! Filters in Debian's `docker-registry`, judged by skopeo, and mirrored by this very program.

use super::{fetched, hex, spec, text};
use crate::bed::component::keeps_all;
use crate::bed::distribution::Distribution;
use crate::bed::program::Program;
use crate::bed::skopeo::Skopeo;
use std::fs;

/// A program that knows the registry, with `f.wasm` beside it.
fn program(registry: &Distribution) -> Program {
    let program = Program::new();
    fs::write(program.work().join("f.wasm"), keeps_all("f")).expect("a file can be written");
    let registries = format!("{}: {{ plain_http: true }}", registry.host());
    program.write("push.yaml", &text(&registries, "f: { wasm: f.wasm }"));
    program
}

/// The lines for the spec that a push prints.
fn push(program: &Program, reference: &str, more: &[&str]) -> String {
    let words = ["filter", "push", "--spec", "push.yaml", "f.wasm", reference];
    program.run(&[&words[..], more].concat()).expect_code(0).stdout
}

#[test]
fn a_pushed_filter_can_be_inspected_copied_and_loaded() {
    let registry = Distribution::plain();
    let (program, skopeo) = (program(&registry), Skopeo::new());
    let host = registry.host();
    for (style, more) in [("wasm", [].as_slice()), ("compatible", &["--compat"])] {
        let lines = push(&program, &format!("{host}/filters/{style}:1"), more);
        let digest = skopeo.digest(&format!("docker://{host}/filters/{style}:1")).expect("skopeo reads it");
        let expected =
            format!("wasm: oci://{host}/filters/{style}:1@{digest}\nsha256: {}\n", hex(&keeps_all("f")));
        assert_eq!(lines, expected);
        let copy = format!("{host}/copies/{style}:1");
        skopeo
            .copy_all(&format!("docker://{host}/filters/{style}:1"), &format!("docker://{copy}"))
            .expect("skopeo copies it");
        let declared = spec(
            &format!("{host}: {{ plain_http: true }}"),
            &format!("f: {{ wasm: \"oci://{copy}@{digest}\" }}"),
        );
        assert_eq!(fetched(&declared).expect("it is there").bytes, keeps_all("f"));
    }
}

#[test]
fn pushing_twice_writes_nothing_the_second_time() {
    let mut registry = Distribution::plain();
    let program = program(&registry);
    let reference = format!("{}/filters/f:1", registry.host());
    let first = push(&program, &reference, &[]);
    registry.clear_requests();
    assert_eq!(push(&program, &reference, &[]), first);
    let writes: Vec<_> = registry.requests().into_iter().filter(|request| request.is_write()).collect();
    assert!(writes.is_empty(), "{writes:?}");
}

#[test]
fn a_filter_is_mirrored_as_any_image_is() {
    let (source, target) = (Distribution::plain(), Distribution::plain());
    let program = program(&source);
    let (source, target) = (source.host(), target.host());
    push(&program, &format!("{source}/filters/f:1"), &[]);
    program.write(
        "crossdock.yaml",
        &format!(
            "version: 1\nregistries:\n  {source}: {{ plain_http: true }}\n  {target}: {{ plain_http: true }}\n\
             mirrors:\n  - {{ source: {source}/filters/f, target: {target}/mirror/f, tags: [\"1\"] }}\n"
        ),
    );
    program.run(&["sync", "--progress", "none"]).expect_code(0);
    let filters = format!("f: {{ wasm: \"oci://{target}/mirror/f:1\", sha256: {} }}", hex(&keeps_all("f")));
    let declared = spec(&format!("{target}: {{ plain_http: true }}"), &filters);
    assert_eq!(fetched(&declared).expect("it was mirrored").bytes, keeps_all("f"));
}
