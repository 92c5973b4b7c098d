//! What each tool promises, one promise a test.

mod air_gap;
mod migrator;
mod syncer;
mod transfer;

use super::case::Case;
use super::world::World;
use crossdock::import::{self, Fault, File, Imported, Options, Tool};
use crossdock::spec::{self, Rule, Spec};

/// A case that must go well: what it became, and its spec.
fn good(tool: Tool, name: &str) -> (Imported, Spec) {
    let case = Case::of(tool, name);
    let imported = case.check(&World::new());
    let spec = case.spec(&imported);
    (imported, spec)
}

/// What files become that nobody told anything about.
fn import(tool: Tool, files: &[(&str, &str)]) -> Result<Imported, Vec<Fault>> {
    let file = |(name, text): &(&str, &str)| File { name: (*name).to_owned(), text: (*text).to_owned() };
    let files: Vec<File> = files.iter().map(file).collect();
    import::import(tool, &files, &Options::default(), &|_| None)
}

/// The rules of one file that must be good.
fn rules(tool: Tool, name: &str, text: &str) -> Vec<Rule> {
    let imported = import(tool, &[(name, text)]).unwrap_or_else(|faults| panic!("{faults:?}"));
    let spec = spec::load("crossdock.yaml", &imported.text, &|_| Some("x".to_owned()));
    spec.unwrap_or_else(|problems| panic!("{problems}")).mirrors
}

/// Everything that is wrong with one file, a line for each.
fn faults(tool: Tool, name: &str, text: &str) -> String {
    let faults = import(tool, &[(name, text)]).expect_err("it is wrong");
    faults.iter().map(|fault| format!("{fault}\n")).collect()
}

/// What is said of files, a line for each note.
fn notes(imported: &Imported) -> String {
    imported.notes.iter().map(|note| format!("{note}\n")).collect()
}

/// The tags that a rule names.
fn tags(rule: &Rule) -> Vec<String> {
    rule.selection.include.iter().map(ToString::to_string).collect()
}
