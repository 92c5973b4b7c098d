//! A law of the report: whatever happened, and whatever texts were involved, it follows its schema, and what
//! it tells is what happened.

use super::{render, schema};
use crate::laws;
use crate::report::escape::tests::hostile;
use crate::report::{Command, Counts, PlanExit, Run, sample};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use std::sync::LazyLock;

static SCHEMA: LazyLock<jsonschema::Validator> =
    LazyLock::new(|| jsonschema::validator_for(&schema()).expect("a schema"));

fn command() -> impl Strategy<Value = Command> {
    let plan = Command::Plan { exit: PlanExit::Plain };
    prop::sample::select(vec![plan, Command::Apply, Command::Sync, Command::Check, Command::Copy])
}

/// A run of anything, in any order.
fn run() -> impl Strategy<Value = Run> {
    // What `sample::of` knows, and what has everything.
    let letters = "[+=?!dfauASITDPw]{0,30}";
    let texts = vec(prop_oneof![hostile(), any::<String>()], 1..9);
    (command(), letters, texts, any::<bool>()).prop_map(|(command, letters, texts, is_full)| {
        let run = if is_full { sample::full_run(command) } else { sample::of(command, &letters) };
        sample::with_texts(run, &texts)
    })
}

/// Every text in a document.
fn texts<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(list) => list.iter().for_each(|value| texts(value, found)),
        Value::Object(map) => map.values().for_each(|value| texts(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn every_report_follows_its_schema_and_says_what_happened() {
    laws::hold(run(), |run| {
        let text = render(&run);
        let report: Value = serde_json::from_str(&text).expect("JSON");
        let errors: Vec<String> = SCHEMA.iter_errors(&report).map(|error| error.to_string()).collect();
        prop_assert_eq!(errors, Vec::<String>::new());
        // Printed anew by anybody else, it says the same.
        let again: Value = serde_json::from_str(&report.to_string()).expect("JSON");
        prop_assert_eq!(&again, &report);
        let Counts { created, updated, current, refused, deferred, failed, pending, dropped } =
            Counts::of(&run);
        for (name, count) in [
            ("created", created),
            ("updated", updated),
            ("current", current),
            ("refused", refused),
            ("deferred", deferred),
            ("failed", failed),
            ("pending", pending),
            ("dropped", dropped),
        ] {
            prop_assert_eq!(&report["counts"][name], count, "{}", name);
        }
        let items = report["items"].as_array().expect("items").len() as u64;
        prop_assert_eq!(items, created + updated + current + refused + deferred + failed + pending);
        let mut told = Vec::new();
        texts(&report, &mut told);
        for problem in &run.problems {
            prop_assert!(told.contains(&problem.message.as_str()), "{:?} is lost", problem.message);
        }
        for unresolved in &run.unresolved {
            let message = unresolved.failure.message.as_str();
            prop_assert!(told.contains(&message), "{message:?} is lost");
        }
        Ok(())
    });
}
