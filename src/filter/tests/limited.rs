//! Filters that take too much are ended, and told why.

use super::guest::{Guest, request};
use crate::filter::{Fault, Filter, FilterError, Level, Limits};

/// Ends never. Each byte costs fuel, and hardly any time.
const LOOP: &str = "(loop $again (memory.fill (i32.const 0) (i32.const 0) (i32.const 65536)) (br $again))";

fn fails(on_x: &str) -> FilterError {
    Guest { on_x, ..Guest::default() }.fails(&["1", "x", "y"])
}

/// The error of the guest when it is prepared.
fn unprepared(guest: &Guest) -> FilterError {
    let made = Filter::new(&guest.component(), &serde_json::Value::Null, Limits::default());
    *made.err().expect("it fails")
}

fn assert_limit(error: &FilterError, message: &str, hint: &str) {
    assert_eq!((error.fault, &*error.message), (Fault::Limit, message));
    let said = error.hint.as_deref().unwrap_or_default();
    assert!(said.contains(hint), "{said}");
}

#[test]
fn a_loop_ends_when_the_fuel_does() {
    let error = fails(LOOP);
    assert_limit(&error, "it ran too long: it used its 5005000000 units of fuel", "fuel_per_image");
    assert_eq!(error.blamed.map(|blamed| (blamed.position, blamed.of)), Some((2, 3)));
    let error = unprepared(&Guest { prepare: LOOP, ..Guest::default() });
    assert_limit(&error, "it ran too long: it used its 5000000000 units of fuel", "preparing");
}

#[test]
fn each_image_brings_fuel() {
    let limits = Limits { fuel_for_an_image: 3, ..Limits::default() };
    let guest = Guest { on_x: LOOP, ..Guest::default() };
    let error = guest.filter_with(limits).decide(&request(&["x"])).expect_err("it fails");
    assert_limit(&error, "it ran too long: it used its 5000000003 units of fuel", "fuel_per_image");
}

#[test]
fn memory_ends_where_the_limit_says() {
    let grow = "(drop (memory.grow (i32.const 4095)))";
    assert_limit(&fails(grow), "it asked for more than 256 MiB of memory", "`memory_mib`");
    let guest = Guest { on_x: grow, ..Guest::default() };
    let limits = Limits { memory_bytes_max: 512 << 20, ..Limits::default() };
    let decided = guest.filter_with(limits).decide(&request(&["x"])).expect("that is enough");
    assert_eq!(decided.used.memory_bytes, 4097 << 16);
    let limits = Limits { memory_bytes_max: u64::MAX, ..Limits::default() };
    let guest = Guest { on_x: "(drop (memory.grow (i32.const 20000)))", ..Guest::default() };
    let error = guest.filter_with(limits).decide(&request(&["x"])).expect_err("it fails");
    assert_limit(&error, "it asked for more than 1024 MiB of memory", "the most that a filter can have");
}

#[test]
fn memory_counts_from_the_start_and_in_all_memories() {
    let two = "(memory $second 3000) (memory $third 3000)";
    let error = unprepared(&Guest { parts: two, ..Guest::default() });
    assert_limit(&error, "it asked for more than 256 MiB of memory", "`memory_mib`");
}

#[test]
fn memory_that_could_not_grow_is_not_counted() {
    // The second memory may have one page only, so growing it fails.
    let guest = Guest {
        parts: "(memory $small 1 1)",
        on_x: "(if (i32.ne (memory.grow $small (i32.const 9)) (i32.const -1)) (then unreachable))",
        ..Guest::default()
    };
    let decided = guest.filter().decide(&request(&["x"])).expect("it decides");
    assert_eq!(decided.used.memory_bytes, 3 << 16);
}

#[test]
fn tables_and_parts_are_counted() {
    let error = unprepared(&Guest { parts: "(table 100001 funcref)", ..Guest::default() });
    assert_limit(&error, "its tables have more than 100000 entries", "smaller");
    let memories = "(memory 0)".repeat(8);
    let error = unprepared(&Guest { parts: &memories, ..Guest::default() });
    let message = "it is made of too many parts: resource limit exceeded: memory count too high at 9";
    assert_limit(&error, message, "fewer modules");
}

#[test]
fn recursion_ends_with_the_stack() {
    let parts = "(func $deep (param i32) (result i32)
        (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))";
    let guest = Guest { parts, on_x: "(drop (call $deep (i32.const 0)))", ..Guest::default() };
    assert_limit(&guest.fails(&["x"]), "its stack overflowed", "recursion");
}

#[test]
fn a_trap_is_told_with_the_last_words() {
    let error = fails("(drop (i32.load (i32.const -8)))");
    assert_eq!(error.fault, Fault::Crash);
    assert!(error.message.starts_with("it touched memory out of bounds"), "{error}");
    let error = fails("(drop (i32.div_u (i32.const 1) (i32.const 0)))");
    assert_eq!(error.message, "it trapped: integer divide by zero");
    let parts = r#"(data (i32.const 1024) "thread 'main' panicked at src/lib.rs:1:2:\nno such thing\nnote: run with")"#;
    let on_x = "(call $emit (i32.const 2) (i32.const 1024) (i32.const 69)) unreachable";
    let error = Guest { parts, on_x, ..Guest::default() }.fails(&["1", "x"]);
    assert_eq!((error.fault, &*error.message), (Fault::Crash, "it panicked or aborted: no such thing"));
    assert_eq!(error.log.len(), 1);
}

#[test]
fn an_answer_has_a_size() {
    let on_x = "(drop (memory.grow (i32.const 64)))
        (call $drop (local.get $decision) (i32.const 0) (i32.const 3000000))";
    assert_limit(&fails(on_x), "it gave back more than 1025 KiB at once", "100 bytes");
}

#[test]
fn a_log_that_does_not_end_is_cut_and_the_calls_are_counted() {
    let chatter = |times: u32, length: u32| {
        format!(
            "(local $left i32) (local.set $left (i32.const {times}))
            (loop $again
              (call $emit (i32.const 0) (i32.const 1024) (i32.const {length}))
              (local.set $left (i32.sub (local.get $left) (i32.const 1)))
              (br_if $again (local.get $left)))"
        )
    };
    let parts = |times, length| {
        let text = "ä".repeat(2500);
        format!(r#"(data (i32.const 1023) "_{text}") (func $chatter {})"#, chatter(times, length))
    };
    let long = parts(1, 5000);
    let decided = Guest { parts: &long, on_x: "(call $chatter)", ..Guest::default() }.filter();
    let decided = decided.decide(&request(&["x"])).expect("it decides");
    assert_eq!(decided.log[0].message, format!("{} [cut]", "ä".repeat(2048)));
    assert_eq!(decided.log[0].level, Level::Debug);

    let many = parts(10_000, 10);
    let filter = Guest { parts: &many, on_x: "(call $chatter)", ..Guest::default() }.filter();
    let log = filter.decide(&request(&["x"])).expect("it decides").log;
    assert_eq!(log.len(), (64 << 10) / 10 + 1);
    assert_eq!(log.last().map(|line| &*line.message), Some("what follows is left out: more than 64 KiB"));

    let one_more = parts(10_001, 2);
    let error = Guest { parts: &one_more, on_x: "(call $chatter)", ..Guest::default() }.fails(&["1", "x"]);
    assert_limit(&error, "it made more than 10000 calls to the host", "log less");
    let large = parts(1_100, 16_384);
    let error = Guest { parts: &large, on_x: "(call $chatter)", ..Guest::default() }.fails(&["x"]);
    assert_limit(&error, "it made more than 10000 calls to the host", "log less");
}
