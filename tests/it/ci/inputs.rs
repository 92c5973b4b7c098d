//! Inputs: where they are found, what goes before what, and what is wrong with them.

use super::pipeline::Pipeline;
use crate::bed::images::{Format, one_platform, two_platforms};
use crate::bed::memory::RequestKind;
use crate::bed::program::Program;
use serde_json::{Value, json};

/// A pipeline with these inputs as an action hands them over.
fn with(inputs: &serde_json::Value) -> Pipeline {
    Pipeline::seeded(&[("CROSSDOCK_INPUTS", &inputs.to_string())])
}

/// What `--print-config` says of these variables.
fn config(variables: &[(&str, &str)]) -> String {
    let pipeline = Pipeline::github(variables);
    let finished = pipeline.pair.run(&["ci", "--print-config"]).expect_code(0);
    pipeline.assert_nobody_was_asked();
    pipeline.normal().of(&finished.stdout)
}

#[test]
fn the_json_goes_before_each_variable_and_what_is_empty_is_not_set() {
    let all = [
        ("CROSSDOCK_INPUTS", r#"{"fail-on":"never"}"#),
        ("INPUT_FAIL-ON", "drift"),
        ("INPUT_FAIL_ON", "error"),
        ("PLUGIN_FAIL_ON", "partial"),
        ("CROSSDOCK_FAIL_ON", "error"),
    ];
    let mut seen = Vec::new();
    let mut variables = all.to_vec();
    for at in 0..=all.len() {
        let config = config(&variables);
        seen.push(config.lines().find(|line| line.contains("fail-on")).expect("the input").to_owned());
        if at < all.len() {
            variables[at].1 = if at == 0 { r#"{"fail-on":"","spec":null}"# } else { "" };
        }
    }
    insta::assert_snapshot!(seen.join("\n"));
}

#[test]
fn every_input_is_shown_with_its_origin_and_no_secret() {
    let inputs = json!({
        "command": "plan", "registry-auth": "[{username: bob, password: CANARY}]", "deadline": "soon",
        "fail-on": "sometimes", "vars": "TOKEN=CANARY", "spce": "x.yaml", "spec-inline": "version: CANARY",
        "binary-path": "/x",
    });
    let shown = config(&[
        ("CROSSDOCK_INPUTS", &inputs.to_string()),
        ("INPUT_GITHUB-TOKEN", "CANARY"),
        ("PLUGIN_REPORT_DIR", "out"),
        ("CROSSDOCK_LOG_LEVEL", "loud"),
        ("GITHUB_ACTOR", "bob"),
    ]);
    assert!(!shown.contains("CANARY"), "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn a_flag_goes_before_an_input_and_is_shown() {
    let pipeline = Pipeline::seeded(&[("INPUT_SPEC", "none.yaml"), ("INPUT_DEADLINE", "1h")]);
    let flags = ["--spec", "crossdock.yaml", "--deadline", "5m", "--color", "never"];
    let shown =
        pipeline.pair.run(&[&["ci", "--print-config"], flags.as_slice()].concat()).expect_code(0).stdout;
    for line in ["spec               crossdock.yaml", "deadline           300 s", "color              never"]
    {
        assert!(shown.contains(&format!("  {line} (from the command line)")), "{shown}");
    }
    pipeline.pair.run(&[&["ci"], flags.as_slice()].concat()).expect_code(0);
}

#[test]
fn a_configuration_is_shown_whatever_is_wrong() {
    for inputs in ["{", "[]", "{\"spec\": {}}", "3", "\u{1b}[31m"] {
        assert!(config(&[("CROSSDOCK_INPUTS", inputs), ("CROSSDOCK_CI", "x")]).contains("WRONG"), "{inputs}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once_and_nobody_is_asked() {
    let pipeline = with(&json!({
        "command": "snyc", "deadline": "soon", "fail-on": "TRUE", "report": "json,yaml", "tags": "a b",
        "vars": "A=1\nCANARY", "spec": "a.yaml", "spec-inline": "version: 1", "reprot": "json", "log-level": 3,
    }));
    let (finished, outputs) = pipeline.outputs();
    let finished = finished.expect_code(4);
    assert!(!finished.stdout.contains("CANARY"), "{}", finished.stdout);
    insta::assert_snapshot!(pipeline.normal().of(&finished.stdout));
    assert_eq!((outputs["result"].as_str(), outputs["exit-code"].as_str()), ("invalid", "4"));
    pipeline.assert_nobody_was_asked();
}

#[test]
fn inputs_that_contradict_each_other_are_told() {
    let mut told = String::new();
    for inputs in [
        json!({ "source": "SOURCE/app:1.0" }),
        json!({ "targets": "TARGET/app", "tags": "1.0" }),
        json!({ "source": "SOURCE/app:1.0", "targets": "TARGET/app:a", "tags": "b" }),
        json!({ "source": "SOURCE/app@sha256:0", "targets": "TARGET/app" }),
        json!({ "source": "SOURCE/app:1", "targets": "TARGET/app", "command": "plan", "only": "x" }),
        json!({ "command": "apply" }),
        json!({ "command": "sync", "plan-file": "plan.json" }),
        json!({ "command": "plan", "depth": "content", "verify": "yes" }),
        json!({ "source": "SOURCE/app:1", "targets": "TARGET/app", "depth": "content" }),
        json!({ "command": "verify", "plan-file": "plan.json" }),
    ] {
        let pipeline = with(&inputs);
        let finished = pipeline.run().expect_code(4);
        pipeline.assert_nobody_was_asked();
        let text = pipeline.normal().of(&finished.stdout);
        let lines = text.lines().filter(|line| line.starts_with("error: "));
        told.push_str(&lines.map(|line| format!("{line}\n")).collect::<String>());
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_pipeline_can_look_at_content_and_once_more_at_what_it_wrote() {
    let image = two_platforms(3, Format::Oci);
    for (inputs, blobs, heads) in [
        (json!({ "spec": "crossdock.yaml" }), 0, 1),
        (json!({ "spec": "crossdock.yaml", "verify": "always" }), 0, 2),
        (json!({ "spec": "crossdock.yaml", "depth": "content" }), image.blobs.len(), 1),
    ] {
        let pipeline = with(&inputs);
        pipeline.pair.source.seed(&image, "app", &["1.0"]);
        pipeline.pair.mirrors("- { source: SOURCE/app, target: TARGET/app, tags: [\"1.0\"] }");
        pipeline.run().expect_code(0);
        let requests = pipeline.pair.target.requests();
        assert_eq!(requests.count(RequestKind::BlobGet), blobs, "{inputs}");
        assert_eq!(requests.count(RequestKind::ManifestHead), heads, "{inputs}");
    }
}

#[test]
fn one_image_goes_to_several_targets_under_several_tags() {
    let image = two_platforms(3, Format::Oci);
    let inputs = json!({
        "spec": "crossdock.yaml",
        "source": format!("SOURCE/app@{}", image.digest()),
        "targets": "TARGET/one\nTARGET/two, oci:out",
        "tags": "2.0\nghcr.io/acme/app:2\n ghcr.io/acme/app:latest\n2.0",
    });
    let pipeline = with(&inputs);
    pipeline.pair.source.seed(&image, "app", &["2.0"]);
    let (finished, outputs) = pipeline.outputs();
    finished.expect_code(0);
    for repository in ["one", "two"] {
        for tag in ["2.0", "2", "latest"] {
            assert!(pipeline.pair.target.complete(repository, tag), "{repository}:{tag}");
        }
    }
    assert_eq!(outputs["digest"], image.digest());
    let counts: serde_json::Value = serde_json::from_str(&outputs["counts"]).expect("JSON");
    assert_eq!(counts["created"], 9);
    assert_eq!(outputs["images"].lines().count(), 3, "{}", outputs["images"]);
    assert!(outputs["images"].contains(&format!("/one@{}", image.digest())), "{}", outputs["images"]);
    assert_eq!(pipeline.file("artifacts").lines().count(), 2, "{}", pipeline.file("artifacts"));
}

#[test]
fn a_target_may_have_a_tag_of_its_own_and_gets_the_sources_otherwise() {
    let inputs = json!({
        "spec": "crossdock.yaml", "source": "SOURCE/app:1.0", "targets": "TARGET/one:mine\nTARGET/two",
    });
    let pipeline = with(&inputs);
    pipeline.run().expect_code(0);
    assert!(pipeline.pair.target.complete("one", "mine") && pipeline.pair.target.complete("two", "1.0"));
}

#[test]
fn a_spec_can_be_an_input_and_its_variables_too() {
    let pipeline = with(&json!({ "vars": "TAG=1.0\nUNUSED=a=b" }));
    let text = pipeline.pair.program.read("crossdock.yaml").replace("\"1.0\"", "\"${TAG}\"");
    std::fs::remove_file(pipeline.pair.program.work().join("crossdock.yaml")).expect("ours");
    let mut pipeline = pipeline;
    pipeline.set("INPUT_SPEC-INLINE", &text);
    let (finished, outputs) = pipeline.outputs();
    finished.expect_code(0);
    assert!(pipeline.pair.target.complete("app", "1.0"));
    let report = std::fs::read_to_string(&outputs["report-json"]).expect("a report");
    assert!(report.contains("\"path\": \"spec-inline\""), "{report}");
}

#[test]
fn files_of_another_tool_are_run_in_place_of_a_spec() {
    let flags = "--plain-http=SOURCE\n--plain-http=TARGET\n--ns=team\n--registry=TARGET";
    let (from, files) = ("image-transfer", "rule.yaml\n");
    let mut pipeline = Pipeline::seeded(&[]);
    pipeline.pair.source.seed(&one_platform(1, Format::Oci), "old/app", &["1.0"]);
    std::fs::remove_file(pipeline.pair.program.work().join("crossdock.yaml")).expect("ours");
    pipeline.pair.program.write("rule.yaml", &pipeline.pair.placed("SOURCE/old/app:1.0: \"\"\n"));
    for (name, value) in [("INPUT_FROM", from), ("INPUT_FILES", files), ("INPUT_FROM-FLAGS", flags)] {
        pipeline.set(name, value);
    }
    let (finished, outputs) = pipeline.outputs();
    finished.expect_code(0);
    assert!(pipeline.pair.target.complete("team/app", "1.0"));
    let report = std::fs::read_to_string(&outputs["report-json"]).expect("a report");
    assert!(report.contains("\"path\": \"rule.yaml\""), "{report}");
    pipeline.set("INPUT_COMMAND", "check");
    pipeline.outputs().0.expect_code(0);
}

#[test]
fn inputs_about_another_tool_belong_together() {
    let wrong = |inputs: &Value| {
        let pipeline = with(inputs);
        let finished = pipeline.run().expect_code(4);
        pipeline.assert_nobody_was_asked();
        finished.stdout
    };
    let alone = wrong(&json!({ "files": "a.yaml", "from-flags": "--qps=3" }));
    for name in ["files", "from-flags"] {
        assert!(
            alone.contains(&format!("the input {name}")) && alone.contains("it belongs to `from`"),
            "{alone}"
        );
    }
    let both = wrong(&json!({ "from": "skopeo", "files": "a.yaml", "spec": "b.yaml", "command": "verify" }));
    assert!(
        both.contains("`from` runs files in its place") && both.contains("linted, planned, synced"),
        "{both}"
    );
    let flags = wrong(&json!({ "from": "skopeo", "files": "a.yaml", "from-flags": "--scopd" }));
    assert!(flags.contains("the input from-flags is wrong") && flags.contains("--scopd"), "{flags}");
    let none = wrong(&json!({ "from": "skopeo" }));
    assert!(none.contains("needs the files of that tool"), "{none}");
}

#[test]
fn only_takes_several_globs() {
    let pipeline = with(&json!({ "only": "a*\n{c,d}" }));
    let rule = |name: &str| {
        format!("- {{ name: {name}, source: SOURCE/app, target: TARGET/{name}, tags: [\"1.0\"] }}\n")
    };
    pipeline.pair.mirrors(&["a1", "b1", "c", "e"].map(rule).concat());
    pipeline.run().expect_code(0);
    assert_eq!(pipeline.pair.target.repositories(), ["a1", "c"]);
}

#[test]
fn a_plan_of_one_step_is_carried_out_by_the_next() {
    let mut pipeline = with(&json!({ "command": "plan" }));
    let (finished, outputs) = pipeline.outputs();
    finished.expect_code(0);
    assert_eq!((outputs["result"].as_str(), outputs["exit-code"].as_str()), ("drift", "2"));
    assert_eq!((outputs["changed"].as_str(), outputs["drift"].as_str()), ("true", "true"));
    assert!(pipeline.pair.target.requests().writes().is_empty());
    let inputs = json!({ "command": "apply", "plan-file": outputs["plan-file"] });
    pipeline.set("CROSSDOCK_INPUTS", &inputs.to_string());
    let (finished, outputs) = pipeline.outputs();
    finished.expect_code(0);
    assert_eq!(outputs["result"], "changed");
    assert!(pipeline.pair.target.complete("app", "1.0"));
}

#[test]
fn paths_start_at_the_working_directory_and_places_at_the_root() {
    let pipeline = with(&json!({ "working-directory": "deploy/prod", "command": "lint" }));
    pipeline.pair.program.write("deploy/prod/crossdock.yaml", "version: 1\nmirors: []\n");
    let finished = pipeline.run().expect_code(4);
    assert!(finished.stdout.contains("::error file=deploy/prod/crossdock.yaml,line="), "{}", finished.stdout);
    let finished = with(&json!({ "working-directory": "no/such" })).run().expect_code(4);
    assert!(finished.stdout.contains("the input working-directory is wrong"), "{}", finished.stdout);
}

#[test]
fn fail_on_colours_the_step_and_outputs_tell_the_truth() {
    let code = |inputs: serde_json::Value| {
        let pipeline = with(&inputs);
        let (finished, outputs) = pipeline.outputs();
        (finished.code, outputs["exit-code"].clone())
    };
    let told = |exit: i32, real: &str| (Some(exit), real.to_owned());
    assert_eq!(code(json!({ "command": "check" })), told(2, "2"));
    assert_eq!(code(json!({ "command": "check", "fail-on": "never" })), told(0, "2"));
    assert_eq!(code(json!({ "command": "plan", "fail-on": "drift" })), told(2, "2"));
    assert_eq!(code(json!({ "spec": "none.yaml", "fail-on": "never" })), told(0, "4"));
    assert_eq!(code(json!({ "spce": "none.yaml", "fail-on": "never" })), told(4, "4"));
}

#[test]
fn a_plug_in_without_arguments_takes_its_settings() {
    let mut pipeline = Pipeline::new(&[("CI", "woodpecker"), ("PLUGIN_TARGETS", "TARGET/one,TARGET/two")]);
    pipeline.pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    pipeline.pair.mirrors("- { source: SOURCE/app, target: TARGET/unused, tags: [\"1.0\"] }");
    pipeline.set("PLUGIN_SOURCE", "SOURCE/app:1.0");
    pipeline.set("PLUGIN_SPEC", "crossdock.yaml");
    pipeline.set("PLUGIN_TAGS", "[\"a\", \"b\"]");
    pipeline.pair.run(&[]).expect_code(0);
    assert!(pipeline.pair.target.complete("one", "a") && pipeline.pair.target.complete("two", "b"));
}

#[test]
fn the_tables_are_printed_and_told_of() {
    let printed = Program::new().run(&["schema", "inputs"]).expect_code(0).stdout;
    let tables: serde_json::Value = serde_json::from_str(&printed).expect("JSON");
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md");
    let page = std::fs::read_to_string(page).expect("the page");
    for key in ["inputs", "outputs"] {
        for row in tables[key].as_array().expect("a table") {
            let name = row["name"].as_str().expect("a name");
            let default = row.get("default").map(|default| match default.as_str() {
                Some(word) => format!("| `{word}` "),
                None => "| ".to_owned(),
            });
            let meaning = row["meaning"].as_str().expect("a meaning");
            let line = format!("| `{name}` {}| {meaning} |", default.unwrap_or_default());
            assert!(page.contains(&line), "docs/ci.md has no line\n{line}");
        }
    }
}
