//! Tokens of forges: for their own registry, and for no other.

use super::{Surroundings, outcome, told};
use crate::access::Identity;
use crate::access::RegistrySettings;
use crate::store::registry::credentials::Environment;

const GITHUB: [(&str, &str); 3] =
    [("GITHUB_SERVER_URL", "https://github.com"), ("GITHUB_TOKEN", "gh-token"), ("GITHUB_ACTOR", "octocat")];
const GITLAB: [(&str, &str); 4] = [
    ("GITLAB_CI", "true"),
    ("CI_REGISTRY", "registry.corp:5050"),
    ("CI_REGISTRY_USER", "gitlab-ci-token"),
    ("CI_REGISTRY_PASSWORD", "job-token"),
];

fn nobody() -> Surroundings {
    Surroundings::new(|sent, _| panic!("nobody expects a request to {}", sent.place))
}

async fn found(variables: &[(&str, &str)], registry: &str) -> String {
    let nobody = nobody();
    let found = nobody.found(variables, registry).await;
    outcome(&nobody, found).await.trim().to_owned()
}

#[tokio::test]
async fn a_workflows_token_is_for_ghcr_and_nobody_else() {
    assert_eq!(found(&GITHUB, "ghcr.io").await, "user octocat, from $GITHUB_TOKEN: gh-token");
    assert_eq!(found(&GITHUB[..2], "ghcr.io").await, "user github-actions, from $GITHUB_TOKEN: gh-token");
    for other in ["docker.io", "quay.io", "ghcr.io:443", "ghcr.io.evil.test", "containers.corp", "xghcr.io"] {
        assert_eq!(found(&GITHUB, other).await, "nothing", "{other}");
    }
}

#[tokio::test]
async fn what_another_forge_calls_github_token_is_not_shown_to_github() {
    for (name, value) in [
        ("GITHUB_SERVER_URL", "https://gitea.corp"),
        ("GITHUB_SERVER_URL", "https://github.com.evil.test"),
        ("GITHUB_SERVER_URL", "http://github.com"),
        ("GITEA_ACTIONS", "true"),
        ("FORGEJO_ACTIONS", "true"),
        ("GITEA_ACTIONS_RUNNER_VERSION", "x"),
    ] {
        let variables = [GITHUB[0], GITHUB[1], GITHUB[2], (name, value)];
        assert_eq!(found(&variables, "ghcr.io").await, "nothing", "{name}={value}");
    }
    assert_eq!(found(&GITHUB[1..], "ghcr.io").await, "nothing", "without a server");
    let variables = [GITHUB[0], GITHUB[1], ("FORGEJO_ACTIONS", "true")];
    let chosen = nobody().chosen(&variables, "ghcr.io", Identity::GitHub).await;
    insta::assert_snapshot!(told(&chosen.expect_err("not GitHub's")));
}

#[tokio::test]
async fn what_was_handed_in_goes_before_the_variable_and_by_the_same_rules() {
    let found = async |variables: &[(&str, &str)], registry: &str| {
        let environment = Environment::of(variables.to_vec()).with_github_token("handed-in", "the input");
        let nobody = nobody();
        let registry = registry.parse().expect("a registry");
        let found = nobody.ambient(environment).found(&registry, &RegistrySettings::default()).await;
        outcome(&nobody, found).await.trim().to_owned()
    };
    assert_eq!(found(&GITHUB, "ghcr.io").await, "user octocat, from the input: handed-in");
    // To mirror from GitHub to another forge is no reason to take GitHub for that.
    let also = [GITHUB[0], ("GITEA_TOKEN", "x"), ("FORGEJO_TOKEN", "x")];
    assert_eq!(found(&also, "ghcr.io").await, "user github-actions, from the input: handed-in");
    for variables in [
        [("GITHUB_ACTIONS", "true"), ("GITHUB_SERVER_URL", "https://git.corp.test")],
        [("GITHUB_ACTIONS", "true"), ("GITHUB_ACTOR", "octocat")],
        [GITHUB[0], ("GITEA_ACTIONS", "true")],
        [GITHUB[0], ("FORGEJO_ACTIONS", "true")],
        [("GITLAB_CI", "true"), ("CI_REGISTRY", "ghcr.io")],
    ] {
        assert_eq!(found(&variables, "ghcr.io").await, "nothing", "{variables:?}");
    }
    assert_eq!(found(&GITHUB, "docker.io").await, "nothing");
}

#[tokio::test]
async fn gitlabs_registry_gets_the_token_of_the_job_and_no_other_host_does() {
    let mine = "user gitlab-ci-token, from $CI_REGISTRY_PASSWORD: job-token";
    assert_eq!(found(&GITLAB, "registry.corp:5050").await, mine);
    for other in ["registry.corp", "registry.corp:5051", "docker.io", "gitlab.corp"] {
        assert_eq!(found(&GITLAB, other).await, "nothing", "{other}");
    }
    assert_eq!(found(&GITLAB[1..], "registry.corp:5050").await, "nothing", "outside of GitLab");
    assert_eq!(found(&GITLAB[..3], "registry.corp:5050").await, "nothing", "without a password");
    let token = [("GITLAB_CI", "true"), ("CI_JOB_TOKEN", "job-token"), ("CI_REGISTRY", "registry.corp")];
    assert_eq!(
        found(&token, "registry.corp").await,
        "nothing",
        "CI_JOB_TOKEN goes by CI_REGISTRY_PASSWORD only"
    );
}

#[tokio::test]
async fn nothing_that_nobody_asked_for_goes_in_the_clear_but_to_a_registry_that_gitlab_names() {
    let variables = [GITHUB.as_slice(), &GITLAB, &super::amazon::KEYS].concat();
    let ambient = nobody().ambient(Environment::of(variables));
    let plain = RegistrySettings { plain_http: true, ..RegistrySettings::default() };
    for registry in ["ghcr.io", super::amazon::HOST, "gcr.io", "mine.azurecr.io"] {
        let registry = registry.parse().expect("a registry");
        assert_eq!(ambient.found(&registry, &plain).await, Ok(None), "{registry}");
    }
    let gitlab = "registry.corp:5050".parse().expect("a registry");
    assert!(ambient.found(&gitlab, &plain).await.expect("no failure").is_some());
}
