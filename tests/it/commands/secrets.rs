//! Canaries: no secret, wherever it was given, shows in any output, file or request to a stranger.

use super::pair::Pair;
use crate::bed::grants::Users;
use crate::bed::images::{self, one_platform};
use crate::bed::memory::{
    Auth, Authorization, Behaviour, Canned, Locations, Options, Registry, RequestKind, Rule, TokenServer,
};
use crate::bed::program::{Finished, Program};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crossdock::report::Format;
use std::os::unix::fs::PermissionsExt as _;

const CANARY: &str = "canary5ecret";

fn users() -> Users {
    Users::new().user("alice", CANARY).allow("alice", "*", "pull,push")
}

fn basic() -> Options {
    Options::new().auth(Auth::Basic(users()))
}

fn bearer() -> Options {
    Options::new().auth(Auth::Bearer(TokenServer::new(users())))
}

/// Every secret in every form that it may take on its way.
fn forms(pair: &Pair) -> Vec<String> {
    let mut forms = vec![CANARY.to_owned(), STANDARD.encode(format!("alice:{CANARY}"))];
    for registry in [&pair.source, &pair.target] {
        for request in registry.requests().iter() {
            if let Authorization::Bearer(token) = request.authorization() {
                forms.push(token);
            }
        }
    }
    forms
}

/// Runs the program as loudly as it can, with a report in every format, which it returns.
fn told(program: &Program, arguments: &[&str]) -> (Finished, String) {
    let flags: Vec<String> =
        Format::ALL.iter().map(|format| format!("--report={0}=report.{0}", format.name())).collect();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let finished = program.run(&[arguments, &["-vv"], &flags].concat());
    let read = |format: &Format| program.read(&format!("report.{}", format.name()));
    (finished, Format::ALL.iter().map(read).collect())
}

/// Runs every command that speaks to a registry, as loudly as it can, and looks for secrets.
fn assert_silent(pair: &Pair, expected: i32) {
    let mut said = String::new();
    let copied = [pair.placed("SOURCE/app:1.0"), pair.placed("TARGET/copied")];
    for arguments in [
        ["plan", "-o", "plan.json"].as_slice(),
        &["plan", "--format", "json"],
        &["check"],
        &["explain"],
        &["copy", "--spec", "crossdock.yaml", &copied[0], &copied[1]],
        &["sync", "--progress", "json"],
        &["apply", "plan.json"],
    ] {
        let (finished, reports) = told(&pair.program, arguments);
        if arguments[0] == "sync" {
            assert_eq!(finished.code, Some(expected), "{}\n{}", finished.stdout, finished.stderr);
        }
        said.push_str(&format!("{}\n{}\n{reports}\n", finished.stdout, finished.stderr));
    }
    if pair.program.work().join("plan.json").exists() {
        said.push_str(&pair.program.read("plan.json"));
    }
    assert!(said.len() > 1000, "something was said");
    for form in forms(pair) {
        assert!(!said.contains(&form), "{form} in\n{said}");
    }
}

fn seeded(source: Options, target: Options) -> Pair {
    let pair = Pair::with(source, target);
    pair.source.seed(&one_platform(1, images::Format::Oci), "app", &["1.0"]);
    pair
}

const RULE: &str = "- { source: SOURCE/app, target: TARGET/app, tags: \"*\" }";

fn in_spec(pair: Pair, password: &str) -> Pair {
    let one = |host: &str| {
        format!(
            "{host}: {{ plain_http: true, credentials: {{ username: alice, password: \"{password}\" }} }}"
        )
    };
    pair.registries(&format!("{}\n{}", one("SOURCE"), one("TARGET")), RULE);
    pair
}

#[test]
fn a_password_from_the_environment_by_way_of_the_spec() {
    for (source, target) in [(basic(), bearer()), (bearer(), basic())] {
        let mut pair = in_spec(seeded(source, target), "${PASSWORD}");
        pair.program = pair.program.variable("PASSWORD", CANARY);
        assert_silent(&pair, 0);
    }
}

#[test]
fn a_password_that_is_wrong_is_a_secret_too() {
    let other = || Options::new().auth(Auth::Bearer(TokenServer::new(Users::new().user("alice", "other"))));
    let mut pair = in_spec(seeded(other(), other()), "${PASSWORD}");
    pair.program = pair.program.variable("PASSWORD", CANARY);
    assert_silent(&pair, 5);
}

#[test]
fn a_password_in_dockers_file() {
    let pair = seeded(bearer(), basic());
    pair.mirrors(RULE);
    let auth = STANDARD.encode(format!("alice:{CANARY}"));
    let file = format!(r#"{{"auths":{{"SOURCE":{{"auth":"{auth}"}},"TARGET":{{"auth":"{auth}"}}}}}}"#);
    pair.program.write_home(".docker/config.json", &pair.placed(&file));
    assert_silent(&pair, 0);
}

#[test]
fn a_password_in_a_variable_with_dockers_file() {
    let mut pair = seeded(bearer(), basic());
    pair.mirrors(RULE);
    let auth = STANDARD.encode(format!("alice:{CANARY}"));
    let file = format!(r#"{{"auths":{{"SOURCE":{{"auth":"{auth}"}},"TARGET":{{"auth":"{auth}"}}}}}}"#);
    let file = pair.placed(&file);
    pair.program = pair.program.variable("DOCKER_AUTH_CONFIG", &file);
    assert_silent(&pair, 0);
}

#[test]
fn a_password_from_a_credential_program_also_when_it_fails() {
    for (exit, expected) in [(0, 0), (1, 5)] {
        let mut pair = seeded(bearer(), basic());
        pair.mirrors(RULE);
        let script = format!(
            "#!/bin/sh\necho \"the secret is {CANARY}\" >&2\n\
             echo '{{\"Username\":\"alice\",\"Secret\":\"{CANARY}\"}}'\nexit {exit}\n"
        );
        let path = pair.program.write_home("bin/docker-credential-canary", &script);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("ours");
        pair.program.write_home(".docker/config.json", "{\"credsStore\":\"canary\"}");
        let search = format!("{}:/usr/bin:/bin", pair.program.home().join("bin").display());
        pair.program = pair.program.variable("PATH", &search);
        assert_silent(&pair, expected);
    }
}

#[test]
fn the_query_of_a_redirect_and_of_an_upload() {
    let elsewhere = Registry::start();
    let pair = seeded(Options::new(), Options::new().locations(Locations::Absolute));
    pair.mirrors(RULE);
    let location = format!("{}/v2/gone/blobs/x?X-Amz-Signature={CANARY}", elsewhere.url());
    let redirect = Behaviour::Answer(Canned::new(307).header("location", &location));
    let tally = pair.source.rule(Rule::on(RequestKind::BlobGet).then(redirect));
    let upload = format!("{}/v2/app/blobs/uploads/1?_state={CANARY}", pair.target.url());
    let upload = Behaviour::SetHeader("location".to_owned(), upload);
    pair.target.rule(Rule::on(RequestKind::UploadStart).then(upload));
    assert_silent(&pair, 1);
    assert!(tally.acted() > 0);
    assert!(!elsewhere.requests().is_empty());
}

#[test]
fn nobody_sees_the_password_of_somebody_else() {
    let elsewhere = Registry::start();
    let mut pair = in_spec(seeded(basic(), Options::new()), "${PASSWORD}");
    elsewhere.seed(&one_platform(1, images::Format::Oci), "app", &["1.0"]);
    pair.source.rule(Rule::on(RequestKind::BlobGet).then(Behaviour::RedirectTo(elsewhere.url())));
    pair.program = pair.program.variable("PASSWORD", CANARY);
    pair.run(&["sync"]).expect_code(0);
    assert!(!elsewhere.requests().is_empty());
    for request in elsewhere.requests().iter() {
        assert_eq!(request.authorization(), Authorization::Absent);
        assert!(request.headers.iter().all(|(_, value)| !value.contains(CANARY)));
    }
}

#[test]
fn a_password_in_the_spec_itself_is_not_shown_with_a_problem() {
    let program = Program::new();
    program.write(
        "crossdock.yaml",
        &format!(
            "version: 1\nregistries:\n  r.test:\n    credentials: {{ username: a, pasword: {CANARY} }}\nmirrors: []\n"
        ),
    );
    let (finished, reports) = told(&program, &["sync"]);
    let finished = finished.expect_code(4);
    let said = format!("{}{}{reports}", finished.stdout, finished.stderr);
    assert!(!said.contains(CANARY), "{said}");
}
