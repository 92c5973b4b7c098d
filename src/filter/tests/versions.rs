//! Which filters run on which hosts: a host of 0.1.1 that has one more function in `log`, and filters
//! that were built for either.

use super::guest::{EMIT, Guest, request};
use crate::filter::component::{HOST, Host};
use crate::filter::error::Wrong;
use crate::filter::state::State;
use crate::filter::{Component, Fault, Filter, Level, Limits, Line, WIT};
use wasmtime::Result;
use wasmtime::component::HasSelf;

mod newer {
    wasmtime::component::bindgen!({
        inline: "
            package crossdock:filter@0.1.1;
            interface log {
                enum level { debug, info, warn }
                emit: func(level: level, message: string);
                @since(version = 0.1.1)
                progress: func(done: u32, total: u32);
            }
            world newer { import log; }
        ",
        imports: { default: trappable },
    });
}

use newer::crossdock::filter::log;

impl log::Host for State {
    fn emit(&mut self, _level: log::Level, message: String) -> Result<()> {
        self.log.emit(Level::Info, format!("newer: {message}"));
        Ok(())
    }

    fn progress(&mut self, done: u32, total: u32) -> Result<()> {
        self.log.emit(Level::Info, format!("newer: {done} of {total}"));
        Ok(())
    }
}

const NEWER: Host = Host {
    given: &[("types", &[]), ("log", &["emit", "progress"])],
    define: |linker| newer::Newer::add_to_linker::<_, HasSelf<_>>(linker, |state| state),
};

/// The contract as 0.1.1 would have it.
fn wit_0_1_1() -> String {
    let wit = WIT.replace("package crossdock:filter@0.1.0", "package crossdock:filter@0.1.1");
    let emit = "emit: func(level: level, message: string);";
    assert!(wit.contains(emit));
    wit.replace(emit, &format!("{emit}\n  @since(version = 0.1.1)\n  progress: func(done: u32, total: u32);"))
}

/// A filter that was built for 0.1.0 and logs `x` when it decides.
fn old() -> Vec<u8> {
    Guest { parts: X, decide: EMITS, ..Guest::default() }.bytes()
}

const X: &str = r#"(data (i32.const 1024) "x")"#;
const EMITS: &str = "(call $emit (i32.const 1) (i32.const 1024) (i32.const 1))";

/// The same, built for 0.1.1, with more imports.
fn new(more: &str, decide: &str) -> Vec<u8> {
    let (wit, imports) = (wit_0_1_1(), format!("{} {more}", EMIT.replace("@0.1.0", "@0.1.1")));
    Guest { wit: &wit, version: "0.1.1", imports: &imports, parts: X, decide, ..Guest::default() }.bytes()
}

/// One that uses what is new.
fn new_with_progress() -> Vec<u8> {
    let import = r#"(import "crossdock:filter/log@0.1.1" "progress" (func $progress (param i32 i32)))"#;
    new(import, "(call $progress (i32.const 1) (i32.const 2))")
}

/// One with a field more in a record, which no host takes.
fn reshaped() -> Vec<u8> {
    let wit = WIT.replace("    created: option<s64>,\n", "    created: option<s64>,\n    size: u32,\n");
    assert_ne!(wit, WIT);
    Guest { wit: &wit, ..Guest::default() }.bytes()
}

/// What the filter logs on `host`.
fn logs(bytes: &[u8], host: &Host) -> Result<Vec<String>, Wrong> {
    let component = Component::for_host("guest", bytes, None, host)?;
    let filter = Filter::new(&component, &serde_json::Value::Null, Limits::default())
        .map_err(|error| Wrong::new(error.fault, error.message))?;
    let decided = filter.decide(&request(&["1"])).expect("it decides");
    Ok(decided.log.into_iter().map(|Line { message, .. }| message).collect())
}

#[test]
fn a_filter_of_0_1_0_runs_on_every_0_1() {
    assert_eq!(logs(&old(), &HOST), Ok(vec!["x".to_owned()]));
    assert_eq!(logs(&old(), &NEWER), Ok(vec!["newer: x".to_owned()]));
}

#[test]
fn a_filter_of_0_1_1_runs_on_0_1_0_unless_it_uses_what_is_new() {
    assert_eq!(logs(&new("", EMITS), &HOST), Ok(vec!["x".to_owned()]));
    assert_eq!(logs(&new("", EMITS), &NEWER), Ok(vec!["newer: x".to_owned()]));
    assert_eq!(logs(&new_with_progress(), &NEWER), Ok(vec!["newer: 1 of 2".to_owned()]));
    let wrong = logs(&new_with_progress(), &HOST).expect_err("it is refused");
    assert_eq!(wrong.fault, Fault::Contract);
    assert_eq!(
        wrong.message,
        "it needs crossdock:filter 0.1.1 (function `progress` of `log`); this crossdock speaks 0.1.0"
    );
}

#[test]
fn a_filter_with_another_shape_runs_nowhere() {
    for host in [&HOST, &NEWER] {
        let wrong = logs(&reshaped(), host).expect_err("it is refused");
        assert_eq!(wrong.fault, Fault::Contract);
        assert!(wrong.message.starts_with("its functions have another shape: "), "{}", wrong.message);
    }
}

#[test]
fn the_contract_is_what_this_host_says_that_it_gives() {
    let mut resolve = wit_parser::Resolve::default();
    let package = resolve.push_source("filter.wit", WIT).expect("WIT");
    let name = resolve.packages[package].name.to_string();
    assert_eq!(name, format!("{}@{}", super::super::surface::PACKAGE, super::super::surface::VERSION));
    for (interface, functions) in HOST.given {
        let known = &resolve.interfaces[resolve.packages[package].interfaces[*interface]];
        assert_eq!(known.functions.keys().collect::<Vec<_>>(), *functions, "{interface}");
    }
    // All but what a filter itself is.
    assert_eq!(resolve.packages[package].interfaces.len(), HOST.given.len() + 1);
}
