//! What holds for every case.

use super::case::Case;
use super::world::World;
use crossdock::import::Tool;
use crossdock::spec;

#[test]
fn every_case_selects_what_its_tool_mirrors_and_stays_as_it_is() {
    let world = World::new();
    let cases = Case::all();
    for case in &cases {
        let imported = case.check(&world);
        let notes: String = imported.notes.iter().map(|note| format!("{note}\n")).collect();
        let variables =
            imported.variables.iter().map(|it| format!("{}: {} ({})\n", it.name, it.what, it.site));
        let variables: String = variables.collect();
        let told = format!("{}\n-- notes --\n{notes}-- variables --\n{variables}", imported.text);
        insta::assert_snapshot!(format!("{}_{}", case.tool.as_str(), case.name), told);
    }
}

#[test]
fn every_written_spec_lints_clean_and_selects_the_same_when_its_variables_are_set() {
    let world = World::new();
    for case in Case::all() {
        let imported = case.imported();
        // As a pipeline has it: every variable that is told of is set, and nothing else is known.
        let is_told = |name: &str| imported.variables.iter().any(|variable| variable.name == name);
        let set = |name: &str| {
            let ambient = case.variables.get(name).cloned();
            is_told(name).then(|| ambient.unwrap_or_else(|| "set".to_owned()))
        };
        let written = spec::load("crossdock.yaml", &imported.text, &set)
            .unwrap_or_else(|problems| panic!("{}: {problems}", case.name));
        assert!(written.warnings.is_empty(), "{}: {:?}", case.name, written.warnings);
        assert_eq!(world.selected(&written), world.selected(&case.spec(&imported)), "{}", case.name);
    }
}

#[test]
fn no_secret_of_any_case_is_in_what_is_written_or_told() {
    let mut secrets = 0;
    for case in Case::all() {
        let imported = case.imported();
        let notes: String = imported.notes.iter().map(ToString::to_string).collect();
        let told = format!("{}{notes}{:?}", imported.text, imported.variables);
        for file in &case.files {
            // Secrets of the cases are called so.
            secrets += file.text.matches("s3cr3t").count();
        }
        assert!(!told.contains("s3cr3t"), "{}: {told}", case.name);
    }
    assert!(secrets > 20, "{secrets}");
}

#[test]
fn there_are_many_cases_of_every_tool() {
    let cases = Case::all();
    for tool in Tool::ALL {
        let count = cases.iter().filter(|case| case.tool == *tool).count();
        assert!(count >= 6, "{}: {count}", tool.as_str());
    }
    assert!(cases.len() >= CASES_MIN, "{}", cases.len());
}

/// How many cases there are at least.
const CASES_MIN: usize = 60;
