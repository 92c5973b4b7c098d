//! Golden transcripts: for each CI, its environment in, and everything that it is told out, for four
//! runs: a bad spec, a change, nothing to do, and a failure beside a success.

use super::pipeline::{APP, GITHUB, Pipeline};
use crate::bed::images::{Format, one_platform};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Files whose text is told elsewhere: here only that they are there.
const ELSEWHERE: [&str; 4] = ["report.json", "comment.md", "summary.md", "summary"];

/// All four runs in the CI of these variables.
fn golden(variables: &[(&str, &str)]) -> String {
    let mut pipeline = Pipeline::new(variables);
    pipeline.install("buildkite-agent");
    fs::create_dir(pipeline.files().join("results")).expect("ours");
    pipeline.pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    let bad = "- { source: SOURCE/app, target: TARGET/app, tagz: [\"1.0\"] }";
    let partial =
        format!("{APP}\n- {{ name: old, source: SOURCE/app, target: TARGET/old, tags: [\"1.0\", \"9.9\"] }}");
    let mut told = String::new();
    for (title, rules) in
        [("a bad spec", bad), ("changed", APP), ("nothing to do", APP), ("partial", &partial)]
    {
        pipeline.pair.mirrors(rules);
        let before = files(&pipeline);
        let finished = pipeline.run();
        told.push_str(&format!("=== {title}: exit code {}\n", finished.code.unwrap_or(-1)));
        assert_eq!(finished.stderr, "", "everything is one log");
        told.push_str(&finished.stdout);
        for (name, text) in files(&pipeline) {
            let new = match before.get(&name) {
                Some(old) => text.strip_prefix(old.as_str()).unwrap_or(&text),
                None => text.as_str(),
            };
            if !new.is_empty() {
                told.push_str(&format!("--- {name}\n{}\n", new.trim_end()));
            }
        }
        told.push('\n');
    }
    pipeline.normal().of(&told)
}

/// Every file that a run may leave, with what it says.
fn files(pipeline: &Pipeline) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let program = &pipeline.pair.program;
    let root = program.home().parent().expect("the home is in a folder").to_owned();
    for file in program.files() {
        let name = Path::new(&file).file_name().expect("a file").to_string_lossy().into_owned();
        if file.starts_with("home/bin") || name == "crossdock.yaml" {
            continue;
        }
        let text = fs::read_to_string(root.join(&file)).expect("a text");
        let text = match name.as_str() {
            name if ELSEWHERE.contains(&name) => "[TEXT]".to_owned(),
            // What else is in it is for who makes it.
            "result.env" => only_lines(&text, &["CROSSDOCK_RESULT=", "CROSSDOCK_EXIT_CODE="]),
            "buildkite-agent.log" => without_markdown(&text),
            _ => text,
        };
        found.insert(file, text);
    }
    found
}

fn only_lines(text: &str, starts: &[&str]) -> String {
    let wanted = text.lines().filter(|line| starts.iter().any(|start| line.starts_with(start)));
    wanted.map(|line| format!("{line}\n")).collect()
}

/// What a program was told, but for the text of a summary.
fn without_markdown(log: &str) -> String {
    let mut shown = String::new();
    let mut in_summary = false;
    for line in log.lines() {
        let is_call = line.starts_with("$ ");
        if is_call || !in_summary {
            shown.push_str(line);
            shown.push('\n');
        }
        if is_call {
            in_summary = line.contains(" annotate ");
            shown.push_str(if in_summary { "[TEXT]\n" } else { "" });
        }
    }
    shown
}

#[test]
fn github() {
    insta::assert_snapshot!(golden(&GITHUB));
}

#[test]
fn gitea() {
    let gitea = [GITHUB.as_slice(), &[("GITEA_ACTIONS", "true"), ("ACT", "true")]].concat();
    insta::assert_snapshot!(golden(&gitea));
}

#[test]
fn forgejo_hears_what_gitea_hears() {
    let github = GITHUB.as_slice();
    let gitea = golden(&[github, &[("GITEA_ACTIONS", "true")]].concat());
    let forgejo = golden(&[github, &[("GITEA_ACTIONS", "true"), ("FORGEJO_ACTIONS", "true")]].concat());
    assert_eq!(gitea, forgejo);
}

#[test]
fn gitlab() {
    insta::assert_snapshot!(golden(&[
        ("CI", "true"),
        ("GITLAB_CI", "true"),
        ("CI_SERVER_VERSION_MAJOR", "17")
    ]));
}

#[test]
fn jenkins() {
    insta::assert_snapshot!(golden(&[("JENKINS_URL", "https://ci.test/"), ("BUILD_ID", "7")]));
}

#[test]
fn azure() {
    insta::assert_snapshot!(golden(&[("TF_BUILD", "True")]));
}

#[test]
fn circleci() {
    insta::assert_snapshot!(golden(&[("CI", "true"), ("CIRCLECI", "true")]));
}

#[test]
fn buildkite() {
    insta::assert_snapshot!(golden(&[
        ("CI", "true"),
        ("BUILDKITE", "true"),
        ("BUILDKITE_STEP_KEY", "mirror")
    ]));
}

#[test]
fn woodpecker() {
    insta::assert_snapshot!(golden(&[("CI", "woodpecker"), ("PLUGIN_LOG_LEVEL", "warn")]));
}

#[test]
fn drone() {
    insta::assert_snapshot!(golden(&[
        ("CI", "true"),
        ("DRONE", "true"),
        ("DRONE_OUTPUT", "FILES/output.env")
    ]));
}

#[test]
fn tekton() {
    let results = ("CROSSDOCK_TEKTON_RESULTS", "FILES/results");
    insta::assert_snapshot!(golden(&[("CROSSDOCK_CI", "tekton"), results]));
}

#[test]
fn any_other() {
    insta::assert_snapshot!(golden(&[("CI", "true")]));
}

#[test]
fn none() {
    insta::assert_snapshot!(golden(&[]));
}
