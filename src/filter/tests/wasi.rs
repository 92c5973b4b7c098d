//! The empty WASI: what is linked answers that there is nothing, or is named when it is called.

use super::guest::{Guest, request};
use crate::filter::{Decision, Fault, FilterError, Level, WIT};

const IO: &str = "package wasi:io@0.2.9;
interface error { resource error; }
interface poll {
  resource pollable { ready: func() -> bool; block: func(); }
  poll: func(in: list<borrow<pollable>>) -> list<u32>;
}
interface streams {
  use error.{error};
  use poll.{pollable};
  variant stream-error { last-operation-failed(error), closed }
  resource input-stream { read: func(len: u64) -> result<list<u8>, stream-error>; }
  resource output-stream {
    check-write: func() -> result<u64, stream-error>;
    blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>;
    subscribe: func() -> pollable;
  }
}";
const CLI: &str = "package wasi:cli@0.2.9;
interface environment { get-environment: func() -> list<tuple<string, string>>; }
interface exit { exit: func(status: result); }
interface stdin { use wasi:io/streams@0.2.9.{input-stream}; get-stdin: func() -> input-stream; }
interface stdout { use wasi:io/streams@0.2.9.{output-stream}; get-stdout: func() -> output-stream; }
interface stderr { use wasi:io/streams@0.2.9.{output-stream}; get-stderr: func() -> output-stream; }";
const CLOCKS: &str = "package wasi:clocks@0.2.9;
interface monotonic-clock {
  use wasi:io/poll@0.2.9.{pollable};
  now: func() -> u64;
  subscribe-duration: func(when: u64) -> pollable;
}";
const RANDOM: &str = "package wasi:random@0.2.9;
interface random { get-random-bytes: func(len: u64) -> list<u8>; get-random-u64: func() -> u64; }";
const SOCKETS: &str = "package wasi:sockets@0.2.9;
interface network { resource network; }
interface instance-network { use network.{network}; instance-network: func() -> network; }";
const WORLD: &str = "package test:noisy;
world noisy {
  include crossdock:filter/tag-filter@0.1.0;
  import wasi:cli/environment@0.2.9;
  import wasi:cli/exit@0.2.9;
  import wasi:cli/stdin@0.2.9;
  import wasi:cli/stdout@0.2.9;
  import wasi:cli/stderr@0.2.9;
  import wasi:clocks/monotonic-clock@0.2.9;
  import wasi:random/random@0.2.9;
  import wasi:sockets/instance-network@0.2.9;
}";
const IMPORTS: &str = r#"
  (import "wasi:cli/environment@0.2.9" "get-environment" (func $environment (param i32)))
  (import "wasi:cli/exit@0.2.9" "exit" (func $exit (param i32)))
  (import "wasi:cli/stdin@0.2.9" "get-stdin" (func $stdin (result i32)))
  (import "wasi:cli/stdout@0.2.9" "get-stdout" (func $stdout (result i32)))
  (import "wasi:cli/stderr@0.2.9" "get-stderr" (func $stderr (result i32)))
  (import "wasi:io/streams@0.2.9" "[method]input-stream.read" (func $read (param i32 i64 i32)))
  (import "wasi:io/streams@0.2.9" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.9" "[method]output-stream.check-write" (func $check_write (param i32 i32)))
  (import "wasi:io/streams@0.2.9" "[method]output-stream.subscribe" (func $subscribe (param i32) (result i32)))
  (import "wasi:io/streams@0.2.9" "[resource-drop]output-stream" (func $drop_output (param i32)))
  (import "wasi:io/poll@0.2.9" "[method]pollable.ready" (func $ready (param i32) (result i32)))
  (import "wasi:io/poll@0.2.9" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:io/poll@0.2.9" "poll" (func $poll (param i32 i32 i32)))
  (import "wasi:clocks/monotonic-clock@0.2.9" "now" (func $now_is (result i64)))
  (import "wasi:clocks/monotonic-clock@0.2.9" "subscribe-duration" (func $wait (param i64) (result i32)))
  (import "wasi:random/random@0.2.9" "get-random-bytes" (func $random (param i64 i32)))
  (import "wasi:random/random@0.2.9" "get-random-u64" (func $random_number (result i64)))
  (import "wasi:sockets/instance-network@0.2.9" "instance-network" (func $network (result i32)))
  (import "crossdock:filter/log@0.1.0" "emit" (func $emit (param i32 i32 i32)))
"#;
const MUST: &str = "(func $must (param i32) (if (i32.eqz (local.get 0)) (then unreachable)))";

/// A guest that does `decide` before it keeps everything.
fn with<T>(data: &str, decide: &str, then: impl FnOnce(Guest) -> T) -> T {
    let packages = [WIT, IO, CLI, CLOCKS, RANDOM, SOCKETS];
    let parts = format!("{MUST} {data}");
    then(Guest {
        wit: WORLD,
        packages: &packages,
        world: "noisy",
        imports: IMPORTS,
        parts: &parts,
        decide,
        ..Guest::default()
    })
}

fn decides(data: &str, decide: &str) -> (Vec<Decision>, Vec<(Level, String)>) {
    with(data, decide, |guest| {
        let decided = guest.filter().decide(&request(&["1"])).unwrap_or_else(|error| panic!("{error}"));
        (decided.decisions, decided.log.into_iter().map(|line| (line.level, line.message)).collect())
    })
}

fn fails(decide: &str) -> FilterError {
    with("", decide, |guest| guest.fails(&["1"]))
}

#[test]
fn what_is_printed_becomes_the_log_line_by_line() {
    // Two lines in three pieces to the standard error, half a line to the standard output between.
    let data = r#"(data (i32.const 1024) "first\nsecond\r\n\ff")
        (func $print (param $stream i32) (param $from i32) (param $length i32)
          (call $write (local.get $stream) (local.get $from) (local.get $length) (i32.const 512))
          (call $must (i32.eqz (i32.load8_u (i32.const 512)))))"#;
    let (_, log) = decides(
        data,
        "(local.set $at (call $stderr))
        (call $print (local.get $at) (i32.const 1024) (i32.const 8))
        (call $print (call $stdout) (i32.const 1038) (i32.const 1))
        (call $print (local.get $at) (i32.const 1032) (i32.const 6))
        (call $drop_output (local.get $at))",
    );
    let lines = ["first", "second", "\u{fffd}"].map(|text| (Level::Info, text.to_owned()));
    assert_eq!(log, lines);
}

#[test]
fn there_is_nothing_to_read_and_nowhere_to_wait() {
    let (decisions, _) = decides(
        "",
        "(call $environment (i32.const 512))
        (call $must (i32.eqz (i32.load offset=4 (i32.const 512))))
        ;; Reading is an error, and that is `closed`.
        (call $read (call $stdin) (i64.const 10) (i32.const 512))
        (call $must (i32.load8_u (i32.const 512)))
        (call $must (i32.eq (i32.load8_u offset=4 (i32.const 512)) (i32.const 1)))
        (call $check_write (call $stdout) (i32.const 512))
        (call $must (i64.eq (i64.load offset=8 (i32.const 512)) (i64.const 4096)))
        (call $must (i64.eq (call $now_is) (i64.const 1)))
        (local.set $at (call $wait (i64.const 1000000000000)))
        (call $block (local.get $at))
        (call $must (call $ready (local.get $at)))
        (i32.store (i32.const 520) (local.get $at))
        (i32.store (i32.const 524) (call $subscribe (call $stderr)))
        (call $poll (i32.const 520) (i32.const 2) (i32.const 512))
        (call $must (i32.eq (i32.load offset=4 (i32.const 512)) (i32.const 2)))
        (call $must (i32.eq (i32.load offset=4 (i32.load (i32.const 512))) (i32.const 1)))
        (call $must (i64.eq (call $now_is) (i64.const 1)))",
    );
    assert_eq!(decisions, [Decision::Keep]);
}

#[test]
fn randomness_is_the_same_in_each_call_and_bounded() {
    let bytes = "(call $random (i64.const 4) (i32.const 512))
        (i32.store8 (i32.load (i32.const 512)) (i32.add (i32.const 65)
          (i32.and (i32.const 15) (i32.load8_u (i32.load (i32.const 512))))))
        (call $must (i64.ne (call $random_number) (call $random_number)))
        (call $drop (local.get $list) (i32.load (i32.const 512)) (i32.const 1))";
    let first = decides("", bytes);
    assert!(matches!(first.0[..], [Decision::Drop(Some(_))]), "{first:?}");
    assert_eq!(decides("", bytes), first);
    let error = fails("(call $random (i64.const 65537) (i32.const 512))");
    assert_eq!(
        (error.fault, &*error.message),
        (Fault::Limit, "it asked for more than 64 KiB of random bytes at once")
    );
}

#[test]
fn what_no_filter_gets_is_named_when_it_is_called() {
    let error = fails("(drop (call $network))");
    assert_eq!(error.fault, Fault::Contract);
    let name = "wasi:sockets/instance-network#instance-network";
    assert_eq!(error.message, format!("it called `{name}`, which no filter gets"));
    let error = fails("(call $exit (i32.const 1))");
    assert_eq!((error.fault, &*error.message), (Fault::Crash, "it called `exit`"));
}

#[test]
fn waiting_for_a_clock_that_stands_still_ends() {
    let error = fails("(loop $again (br_if $again (i64.lt_u (call $now_is) (i64.const 2))))");
    assert_eq!((error.fault, &*error.message), (Fault::Limit, "it made more than 10000 calls to the host"));
}
