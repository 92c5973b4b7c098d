//! `--report json=PATH`: written whatever happens, whole, and as the schema says.

use super::pair::Pair;
use super::plan::mixed;
use crate::bed::images::{Format, one_platform};
use serde_json::Value;

/// The schema that the program prints.
fn schema(pair: &Pair) -> Value {
    let schema = pair.run(&["schema", "report"]).expect_code(0).stdout;
    serde_json::from_str(&schema).expect("a schema is JSON")
}

/// Runs, and checks that the report is there and follows the schema.
fn valid(pair: &Pair, arguments: &[&str]) -> Value {
    let _ = std::fs::remove_file(pair.program.work().join("report.json"));
    let (finished, report) = pair.report(arguments);
    if let Err(error) = jsonschema::validate(&schema(pair), &report) {
        panic!("{error} in {report:#}");
    }
    assert_eq!(report["exitCode"].as_i64(), finished.code.map(i64::from));
    assert_eq!(report["run"]["command"], arguments[0]);
    report
}

#[test]
fn reports_of_all_commands_follow_the_schema() {
    let pair = mixed();
    for command in ["plan", "check", "lint", "explain", "sync", "sync"] {
        valid(&pair, &[command]);
    }
    pair.run(&["plan", "-o", "plan.json"]);
    valid(&pair, &["apply", "plan.json"]);
    let (source, target) = (pair.placed("SOURCE/app:nightly"), pair.placed("TARGET/copied"));
    valid(&pair, &["copy", "--spec", "crossdock.yaml", &source, &target]);
}

#[test]
fn a_report_tells_everything_about_a_run() {
    let pair = mixed();
    let mut report = valid(&pair, &["sync"]);
    let hosts = report["registries"].as_array_mut().expect("registries");
    assert!(hosts.is_sorted_by_key(|registry| registry["host"].to_string()));
    // Which of two ports is the lower one differs from run to run.
    hosts.sort_by_key(|registry| registry["host"] == pair.target.host());
    report["spec"]["sha256"] = "[SHA-256]".into();
    insta::assert_snapshot!(pair.normal().of(&format!("{report:#}")));
}

#[test]
fn an_item_keeps_its_id_from_run_to_run() {
    let pair = mixed();
    let ids = |report: &Value| -> Vec<Value> {
        report["items"].as_array().expect("items").iter().map(|item| item["id"].clone()).collect()
    };
    let (planned, synced) = (valid(&pair, &["plan"]), valid(&pair, &["sync"]));
    assert_eq!(ids(&planned), ids(&synced));
}

#[test]
fn an_invalid_spec_has_a_report_with_its_problems() {
    let pair = Pair::new();
    pair.mirrors("- source: SOURCE/app\n  target: TARGET/app\n  tagz: [latest]\n  newest: 1");
    for command in ["sync", "plan", "check", "lint", "explain"] {
        let report = valid(&pair, &[command]);
        assert_eq!(report["result"], "invalid");
        let problem = &report["problems"][0];
        assert_eq!((&problem["path"], &problem["line"]), (&"crossdock.yaml".into(), &8.into()), "{problem}");
        assert!(problem["message"].as_str().is_some_and(|text| text.contains("tagz")), "{problem}");
    }
}

#[test]
fn what_cannot_be_started_has_a_report_too() {
    let pair = Pair::new();
    for arguments in [["sync"].as_slice(), &["plan"], &["check"], &["lint"], &["apply", "no-plan.json"]] {
        let report = valid(&pair, arguments);
        assert_eq!(report["result"], "invalid", "{arguments:?}");
        assert_eq!(report["problems"].as_array().map(Vec::len), Some(1), "{arguments:?}: {report:#}");
    }
}

#[test]
fn a_report_replaces_an_older_one_or_leaves_it_whole() {
    let pair = mixed();
    pair.program.write("report.json", &"x".repeat(1 << 20));
    valid(&pair, &["check"]);
    let files = pair.program.files();
    assert!(!files.iter().any(|file| file.contains(".crossdock-")), "{files:?}");
}

#[test]
fn two_reports_are_written_when_two_are_asked_for() {
    let pair = mixed();
    pair.run(&["check", "--report", "json=one.json", "--report", "json=two.json"]).expect_code(3);
    assert_eq!(pair.program.read("one.json"), pair.program.read("two.json"));
}

#[test]
fn a_report_that_cannot_be_written_does_not_keep_the_others_from_being_written() {
    let pair = mixed();
    let reports = ["--report", "json=no/such/report.json", "--report", "junit=junit.xml"];
    pair.run(&[&["check"], &reports[..]].concat()).expect_code(1);
    assert!(pair.program.read("junit.xml").ends_with("</testsuites>\n"));
}

#[test]
fn a_report_that_cannot_be_written_is_a_failure_of_the_run() {
    let pair = Pair::new();
    pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    pair.mirrors("- source: SOURCE/app\n  target: TARGET/app\n  tags: [\"1.0\"]");
    let text = pair.transcript(&["sync", "--progress", "none", "--report", "json=no/such/report.json"]);
    insta::assert_snapshot!(text);
}
