//! What a filter is shown, and that it always says the same.

use super::guest::{Guest, request};
use crate::filter::{Fault, Filter, Level, Limits, Line, Needs};
use serde_json::{Value, json};

/// Refuses with what it is given as configuration.
const REFUSES: &str = "(local.set $answer (call $new (i32.const 12)))
    (call $error (local.get $answer) (local.get $config) (local.get $config_len))
    (return (local.get $answer))";
/// Logs its configuration.
const LOGS: &str = "(call $emit (i32.const 2) (local.get $config) (local.get $config_len))";

fn line(level: Level, message: &str) -> Line {
    Line { level, message: message.to_owned() }
}

#[test]
fn a_filter_says_what_it_needs() {
    let none = Needs::default();
    assert_eq!(Guest::default().filter().needs(), none);
    let needs = Guest { needs: 0b10001, ..Guest::default() }.filter().needs();
    assert_eq!(needs, Needs { digest: true, now: true, ..none });
    let all = Needs { digest: true, platforms: true, annotations: true, config: true, now: true };
    assert_eq!(Guest { needs: 0xff, ..Guest::default() }.filter().needs(), all);
}

#[test]
fn a_filter_gets_its_configuration_as_json_in_each_call() {
    let component = Guest { prepare: LOGS, decide: LOGS, ..Guest::default() }.component();
    for (config, text) in
        [(Value::Null, "{}"), (json!({"a": [1, null], "b": "ä"}), r#"{"a":[1,null],"b":"ä"}"#)]
    {
        let filter = Filter::new(&component, &config, Limits::default()).expect("it is ready");
        assert_eq!(filter.prepared().1, [line(Level::Warn, text)]);
        let decided = filter.decide(&request(&["1"])).expect("it decides");
        assert_eq!(decided.log, [line(Level::Warn, text)]);
        assert_eq!((filter.name(), filter.digest()), ("guest", &component.inspection().digest));
    }
}

#[test]
fn a_configuration_that_it_refuses_ends_it_with_its_words() {
    let component = Guest { prepare: REFUSES, ..Guest::default() }.component();
    let error = Filter::new(&component, &json!({"minors": -1}), Limits::default()).err().expect("it refuses");
    assert_eq!(error.fault, Fault::Config);
    assert_eq!(error.to_string(), r#"the filter `guest`: it refuses its configuration: {"minors":-1}"#);
    assert_eq!(error.hint.as_deref(), Some("correct the `config` of the filter in the spec"));
    assert_eq!(error.blamed, None);
}

#[test]
fn only_facts_that_are_needed_are_shown() {
    // Drops the first image with what is at its place as media type, and fails where there is none.
    let decide = "(if (i32.eqz (i32.load8_u offset=20 (local.get $images))) (then unreachable))
        (if (i32.eqz (local.get $has_now)) (then unreachable))
        (if (i32.ne (i32.load8_u offset=56 (local.get $images)) (i32.const 0)) (then unreachable))
        (call $drop (local.get $list) (i32.load offset=24 (local.get $images)) (i32.load offset=28 (local.get $images)))";
    let mut request = request(&["1"]);
    let image = &mut request.images[0];
    image.media_type = Some(crate::oci::MediaType::oci_index());
    image.created = Some(7);
    request.now = Some(1_700_000_000);
    let shown = |needs| {
        let filter = Guest { needs, decide, ..Guest::default() }.filter();
        filter.decide(&request).map(|decided| format!("{:?}", decided.decisions))
    };
    let index = "[Drop(Some(\"application/vnd.oci.image.index.v1+json\"))]";
    assert_eq!(shown(0b10001).expect("both are shown"), index);
    for needs in [0b10000, 0b00001, 0b11001] {
        assert_eq!(shown(needs).expect_err("it is not shown").fault, Fault::Crash, "{needs:b}");
    }
}

#[test]
fn the_same_call_gives_the_same_answer_for_the_same_fuel() {
    let guest = Guest {
        parts: "(global $calls (mut i32) (i32.const 48))",
        // What it keeps from call to call would show.
        decide: "(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
            (i32.store8 (i32.const 1024) (global.get $calls))
            (call $drop (local.get $list) (i32.const 1024) (i32.const 1))",
        ..Guest::default()
    };
    let (filter, twin) = (guest.filter(), guest.filter());
    let request = request(&["1", "2", "3"]);
    let first = filter.decide(&request).expect("it decides");
    assert!(first.used.fuel > 100 && first.used.memory_bytes == 2 << 16, "{:?}", first.used);
    for filter in [&filter, &twin] {
        assert_eq!(filter.decide(&request).as_ref(), Ok(&first));
    }
    assert_eq!(filter.prepared(), twin.prepared());
}

#[test]
fn one_filter_serves_many_threads() {
    let filter = Guest::default().filter();
    let request = request(&["1", "2"]);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert!(filter.decide(&request).is_ok()));
        }
    });
}
