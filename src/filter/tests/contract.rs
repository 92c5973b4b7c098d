//! What is a filter and what is not, told before anything of it runs.

use super::guest::{EMIT, Guest, component};
use crate::filter::{Component, Fault, FilterError, WIT};

fn refused(bytes: &[u8]) -> FilterError {
    let error = *Component::new("f", bytes, None).err().expect("it is refused");
    assert!(error.hint.is_some() && error.blamed.is_none(), "{error}");
    error
}

fn contract(bytes: &[u8]) -> String {
    let error = refused(bytes);
    assert_eq!(error.fault, Fault::Contract, "{error}");
    error.message
}

#[test]
fn a_component_says_what_it_is() {
    let guest = Guest::default();
    let component = guest.component();
    let inspection = component.inspection();
    assert_eq!(inspection.digest, crate::oci::Digest::of(&guest.bytes()));
    assert_eq!(inspection.size_bytes, guest.bytes().len() as u64);
    assert_eq!(inspection.contract, "0.1.0");
    assert_eq!(inspection.imports, ["crossdock:filter/log@0.1.0", "crossdock:filter/types@0.1.0"]);
    assert_eq!(inspection.exports, ["crossdock:filter/filter@0.1.0"]);
    let tool = inspection.producers.iter().find(|(_, name, _)| name == "wit-component");
    assert!(tool.is_some_and(|(field, _, _)| field == "processed-by"), "{:?}", inspection.producers);
    assert!(inspection.compiled_in.is_some());
}

#[test]
fn a_module_is_told_to_become_a_component() {
    let error = refused(&wat::parse_str("(module)").expect("WASM"));
    assert_eq!(error.to_string(), "the filter `f`: this is a core module, not a component");
}

#[test]
fn another_world_is_not_a_filter() {
    assert_eq!(contract(b"\0asm\x0d\0\x01\0"), "it exports nothing, not `crossdock:filter/filter@0.1.0`");
    let wit = "package other:thing@1.0.0; interface run { run: func(); } world thing { export run; export stop: func(); }";
    let module = r#"(module (func (export "other:thing/run@1.0.0#run")) (func (export "stop")))"#;
    assert_eq!(
        contract(&component(&[], wit, "thing", module)),
        "it exports `other:thing/run@1.0.0`, `stop`, not `crossdock:filter/filter@0.1.0`"
    );
}

#[test]
fn another_line_of_the_contract_is_named() {
    let wit = WIT.replace("@0.1.0", "@0.2.0");
    let imports = EMIT.replace("@0.1.0", "@0.2.0");
    let guest = Guest { wit: &wit, version: "0.2.0", imports: &imports, ..Guest::default() };
    assert_eq!(
        contract(&guest.bytes()),
        "it was built for crossdock:filter 0.2.0; this crossdock speaks 0.1.0"
    );
}

#[test]
fn an_interface_of_the_same_name_with_other_functions_is_no_filter() {
    let wit =
        "package crossdock:filter@0.1.0; interface filter { prepare: func(); } world w { export filter; }";
    let module = r#"(module (func (export "crossdock:filter/filter@0.1.0#prepare")))"#;
    let bytes = component(&[], wit, "w", module);
    assert_eq!(contract(&bytes), "`crossdock:filter/filter@0.1.0` has no function `decide`");
}

/// A guest that imports `function` of `interface` of `package`.
fn importing(package: &str, interface: &str, function: &str) -> Vec<u8> {
    let (name, version) = package.split_once('@').expect("a version");
    let imported = format!("package {package}; interface {interface} {{ {function}: func(); }}");
    let wit = format!(
        "package test:it; world it {{ include crossdock:filter/tag-filter@0.1.0; import {name}/{interface}@{version}; }}"
    );
    let imports = format!(r#"{EMIT} (import "{name}/{interface}@{version}" "{function}" (func))"#);
    let packages = [WIT, &imported];
    Guest { wit: &wit, packages: &packages, world: "it", imports: &imports, ..Guest::default() }.bytes()
}

#[test]
fn what_no_filter_gets_is_named() {
    assert_eq!(
        contract(&importing("acme:net@1.0.0", "fetch", "get")),
        "it imports `acme:net/fetch@1.0.0`, which no filter gets"
    );
    assert_eq!(
        contract(&importing("wasi:cli@0.3.0", "environment", "get-environment")),
        "it imports `wasi:cli/environment@0.3.0`; filters have WASI 0.2"
    );
    assert!(Component::new("f", &importing("wasi:http@0.2.4", "types", "anything"), None).is_ok());
    let wit = WIT.replace("  import log;\n", "  import log;\n  import gift: func() -> u32;\n");
    let imports = format!(r#"{EMIT} (import "$root" "gift" (func (result i32)))"#);
    let guest = Guest { wit: &wit, imports: &imports, ..Guest::default() };
    assert_eq!(contract(&guest.bytes()), "it imports `gift`, which no filter gets");
}

#[test]
fn what_the_compiler_does_not_take_is_told_with_a_way_out() {
    let parts = r#"(func (result v128) (v128.const i64x2 1 2))"#;
    let error = refused(&Guest { parts, ..Guest::default() }.bytes());
    assert_eq!(error.fault, Fault::Compile);
    assert!(error.message.contains("SIMD"), "{error}");
    assert_eq!(error.hint.as_deref(), Some("build it without SIMD"));
}

#[test]
fn a_part_of_a_component_is_no_component() {
    let bytes = Guest::default().bytes();
    let mut told = std::collections::BTreeSet::new();
    for length in (0..bytes.len()).step_by(37) {
        let Err(error) = Component::new("f", &bytes[..length], None) else { panic!("{length} bytes pass") };
        told.insert(error.message);
    }
    assert!(told.contains("the file ends too early"), "{told:?}");
}

#[test]
fn damaged_bytes_are_refused_or_harmless() {
    let bytes = Guest::default().bytes();
    for at in (8..bytes.len()).step_by(29) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        // Whatever it is now: it is an error or a filter, and nothing panics.
        if let Err(error) = Component::new("f", &damaged, None) {
            assert_ne!(error.fault, Fault::Internal, "byte {at}: {error}");
        }
    }
}
