//! Flags, variables and environment: what goes before what, and that empty means unset.

use super::pair::Pair;
use crate::bed::images::{Format, one_platform};
use crate::bed::program::Program;

/// A pair whose spec takes the tag from `${TAG:-1.0}`, with two rules.
fn pair() -> Pair {
    let pair = Pair::new();
    pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0", "1.1", "1.2"]);
    pair.mirrors(
        "
- { name: team/one, source: SOURCE/app, target: TARGET/one, tags: [\"${TAG:-1.0}\"] }
- { name: team/two, source: SOURCE/app, target: TARGET/two, tags: [\"${TAG:-1.0}\"] }
",
    );
    pair
}

/// What a run with these arguments and variables wrote: `one:1.0 two:1.0`.
fn written(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let Pair { source, target, mut program } = pair();
    for (name, value) in variables {
        program = program.variable(name, value);
    }
    let pair = Pair { source, target, program };
    pair.run(&[&["sync"], arguments].concat()).expect_code(0);
    let tags = |repository: &String| {
        let tags = pair.target.tags(repository).into_keys();
        tags.map(|tag| format!("{repository}:{tag}")).collect::<Vec<_>>()
    };
    pair.target.repositories().iter().flat_map(tags).collect::<Vec<_>>().join(" ")
}

#[test]
fn only_narrows_the_rules() {
    assert_eq!(written(&["--only", "*two"], &[]), "two:1.0");
    assert_eq!(written(&["--only", "team/*"], &[]), "one:1.0 two:1.0");
    assert_eq!(written(&[], &[("CROSSDOCK_ONLY", "*one")]), "one:1.0");
    assert_eq!(written(&["--only", "*two"], &[("CROSSDOCK_ONLY", "*one")]), "two:1.0");
}

#[test]
fn only_that_matches_nothing_is_a_mistake() {
    let pair = pair();
    insta::assert_snapshot!(pair.transcript(&["sync", "--only", "tema/*"]));
    insta::assert_snapshot!("no_glob", pair.transcript(&["sync", "--only", "[a"]));
}

#[test]
fn a_variable_of_the_command_line_goes_before_the_environment() {
    assert_eq!(written(&["--only", "*one"], &[("TAG", "1.1")]), "one:1.1");
    assert_eq!(written(&["--only", "*one", "--var", "TAG=1.2"], &[("TAG", "1.1")]), "one:1.2");
    assert_eq!(written(&["--only", "*one", "--var", "TAG=1.1", "--var", "TAG=1.2"], &[]), "one:1.2");
}

#[test]
fn empty_variables_are_unset() {
    let empty = ["TAG", "CROSSDOCK_SPEC", "CROSSDOCK_ONLY", "CROSSDOCK_PROGRESS", "CROSSDOCK_COLOR"];
    let more =
        ["CROSSDOCK_DEADLINE", "NO_COLOR", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "DOCKER_AUTH_CONFIG"];
    let variables: Vec<(&str, &str)> = empty.into_iter().chain(more).map(|name| (name, "")).collect();
    assert_eq!(written(&[], &variables), "one:1.0 two:1.0");
}

#[test]
fn a_variable_of_the_environment_that_is_wrong_is_named() {
    let mut told = String::new();
    for (name, value) in
        [("CROSSDOCK_PROGRESS", "loud"), ("CROSSDOCK_COLOR", "red"), ("CROSSDOCK_DEADLINE", "soon")]
    {
        let Pair { source, target, program } = pair();
        let pair = Pair { source, target, program: program.variable(name, value) };
        told.push_str(&pair.transcript(&["sync"]));
        told.push('\n');
        assert!(pair.source.requests().is_empty() && pair.target.requests().is_empty());
    }
    insta::assert_snapshot!(told);
}

#[test]
fn the_spec_is_named_by_flag_or_variable() {
    let program = Program::new().variable("CROSSDOCK_SPEC", "one.yaml");
    let spec = "version: 1\nmirrors: [{ source: a.test/a, target: b.test/b, tags: [c] }]\n";
    program.write("one.yaml", spec);
    program.write("two.yaml", spec);
    assert_eq!(program.run(&["lint"]).expect_code(0).stdout, "one.yaml: 1 rule, no problems.\n");
    let two = program.run(&["lint", "-s", "two.yaml"]).expect_code(0).stdout;
    assert_eq!(two, "two.yaml: 1 rule, no problems.\n");
}

#[test]
fn colour_is_for_who_wants_it() {
    let pair = pair();
    let coloured = |arguments: &[&str]| pair.run(&[&["plan"], arguments].concat()).stdout.contains('\u{1b}');
    assert!(!coloured(&[]), "not on a pipe");
    assert!(coloured(&["--color", "always"]));
    assert!(!coloured(&["--color", "never"]));
}
