//! Tokens of forges: GitHub's for `ghcr.io`, GitLab's for the registry that it names.

use super::mirror::{Mirror, basic};

#[test]
fn a_workflows_token_opens_ghcr() {
    let mirror = Mirror::to(basic("octocat", "canary-github"), |_| None)
        .variable("GITHUB_SERVER_URL", "https://github.com")
        .variable("GITHUB_ACTOR", "octocat")
        .variable("GITHUB_TOKEN", "canary-github");
    let run = mirror.sync("ghcr.io", Some("identity: github")).code(0);
    assert!(mirror.target.complete("team/app", "1.0"));
    assert_eq!(run.credential("ghcr.io"), ("octocat".to_owned(), "$GITHUB_TOKEN".to_owned()));
    run.assert_silent(&["canary", "b2N0b2NhdDpjYW5hcnkt"]);
}

#[test]
fn gitlabs_registry_is_opened_without_a_word_in_the_spec_and_no_other_is() {
    let mirror = Mirror::to(basic("gitlab-ci-token", "canary-job"), |_| None)
        .variable("GITLAB_CI", "true")
        .variable("CI_REGISTRY", "registry.corp.test")
        .variable("CI_REGISTRY_USER", "gitlab-ci-token")
        .variable("CI_REGISTRY_PASSWORD", "canary-job");
    let run = mirror.sync("registry.corp.test", None).code(0);
    let expected = ("gitlab-ci-token".to_owned(), "$CI_REGISTRY_PASSWORD".to_owned());
    assert_eq!(run.credential("registry.corp.test"), expected);
    run.assert_silent(&["canary"]);
    let run = mirror.sync("other.corp.test", None).code(5);
    assert_eq!(run.credential("other.corp.test").0, "");
    for seen in mirror.cloud.seen().iter().filter(|seen| seen.host != "registry.corp.test") {
        assert_eq!(seen.header("authorization"), "", "{seen:?}");
    }
}

#[test]
fn an_anonymous_registry_gets_no_token_of_the_job() {
    let mirror = Mirror::to(basic("gitlab-ci-token", "canary-job"), |_| None)
        .variable("GITLAB_CI", "true")
        .variable("CI_REGISTRY", "registry.corp.test")
        .variable("CI_REGISTRY_USER", "gitlab-ci-token")
        .variable("CI_REGISTRY_PASSWORD", "canary-job");
    mirror.sync("registry.corp.test", Some("anonymous: true")).code(5);
    assert!(mirror.cloud.seen().iter().all(|seen| seen.header("authorization").is_empty()));
}
