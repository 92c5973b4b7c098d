//! Filters for the tests, written by hand in WASM text and made components.

use super::super::{Component, Filter, FilterError, Image, Limits, Named, Request, WIT};
use crate::oci::Tag;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

/// A filter that keeps everything, but for what is put into it.
pub struct Guest<'a> {
    /// The contract that it is built against.
    pub wit: &'a str,
    /// Other packages that its world needs.
    pub packages: &'a [&'a str],
    /// Its world.
    pub world: &'a str,
    /// The version in the names of what it exports.
    pub version: &'a str,
    /// What it imports, by its core names.
    pub imports: &'a str,
    /// Data and functions beside the usual ones.
    pub parts: &'a str,
    /// Done by `prepare`, which then answers with `needs`.
    pub prepare: &'a str,
    /// The facts that it needs, as bits.
    pub needs: u8,
    /// Done by `decide` before all else; `$images`, `$count` and `$now` are there.
    pub decide: &'a str,
    /// Done when a tag begins with `x`: `$at` is its index, `$list` where its decisions are,
    /// `$decision` the one about it.
    pub on_x: &'a str,
}

impl Default for Guest<'_> {
    fn default() -> Self {
        Self {
            wit: WIT,
            packages: &[],
            world: "tag-filter",
            version: "0.1.0",
            imports: EMIT,
            parts: "",
            prepare: "",
            needs: 0,
            decide: "",
            on_x: "",
        }
    }
}

impl Guest<'_> {
    /// The component.
    pub fn bytes(&self) -> Vec<u8> {
        component(self.packages, self.wit, self.world, &self.module())
    }

    /// The component, compiled.
    pub fn component(&self) -> Component {
        Component::new("guest", &self.bytes(), None).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The filter with the configuration `{}`.
    pub fn filter(&self) -> Filter {
        self.filter_with(Limits::default())
    }

    /// The filter with other limits.
    pub fn filter_with(&self, limits: Limits) -> Filter {
        let filter = Filter::new(&self.component(), &serde_json::Value::Null, limits);
        filter.unwrap_or_else(|error| panic!("{error}"))
    }

    /// The error of the filter for these tags.
    pub fn fails(&self, tags: &[&str]) -> FilterError {
        *self.filter().decide(&request(tags)).expect_err("it fails")
    }

    fn module(&self) -> String {
        let Self { version, imports, parts, prepare, needs, decide, on_x, .. } = self;
        format!(
            r#"(module
  {imports}
  (memory (export "memory") 2)
  {parts}
  (global $next (mut i32) (i32.const 65536))
  {LIBRARY}
  (func (export "crossdock:filter/filter@{version}#prepare") (param $config i32) (param $config_len i32)
      (result i32) (local $answer i32)
    {prepare}
    (local.set $answer (call $new (i32.const 12)))
    (i32.store8 offset=4 (local.get $answer) (i32.const {needs}))
    (local.get $answer))
  (func (export "crossdock:filter/filter@{version}#decide") (param $config i32) (param $config_len i32)
      (param i32 i32 i32 i32 i32 i32 i32 i32)
      (param $images i32) (param $count i32) (param $has_now i32) (param $now i64)
      (result i32) (local $answer i32) (local $list i32) (local $at i32) (local $decision i32)
    (local.set $answer (call $new (i32.const 12)))
    (local.set $list (call $new (i32.mul (local.get $count) (i32.const 16))))
    (i32.store offset=4 (local.get $answer) (local.get $list))
    (i32.store offset=8 (local.get $answer) (local.get $count))
    {decide}
    (local.set $at (call $find_x (local.get $images) (local.get $count)))
    (if (i32.ge_s (local.get $at) (i32.const 0)) (then
      (local.set $decision (i32.add (local.get $list) (i32.mul (local.get $at) (i32.const 16))))
      {on_x}))
    (local.get $answer)))"#
        )
    }
}

/// The one function that every host gives.
pub const EMIT: &str = r#"(import "crossdock:filter/log@0.1.0" "emit" (func $emit (param i32 i32 i32)))"#;

const LIBRARY: &str = r#"
  (func $realloc (export "cabi_realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
      (local $start i32)
    (local.set $start (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get $start) (local.get $size)))
    (block $enough (loop $grow
      (br_if $enough (i32.le_u (global.get $next) (i32.shl (memory.size) (i32.const 16))))
      (drop (memory.grow (i32.const 16)))
      (br $grow)))
    (local.get $start))
  (func $new (param $size i32) (result i32)
    (call $realloc (i32.const 0) (i32.const 0) (i32.const 8) (local.get $size)))
  (func $find_x (param $images i32) (param $count i32) (result i32) (local $at i32)
    (block $end (loop $next
      (br_if $end (i32.ge_u (local.get $at) (local.get $count)))
      (if (i32.eq (i32.const 120)
            (i32.load8_u (i32.load (i32.add (local.get $images) (i32.mul (local.get $at) (i32.const 72))))))
        (then (return (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next)))
    (i32.const -1))
  (func $drop (param $decision i32) (param $text i32) (param $length i32)
    (i32.store8 (local.get $decision) (i32.const 1))
    (i32.store8 offset=4 (local.get $decision) (i32.const 1))
    (i32.store offset=8 (local.get $decision) (local.get $text))
    (i32.store offset=12 (local.get $decision) (local.get $length)))
  (func $rename (param $decision i32) (param $path i32) (param $path_length i32)
      (param $tag i32) (param $tag_length i32) (param $times i32) (local $at i32)
    (i32.store8 (local.get $decision) (i32.const 2))
    (local.set $at (call $new (i32.mul (local.get $times) (i32.const 20))))
    (i32.store offset=4 (local.get $decision) (local.get $at))
    (i32.store offset=8 (local.get $decision) (local.get $times))
    (block $end (loop $next
      (br_if $end (i32.eqz (local.get $times)))
      (if (local.get $path_length) (then
        (i32.store8 (local.get $at) (i32.const 1))
        (i32.store offset=4 (local.get $at) (local.get $path))
        (i32.store offset=8 (local.get $at) (local.get $path_length))))
      (i32.store offset=12 (local.get $at) (local.get $tag))
      (i32.store offset=16 (local.get $at) (local.get $tag_length))
      (local.set $at (i32.add (local.get $at) (i32.const 20)))
      (local.set $times (i32.sub (local.get $times) (i32.const 1)))
      (br $next))))
  (func $error (param $answer i32) (param $text i32) (param $length i32)
    (i32.store8 (local.get $answer) (i32.const 1))
    (i32.store offset=4 (local.get $answer) (local.get $text))
    (i32.store offset=8 (local.get $answer) (local.get $length)))"#;

/// A component of `module` for a world of the package in `wit`.
pub fn component(packages: &[&str], wit: &str, world: &str, module: &str) -> Vec<u8> {
    let mut resolve = wit_parser::Resolve::default();
    for (number, text) in packages.iter().enumerate() {
        resolve.push_source(&format!("{number}.wit"), text).expect("WIT");
    }
    let package = resolve.push_source("main.wit", wit).expect("WIT");
    let world = resolve.select_world(&[package], Some(world)).expect("a world");
    let mut module = wat::parse_str(module).unwrap_or_else(|why| panic!("{why}"));
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("metadata");
    let mut encoder = ComponentEncoder::default().validate(true).module(&module).expect("a module");
    encoder.encode().unwrap_or_else(|why| panic!("{why:#}"))
}

/// A request about these tags of `docker.io/library/nginx`, which go to `mirror/nginx`.
pub fn request(tags: &[&str]) -> Request {
    let named = |registry: &str, path: &str| Named { registry: registry.to_owned(), path: path.to_owned() };
    Request {
        source: named("docker.io", "library/nginx"),
        target: named("ghcr.io", "mirror/nginx"),
        images: tags.iter().map(|tag| Image::plain(self::tag(tag))).collect(),
        now: None,
    }
}

/// A tag.
pub fn tag(text: &str) -> Tag {
    text.parse().expect("a tag")
}
