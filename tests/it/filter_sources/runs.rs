//! Runs with filters from elsewhere: they are fetched first, and nothing else is done without them.

use super::{hex, names};
use crate::bed::component::keeps_all;
use crate::bed::files::{Files, Reply};
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Registry, RequestKind};
use crate::bed::program::Program;
use std::fs;

/// A source with an image, a place for filters, and a rule with a filter that is pinned to this.
fn mirror(source: &Registry, filters: &Registry, pin: &str) -> Program {
    let program = Program::new();
    source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    let (source, host) = (source.host(), filters.host());
    program.write(
        "crossdock.yaml",
        &format!(
            "version: 1\nregistries:\n  {source}: {{ plain_http: true }}\n  {host}: {{ plain_http: true }}\n\
             filters:\n  f: {{ wasm: \"oci://{host}/filters/f:1\"{pin} }}\n\
             mirrors:\n  - {{ source: {source}/app, target: \"oci:out\", filter: f }}\n"
        ),
    );
    fs::write(program.work().join("f.wasm"), keeps_all("f")).expect("a file can be written");
    let target = format!("{host}/filters/f:1");
    program.run(&["filter", "push", "--spec", "crossdock.yaml", "f.wasm", &target]).expect_code(0);
    filters.clear_requests();
    program
}

#[test]
fn a_filter_is_pinned_fetched_and_asked() {
    let (source, filters) = (Registry::start(), Registry::start());
    let program = mirror(&source, &filters, "");
    program.run(&["lint"]).expect_code(4);
    program.run(&["filter", "pin"]).expect_code(0);
    program.run(&["filter", "pin", "--check"]).expect_code(0);
    filters.clear_requests();
    program.run(&["sync", "--progress", "none", "--report", "json=report.json"]).expect_code(0);
    let asked: Vec<_> = filters.requests().iter().map(|request| request.kind).collect();
    assert_eq!(asked, [RequestKind::ManifestGet, RequestKind::BlobGet]);
    assert!(program.read("out/index.json").contains("1.0"));
    let report: serde_json::Value =
        serde_json::from_str(&program.read("report.json")).expect("a report is JSON");
    assert!(report["spec"]["filters"].to_string().contains(&hex(&keeps_all("f"))), "{report}");
}

#[test]
fn a_filter_that_is_not_what_its_pin_says_ends_the_run_before_a_source_is_asked() {
    let (source, filters) = (Registry::start(), Registry::start());
    let program = mirror(&source, &filters, &format!(", sha256: {}", hex(b"another")));
    for command in ["plan", "sync", "check"] {
        let said = program.run(&[command, "--progress", "none"]).expect_code(4);
        assert!(said.stderr.contains("and its pin in the spec is"), "{}", said.stderr);
    }
    let asked: Vec<_> = filters.requests().iter().map(|request| request.kind).collect();
    assert_eq!(asked, [RequestKind::ManifestGet; 3]);
    assert!(source.requests().is_empty());
}

#[test]
fn a_server_that_is_asked_is_in_the_report() {
    let (source, files, program) = (Registry::start(), Files::start(), Program::new());
    source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    files.put("/f.wasm", &[Reply::File(keeps_all("f"))]);
    program.write(
        "crossdock.yaml",
        &format!(
            "version: 1\nregistries:\n  {0}: {{ plain_http: true }}\n  {1}\n\
             filters:\n  f: {{ wasm: \"{2}\", sha256: {3} }}\n\
             mirrors:\n  - {{ source: {0}/app, target: \"oci:out\", filter: f }}\n",
            source.host(),
            files.trusted(""),
            files.url("/f.wasm"),
            hex(&keeps_all("f"))
        ),
    );
    program.run(&["sync", "--progress", "none", "--report", "json=report.json"]).expect_code(0);
    let report: serde_json::Value =
        serde_json::from_str(&program.read("report.json")).expect("a report is JSON");
    assert_eq!(report["requests"]["byOperation"]["download"], 1, "{report}");
    let hosts = report["registries"].as_array().into_iter().flatten();
    let hosts: Vec<&str> = hosts.filter_map(|registry| registry["host"].as_str()).collect();
    let expected = names(&[&source.host(), &files.host()]);
    assert_eq!(hosts.into_iter().map(str::to_owned).collect::<std::collections::BTreeSet<_>>(), expected);
}
