//! Filters that want to do harm, through the program: each ends in an error that names it, within its
//! limits, and nothing of its repository is mirrored, while others are not touched.

use super::{guest, mirrored};
use crate::bed::component::wants_a_network;
use crate::bed::images::{Format, one_platform};
use crate::commands::pair::Pair;
use serde_json::Value;
use std::collections::BTreeMap;

/// Deeds that end the call, done in the presence of the tag `1.1`, and what is said of them.
const FAIL: [(&str, &str); 35] = [
    ("loop", "it ran too long"),
    ("memory", "it asked for more than 256 MiB of memory"),
    ("recursion", "overflow"),
    ("deep-calls", "its stack overflowed"),
    ("log-flood", "more than 10000 calls to the host"),
    ("host-calls", "more than 10000 calls to the host"),
    ("wall-clock", "more than 10000 calls to the host"),
    ("monotonic-clock", "more than 10000 calls to the host"),
    ("exit", "it called `exit`"),
    ("panic", "it panicked or aborted: it panicked on purpose"),
    ("trap", "it panicked or aborted"),
    ("read-file", "the system said"),
    ("write-file", "the system said"),
    ("list-directory", "the system said"),
    ("network", "which no filter gets"),
    ("fail-commands", "owned"),
    ("fail-huge", "xxxx"),
    ("one-less", "it made 0 decisions about 1 image"),
    ("one-more", "it made 2 decisions about 1 image"),
    ("none", "it made 0 decisions about 1 image"),
    ("huge-output", "it gave back more than"),
    ("bad-utf8", "it gave text that is not UTF-8"),
    ("illegal-tag", "it renames the image to the tag \"a/b\""),
    ("empty-tag", "it renames the image to the tag \"\""),
    ("long-tag", "it renames the image to the tag \"xxx"),
    ("tag-with-newline", r#"it renames the image to the tag "a\nb""#),
    ("tag-with-escape", r#"it renames the image to the tag "\u{1b}[31mred""#),
    ("tag-with-command", "it renames the image to the tag \"#"),
    ("path-upwards", "it renames the image to the repository"),
    ("path-elsewhere", "only `m/path-elsewhere` and what is below it is allowed"),
    ("path-alike", "only `m/path-alike` and what is below it is allowed"),
    ("path-illegal", "it renames the image to the repository"),
    ("no-destination", "it renames the image to nothing"),
    ("many-destinations", "it g"),
    ("same-twice", "twice"),
];

/// Deeds that do no harm, done to all tags.
const HARMLESS: [&str; 10] = [
    "log-commands",
    "log-huge",
    "print-commands",
    "reason-commands",
    "sleep",
    "environment",
    "hashmap",
    "random",
    "time",
    "remember",
];

/// Three tags of one repository, and a rule for each deed, with a filter of its own.
fn pair(deeds: &[(&str, &str)]) -> Pair {
    let pair = Pair::new();
    pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0", "1.1", "latest"]);
    std::fs::copy(guest("hostile"), pair.program.work().join("hostile.wasm")).expect("it can be copied");
    let filters: String = deeds
        .iter()
        .map(|(deed, more)| format!("  {deed}: {{ wasm: hostile.wasm, config: {{ deed: {deed}{more} }} }}\n"))
        .collect();
    let rule = |deed: &str, more: &str| {
        format!("  - {{ name: {deed}, source: SOURCE/app, target: TARGET/m/{deed}{more} }}\n")
    };
    let rules: String = deeds.iter().map(|(deed, _)| rule(deed, &format!(", filter: {deed}"))).collect();
    let text = format!(
        "version: 1\nregistries:\n  SOURCE: {{ plain_http: true }}\n  TARGET: {{ plain_http: true }}\n\
         filters:\n{filters}mirrors:\n{}{rules}",
        rule("untouched", "")
    );
    pair.program.write("crossdock.yaml", &pair.placed(&text));
    pair
}

/// The one error of each rule of a report.
fn errors(report: &Value) -> BTreeMap<&str, &Value> {
    let items = report["items"].as_array().expect("items");
    let with_error = items.iter().filter(|item| !item["error"].is_null());
    with_error.map(|item| (item["mirror"].as_str().expect("a rule"), &item["error"])).collect()
}

#[test]
fn what_a_filter_does_wrong_is_told_and_harms_nobody() {
    let deeds = FAIL.map(|(deed, _)| (deed, ", at: '1.1'"));
    let pair = pair(&deeds);
    let (finished, report) = pair.report(&["sync"]);
    let finished = finished.expect_code(3);
    assert_eq!(mirrored(&pair), ["m/untouched:1.0", "m/untouched:1.1", "m/untouched:latest"]);
    pair.target.assert_clean();
    let errors = errors(&report);
    for (deed, said) in FAIL {
        let error = errors.get(deed).unwrap_or_else(|| panic!("{deed} ended well"));
        assert_eq!(error["code"], "filter", "{deed}");
        let message = error["message"].as_str().expect("a message");
        assert!(message.contains(said), "{deed}: {message}");
        assert!(message.contains(&format!("`{deed}`")), "the filter is named: {message}");
        assert!(message.len() < 8 << 10, "{deed}: {} bytes", message.len());
        assert!(message.contains("app:1.1 (image 2 of 3)"), "the tag is named: {message}");
    }
    assert_eq!(errors.len(), FAIL.len());
    for (name, text) in [("stdout", &finished.stdout), ("stderr", &finished.stderr)] {
        commands_nobody(name, text);
    }
    assert!(!pair.program.work().join("owned").exists());
}

#[test]
fn what_harms_nobody_ends_well_and_the_same_each_time() {
    let deeds = HARMLESS.map(|deed| (deed, ""));
    let pair = pair(&deeds);
    let (finished, first) = pair.report(&["plan", "-v"]);
    let finished = finished.expect_code(0);
    commands_nobody("stdout", &finished.stdout);
    commands_nobody("stderr", &finished.stderr);
    let reasons = |report: &Value| report["dropped"].clone();
    assert!(reasons(&first).as_array().is_some_and(|all| all.len() >= 3 * 3), "{first:#}");
    let (finished, second) = pair.report(&["plan", "-v"]);
    finished.expect_code(0);
    assert_eq!(reasons(&first), reasons(&second));
}

#[test]
fn all_images_under_one_name_are_a_collision() {
    let pair = pair(&[("collide", "")]);
    let other = one_platform(2, Format::Oci);
    pair.source.seed(&other, "app", &["1.1"]);
    pair.run(&["sync"]).expect_code(6);
    assert_eq!(mirrored(&pair), ["m/untouched:1.0", "m/untouched:1.1", "m/untouched:latest"]);
}

#[test]
fn what_goes_wrong_while_preparing_ends_the_run_before_anybody_is_contacted() {
    for (deed, said) in [("loop", "it ran too long"), ("exit", "it called `exit`"), ("panic", "on purpose")] {
        let pair = pair(&[(deed, ", in: prepare")]);
        let finished = pair.run(&["sync"]).expect_code(4);
        assert!(finished.stderr.contains(said), "{deed}: {}", finished.stderr);
        assert!(pair.source.requests().is_empty() && pair.target.requests().is_empty(), "{deed}");
    }
}

#[test]
fn bytes_that_are_no_filter_are_named_for_what_they_are() {
    let whole = std::fs::read(guest("hostile")).expect("it is built");
    let core = wat::parse_str("(module (func (export \"run\")))").expect("WAT");
    let world = wat::parse_str("(component)").expect("WAT");
    let random: Vec<u8> =
        (0..4096_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let cases = [
        ("core module", core, "core module"),
        ("other world", world, "crossdock:filter"),
        ("network", wants_a_network(), "acme:net/sockets@1.0.0"),
        ("truncated", whole[..whole.len() / 2].to_vec(), ""),
        ("random", random, "this is not WASM"),
        ("nothing", Vec::new(), "empty"),
        ("a page", b"<!DOCTYPE html><html></html>".to_vec(), "this is a web page"),
    ];
    for (name, bytes, said) in cases {
        let pair = pair(&[("panic", "")]);
        std::fs::write(pair.program.work().join("hostile.wasm"), bytes).expect("it can be written");
        for command in ["sync", "lint"] {
            let finished = pair.run(&[command]).expect_code(4);
            let text = &finished.stderr;
            assert!(text.contains("`panic`") && text.contains(said), "{name}, {command}: {text}");
        }
        assert!(pair.source.requests().is_empty() && pair.target.requests().is_empty(), "{name}");
    }
}

/// No escape sequence, and no line that commands a runner.
fn commands_nobody(name: &str, text: &str) {
    assert!(!text.contains('\u{1b}'), "an escape sequence in {name}");
    for line in text.lines() {
        let starts = line.trim_start().starts_with("::");
        assert!(!starts && !line.contains("##["), "a command in {name}: {line}");
    }
}
