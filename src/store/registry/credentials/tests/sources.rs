//! In which order places are asked, and what happens when one of them is broken.

use super::home::{Home, auths, keychain, lookup};
use crate::access::{Credentials, Scope};

/// A home in which every place has its own user for `ghcr.io`.
fn full() -> Home {
    let entry = |user: &str| auths("ghcr.io", &format!("{user}:secret"));
    Home::new()
        .file("named.json", &entry("named"))
        .pointing("REGISTRY_AUTH_FILE", "named.json")
        .variable("DOCKER_AUTH_CONFIG", entry("text"))
        .file("docker/config.json", &entry("docker"))
        .pointing("DOCKER_CONFIG", "docker")
        .file(".docker/config.json", &entry("home"))
        .file("run/containers/auth.json", &entry("runtime"))
        .pointing("XDG_RUNTIME_DIR", "run")
        .file("xdg/containers/auth.json", &entry("xdg"))
        .pointing("XDG_CONFIG_HOME", "xdg")
        .file(".config/containers/auth.json", &entry("config"))
}

#[tokio::test]
async fn places_are_asked_in_order() {
    let mut home = full();
    let mut seen = Vec::new();
    seen.push(home.found("ghcr.io/a").await);
    for gone in ["REGISTRY_AUTH_FILE", "DOCKER_AUTH_CONFIG", "DOCKER_CONFIG"] {
        home = home.variable(gone, "");
        seen.push(home.found("ghcr.io/a").await);
    }
    for gone in [".docker", "run", "xdg"] {
        std::fs::remove_dir_all(home.at(gone)).expect("removed");
        seen.push(home.found("ghcr.io/a").await);
    }
    home = home.variable("XDG_CONFIG_HOME", "");
    seen.push(home.found("ghcr.io/a").await);
    insta::assert_snapshot!(seen.join("\n"), @r"
    user named, from $REGISTRY_AUTH_FILE (~/named.json): secret
    user text, from $DOCKER_AUTH_CONFIG: secret
    user docker, from ~/docker/config.json: secret
    user home, from ~/.docker/config.json: secret
    user runtime, from ~/run/containers/auth.json: secret
    user xdg, from ~/xdg/containers/auth.json: secret
    nothing
    user config, from ~/.config/containers/auth.json: secret
    ");
}

#[tokio::test]
async fn a_place_without_an_entry_gives_way_to_the_next() {
    let home = full().file("named.json", &auths("docker.io", "other:x")).variable("DOCKER_AUTH_CONFIG", "{}");
    assert_eq!(home.found("ghcr.io/a").await, "user docker, from ~/docker/config.json: secret");
    assert_eq!(home.found("docker.io/a").await, "user other, from $REGISTRY_AUTH_FILE (~/named.json): x");
    assert_eq!(home.found("quay.io/a").await, "nothing");
}

#[tokio::test]
async fn what_the_spec_says_holds() {
    let home = full().file("named.json", "broken");
    let keychain = home.keychain();
    let password = Credentials::Password { username: "spec".into(), password: "s".into() };
    for (settings, found) in [
        (password, "user spec, from the spec: s"),
        (Credentials::IdentityToken("t".into()), "an identity token, from the spec: t"),
        (Credentials::Anonymous, "nothing"),
    ] {
        assert_eq!(home.shown(lookup(&keychain, "ghcr.io/a", Some(&settings)).await), found);
    }
}

#[tokio::test]
async fn a_home_without_anything_is_anonymous() {
    assert_eq!(Home::new().found("ghcr.io/a").await, "nothing");
    assert_eq!(lookup(&keychain(Default::default()), "ghcr.io/a", None).await, Ok(None));
}

#[tokio::test]
async fn a_broken_place_is_told_when_it_is_needed_and_only_then() {
    let mut told = Vec::new();
    for (what, home) in [
        ("a named file that is missing", full().pointing("REGISTRY_AUTH_FILE", "missing.json")),
        ("a named file that is a directory", full().pointing("REGISTRY_AUTH_FILE", "run")),
        ("not JSON", full().file("named.json", "{\n \"auths\": {\"ghcr.io\": {\"auth\": \"CANARY\"}},")),
        ("text that is not JSON", full().file("named.json", "{}").variable("DOCKER_AUTH_CONFIG", "CANARY")),
        ("wrong form", full().file("named.json", "{\"auths\": \"CANARY\"}")),
        ("too large", full().file("named.json", &" ".repeat(1024 * 1024 + 1))),
        ("wrong form of an entry", full().file("named.json", r#"{"auths":{"ghcr.io":{"auth":7}}}"#)),
        ("an entry that is a text", full().file("named.json", r#"{"auths":{"ghcr.io":"CANARY"}}"#)),
        ("not base64", full().file("named.json", r#"{"auths":{"https://ghcr.io/v2/":{"auth":"CANARY!"}}}"#)),
        ("no colon", full().file("named.json", r#"{"auths":{"ghcr.io":{"auth":"Q0FOQVJZ"}}}"#)),
        ("no user", full().file("named.json", &auths("ghcr.io", ":CANARY"))),
        ("not UTF-8", full().file("named.json", r#"{"auths":{"ghcr.io":{"auth":"/////w=="}}}"#)),
    ] {
        told.push(format!("{what}\n  {}", home.found("ghcr.io/a").await));
    }
    let told = told.join("\n\n");
    assert!(!told.contains("CANARY") && !told.contains("Q0FOQVJZ"), "{told}");
    insta::assert_snapshot!(told);
    // Behind the first place that has an entry nothing is read.
    let home = full().file("docker/config.json", "broken");
    assert_eq!(home.found("ghcr.io/a").await, "user named, from $REGISTRY_AUTH_FILE (~/named.json): secret");
    assert!(home.found("quay.io/a").await.starts_with("credential_unavailable"));
    // And a broken entry harms its own registry only.
    let broken = r#"{"auths":{"ghcr.io":{"auth":"!"},"quay.io":{"username":"u","password":"p"}}}"#;
    let home = Home::new().file(".docker/config.json", broken);
    assert_eq!(home.found("quay.io/a").await, "user u, from ~/.docker/config.json: p");
}

#[tokio::test]
async fn a_file_is_read_once_in_a_run() {
    let home = full();
    let keychain = home.keychain();
    let first = home.shown(lookup(&keychain, "ghcr.io/a", None).await);
    std::fs::remove_file(home.at("named.json")).expect("removed");
    assert_eq!(home.shown(lookup(&keychain, "ghcr.io/b", None).await), first);
}

#[test]
fn an_environment_does_not_show_its_values() {
    assert_eq!(format!("{:?}", full().environment()), "Environment(7 variables)");
}

#[tokio::test]
async fn a_login_that_was_handed_in_goes_before_everything() {
    let home = full();
    let login = |user: &str| Credentials::Password { username: user.into(), password: "i".into() };
    let scope = |text: &str| {
        let (registry, prefix) = text.split_once('/').map_or((text, None), |(host, path)| (host, Some(path)));
        let prefix = prefix.map(|path| path.parse().expect("a path"));
        Scope { registry: registry.parse().expect("a registry"), prefix }
    };
    let environment =
        home.environment().with_login(scope("ghcr.io"), login("all"), "the input registry-auth");
    let environment = environment.with_login(scope("ghcr.io/team"), login("team"), "the input registry-auth");
    let keychain = keychain(environment);
    let found = async |repository: &str, spec: Option<&Credentials>| {
        home.shown(lookup(&keychain, repository, spec).await)
    };
    let spec = Credentials::Password { username: "spec".into(), password: "s".into() };
    assert_eq!(found("ghcr.io/a", Some(&spec)).await, "user all, from the input registry-auth: i");
    assert_eq!(found("ghcr.io/a", None).await, "user all, from the input registry-auth: i");
    assert_eq!(found("ghcr.io/team/a", Some(&spec)).await, "user team, from the input registry-auth: i");
    assert_eq!(found("ghcr.io/teams/a", None).await, "user all, from the input registry-auth: i");
    assert_eq!(found("quay.io/a", Some(&spec)).await, "user spec, from the spec: s");
}

#[tokio::test]
async fn what_a_job_is_given_is_used_where_nothing_else_is() {
    let home = Home::new().file(".docker/config.json", &auths("quay.io", "docker:x"));
    let home = home.variable("GITHUB_SERVER_URL", "https://github.com");
    let home = home.variable("GITLAB_CI", "true").variable("CI_REGISTRY", "quay.io");
    let home = home.variable("CI_REGISTRY_USER", "job").variable("CI_REGISTRY_PASSWORD", "j");
    let keychain = keychain(home.environment().with_github_token("t", "the input github-token"));
    let found = async |repository: &str, spec: Option<&Credentials>| {
        home.shown(lookup(&keychain, repository, spec).await)
    };
    assert_eq!(found("ghcr.io/a", None).await, "user github-actions, from the input github-token: t");
    assert_eq!(found("quay.io/a", None).await, "user docker, from ~/.docker/config.json: x");
    assert_eq!(found("ghcr.io/a", Some(&Credentials::Anonymous)).await, "nothing");
    assert_eq!(found("a.test/a", None).await, "nothing");
}
