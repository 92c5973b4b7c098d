//! Every format of reports, as the program writes it, before readers that other people wrote.

mod hostile;
mod readers;

use crate::bed::images::{Format, one_platform, two_platforms};
use crate::commands::Pair;
use serde_json::Value;

/// The formats, and the file that each is written to.
const FORMATS: [&str; 10] = [
    "json",
    "jsonl",
    "junit",
    "markdown",
    "comment",
    "openmetrics",
    "prometheus",
    "sarif",
    "codequality",
    "dotenv",
];

/// A run, and its report in every format.
struct Told {
    pair: Pair,
    code: i32,
}

impl Told {
    fn of(pair: Pair, arguments: &[&str]) -> Self {
        let reports: Vec<String> = FORMATS.iter().map(|format| format!("{format}=report.{format}")).collect();
        let flags: Vec<&str> = reports.iter().flat_map(|report| ["--report", report]).collect();
        let finished = pair.run(&[arguments, &flags].concat());
        let code = finished.code.expect("it ended by itself");
        Self { pair, code }
    }

    fn text(&self, format: &str) -> String {
        self.pair.program.read(&format!("report.{format}"))
    }

    fn json(&self, format: &str) -> Value {
        serde_json::from_str(&self.text(format)).expect("JSON")
    }

    /// Asks every reader.
    fn read(&self) {
        readers::junit(&self.text("junit")).expect("JUnit");
        readers::prometheus(&self.text("prometheus")).expect("metrics");
        let samples = readers::openmetrics(&self.text("openmetrics")).expect("OpenMetrics");
        assert!(samples.iter().all(|(_, labels, _)| labels["spec"] == "crossdock.yaml"), "{samples:?}");
        let variables = readers::dotenv(&self.text("dotenv"));
        assert_eq!(variables["CROSSDOCK_EXIT_CODE"], self.code.to_string());
        assert_eq!(self.json("json")["result"], variables["CROSSDOCK_RESULT"].as_str());
        for format in ["markdown", "comment"] {
            let (elements, html) = readers::markdown(&self.text(format));
            assert_eq!((elements.get("link"), elements.get("image")), (None, None), "{}", self.text(format));
            assert!(html.iter().all(|html| ours(html)), "{html:?}");
        }
        readers::sarif(&self.text("sarif")).expect("SARIF");
        for finding in self.json("codequality").as_array().expect("a list") {
            for key in ["description", "check_name", "fingerprint", "severity"] {
                assert!(finding[key].is_string(), "{finding:#}");
            }
            assert_eq!(finding["location"]["path"], "crossdock.yaml");
            assert!(finding["location"]["lines"]["begin"].is_u64(), "{finding:#}");
        }
        let lines: Vec<Value> =
            self.text("jsonl").lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let (first, last) = (lines.first().expect("lines"), lines.last().expect("lines"));
        assert_eq!((&first["type"], &last["type"]), (&"version".into(), &"summary".into()));
        assert_eq!(last["exitCode"], self.code);
    }

    /// How many cases of JUnit passed, failed and were skipped.
    fn cases(&self) -> [String; 3] {
        let count = |with: &str| readers::xpath(&self.text("junit"), &format!("count(//testcase[{with}])"));
        [count("not(*)"), count("failure"), count("skipped")]
    }
}

/// The HTML that summaries have of their own.
fn ours(html: &str) -> bool {
    let parts = ["<br>", "<details>", "</details>", "</summary>", "<!-- crossdock:"];
    parts.iter().any(|part| html.trim_start().starts_with(part))
}

fn seeded() -> Pair {
    let pair = Pair::new();
    pair.source.seed(&two_platforms(1, Format::Oci), "app", &["1.0", "1.1"]);
    pair.source.seed(&one_platform(2, Format::Docker), "app", &["2.0"]);
    pair.mirrors("- source: SOURCE/app\n  target: TARGET/mirror/app\n  tags: \"*\"");
    pair
}

#[test]
fn a_run_that_changed_something() {
    let told = Told::of(seeded(), &["sync"]);
    told.read();
    assert_eq!((told.code, told.cases()), (0, ["3", "0", "0"].map(str::to_owned)));
    assert!(told.text("markdown").starts_with("## Sync: 3 created, 0 updated\n"));
    let (elements, _) = readers::markdown(&told.text("markdown"));
    assert_eq!((elements["table"], elements["table_row"]), (2, 5), "three tags and two registries");
    let samples = readers::openmetrics(&told.text("openmetrics")).expect("OpenMetrics");
    let created = samples.iter().find(|(name, labels, _)| {
        name == "crossdock_images" && labels.get("outcome").is_some_and(|outcome| outcome == "created")
    });
    assert_eq!(created.map(|(_, _, value)| *value), Some(3.0));
}

#[test]
fn a_run_with_nothing_to_do() {
    let pair = seeded();
    pair.run(&["sync"]).expect_code(0);
    let told = Told::of(pair, &["sync"]);
    told.read();
    assert_eq!((told.code, told.cases()), (0, ["3", "0", "0"].map(str::to_owned)));
    assert_eq!(told.text("markdown").lines().count(), 3);
    assert_eq!(readers::dotenv(&told.text("dotenv"))["CROSSDOCK_CHANGED"], "false");
}

#[test]
fn a_run_of_which_a_part_failed() {
    let pair = seeded();
    pair.mirrors(
        "
- source: SOURCE/app
  target: TARGET/mirror/app
  tags: \"*\"
- name: gone
  source: SOURCE/app
  target: TARGET/mirror/gone
  tags: [\"9.9\"]
- name: nowhere
  source: SOURCE/nowhere
  target: TARGET/mirror/nowhere
  tags: \"*\"
",
    );
    let told = Told::of(pair, &["sync"]);
    told.read();
    assert_eq!((told.code, told.cases()), (3, ["3", "2", "0"].map(str::to_owned)));
    let summary = told.text("markdown");
    assert!(summary.find("### What went wrong") < summary.find("### Changed"), "{summary}");
    assert!(!told.text("openmetrics").contains("crossdock_last_success"));
}

#[test]
fn a_spec_that_is_wrong() {
    let pair = seeded();
    pair.mirrors("- source: SOURCE/app\n  target: TARGET/app\n  tagz: [latest]\n  newest: 1");
    for command in ["sync", "lint", "plan", "check"] {
        let told = Told::of(seeded_with(&pair), &[command]);
        told.read();
        assert_eq!(told.code, 4);
        let problems = told.json("json")["problems"].as_array().expect("a list").len();
        let results = &told.json("sarif")["runs"][0]["results"];
        assert_eq!(results.as_array().map(Vec::len), Some(problems));
        assert_eq!(results[0]["locations"][0]["physicalLocation"]["region"]["startLine"], 8);
        assert_eq!(results[0]["ruleId"], told.json("json")["problems"][0]["code"]);
        assert_eq!(told.json("codequality").as_array().map(Vec::len), Some(problems));
        assert!(told.cases()[1] != "0", "{}", told.text("junit"));
    }
}

/// Another pair with the spec of this one.
fn seeded_with(pair: &Pair) -> Pair {
    let other = Pair::new();
    other.program.write("crossdock.yaml", &pair.program.read("crossdock.yaml"));
    other
}

#[test]
fn what_would_change_fails_a_check_and_not_a_plan() {
    let told = Told::of(seeded(), &["check"]);
    told.read();
    assert_eq!((told.code, told.cases()), (2, ["0", "3", "0"].map(str::to_owned)));
    let told = Told::of(seeded(), &["plan"]);
    told.read();
    assert_eq!((told.code, told.cases()), (0, ["0", "0", "3"].map(str::to_owned)));
    let comment = told.text("comment");
    assert!(
        comment.starts_with("<!-- crossdock:plan:crossdock.yaml -->\n## Plan: 3 to create, 0 to update\n")
    );
    assert!(comment.contains("to copy at most"), "{comment}");
}

#[test]
fn what_is_wrong_outside_of_the_spec_is_told_as_well() {
    let told = Told::of(seeded(), &["sync", "--only", "nothing*"]);
    assert_eq!(told.code, 4);
    readers::junit(&told.text("junit")).expect("JUnit");
    readers::openmetrics(&told.text("openmetrics")).expect("OpenMetrics");
    readers::sarif(&told.text("sarif")).expect("SARIF");
    let invocation = &told.json("sarif")["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(invocation["toolConfigurationNotifications"].as_array().map(Vec::len), Some(1));
    assert_eq!(told.json("codequality"), Value::Array(Vec::new()));
}

#[test]
fn readers_refuse_what_is_wrong() {
    assert!(readers::junit("<testsuites/>").is_err());
    assert!(readers::junit("<testsuites name=\"a\" tests=\"0\"").is_err());
    assert!(readers::prometheus("crossdock_images{outcome=\"a} 1\n").is_err());
    assert!(readers::openmetrics("# TYPE a gauge\na 1\n").is_err(), "there is no EOF");
    let (elements, _) = readers::markdown("see https://evil.test and *this*");
    assert_eq!((elements.get("link"), elements.get("emph")), (Some(&1), Some(&1)));
    assert!(readers::sarif("{\"version\": \"2.1.0\", \"runs\": [{ \"results\": [] }]}").is_err(), "no tool");
}
