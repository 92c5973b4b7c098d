//! The workflows of the README, which people copy: run as they stand there, but for the hosts, by the image
//! and by a shell, with what GitHub puts into their expressions.

use super::github::{action, outputs};
use crate::bed::container::{Container, Entry};
use crate::bed::grants::Users;
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Auth, Options, Registry};
use crate::bed::tools;
use regex::Regex;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const WORKSPACE: &str = "/github/workspace";

/// What stands in expressions, by their text.
type Known<'a> = BTreeMap<&'a str, String>;

/// The parts of the one job of a workflow of the README, with other hosts.
fn parts(name: &str, hosts: &[(&str, &str)]) -> Vec<Value> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("a page");
    let start = format!("name: {name}\n");
    let mut blocks = page.split("\n```yaml\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    let block = blocks.find(|block| block.starts_with(&start)).expect("the README has it");
    let block = hosts.iter().fold(block.to_owned(), |text, (host, by)| text.replace(host, by));
    let workflow: Value = serde_yaml::from_str(&block).expect("YAML");
    let jobs = workflow["jobs"].as_object().expect("a mapping");
    let [job] = jobs.values().collect::<Vec<_>>()[..] else { panic!("{name} has one job") };
    job["steps"].as_array().expect("a list").clone()
}

/// The part that runs our action, and the script after it, if there is one.
fn ours(parts: &[Value]) -> (&Value, Option<&Value>) {
    let is_ours = |part: &Value| part["uses"].as_str().is_some_and(|uses| uses.starts_with("crossdock-dev/"));
    let at = parts.iter().position(is_ours).expect("our action is there");
    (&parts[at], parts.get(at + 1))
}

/// A mapping with what stands in its expressions.
fn filled(mapping: &Value, known: &Known<'_>) -> Vec<(String, String)> {
    let expression = Regex::new(r"\$\{\{ *(.*?) *\}\}").expect("a pattern");
    let fill = |value: &Value| {
        let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        let by = |found: &regex::Captures<'_>| {
            known.get(&found[1]).unwrap_or_else(|| panic!("GitHub would look for {}", &found[1])).clone()
        };
        expression.replace_all(&text, by).into_owned()
    };
    mapping.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), fill(value))).collect()
}

/// Runs our part as GitHub's runner does, with these files in the workspace.
fn run(part: &Value, known: &Known<'_>, more: &[(&str, &str)], files: &[(&str, &str)]) -> Container {
    let given = filled(&part["with"], known);
    let given = given.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let given: Vec<(&str, &str)> = given.chain(more.iter().copied()).collect();
    let mut container = action(&given);
    for (name, value) in filled(&part["env"], known) {
        container = container.variable(&name, &value);
    }
    for (name, text) in files {
        container.write(&format!("{WORKSPACE}/{name}"), text);
    }
    container.start(Entry::Image(&["ci"])).wait();
    container
}

/// What a script asked of `gh`, which answered with `answer`.
fn asked(part: &Value, known: &Known<'_>, comment: &str, answer: &Value) -> Vec<Vec<String>> {
    tools::find("jq", "jq");
    let place = TempDir::new().expect("a temporary folder can be made");
    let programs = place.path().join("bin");
    fs::create_dir(&programs).expect("a folder can be made");
    let gh = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/runners/gh.py");
    std::os::unix::fs::symlink(gh, programs.join("gh")).expect("a link can be made");
    fs::write(place.path().join("answer"), answer.to_string()).expect("a file can be written");
    fs::write(place.path().join("asked"), "").expect("a file can be written");
    fs::create_dir(place.path().join(".crossdock")).expect("a folder can be made");
    fs::write(place.path().join(".crossdock/comment.md"), comment).expect("a file can be written");
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let script = part["run"].as_str().expect("a script");
    let mut command = Command::new("bash");
    command.args(["-e", "-c", script]).current_dir(place.path());
    command.env("GH_PLACE", place.path()).env("PATH", path).envs(filled(&part["env"], known));
    tools::run(&mut command).unwrap_or_else(|why| panic!("{script}\n{why}"));
    let asked = fs::read_to_string(place.path().join("asked")).expect("a text");
    asked.lines().map(|line| serde_json::from_str(line).expect("a list of words")).collect()
}

/// The first two words of each call.
fn short(asked: &[Vec<String>]) -> Vec<String> {
    asked.iter().map(|words| words[..2].join(" ")).collect()
}

fn locked(user: &str, password: &str) -> Registry {
    let users = Users::new().user(user, password).allow(user, "*", "pull,push");
    Options::new().auth(Auth::Basic(users)).start()
}

/// A spec that says how these are spoken to, and mirrors from the first to the second.
fn spec(hosts: &[&Registry]) -> String {
    let plain: String =
        hosts.iter().map(|registry| format!("  {}: {{ plain_http: true }}\n", registry.host())).collect();
    let (source, target) = (hosts[0].host(), hosts[1].host());
    format!(
        "version: 1\nregistries:\n{plain}\
         mirrors:\n  - {{ name: app, source: {source}/acme/app, target: {target}/mirror/app, tags: [\"1.0\"] }}\n"
    )
}

#[test]
fn what_was_just_built_goes_to_more_registries() {
    let source = Registry::start();
    let (hub, quay) = (locked("acme", "hub-canary"), locked("acme+robot", "quay-canary"));
    let image = one_platform(1, Format::Oci);
    source.seed(&image, "acme/app", &["build"]);
    let (built, first, second) = (source.host(), hub.host(), quay.host());
    let parts = parts("release image", &[("ghcr.io", &built), ("docker.io", &first), ("quay.io", &second)]);
    let known = Known::from([
        ("steps.build.outputs.digest", source.tag("acme/app", "build").expect("seeded")),
        ("steps.meta.outputs.tags", format!("{built}/acme/app:1.2.3\n{built}/acme/app:latest")),
        ("secrets.HUB_TOKEN", "hub-canary".to_owned()),
        ("secrets.QUAY_TOKEN", "quay-canary".to_owned()),
    ]);
    let spec = spec(&[&source, &hub, &quay]);
    // The one thing that is added: how registries without certificates are spoken to.
    let container = run(ours(&parts).0, &known, &[("spec", "plain.yaml")], &[("plain.yaml", &spec)]);
    let told = outputs(&container);
    assert_eq!(told["result"], "changed", "{told:?}");
    assert_eq!(told["images"].lines().count(), 2, "{told:?}");
    for registry in [&hub, &quay] {
        assert!(registry.complete("acme/app", "1.2.3") && registry.complete("acme/app", "latest"));
    }
}

#[test]
fn a_schedule_repairs_what_drifted_and_an_issue_says_when_that_did_not_work() {
    let (source, hub) = (Registry::start(), locked("acme", "hub-canary"));
    source.seed(&one_platform(1, Format::Oci), "acme/app", &["1.0"]);
    let (from, to) = (source.host(), hub.host());
    let parts = parts("mirror", &[("docker.io", &to)]);
    let (part, script) = ours(&parts);
    let script = script.expect("a script comes after it");
    let (good, bad) = (spec(&[&source, &hub]), spec(&[&source, &hub]).replace("/acme/app", "/acme/gone"));
    let secret = Known::from([("secrets.HUB_TOKEN", "hub-canary".to_owned())]);
    let ran = |spec: &str| {
        let container = run(part, &secret, &[], &[("crossdock.yaml", spec)]);
        let told = outputs(&container);
        (told["result"].clone(), container.read(&format!("{WORKSPACE}/{}", told["comment-file"])))
    };
    let after = |result: &str, comment: &str, file: &str, issues: &Value| {
        let known = Known::from([
            ("github.token", "token".to_owned()),
            ("github.repository", "acme/images".to_owned()),
            ("steps.mirror.outputs.result", result.to_owned()),
            ("steps.mirror.outputs.comment-file", file.to_owned()),
        ]);
        asked(script, &known, comment, issues)
    };
    let (none, open, file) = (json!([]), json!([{ "number": 7 }]), ".crossdock/comment.md");

    let (result, comment) = ran(&good);
    assert_eq!(result, "changed");
    assert!(hub.complete("mirror/app", "1.0"));
    assert_eq!(short(&after(&result, &comment, file, &none)), ["issue list"]);
    let closed = after(&result, &comment, file, &open);
    assert_eq!(short(&closed), ["issue list", "issue close"]);
    assert_eq!(closed[1][2], "7");

    let (result, comment) = ran(&bad);
    assert_eq!(result, "failed");
    let opened = after(&result, &comment, file, &none);
    assert_eq!(short(&opened), ["issue list", "label create", "issue create"]);
    assert!(opened[2].contains(&comment) && comment.contains(&format!("{from}/acme/gone")), "{comment}");
    let said = after(&result, &comment, file, &open);
    assert_eq!(short(&said), ["issue list", "issue comment"]);
    assert!(said[1].contains(&"7".to_owned()) && said[1].contains(&comment), "{said:?}");

    assert_eq!(short(&after("deferred", &comment, file, &open)), ["issue list"]);
    let nothing = after("", "", "", &none);
    assert_eq!(short(&nothing), ["issue list", "label create", "issue create"]);
    assert!(nothing[2].iter().any(|word| word.contains("did not run")), "{nothing:?}");
}

#[test]
fn a_pull_request_gets_one_comment_which_is_kept_up_to_date() {
    let (source, hub) = (Registry::start(), Registry::start());
    source.seed(&one_platform(1, Format::Oci), "acme/app", &["1.0"]);
    let parts = parts("mirror plan", &[]);
    let (part, script) = ours(&parts);
    let script = script.expect("a script comes after it");
    let container = run(part, &Known::new(), &[], &[("crossdock.yaml", &spec(&[&source, &hub]))]);
    let told = outputs(&container);
    assert_eq!((told["result"].as_str(), told["changed"].as_str()), ("drift", "true"));
    assert!(hub.requests().writes().is_empty());
    let comment = container.read(&format!("{WORKSPACE}/{}", told["comment-file"]));
    let marker = comment.lines().next().expect("a comment begins with its mark").to_owned();
    let known = Known::from([
        ("github.token", "token".to_owned()),
        ("github.repository", "acme/images".to_owned()),
        ("github.event.number", "5".to_owned()),
        ("steps.plan.outputs.comment-file", told["comment-file"].clone()),
    ]);
    let after = |comments: Value| asked(script, &known, &comment, &comments);

    let first = after(json!([{ "id": 3, "body": "Looks good" }]));
    let place = "repos/acme/images/issues/5/comments".to_owned();
    assert_eq!(first[1], ["api", "--silent", &place, "--field", &format!("body={comment}")]);
    let again =
        after(json!([{ "id": 3, "body": "Looks good" }, { "id": 11, "body": format!("{marker}\nold") }]));
    let place = "repos/acme/images/issues/comments/11";
    let expected = ["api", "--silent", "--method", "PATCH", place, "--field", &format!("body={comment}")];
    assert_eq!(again[1], expected);
}
