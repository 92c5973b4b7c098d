//! The action as GitHub's runner runs it: root, the first process, the workspace of somebody else, a home
//! that is new, and files for what it tells.

use super::Registries;
use super::inputs;
use crate::bed::container::{Container, Entry, Image, signal_first};
use crate::bed::images::{Layer, Recipe};
use crate::bed::memory::{self, Behaviour, Call, Moment, RequestKind, Rule};
use crate::bed::program::Finished;
use crate::ci::pipeline::read_outputs;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// The user and the group of GitHub's runner.
const RUNNER: (u32, u32) = (1001, 127);
/// GitHub kills 7.5 seconds after SIGINT: everything has to be told before.
const END_MAX: Duration = Duration::from_secs(7);
/// How long anything else may take before the test fails.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// What the runner gives to a container that is an action, for these inputs.
pub(super) fn action(given: &[(&str, &str)]) -> Container {
    let (user, group) = RUNNER;
    let mut container = Container::of(Image::Full)
        .directory("/github/workspace", user, group)
        .directory("/github/home", user, group)
        .directory("/github/workflow", user, group)
        .directory("/github/runner_temp", user, group)
        .directory("/github/file_commands", user, group)
        .work("/github/workspace")
        .variable("HOME", "/github/home")
        .variable("CROSSDOCK_INPUTS", &inputs(given));
    for (name, value) in [
        ("CI", "true"),
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "acme/images"),
        ("GITHUB_WORKSPACE", "/github/workspace"),
        ("GITHUB_OUTPUT", "/github/file_commands/output"),
        ("GITHUB_STEP_SUMMARY", "/github/file_commands/summary"),
        ("GITHUB_ENV", "/github/file_commands/env"),
        ("GITHUB_PATH", "/github/file_commands/path"),
        ("RUNNER_TEMP", "/github/runner_temp"),
        ("RUNNER_OS", "Linux"),
    ] {
        container = container.variable(name, value);
    }
    for name in ["output", "summary", "env", "path"] {
        container.write(&format!("/github/file_commands/{name}"), "");
    }
    container
}

/// What was written to `$GITHUB_OUTPUT`.
pub(super) fn outputs(container: &Container) -> BTreeMap<String, String> {
    read_outputs(&container.read("/github/file_commands/output"))
}

fn report(container: &Container) -> Value {
    let path = &outputs(container)["report-json"];
    let text = container.read(&format!("/github/workspace/{path}"));
    serde_json::from_str(&text).expect("a report is JSON")
}

#[test]
fn the_action_mirrors_and_tells_it_in_outputs_a_summary_and_files_of_the_runner() {
    let registries = Registries::new();
    let container = action(&[("command", "sync"), ("summary", "always")]);
    container.write("/github/workspace/crossdock.yaml", &registries.spec());
    container.start(Entry::Image(&["ci"])).wait().expect_code(0);
    registries.assert_mirrored();
    let told = outputs(&container);
    let words = ["result", "exit-code", "changed", "drift", "digests-truncated", "report-dir"];
    let words: Vec<&str> = words.iter().map(|name| told[*name].as_str()).collect();
    assert_eq!(words, ["changed", "0", "true", "true", "false", ".crossdock"]);
    let image = format!("{}/mirror/app@{}", registries.target.host(), told["digest"]);
    assert_eq!(told["images"], image);
    let digests: Value = serde_json::from_str(&told["digests"]).expect("JSON");
    assert_eq!(digests[format!("{}/mirror/app:1.0", registries.target.host())], told["digest"]);
    assert_eq!(report(&container)["counts"]["created"], 1);
    assert_eq!(report(&container)["run"]["ci"], "github");
    assert!(container.read("/github/file_commands/summary").contains("/mirror/app"));
    let comment = container.read(&format!("/github/workspace/{}", told["comment-file"]));
    assert!(comment.len() < 60_000 && comment.contains("/mirror/app"), "{comment}");
    for name in ["env", "path"] {
        assert_eq!(container.read(&format!("/github/file_commands/{name}")), "", "GITHUB_{name}");
    }
    assert_eq!(container.owners("/github/home"), [""; 0], "nothing is left at home");
}

#[test]
fn what_the_action_leaves_in_the_workspace_belongs_to_whom_the_workspace_belongs() {
    let registries = Registries::new();
    let container =
        action(&[("command", "plan"), ("report-dir", "out/reports"), ("plan-file", "out/plan.json")]);
    container.write("/github/workspace/crossdock.yaml", &registries.spec());
    container.start(Entry::Image(&["ci"])).wait().expect_code(0);
    let owners = container.owners("/github/workspace");
    assert!(owners.iter().any(|line| line.ends_with(" out/plan.json")), "{owners:?}");
    assert!(owners.iter().any(|line| line.ends_with(" out/reports/report.json")), "{owners:?}");
    let of_others: Vec<&String> = owners.iter().filter(|line| !line.starts_with("1001:127 ")).collect();
    assert!(of_others.is_empty(), "{of_others:?}");
}

#[test]
fn what_goes_wrong_is_the_exit_code_an_annotation_and_the_outputs() {
    let registries = Registries::new();
    let container = action(&[("command", "sync")]);
    let spec = registries.spec().replace("/app, target", "/nothing, target");
    container.write("/github/workspace/crossdock.yaml", &spec);
    let finished = container.start(Entry::Image(&["ci"])).wait().expect_code(1);
    assert!(finished.stdout.lines().any(|line| line.starts_with("::error ")), "{}", finished.stdout);
    let told = outputs(&container);
    assert_eq!((told["result"].as_str(), told["exit-code"].as_str()), ("failed", "1"));
    assert_eq!(report(&container)["result"], "failed");
}

#[test]
fn a_wrong_input_is_told_before_anybody_is_contacted() {
    let mut registries = Registries::new();
    registries.source.clear_requests();
    let container = action(&[("command", "sink"), ("deadline", "soon")]);
    container.write("/github/workspace/crossdock.yaml", &registries.spec());
    let finished = container.start(Entry::Image(&["ci"])).wait().expect_code(4);
    let said = format!("{}{}", finished.stdout, finished.stderr);
    assert!(said.contains("the input command") && said.contains("the input deadline"), "{said}");
    assert_eq!(outputs(&container)["result"], "invalid");
    assert!(registries.source.requests().is_empty());
}

#[test]
fn another_user_than_root_is_told_why_nothing_can_be_told() {
    let registries = Registries::new();
    let container = action(&[("command", "check")]).user(65532, 65532);
    container.write("/github/workspace/crossdock.yaml", &registries.spec());
    let finished = container.start(Entry::Image(&["ci"])).wait();
    assert_eq!(finished.code, Some(2), "{}", finished.stdout);
    assert!(
        finished.stdout.contains("/github/file_commands/output cannot be written"),
        "{}",
        finished.stdout
    );
    assert!(finished.stdout.contains("GitHub's containers run as root"), "{}", finished.stdout);
}

#[test]
fn a_mistake_of_our_own_is_told_in_the_outputs_too() {
    let registries = Registries::new();
    // A system that gives no threads is what the runtime panics about.
    let (user, group) = RUNNER;
    let container = action(&[("command", "sync")]).user(user, group);
    container.write("/github/workspace/crossdock.yaml", &registries.spec());
    let starved = "{ ulimit -u 1 || ulimit -p 1; } 2>/dev/null && exec /usr/bin/crossdock ci";
    let finished = container.start(Entry::Other(&["/bin/sh", "-c", starved])).wait().expect_code(1);
    let said = format!("{}{}", finished.stdout, finished.stderr);
    assert!(said.contains("panicked at") && said.contains("thread"), "{said}");
    assert!(finished.stdout.contains("::error"), "{said}");
    assert!(finished.stdout.contains("crossdock ended in a mistake of its own"), "{said}");
    let told = outputs(&container);
    assert_eq!((told["result"].as_str(), told["exit-code"].as_str()), ("failed", "1"));
}

/// Stops the action in the middle of a blob, and returns how long it took to end.
fn stopped(signal: &str) -> (Container, Finished, Duration) {
    let (source, target) = (memory::Registry::start(), memory::Registry::start());
    let large = Recipe::new(1).layer(Layer::synthetic(1, 4 << 20)).build();
    source.seed(&large, "large", &["1.0"]);
    let digest = &large.blobs.values().max_by_key(|blob| blob.size_bytes).expect("a layer").digest;
    let (reached, arrived) = mpsc::channel();
    let call = Call::new(move || reached.send(()).unwrap_or_default());
    let rule = Rule::on(RequestKind::BlobGet).path(digest);
    let rule = rule.then(Behaviour::Call(Moment::ResponseByte(1 << 19), call));
    source.rule(rule.then(Behaviour::StallResponse(1 << 20)));
    let (from, to) = (source.host(), target.host());
    let container = action(&[("command", "sync")]);
    let spec = format!(
        "version: 1\nregistries:\n  {from}: {{ plain_http: true }}\n  {to}: {{ plain_http: true }}\n\
         mirrors:\n  - {{ source: {from}/large, target: {to}/large, tags: [\"1.0\"] }}\n"
    );
    container.write("/github/workspace/crossdock.yaml", &spec);
    let running = container.start(Entry::Image(&["ci"]));
    arrived.recv_timeout(WAIT_MAX).expect("the large blob is fetched");
    let began = Instant::now();
    signal_first(&running, signal);
    let finished = running.wait();
    (container, finished, began.elapsed())
}

#[test]
fn an_interrupt_of_the_first_process_ends_it_in_time_with_a_report() {
    let (container, finished, took) = stopped("INT");
    finished.expect_code(130);
    assert!(took < END_MAX, "{took:?}");
    assert_eq!(report(&container)["result"], "cancelled");
    assert_eq!(outputs(&container)["result"], "cancelled");
}

#[test]
fn a_termination_of_the_first_process_ends_it_in_time_with_a_report() {
    let (container, finished, took) = stopped("TERM");
    finished.expect_code(143);
    assert!(took < END_MAX, "{took:?}");
    assert_eq!(report(&container)["result"], "cancelled");
}
