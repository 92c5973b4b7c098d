//! The smallest filter: it takes every configuration, needs no facts and keeps every image.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

/// The contract, as authors get it.
const WIT: &str = include_str!("../../../filters/wit/filter.wit");

/// A component that keeps to the contract; another `seed` gives other bytes of the same behaviour.
pub fn keeps_all(seed: &str) -> Vec<u8> {
    let mut resolve = wit_parser::Resolve::default();
    let package = resolve.push_source("filter.wit", WIT).expect("the contract is WIT");
    let world = resolve.select_world(&[package], Some("tag-filter")).expect("it has the world");
    component(&resolve, world, &module(seed, ""))
}

/// The same, which would like a network, too: it imports `acme:net/sockets@1.0.0`.
pub fn wants_a_network() -> Vec<u8> {
    const NETWORK: &str = "package acme:net@1.0.0;
        interface sockets { connect: func(); }
        world connected { import sockets; include crossdock:filter/tag-filter@0.1.0; }";
    let mut resolve = wit_parser::Resolve::default();
    resolve.push_source("filter.wit", WIT).expect("the contract is WIT");
    let package = resolve.push_source("net.wit", NETWORK).expect("this is WIT");
    let world = resolve.select_world(&[package], Some("connected")).expect("it has the world");
    let import = "(import \"acme:net/sockets@1.0.0\" \"connect\" (func))";
    component(&resolve, world, &module("", import))
}

fn component(resolve: &wit_parser::Resolve, world: wit_parser::WorldId, module: &str) -> Vec<u8> {
    let mut module = wat::parse_str(module).expect("the module is WAT");
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8).expect("it fits");
    let mut encoder = ComponentEncoder::default().validate(true).module(&module).expect("it is a module");
    encoder.encode().expect("it can be made a component")
}

/// Answers lie in zeroed memory: `ok`, no needs, and `keep` for each image.
fn module(seed: &str, import: &str) -> String {
    const FILTER: &str = "crossdock:filter/filter@0.1.0";
    format!(
        r#"(module
  {import}
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 4096))
  (data (i32.const 0) "{seed}")
  (func $new (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32) (local $start i32)
    (local.set $start (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get $start) (local.get $size)))
    (block $enough (loop $grow
      (br_if $enough (i32.le_u (global.get $next) (i32.shl (memory.size) (i32.const 16))))
      (drop (memory.grow (i32.const 16)))
      (br $grow)))
    (local.get $start))
  (func (export "{FILTER}#prepare") (param i32 i32) (result i32)
    (call $new (i32.const 0) (i32.const 0) (i32.const 8) (i32.const 12)))
  (func (export "{FILTER}#decide") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
      (param $images i32) (param $count i32) (param i32 i64) (result i32) (local $answer i32)
    (local.set $answer (call $new (i32.const 0) (i32.const 0) (i32.const 8) (i32.const 12)))
    (i32.store offset=4 (local.get $answer)
      (call $new (i32.const 0) (i32.const 0) (i32.const 8) (i32.mul (local.get $count) (i32.const 16))))
    (i32.store offset=8 (local.get $answer) (local.get $count))
    (local.get $answer)))"#
    )
}
