//! `crossdock filter push`: what is written, what is printed, and what is refused.

use super::{fetched, hex, spec, text};
use crate::bed::component::keeps_all;
use crate::bed::grants::Users;
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Auth, Behaviour, Options, Registry, RequestKind, Rule};
use crate::bed::program::{Finished, Program};
use crate::transcript::transcript;
use serde_json::{Value, json};
use std::fs;

/// A program whose spec says how the registry is spoken to, with `f.wasm` beside it.
fn program(registry: &Registry, keys: &str) -> Program {
    let program = Program::new();
    fs::write(program.work().join("f.wasm"), keeps_all("f")).expect("a file can be written");
    let registries = format!("{}: {{ plain_http: true{keys} }}", registry.host());
    program.write("crossdock.yaml", &text(&registries, "f: { wasm: https://files.test/f.wasm }"));
    program
}

fn words(registry: &Registry, more: &[&str]) -> Vec<String> {
    let reference = format!("{}/filters/f:1", registry.host());
    let words = ["filter", "push", "--spec", "crossdock.yaml", "f.wasm", &reference];
    words.iter().chain(more).map(|word| (*word).to_owned()).collect()
}

fn push(program: &Program, registry: &Registry, more: &[&str]) -> Finished {
    let words = words(registry, more);
    program.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

fn manifest(registry: &Registry) -> Value {
    let stored = registry.manifest("filters/f", "1").expect("it was pushed");
    serde_json::from_slice(&stored.bytes).expect("a manifest is JSON")
}

#[test]
fn what_is_printed_is_what_loads_it() {
    let registry = Registry::start();
    let program = program(&registry, "");
    let said = push(&program, &registry, &[]).expect_code(0);
    let digest = registry.tag("filters/f", "1").expect("it was pushed");
    let component = keeps_all("f");
    let host = registry.host();
    let lines = format!("wasm: oci://{host}/filters/f:1@{digest}\nsha256: {}\n", hex(&component));
    assert_eq!(said.stdout, lines);
    assert_eq!(said.stderr, format!("{host}/filters/f:1 is new\n"));
    registry.assert_clean();
    assert!(registry.complete("filters/f", "1"));
    let declared = format!("f:\n  {}", lines.replace('\n', "\n  "));
    let spec = spec(&format!("{host}: {{ plain_http: true }}"), declared.trim_end());
    assert_eq!(fetched(&spec).expect("it is there").bytes, component);
}

#[test]
fn pushing_twice_writes_nothing_the_second_time() {
    let registry = Registry::start();
    let program = program(&registry, "");
    push(&program, &registry, &[]).expect_code(0);
    assert_eq!(registry.requests().count(RequestKind::ManifestPut), 1);
    registry.clear_requests();
    let said = push(&program, &registry, &[]).expect_code(0);
    assert!(said.stderr.ends_with("is this filter already; nothing was written\n"), "{}", said.stderr);
    let asked: Vec<_> = registry.requests().iter().map(|request| request.kind).collect();
    assert_eq!(asked, [RequestKind::ManifestHead]);
}

#[test]
fn the_artifact_is_that_of_the_common_layout() {
    let registry = Registry::start();
    push(&program(&registry, ""), &registry, &["--annotation", "org.example.b=2", "--annotation", "a=x=y"])
        .expect_code(0);
    let component = keeps_all("f");
    let document = manifest(&registry);
    let config = &document["config"];
    assert_eq!(config["mediaType"], "application/vnd.wasm.config.v0+json");
    assert_eq!(document.get("artifactType"), None);
    assert_eq!(
        document["layers"],
        json!([{ "mediaType": "application/wasm", "digest": format!("sha256:{}", hex(&component)), "size": component.len() }])
    );
    assert_eq!(document["annotations"], json!({ "a": "x=y", "org.example.b": "2" }));
    let config = registry.blob(config["digest"].as_str().expect("a digest")).expect("it is there");
    let config = config.piece(0, config.size_bytes).expect("it is held");
    let config: Value = serde_json::from_slice(&config).expect("a config is JSON");
    assert_eq!(
        config,
        json!({
            "created": "1970-01-01T00:00:00Z",
            "architecture": "wasm",
            "os": "wasip2",
            "layerDigests": [format!("sha256:{}", hex(&component))],
            "component": {
                "exports": ["crossdock:filter/filter@0.1.0"],
                "imports": ["crossdock:filter/types@0.1.0"],
                "target": "crossdock:filter/tag-filter@0.1.0",
            },
        })
    );
}

#[test]
fn the_compatible_artifact_has_an_empty_config_and_the_same_layer() {
    let registry = Registry::start();
    push(&program(&registry, ""), &registry, &["--compat"]).expect_code(0);
    let document = manifest(&registry);
    assert_eq!(document["artifactType"], "application/wasm");
    assert_eq!(document["config"]["mediaType"], "application/vnd.oci.empty.v1+json");
    assert_eq!(document["layers"][0]["mediaType"], "application/wasm");
    assert!(registry.complete("filters/f", "1"));
}

#[test]
fn a_tag_that_names_something_else_is_moved_and_told() {
    let registry = Registry::start();
    let other = one_platform(1, Format::Oci);
    registry.seed(&other, "filters/f", &["1"]);
    let said = push(&program(&registry, ""), &registry, &[]).expect_code(0);
    assert!(said.stderr.contains(&format!("was moved from {}", other.digest())), "{}", said.stderr);
    assert_ne!(registry.tag("filters/f", "1"), Some(other.digest()));
}

#[test]
fn what_is_no_filter_is_not_pushed() {
    let registry = Registry::start();
    let program = program(&registry, "");
    program.write("f.wasm", "<html>");
    push(&program, &registry, &[]).expect_code(4);
    fs::write(program.work().join("f.wasm"), b"\0asm\x01\0\0\0").expect("a file can be written");
    push(&program, &registry, &[]).expect_code(4);
    fs::remove_file(program.work().join("f.wasm")).expect("the file is ours");
    push(&program, &registry, &[]).expect_code(4);
    assert!(registry.requests().is_empty());
}

#[test]
fn a_reference_that_cannot_be_pushed_to_is_explained() {
    let registry = Registry::start();
    let program = program(&registry, "");
    let digest = format!("registry.test/f@sha256:{}", hex(b""));
    let told = ["registry.test/f", &digest, "oci:folder:1", "registry.test/F:1", "https://registry.test/f:1"]
        .map(|reference| {
            transcript(&program, &program.normal().digests(), &["filter", "push", "f.wasm", reference])
        });
    insta::assert_snapshot!(told.join("\n\n"));
    let words = words(&registry, &["--annotation", "a=1", "--annotation", "a=2"]);
    program.run(&words.iter().map(String::as_str).collect::<Vec<_>>()).expect_code(4);
    assert!(registry.requests().is_empty());
}

#[test]
fn credentials_of_the_spec_are_used_and_those_that_are_refused_end_with_5() {
    let users = || Users::new().user("alice", "s3cret");
    let registry = Options::new().auth(Auth::Basic(users())).start();
    let keys = ", credentials: { username: alice, password: \"${PASSWORD}\" }";
    push(&program(&registry, ""), &registry, &[]).expect_code(5);
    push(&program(&registry, keys), &registry, &["--var", "PASSWORD=wrong"]).expect_code(5);
    push(&program(&registry, keys), &registry, &["--var", "PASSWORD=s3cret"]).expect_code(0);
}

#[test]
fn a_registry_that_never_answers_ends_with_1() {
    let registry = Registry::start();
    let program = program(&registry, "");
    let dropped = registry.rule(Rule::any().then(Behaviour::Drop));
    push(&program, &registry, &["--deadline", "1h"]).expect_code(1);
    assert!(dropped.acted() > 1, "it was tried again");
}
