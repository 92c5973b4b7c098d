//! Credential programs: asked once, within limits, and never quoted.

use super::home::{Home, auths, lookup};
use crate::access::Credentials;
use crate::store::registry::credentials::helper::{HelperError, Helpers};
use futures::future::join_all;
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};

/// One test at a time: a program that another thread's fork still holds open cannot be run.
static ONE: Mutex<()> = Mutex::const_new(());

async fn alone() -> MutexGuard<'static, ()> {
    ONE.lock().await
}

const OK: &str = r#"read -r server; echo "$server" > "$HOME/server"; echo '{"ServerURL":"x","Username":"AWS","Secret":"s"}'"#;
const NOT_FOUND: &str = "echo 'credentials not found in native keychain'; exit 1";

fn helpers(host: &str, name: &str) -> String {
    format!(r#"{{"credHelpers":{{"{host}":"{name}"}}}}"#)
}

#[tokio::test]
async fn a_program_is_asked_for_the_registry_on_its_standard_input() {
    let _alone = alone().await;
    for (repository, server) in [
        ("ghcr.io/a", "ghcr.io"),
        ("localhost:5000/a", "localhost:5000"),
        ("docker.io/library/alpine", "https://index.docker.io/v1/"),
    ] {
        let home = Home::new().program("ok", OK).file(".docker/config.json", r#"{"credsStore":"ok"}"#);
        assert_eq!(
            home.found(repository).await,
            "user AWS, from docker-credential-ok, named in ~/.docker/config.json: s"
        );
        assert_eq!(std::fs::read_to_string(home.at("server")).ok().as_deref().map(str::trim), Some(server));
    }
}

#[tokio::test]
async fn the_own_program_goes_before_an_entry_and_that_before_the_general_program() {
    let _alone = alone().await;
    let entry = r#""auths":{"ghcr.io":{"username":"bob","password":"p"},"quay.io":{}}"#;
    let programs = || Home::new().program("ok", OK).program("none", NOT_FOUND);
    let file = |rest: &str| programs().file(".docker/config.json", &format!("{{{entry},{rest}}}"));
    let own = file(r#""credHelpers":{"ghcr.io":"ok"},"credsStore":"none""#);
    assert!(own.found("ghcr.io/a").await.starts_with("user AWS"));
    let own_knows_nothing = file(r#""credHelpers":{"ghcr.io":"none"},"credsStore":"ok""#);
    assert!(own_knows_nothing.found("ghcr.io/a").await.starts_with("user bob"));
    assert_eq!(own_knows_nothing.runs(), 1);
    let general = file(r#""credsStore":"ok""#);
    assert!(general.found("ghcr.io/a").await.starts_with("user bob"));
    assert_eq!(general.runs(), 0);
    assert!(general.found("quay.io/a").await.starts_with("user AWS"));
    let exempt = file(r#""credHelpers":{"quay.io":""},"credsStore":"ok""#);
    assert_eq!(exempt.found("quay.io/a").await, "nothing");
}

#[tokio::test]
async fn a_program_that_knows_nothing_gives_way_to_the_next_place() {
    let _alone = alone().await;
    let home = Home::new()
        .program("none", NOT_FOUND)
        .file(".docker/config.json", &helpers("ghcr.io", "none"))
        .file(".config/containers/auth.json", &auths("ghcr.io", "bob:p"));
    assert!(home.found("ghcr.io/a").await.starts_with("user bob"));
    // Some say so by an empty answer.
    let home = home.program("none", r#"echo '{"Username":"","Secret":""}'"#);
    assert!(home.found("ghcr.io/a").await.starts_with("user bob"));
}

#[tokio::test]
async fn a_program_that_the_spec_names_must_know() {
    let _alone = alone().await;
    let home = Home::new()
        .program("none", NOT_FOUND)
        .program("token", r#"echo '{"Username":"<token>","Secret":"idt"}'"#);
    let keychain = home.keychain();
    let spec = |name: &str| Credentials::Helper(name.to_owned());
    let found = home.shown(lookup(&keychain, "ghcr.io/a", Some(&spec("token"))).await);
    assert_eq!(found, "an identity token, from docker-credential-token, named in the spec: idt");
    insta::assert_snapshot!(home.shown(lookup(&keychain, "ghcr.io/a", Some(&spec("none"))).await));
}

#[tokio::test]
async fn a_program_is_asked_once_for_each_registry_also_when_it_fails() {
    let _alone = alone().await;
    let home = Home::new()
        .program("ok", OK)
        .program("bad", "exit 1")
        .file(".docker/config.json", r#"{"credsStore":"ok"}"#);
    let keychain = home.keychain();
    let all = join_all((0..50).map(|_| lookup(&keychain, "ghcr.io/a", None))).await;
    assert!(all.iter().all(|found| matches!(found, Ok(Some(_)))));
    assert_eq!(home.runs(), 1);
    lookup(&keychain, "quay.io/a", None).await.expect("found");
    assert_eq!(home.runs(), 2);
    let bad = Credentials::Helper("bad".to_owned());
    for path in ["ghcr.io/a", "ghcr.io/b"] {
        lookup(&keychain, path, Some(&bad)).await.expect_err("it failed");
    }
    assert_eq!(home.runs(), 3);
}

#[tokio::test]
async fn a_program_that_misbehaves_is_told_and_not_quoted() {
    let _alone = alone().await;
    let mut told = Vec::new();
    for (what, script) in [
        ("fails with a secret on both outputs", "echo CANARY; echo CANARY >&2; exit 3"),
        ("fails with a known error", "echo 'no credentials server URL CANARY'; exit 1"),
        ("is killed", "kill -9 $$"),
        ("prints no JSON", "echo CANARY"),
        ("prints nothing", "exit 0"),
        ("prints a secret without a user", r#"echo '{"Username":"","Secret":"CANARY"}'"#),
        ("prints a user without a secret", r#"echo '{"Username":"CANARY","Secret":""}'"#),
        ("prints ten megabytes", "head -c 10000000 /dev/zero"),
        ("prints ten megabytes of errors", "head -c 10000000 /dev/zero >&2; exit 1"),
    ] {
        let home = Home::new().program("bad", script).file(".docker/config.json", &helpers("ghcr.io", "bad"));
        told.push(format!("{what}\n  {}", home.found("ghcr.io/a").await));
    }
    let told = told.join("\n\n");
    assert!(!told.contains("CANARY"), "{told}");
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn only_a_plain_name_on_the_search_path_is_run() {
    let _alone = alone().await;
    let home = Home::new().program("ok", OK);
    let mut told = Vec::new();
    for name in ["../x", "x/../ok", "/bin/sh", "ok; touch x", "$(x)", "a\\nb", "", "missing"] {
        let found = lookup(&home.keychain(), "ghcr.io/a", Some(&Credentials::Helper(name.to_owned()))).await;
        told.push(format!("{name}\n  {}", home.shown(found)));
    }
    insta::assert_snapshot!(told.join("\n\n"));
    assert_eq!(home.runs(), 0);
}

#[tokio::test]
async fn relative_parts_of_the_search_path_are_passed_over() {
    let _alone = alone().await;
    let home = Home::new().program("ok", OK);
    let up = "../".repeat(std::env::current_dir().expect("a directory").components().count() - 1);
    let bin = home.at("bin").display().to_string();
    let relative = format!("{up}{}", bin.trim_start_matches('/'));
    assert!(std::path::Path::new(&relative).join("docker-credential-ok").is_file());
    for (path, found) in
        [(relative.clone(), false), (String::new(), false), (format!("{relative}:{bin}"), true)]
    {
        let environment = Home::new().variable("PATH", &path).environment();
        let said = Helpers::new(environment, Duration::from_secs(5)).ask("ok", "ghcr.io").await;
        let missing = said.err() == Some(HelperError::Missing);
        assert_eq!(!missing, found, "{path}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_program_that_hangs_is_killed() {
    let _alone = alone().await;
    let home = Home::new().program("hangs", r#"echo $$ > "$HOME/pid"; exec sleep 60"#);
    let helpers = Helpers::new(home.environment(), Duration::from_millis(500));
    assert_eq!(helpers.ask("hangs", "ghcr.io").await.err(), Some(HelperError::TimedOut));
    assert_ends(&home).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_a_program_started_is_killed_with_it() {
    let _alone = alone().await;
    for script in [
        // It ends, and leaves somebody who keeps its output open.
        r#"sleep 60 & echo $! > "$HOME/pid""#,
        // It waits for somebody who hangs.
        r#"sleep 60 & echo $! > "$HOME/pid"; wait"#,
        // It prints without end, by somebody else.
        r#"sh -c 'echo $$ > "$HOME/pid"; while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done' & wait"#,
    ] {
        let home = Home::new().program("family", script);
        let helpers = Helpers::new(home.environment(), Duration::from_millis(500));
        let said = helpers.ask("family", "ghcr.io").await.err();
        assert!(matches!(said, Some(HelperError::TimedOut | HelperError::TooMuch)), "{said:?}");
        assert_ends(&home).await;
    }
}

/// The process whose number a program wrote down ends.
#[cfg(target_os = "linux")]
async fn assert_ends(home: &Home) {
    let pid = std::fs::read_to_string(home.at("pid")).expect("a process id");
    let stat = std::path::PathBuf::from(format!("/proc/{}/stat", pid.trim()));
    for _ in 0..100 {
        // Whoever was killed may wait to be buried by somebody who is not us.
        let state = std::fs::read_to_string(&stat).unwrap_or_default();
        if state.is_empty() || state.contains(") Z ") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("still there");
}

#[tokio::test]
async fn a_program_gets_the_environment_that_was_handed_in() {
    let _alone = alone().await;
    let home = Home::new()
        .variable("AWS_PROFILE", "mirror")
        .program("env", r#"echo "{\"Username\":\"$AWS_PROFILE-$CARGO_MANIFEST_DIR\",\"Secret\":\"s\"}""#)
        .file(".docker/config.json", &helpers("ghcr.io", "env"));
    assert!(home.found("ghcr.io/a").await.starts_with("user mirror-,"));
}
