//! From a core module to a component, for languages whose compilers stop there, such as C: the world
//! of the contract goes in, and what is missing is told by name.

use super::WIT;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata, metadata};
use wit_parser::Resolve;

/// The world of the contract that a filter is built against.
const WORLD: &str = "tag-filter";
/// How every WASM file begins.
const MAGIC: &[u8] = b"\0asm";
/// What follows it in a core module; a component has another number there.
const CORE: &[u8] = &[1, 0, 0, 0];
/// The module that programs import which were built for a system, and not for a component.
const OLD_WASI: &str = "wasi_snapshot_preview1";
/// What to do about that.
const NO_OLD_WASI: &str = "A filter has no system: build it with -mexec-model=reactor, and leave out what \
    prints, reads files, asks for the time or exits (printf, fopen, time, exit, assert, abort)";

/// Makes a component of `core`, a core module that exports the functions of the contract and was built
/// from its bindings. A world that its bindings left in it is kept.
///
/// # Errors
/// In one sentence: it is no core module, imports what no filter gets, or lacks an export.
pub fn componentize(core: &[u8]) -> Result<Vec<u8>, String> {
    let rest = core.strip_prefix(MAGIC).ok_or("this is no WASM file: it does not begin with `\\0asm`")?;
    if !rest.starts_with(CORE) {
        return Err("this is a component already, or made for a newer version of WASM".to_owned());
    }
    // What comes after this trusts that it is whole.
    wasmtime::Module::validate(&wasmtime::Engine::default(), core)
        .map_err(|why| format!("this module is damaged, or needs what filters cannot use: {why:#}"))?;
    let mut module = core.to_vec();
    let (world, _) =
        metadata::decode(core).map_err(|why| format!("what its bindings left cannot be read: {why:#}"))?;
    if world.is_none() {
        embed(&mut module)?;
    }
    let encoder = ComponentEncoder::default().validate(true).module(&module);
    encoder.and_then(|mut encoder| encoder.encode()).map_err(|why| told(&format!("{why:#}")))
}

/// Writes into the module which world it is for.
fn embed(module: &mut Vec<u8>) -> Result<(), String> {
    let ours = |why: String| format!("the contract of this version cannot be read, a mistake of ours: {why}");
    let mut resolve = Resolve::default();
    let package = resolve.push_source("filter.wit", WIT).map_err(|why| ours(format!("{why:#}")))?;
    let world = resolve.select_world(&[package], Some(WORLD)).map_err(|why| ours(format!("{why:#}")))?;
    embed_component_metadata(module, &resolve, world, StringEncoding::UTF8)
        .map_err(|why| ours(format!("{why:#}")))
}

/// What the encoder says, and what to do about what happens most.
fn told(why: &str) -> String {
    let why = why.trim_start_matches("failed to decode world from module: module was not valid: ");
    if why.contains(OLD_WASI) {
        return format!("{why}. {NO_OLD_WASI}");
    }
    if why.contains("failed to find export") {
        return format!("{why}. The bindings of the contract export it: compile and link them, too");
    }
    if why.contains("failed to resolve import") {
        return format!("{why}. A filter gets nothing but the log: take out what needs this");
    }
    why.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREPARE: &str = r#"(func (export "crossdock:filter/filter@0.1.0#prepare")
        (param i32 i32) (result i32) unreachable)"#;
    const DECIDE: &str = r#"(func (export "crossdock:filter/filter@0.1.0#decide")
        (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i64) (result i32) unreachable)"#;
    const MEMORY: &str = r#"(memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)"#;

    fn module(parts: &[&str]) -> Vec<u8> {
        wat::parse_str(format!("(module {})", parts.join(" "))).expect("WAT")
    }

    fn refused(core: &[u8]) -> String {
        componentize(core).expect_err("refused")
    }

    #[test]
    fn a_module_with_the_exports_of_the_contract_becomes_a_component() {
        let made = componentize(&module(&[PREPARE, DECIDE, MEMORY])).expect("a component");
        let decoded = wit_component::decode(&made).expect("a component");
        let (resolve, world) = match decoded {
            wit_component::DecodedWasm::Component(resolve, world) => (resolve, world),
            wit_component::DecodedWasm::WitPackage(..) => panic!("a package"),
        };
        let exports: Vec<String> =
            resolve.worlds[world].exports.keys().map(|key| resolve.name_world_key(key)).collect();
        assert_eq!(exports, ["crossdock:filter/filter@0.1.0"]);
    }

    #[test]
    fn a_world_that_the_bindings_left_is_kept() {
        let mut with_world = module(&[PREPARE, DECIDE, MEMORY]);
        embed(&mut with_world).expect("embedded");
        assert_eq!(componentize(&with_world), componentize(&module(&[PREPARE, DECIDE, MEMORY])));
    }

    #[test]
    fn what_cannot_become_a_filter_says_what_it_lacks_or_has_too_much() {
        let print = r#"(import "wasi_snapshot_preview1" "fd_write"
            (func (param i32 i32 i32 i32) (result i32)))"#;
        let foreign = r#"(import "env" "time" (func (result i32)))"#;
        let component = componentize(&module(&[PREPARE, DECIDE, MEMORY])).expect("a component");
        let damaged = module(&[PREPARE, DECIDE, MEMORY]);
        let all = [
            refused(b"#include <stdio.h>"),
            refused(&component),
            refused(&damaged[..damaged.len() - 3]),
            refused(&module(&[PREPARE, MEMORY])),
            refused(&module(&[PREPARE, DECIDE])),
            refused(&module(&[print, PREPARE, DECIDE, MEMORY])),
            refused(&module(&[foreign, PREPARE, DECIDE, MEMORY])),
        ];
        let no_world =
            refused(&module(&[PREPARE, DECIDE, MEMORY, r#"(@custom "component-type" "no world")"#]));
        assert!(no_world.starts_with("what its bindings left cannot be read: "), "{no_world}");
        insta::assert_snapshot!(all.join("\n"));
    }
}
