//! What GitHub reads of the two actions.

use super::descriptions::OF_THE_BOOTSTRAP;
use super::{document, read, texts};
use crossdock::ci::OUTPUTS;
use crossdock::ci::input::INPUTS;
use serde_json::Value;

const ACTIONS: [&str; 2] = ["action.yml", "binary/action.yml"];

fn keys(action: &Value, list: &str) -> Vec<String> {
    action[list].as_object().expect("a mapping").keys().cloned().collect()
}

#[test]
fn the_inputs_of_both_are_those_that_the_program_knows() {
    let mut expected: Vec<&str> = INPUTS.iter().map(|input| input.name).collect();
    let names = |action: &Value| {
        let mut names = keys(action, "inputs");
        names.sort();
        names
    };
    expected.sort_unstable();
    assert_eq!(names(&document("action.yml")), expected);
    expected.extend(OF_THE_BOOTSTRAP.map(|(name, _)| name));
    expected.sort_unstable();
    assert_eq!(names(&document("binary/action.yml")), expected);
}

#[test]
fn the_outputs_of_both_are_those_that_the_program_writes() {
    for path in ACTIONS {
        let mut found = keys(&document(path), "outputs");
        let mut expected: Vec<&str> = OUTPUTS.iter().map(|output| output.name).collect();
        found.sort();
        expected.sort_unstable();
        assert_eq!(found, expected, "{path}");
    }
    for (name, output) in document("binary/action.yml")["outputs"].as_object().expect("a mapping") {
        assert_eq!(output["value"], format!("${{{{ steps.run.outputs.{name} }}}}"));
    }
}

#[test]
fn no_description_has_an_expression_which_would_keep_the_action_from_loading() {
    for path in ACTIONS {
        let all = texts(&document(path));
        let descriptions: Vec<_> = all.iter().filter(|(key, _)| key.contains("description")).collect();
        assert!(descriptions.len() > INPUTS.len(), "{path}");
        for (key, text) in descriptions {
            assert!(!text.contains("${{") && !text.is_empty(), "{path}: {key}: {text}");
        }
    }
}

#[test]
fn no_input_has_a_default_but_the_token_and_none_is_required() {
    for path in ACTIONS {
        for (name, input) in document(path)["inputs"].as_object().expect("a mapping") {
            let expected =
                if name == "github-token" { Value::from("${{ github.token }}") } else { Value::Null };
            assert_eq!(input["default"], expected, "{path}: {name}");
            assert_eq!(input["required"], Value::Null, "{path}: {name}");
        }
    }
}

#[test]
fn the_program_gets_its_inputs_as_one_value_and_nothing_on_a_command_line() {
    let container = &document("action.yml")["runs"];
    assert_eq!(container["env"]["CROSSDOCK_INPUTS"], "${{ toJSON(inputs) }}");
    assert_eq!(container["args"], serde_json::json!(["ci"]));
    // Runners in Kubernetes want it named.
    let dockerfile = read("Dockerfile");
    let entry = container["entrypoint"].as_str().expect("a text");
    assert!(dockerfile.contains(&format!("ENTRYPOINT [\"{entry}\"]")), "{entry}");
    let runs = &document("binary/action.yml")["runs"];
    let parts = runs["steps"].as_array().expect("a list");
    assert_eq!(parts.len(), 1);
    assert_eq!(parts[0]["env"]["CROSSDOCK_INPUTS"], "${{ toJSON(inputs) }}");
    assert!(!parts[0]["run"].as_str().expect("a text").contains("${{"), "values come by the environment");
    assert_eq!(parts[0]["uses"], Value::Null, "no other action is trusted");
}

#[test]
fn the_image_is_built_here_or_named_by_digest() {
    let image = document("action.yml")["runs"]["image"].as_str().expect("a text").to_owned();
    let (name, digest) = image.split_once("@sha256:").unwrap_or((&image, ""));
    let is_pinned = name.starts_with("docker://ghcr.io/crossdock-dev/crossdock:") && digest.len() == 64;
    assert!(image == "Dockerfile" || is_pinned, "{image}");
}
