//! The JSON report: it follows its schema, tells everything, and tells no secret.

use super::{render, schema};
use crate::failure::Code;
use crate::oci::Digest;
use crate::outcome::Done;
use crate::plan::sample::{digest, undescribed};
use crate::report::run::{Command, PlanExit, Run, Severity, Signal};
use crate::report::{escape, sample};
use serde_json::Value;

fn value(run: &Run) -> Value {
    serde_json::from_str(&render(run)).expect("JSON")
}

fn violations(instance: &Value) -> Vec<String> {
    let schema = schema();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn a_report_tells_everything_and_stays_as_it_is() {
    insta::assert_snapshot!(render(&sample::full_run(Command::Sync)));
}

#[test]
fn a_report_of_a_check_has_drift_and_no_outcome_for_what_is_pending() {
    let report = value(&sample::full_run(Command::Check));
    let items = report["items"].as_array().expect("items");
    let shown: Vec<String> = items
        .iter()
        .map(|item| format!("{} {} {}", item["drift"], item["outcome"], item["error"]["code"]))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    "absent" null null
    "refused" "refused" "refused"
    "current" "current" null
    "absent" null null
    "stale" null null
    "absent" null null
    "refused" "refused" "refused"
    "refused" "refused" "refused"
    "incomplete" null null
    null "failed" "denied"
    null "failed" "timeout"
    "#);
    assert_eq!(
        (report["counts"]["pending"].as_u64(), report["counts"]["dropped"].as_u64()),
        (Some(5), Some(3))
    );
}

#[test]
fn every_report_follows_the_published_schema() {
    let plan = Command::Plan { exit: PlanExit::Plain };
    for command in [plan, Command::Apply, Command::Sync, Command::Check, Command::Copy] {
        assert_eq!(violations(&value(&sample::full_run(command))), Vec::<String>::new());
        let mut bare = sample::run(command);
        (bare.ci, bare.spec, bare.cancelled) = (None, None, Some(Signal::Interrupt));
        bare.problems.push(sample::problem(Severity::Error));
        bare.entries.push(sample::failed(1, Code::Io));
        assert_eq!(violations(&value(&bare)), Vec::<String>::new());
    }
}

#[test]
fn the_schema_refuses_what_is_no_report_and_describes_every_key() {
    let mut report = value(&sample::full_run(Command::Sync));
    report["counts"]["created"] = Value::from("five");
    report["items"][0]["outcome"] = Value::from("copied");
    assert_eq!(violations(&report).len(), 2);
    let schema = schema();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    assert_eq!(undescribed(&schema), Vec::<String>::new());
}

#[test]
fn the_order_in_which_things_happened_does_not_show() {
    let run = sample::full_run(Command::Sync);
    let mut other = run.clone();
    other.entries.reverse();
    other.unresolved.reverse();
    other.dropped.reverse();
    other.registries.reverse();
    assert_eq!(render(&run), render(&other));
}

#[test]
fn the_id_of_an_item_depends_on_rule_source_and_target_only() {
    let first = value(&sample::full_run(Command::Sync));
    let mut later = sample::full_run(Command::Check);
    later.entries.remove(0);
    later.id = "another".to_owned();
    let later = value(&later);
    let ids = |report: &Value| -> Vec<String> {
        report["items"].as_array().expect("items").iter().map(|item| item["id"].to_string()).collect()
    };
    let (first, later) = (ids(&first), ids(&later));
    assert!(later.iter().all(|id| first.contains(id)));
    assert_eq!(first.iter().collect::<std::collections::BTreeSet<_>>().len(), first.len());
}

#[test]
fn times_are_utc_and_a_clock_that_went_back_does_no_harm() {
    let mut run = sample::run(Command::Sync);
    let east = time::UtcOffset::from_hms(5, 30, 0).expect("an offset");
    run.started_at = run.started_at.to_offset(east);
    let report = value(&run);
    assert_eq!(report["run"]["startedAt"], "2026-03-01T00:00:00.000Z");
    assert_eq!(report["run"]["finishedAt"], "2026-03-01T00:00:12.345Z");
    assert_eq!(report["run"]["durationMs"], 12_345);
    std::mem::swap(&mut run.started_at, &mut run.finished_at);
    assert_eq!(value(&run)["run"]["durationMs"], 0);
}

#[test]
fn a_digest_is_preserved_when_the_target_names_what_the_source_names() {
    let mut run = sample::run(Command::Sync);
    for at in 0..2 {
        let mut settled = sample::created(at);
        let pin = settled.entry.pin.as_ref().map(|pin| pin.digest.clone());
        let outcome = settled.outcomes[0].as_mut().expect("it has one");
        outcome.digest_after = if at == 0 { pin } else { Some(Digest::of(b"rewritten")) };
        run.entries.push(settled);
    }
    let mut current = sample::current(2);
    current.entry.pin = None;
    run.entries.push(current);
    let report = value(&run);
    let preserved = |at: usize| report["items"][at]["digestPreserved"].clone();
    assert_eq!([preserved(0), preserved(1), preserved(2)], [true.into(), false.into(), Value::Null]);
    assert_eq!(report["items"][2]["target"]["digestAfter"], digest("new").as_str());
}

#[test]
fn a_secret_in_a_url_reaches_no_report() {
    let mut run = sample::full_run(Command::Sync);
    let url = "https://bob:CANARY@localhost:5000/v2/x/blobs/uploads/1?_state=CANARY#CANARY";
    for outcome in run.entries.iter_mut().flat_map(|settled| settled.outcomes.iter_mut().flatten()) {
        if let Done::Failed(failure) = &mut outcome.result {
            failure.http.as_mut().expect("it has one").url = url.to_owned();
        }
    }
    run.unresolved[0].failure.http.as_mut().expect("it has one").url = url.to_owned();
    let text =
        crate::report::text::render(&run, &[], crate::report::Detail::All, crate::colour::Colour::Never);
    let line = match &run.entries[3].outcomes[0] {
        Some(outcome) => {
            let entry = &run.entries[3].entry;
            crate::report::item_line(entry, &entry.targets[0], outcome, crate::colour::Colour::Never)
        }
        None => panic!("it has one"),
    };
    for shown in [render(&run), text, line] {
        assert!(shown.contains("localhost:5000/v2/x/blobs/uploads/1"), "{shown}");
        assert!(!shown.contains("CANARY") && !shown.contains("_state"), "{shown}");
    }
}

#[test]
fn a_printed_report_can_not_command_a_runner() {
    let mut run = sample::full_run(Command::Sync);
    run.unresolved[0].failure.message = "a ##[error]b \u{202e}\u{9b}".to_owned();
    let text = render(&run);
    assert!(!text.contains("##[") && !text.contains('\u{202e}') && !text.contains('\u{9b}'));
    assert_eq!(escape::json(&text), text);
    assert_eq!(value(&run)["items"][10]["error"]["message"], "a ##[error]b \u{202e}\u{9b}");
}

const PAGE: &str = include_str!("../../../docs/report.md");

#[test]
fn the_example_of_the_page_follows_the_schema() {
    let (_, rest) = PAGE.split_once("```json\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    let example: Value = serde_json::from_str(example).expect("JSON");
    assert_eq!(violations(&example), Vec::<String>::new());
    let counted = |key: &str| example["counts"][key].as_u64();
    assert_eq!(
        (counted("created"), counted("failed"), example["items"].as_array().map(Vec::len)),
        (Some(1), Some(1), Some(2))
    );
    let operations = example["requests"]["byOperation"].as_object().expect("an object");
    assert_eq!(operations.values().filter_map(Value::as_u64).sum::<u64>(), example["requests"]["total"]);
}

#[test]
fn the_page_tells_of_every_key_and_every_word_of_the_schema() {
    fn visit(at: &str, value: &Value, missing: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    if at == "properties" && !PAGE.contains(&format!("`{key}`")) {
                        missing.push(key.clone());
                    }
                    visit(key, value, missing);
                }
            }
            Value::Array(values) => values.iter().for_each(|value| visit(at, value, missing)),
            Value::String(word) if at == "const" && !PAGE.contains(&format!("`{word}`")) => {
                missing.push(word.clone());
            }
            _ => (),
        }
    }
    let mut missing = Vec::new();
    visit("", &schema(), &mut missing);
    // The codes of failures are many, and `crossdock schema report` has them all.
    missing.retain(|word| !schema()["definitions"]["Code"].to_string().contains(&format!("{word:?}")));
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn the_page_has_every_exit_code_in_its_order() {
    let mut at = 0;
    for line in [
        "1. A signal",
        "2. The spec has",
        "3. Something failed, and every",
        "4. Something failed, and something",
        "5. Something failed, and nothing",
        "6. Nothing failed",
        "7. Nothing failed or",
        "8. Changes",
        "9. Otherwise",
    ] {
        let found = PAGE[at..].find(line).unwrap_or_else(|| panic!("{line} is missing or too early"));
        at += found;
    }
}
