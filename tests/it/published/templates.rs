//! The templates for other CIs say what the program knows: commands, inputs, words, outputs.

use super::{below, document, documents, read, texts};
use clap::CommandFactory as _;
use crossdock::ci::input::{INPUTS, Input, Kind};
use crossdock::ci::{Ci, OUTPUTS};
use regex::Regex;
use serde_json::Value;

const TEMPLATES: &str = "ci-templates";

fn input(name: &str) -> Option<&'static Input> {
    INPUTS.iter().find(|input| input.name == name)
}

/// Every `CROSSDOCK_NAME` of a text, with the word that it is set to, where that stands beside it.
fn variables(text: &str) -> Vec<(String, Option<String>)> {
    let pattern = r#"CROSSDOCK_([A-Z_]+)(?:(?:: | = |, value: )['"]?([a-z0-9.,/_-]+)['"]?)?"#;
    let pattern = Regex::new(pattern).expect("a pattern");
    let found = pattern.captures_iter(text);
    found.map(|found| (found[1].to_owned(), found.get(2).map(|value| value.as_str().to_owned()))).collect()
}

/// What is wrong with the inputs that a text gives by the environment.
fn wrong_variables(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for (variable, value) in variables(text) {
        if variable == "CI" {
            if value.as_deref().is_some_and(|value| Ci::ALL.iter().all(|ci| ci.name() != value)) {
                wrong.push(format!("there is no CI {value:?}"));
            }
            continue;
        }
        let name = variable.to_lowercase().replace('_', "-");
        let Some(input) = input(&name) else {
            wrong.push(format!("there is no input {name}"));
            continue;
        };
        if let (Kind::Choice(words) | Kind::Choices(words), Some(value)) = (input.kind, value) {
            let unknown = value.split(',').filter(|word| !words.contains(word));
            wrong.extend(unknown.map(|word| format!("{name} knows no {word}")));
        }
    }
    wrong
}

/// The subcommands that a text calls.
fn commands(text: &str) -> Vec<String> {
    let pattern =
        Regex::new(r"(?m)(?:^|exec |\n|- |; )\s*(?:/usr/bin/)?crossdock ([a-z]+)\b").expect("a pattern");
    pattern.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

#[test]
fn every_variable_is_an_input_and_every_word_one_that_it_takes() {
    for path in below(TEMPLATES) {
        let wrong = wrong_variables(&read(&path));
        assert!(wrong.is_empty(), "{path}: {wrong:?}");
    }
}

#[test]
fn a_template_that_says_something_else_is_told() {
    assert_eq!(wrong_variables("CROSSDOCK_COMAND: sync"), ["there is no input comand"]);
    assert_eq!(wrong_variables("CROSSDOCK_COMMAND: sink"), ["command knows no sink"]);
    assert_eq!(wrong_variables("{ name: CROSSDOCK_FAIL_ON, value: all }"), ["fail-on knows no all"]);
    assert_eq!(wrong_variables("CROSSDOCK_REPORT = 'json,xml'"), ["report knows no xml"]);
    assert_eq!(wrong_variables("CROSSDOCK_CI: gitlap"), ["there is no CI Some(\"gitlap\")"]);
    assert_eq!(wrong_variables("--env CROSSDOCK_COMMAND --env CROSSDOCK_DEADLINE"), [""; 0]);
    assert_eq!(commands("  - crossdock ci\n  exec crossdock sync"), ["ci", "sync"]);
}

#[test]
fn every_template_is_yaml_and_runs_a_command_that_exists() {
    let known = crossdock::cli::Cli::command();
    let known: Vec<&str> = known.get_subcommands().map(clap::Command::get_name).collect();
    let mut called = 0;
    for path in below(TEMPLATES) {
        let text = read(&path);
        if path.ends_with(".yml") || path.ends_with(".yaml") {
            assert!(!documents(&path, &text).is_empty(), "{path}");
        }
        for command in commands(&text) {
            assert!(known.contains(&command.as_str()), "{path}: crossdock {command}");
            called += 1;
        }
    }
    assert!(called >= 3, "{called} commands were looked at");
}

#[test]
fn every_template_names_the_image_of_this_version() {
    let image = Regex::new(r"ghcr\.io/crossdock-dev/crossdock:([0-9A-Za-z.-]+)").expect("a pattern");
    for path in below(TEMPLATES) {
        let text = read(&path);
        let versions: Vec<&str> =
            image.captures_iter(&text).map(|found| found.get(1).expect("a group").as_str()).collect();
        assert!(!versions.is_empty(), "{path} names no image");
        for version in versions {
            assert_eq!(version, env!("CARGO_PKG_VERSION"), "{path}");
        }
    }
}

#[test]
fn settings_of_the_plugin_are_inputs() {
    let page = read("ci-templates/woodpecker/docs.md");
    let (_, rest) = page.split_once("```yaml\n").expect("the page has an example");
    let (example, _) = rest.split_once("\n```").expect("the example ends");
    let example = documents("docs.md", example).swap_remove(0);
    let settings = example["steps"]["mirror"]["settings"].as_object().expect("settings");
    for name in settings.keys() {
        assert!(input(&name.replace('_', "-")).is_some(), "{name}");
    }
    let head = page.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")).expect("metadata").0;
    let head = documents("docs.md", head).swap_remove(0);
    for key in ["name", "author", "description", "containerImage", "url"] {
        assert!(head[key].is_string(), "{key}");
    }
}

#[test]
fn results_of_the_tekton_task_are_outputs_and_its_commands_those_of_the_component() {
    let task = document("ci-templates/tekton/task.yaml");
    for result in task["spec"]["results"].as_array().expect("results") {
        assert!(OUTPUTS.iter().any(|output| result["name"] == output.name), "{result}");
    }
    let component = document("ci-templates/gitlab/templates/mirror.yml");
    let Some(Kind::Choice(words)) = input("command").map(|input| input.kind) else { panic!("a choice") };
    for option in component["spec"]["inputs"]["command"]["options"].as_array().expect("options") {
        assert!(words.iter().any(|word| option == word), "{option}");
    }
}

#[test]
fn every_input_of_the_gitlab_component_is_used_and_every_used_one_is_there() {
    let text = read("ci-templates/gitlab/templates/mirror.yml");
    let parts = documents("mirror.yml", &text);
    let declared: Vec<&String> = parts[0]["spec"]["inputs"].as_object().expect("inputs").keys().collect();
    let used = Regex::new(r"\$\[\[ inputs\.([a-z-]+) \]\]").expect("a pattern");
    let body = text.split_once("\n---\n").expect("two documents").1;
    let used: Vec<String> = used.captures_iter(body).map(|found| found[1].to_owned()).collect();
    assert!(declared.iter().all(|name| used.contains(name)), "{declared:?}, {used:?}");
    assert!(used.iter().all(|name| declared.contains(&name)), "{declared:?}, {used:?}");
}

#[test]
fn no_template_has_a_secret_on_a_command_line() {
    for path in below(TEMPLATES).into_iter().filter(|path| !path.ends_with(".md")) {
        let text = read(&path);
        assert!(!text.contains("--password ") && !text.contains("REGISTRY_AUTH=\"-"), "{path}");
        let is_named = |(_, text): &(String, String)| text.contains("--env CROSSDOCK_REGISTRY_AUTH=");
        let lines: Vec<(String, String)> = match path.ends_with("file") {
            true => Vec::new(),
            false => documents(&path, &text).iter().flat_map(|value: &Value| texts(value)).collect(),
        };
        assert!(!lines.iter().any(is_named), "{path}");
    }
}
