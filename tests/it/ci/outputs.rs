//! Outputs of runs that never began, colour, times, and the switch for debugging.

use super::pipeline::{Pipeline, read_outputs};

#[test]
fn a_command_line_that_is_wrong_has_outputs_too() {
    let pipeline = Pipeline::seeded(&[]);
    let finished = pipeline.pair.run(&["ci", "--bogus"]).expect_code(4);
    let outputs = read_outputs(&pipeline.file("output"));
    assert_eq!((outputs["result"].as_str(), outputs["exit-code"].as_str()), ("invalid", "4"));
    assert!(finished.stdout.starts_with("::error title=crossdock%3A usage::"), "{}", finished.stdout);
    pipeline.assert_nobody_was_asked();
    let pipeline = Pipeline::seeded(&[]);
    pipeline.pair.run(&["sync", "--bogus"]).expect_code(4);
    assert_eq!(pipeline.file("output"), "", "only `ci` speaks to the CI");
}

#[test]
fn every_command_says_in_its_report_which_ci_it_ran_in() {
    let mut pipeline = Pipeline::seeded(&[]);
    let ci = |pipeline: &Pipeline| pipeline.pair.report(&["check"]).1["run"]["ci"].clone();
    assert_eq!(ci(&pipeline), "github");
    pipeline.set("FORGEJO_ACTIONS", "true");
    assert_eq!(ci(&pipeline), "forgejo");
    pipeline.set("CROSSDOCK_CI", "none");
    assert_eq!(ci(&pipeline), serde_json::Value::Null);
}

#[test]
fn colour_is_where_a_log_shows_it_and_where_it_is_wanted() {
    let coloured = |variables: &[(&str, &str)]| {
        let mut pipeline = Pipeline::seeded(&[("CROSSDOCK_COLOR", ""), ("INPUT_COMMAND", "plan")]);
        variables.iter().for_each(|(name, value)| pipeline.set(name, value));
        pipeline.run().expect_code(0).stdout.contains("\u{1b}[32m")
    };
    assert!(coloured(&[]));
    assert!(!coloured(&[("NO_COLOR", "1")]));
    assert!(!coloured(&[("INPUT_COLOR", "never")]));
    assert!(!coloured(&[("CROSSDOCK_CI", "jenkins")]));
    assert!(coloured(&[("CROSSDOCK_CI", "jenkins"), ("FORCE_COLOR", "1")]));
    assert!(coloured(&[("CROSSDOCK_CI", "jenkins"), ("INPUT_COLOR", "always")]));
}

#[test]
fn times_are_written_where_nobody_else_does() {
    let stamped = |variables: &[(&str, &str)]| {
        let mut pipeline = Pipeline::seeded(&[]);
        variables.iter().for_each(|(name, value)| pipeline.set(name, value));
        pipeline.normal().of(&pipeline.run().expect_code(0).stdout).contains("[CLOCK] + ")
    };
    assert!(!stamped(&[]));
    assert!(stamped(&[("CROSSDOCK_CI", "jenkins")]));
    assert!(stamped(&[("CROSSDOCK_CI", "gitlab"), ("CI_SERVER_VERSION_MAJOR", "16")]));
    assert!(!stamped(&[("CROSSDOCK_CI", "gitlab"), ("CI_SERVER_VERSION_MAJOR", "18")]));
}

#[test]
fn who_debugs_a_pipeline_gets_a_loud_log_unless_he_says_otherwise() {
    let loud = |variables: &[(&str, &str)]| {
        let pipeline = Pipeline::seeded(variables);
        pipeline.run().expect_code(0).stdout.contains("DEBUG")
    };
    assert!(!loud(&[]));
    assert!(loud(&[("RUNNER_DEBUG", "1")]));
    assert!(!loud(&[("RUNNER_DEBUG", "1"), ("INPUT_LOG-LEVEL", "warn")]));
    assert!(loud(&[("CROSSDOCK_CI", "gitlab"), ("CI_DEBUG_TRACE", "true")]));
    assert!(!loud(&[("CROSSDOCK_CI", "gitlab"), ("RUNNER_DEBUG", "1")]));
}

#[test]
fn summaries_and_annotations_are_for_who_wants_them() {
    let pipeline = Pipeline::seeded(&[("INPUT_SUMMARY", "changes")]);
    pipeline.run().expect_code(0);
    let once = pipeline.file("summary");
    assert!(!once.is_empty());
    pipeline.run().expect_code(0);
    assert_eq!(pipeline.file("summary"), once, "nothing changed, and nothing was added");
    let pipeline = Pipeline::seeded(&[("INPUT_SUMMARY", "never"), ("INPUT_ANNOTATIONS", "none")]);
    pipeline.pair.mirrors("- { source: SOURCE/app, target: TARGET/app, tags: [\"9.9\"] }");
    let finished = pipeline.run().expect_code(1);
    assert!(!finished.stdout.contains("::error"), "{}", finished.stdout);
    assert_eq!(pipeline.file("summary"), "");
}
