//! Which room may know which. The table below is the one place that says so; `ARCHITECTURE.md`
//! explains it.

use crate::assert_none;
use crate::source::{File, rust};
use std::collections::BTreeMap;

/// Each room with those that it may know, from the ground up: a room knows only rooms that stand
/// before it, so no two can need each other.
const ROOMS: &[(&str, &[&str])] = &[
    // Floor 0: words.
    ("oci", &[]),
    ("failure", &["oci"]),
    ("colour", &[]),
    ("access", &["oci"]),
    ("form", &["oci"]),
    ("bundle", &["oci"]),
    // Floor 1: values, and where content lives.
    ("select", &["oci"]),
    ("spec", &["oci", "colour", "access", "form", "select"]),
    ("store", &["oci", "failure", "access", "form", "bundle"]),
    ("plan", &["oci", "failure", "form"]),
    ("outcome", &["oci", "failure"]),
    ("meter", &[]),
    ("filter", &["oci"]),
    // Floor 2: what is done.
    ("facts", &["oci", "failure", "store", "plan", "filter"]),
    ("referrers", &["oci", "failure", "spec", "store"]),
    (
        "resolve",
        &["oci", "failure", "form", "select", "spec", "store", "plan", "filter", "facts", "referrers"],
    ),
    ("estate", &["oci", "failure", "spec", "store", "plan"]),
    ("observe", &["oci", "failure", "form", "spec", "store", "plan", "facts", "referrers", "resolve"]),
    ("weigh", &["oci", "failure", "store", "plan", "facts"]),
    ("examine", &["oci", "failure", "store", "outcome"]),
    ("delivery", &["oci", "failure", "form", "bundle", "spec", "store", "plan", "referrers", "resolve"]),
    ("doctor", &["oci", "failure", "spec", "store"]),
    ("transfer", &["oci", "failure", "store", "plan", "outcome", "meter"]),
    ("inventory", &["oci", "failure", "bundle", "store", "facts"]),
    ("pack", &["oci", "failure", "bundle", "store", "plan"]),
    ("report", &["oci", "failure", "colour", "form", "plan", "outcome"]),
    ("cases", &["oci", "filter"]),
    ("import", &["oci", "select", "spec", "plan"]),
    // Floor 3: composition.
    ("stores", &["oci", "failure", "bundle", "spec", "store"]),
    ("components", &["oci", "failure", "spec", "store", "filter"]),
    (
        "walk",
        &[
            "oci",
            "failure",
            "form",
            "spec",
            "store",
            "plan",
            "outcome",
            "meter",
            "filter",
            "referrers",
            "resolve",
            "estate",
            "observe",
            "weigh",
            "examine",
            "transfer",
            "report",
        ],
    ),
    ("ci", &["oci", "failure", "colour", "spec", "plan", "outcome", "report"]),
    (
        "cli",
        &[
            "oci",
            "failure",
            "colour",
            "form",
            "select",
            "spec",
            "store",
            "plan",
            "outcome",
            "meter",
            "facts",
            "referrers",
            "resolve",
            "estate",
            "observe",
            "weigh",
            "bundle",
            "delivery",
            "doctor",
            "transfer",
            "report",
            "stores",
            "walk",
            "filter",
            "cases",
            "components",
            "ci",
            "import",
            "bundle",
            "inventory",
            "pack",
        ],
    ),
    ("main", &["ci", "cli", "report", "transfer"]),
    // Beside the house: what fuzzers call, and how laws are checked.
    ("fuzzed", &["bundle", "oci", "spec", "store", "plan", "filter", "report"]),
];

/// What is there in tests only, and that any room may know: the compiler keeps it out of the program.
const FOR_TESTS: &str = "laws";

/// Parts of one room that may not know each other.
const STRANGERS: &[(&str, &str)] = &[
    ("src/store/registry", "store::layout"),
    ("src/store/layout", "store::registry"),
    ("src/store/archive", "store::registry"),
    ("src/store/layout", "store::archive"),
    // What is agreed on does not know who keeps to it.
    ("src/store/mod.rs", "store::registry::"),
    ("src/store/mod.rs", "store::layout::"),
    ("src/store/mod.rs", "store::archive::"),
];

/// `src/plan/diff.rs` is in the room `plan`.
fn room(path: &str) -> Option<&str> {
    let below = path.strip_prefix("src/")?;
    Some(below.split('/').next()?.trim_end_matches(".rs"))
}

/// The module that a file is: `src/plan/file/mod.rs` is `plan::file`.
fn module(path: &str) -> Vec<&str> {
    let below = path.trim_start_matches("src/").trim_end_matches(".rs");
    below.trim_end_matches("/mod").split('/').collect()
}

/// The paths that a file names, from the root of the crate, `a::b::c`, with their lines.
fn paths(file: &File) -> Vec<(usize, String)> {
    let code = file.code();
    let module = module(&file.path);
    let root = if file.path == "src/main.rs" { "crossdock::" } else { "crate::" };
    let starts = code.match_indices(root).chain(code.match_indices("super::"));
    let mut found = Vec::new();
    for (at, start) in starts {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|before| before.is_alphanumeric() || before == '_' || before == ':') {
            continue;
        }
        let line = code[..at].matches('\n').count() + 1;
        let mut rest = &code[at..];
        let mut prefix = if start == root { &[] } else { module.as_slice() };
        while let Some(more) = rest.strip_prefix("super::") {
            prefix = &prefix[..prefix.len().saturating_sub(1)];
            rest = more;
        }
        let prefix: String = prefix.iter().map(|part| format!("{part}::")).collect();
        spell_out(rest.strip_prefix(root).unwrap_or(rest), &prefix, &mut |path| found.push((line, path)));
    }
    found
}

/// Gives `take` every path of `a::{b, c::{d}}`, and returns what follows.
fn spell_out<'code>(code: &'code str, prefix: &str, take: &mut dyn FnMut(String)) -> &'code str {
    let mut rest = code.trim_start();
    let mut path = prefix.to_owned();
    loop {
        if let Some(group) = rest.strip_prefix('{') {
            rest = group.trim_start();
            while !rest.starts_with('}') && !rest.is_empty() {
                rest = spell_out(rest, &path, take).trim_start();
                rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
            }
            return rest.strip_prefix('}').unwrap_or(rest);
        }
        let end = rest.find(|next: char| !next.is_alphanumeric() && next != '_').unwrap_or(rest.len());
        path.push_str(&rest[..end]);
        rest = &rest[end..];
        match rest.strip_prefix("::") {
            Some(more) => {
                path.push_str("::");
                rest = more;
            }
            None => {
                take(path);
                // `as name`, `*` and the like: on to the next of the group.
                let next = rest.find([',', '}', ';', '\n']).unwrap_or(rest.len());
                return &rest[next..];
            }
        }
    }
}

fn violations(files: &[File]) -> Vec<String> {
    let table: BTreeMap<&str, &[&str]> = ROOMS.iter().copied().collect();
    let mut violations = Vec::new();
    for file in files {
        let Some(room) = room(&file.path).filter(|room| !["lib", FOR_TESTS].contains(room)) else { continue };
        let Some(known) = table.get(room) else {
            violations.push(format!("{}: {room} is not in the table of rooms", file.path));
            continue;
        };
        for (line, path) in paths(file) {
            let other = path.split("::").next().unwrap_or_default();
            if other != room && table.contains_key(other) && !known.contains(&other) {
                violations.push(format!("{}:{line}: {room} may not know {other}", file.path));
            }
            for (part, stranger) in STRANGERS {
                if file.path.starts_with(part) && path.starts_with(stranger) {
                    violations.push(format!("{}:{line}: {part} may not know {stranger}", file.path));
                }
            }
        }
    }
    violations
}

#[test]
fn every_room_knows_only_what_the_table_allows() {
    assert_none(&violations(&rust(&["src/"])));
}

#[test]
fn rooms_know_only_rooms_below_them() {
    let mut below: Vec<&str> = Vec::new();
    for (room, known) in ROOMS {
        for other in *known {
            assert!(below.contains(other), "the table lets {room} know {other}, which is not below it");
        }
        below.push(room);
    }
}

#[test]
fn a_room_that_knows_too_much_is_told() {
    let told = |path, text| violations(&[File::made_up(path, text)]).join("\n");
    let upwards = told("src/plan/diff.rs", "use crate::store::Reader;\n");
    assert_eq!(upwards, "src/plan/diff.rs:1: plan may not know store");
    let grouped = told("src/oci/name.rs", "\nuse crate::{oci::{Tag, digest::*}, plan};\n");
    assert_eq!(grouped, "src/oci/name.rs:2: oci may not know plan");
    let inline = told("src/meter.rs", "fn count() { crate::report::Exit::Ok; }");
    assert_eq!(inline, "src/meter.rs:1: meter may not know report");
    let strangers = told("src/store/registry/tags.rs", "use crate::store::layout::Layout;");
    assert_eq!(strangers, "src/store/registry/tags.rs:1: src/store/registry may not know store::layout");
    let sideways = told("src/store/layout/lock.rs", "use super::super::registry::Pool;");
    assert_eq!(sideways, "src/store/layout/lock.rs:1: src/store/layout may not know store::registry");
    assert_eq!(told("src/attic.rs", ""), "src/attic.rs: attic is not in the table of rooms");
    assert_eq!(told("src/main.rs", "use crossdock::plan::Plan;"), "src/main.rs:1: main may not know plan");
    assert_eq!(told("src/plan/diff.rs", "// use crate::store\nuse crate::oci::Tag as T;"), "");
}
