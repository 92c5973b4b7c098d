//! Workflows on pages, which people copy: the inputs and outputs that they use are there.

use super::descriptions::OF_THE_BOOTSTRAP;
use super::workflows::uses;
use super::{below, document, documents, read, texts};
use crossdock::ci::OUTPUTS;
use crossdock::ci::input::{INPUTS, Kind};
use regex::Regex;
use serde_json::Value;

/// What stands for the commit of a release, which nobody knows before there is one.
const PLACEHOLDER: (&str, &str) = ("COMMIT", "of a release");
const OURS: &str = "crossdock-dev/crossdock";

fn pages() -> Vec<String> {
    let docs = below("docs").into_iter().filter(|path| path.ends_with(".md"));
    docs.chain(["README.md".to_owned()]).collect()
}

/// The workflows of a page, whole.
fn workflows(page: &str) -> Vec<Value> {
    let blocks = page.split("\n```yaml\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    let whole = blocks.filter(|block| block.starts_with("name: ") && block.contains("\njobs:\n"));
    whole.flat_map(|block| documents("a workflow on a page", block)).collect()
}

/// The workflows of all pages, and the one that `crossdock init` writes.
fn all_workflows() -> Vec<Value> {
    let on_pages = pages().iter().flat_map(|page| workflows(&read(page))).collect::<Vec<_>>();
    on_pages.into_iter().chain([document("examples/init/github.yml")]).collect()
}

/// The parts of all jobs of a workflow.
fn parts(workflow: &Value) -> Vec<Value> {
    let jobs = workflow["jobs"].as_object().expect("a mapping").values();
    jobs.flat_map(|job| job["steps"].as_array().expect("a list").clone()).collect()
}

#[test]
fn the_readme_has_the_three_workflows_that_people_copy() {
    let all = workflows(&read("README.md"));
    let names: Vec<&str> = all.iter().filter_map(|workflow| workflow["name"].as_str()).collect();
    assert_eq!(names, ["release image", "mirror", "mirror plan"]);
    for workflow in &all {
        let ours = parts(workflow)
            .into_iter()
            .filter(|part| part["uses"].as_str().is_some_and(|uses| uses.starts_with(OURS)));
        assert_eq!(ours.count(), 1, "{workflow}");
        assert_eq!(workflow["permissions"], serde_json::json!({}), "nothing but what its job says");
    }
}

#[test]
fn what_they_give_is_an_input_and_what_they_take_an_output() {
    let taken = Regex::new(r"steps\.([a-z-]+)\.outputs\.([a-z-]+)").expect("a pattern");
    for workflow in all_workflows() {
        let mut ids = Vec::new();
        for part in parts(&workflow) {
            let Some(name) = part["uses"].as_str().filter(|uses| uses.starts_with(OURS)) else { continue };
            ids.extend(part["id"].as_str().map(ToOwned::to_owned));
            for (given, value) in part["with"].as_object().into_iter().flatten() {
                let of_bootstrap = OF_THE_BOOTSTRAP.iter().any(|(known, _)| known == given);
                let input = INPUTS.iter().find(|input| input.name == given);
                assert!(input.is_some() || (of_bootstrap && name.contains("/binary@")), "{given}");
                if let Some(Kind::Choice(words)) = input.map(|input| input.kind) {
                    let is_decided_there = value.as_str().is_some_and(|value| value.contains("${{"));
                    assert!(is_decided_there || words.iter().any(|word| value == word), "{given}: {value}");
                }
            }
        }
        for (_, text) in texts(&workflow) {
            for found in taken.captures_iter(&text).filter(|found| ids.contains(&found[1].to_owned())) {
                assert!(OUTPUTS.iter().any(|output| output.name == &found[2]), "{}", &found[0]);
            }
        }
    }
}

#[test]
fn our_own_action_is_a_placeholder_that_says_what_goes_there_or_a_commit() {
    let mut seen = 0;
    for page in pages().into_iter().chain(["examples/init/github.yml".to_owned()]) {
        for (name, pin, comment) in uses(&read(&page)) {
            if name.starts_with(OURS) {
                let is_placeholder = (pin.as_str(), comment.as_str()) == PLACEHOLDER;
                assert!(
                    is_placeholder || super::workflows::is_commit(&pin, &comment),
                    "{page}: {name}@{pin}"
                );
                seen += 1;
            }
        }
    }
    assert!(seen >= 3, "{seen}");
}
