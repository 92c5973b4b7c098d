//! Logins that CIs bring along: those that we cannot see, and those that they hand out by themselves.

use super::files::CONTAINER_HOME;
use super::{Ci, Detected, Variables};
use crate::failure::{Code, Failure};
use crate::report::{Judged, Run};

/// Whether a registry wanted a credential, and there was none.
pub(super) fn lacks_credential(failure: &Failure) -> bool {
    failure.credential.is_none() && matches!(failure.code, Code::Unauthenticated | Code::Denied)
}

/// What to say when a registry wanted a credential and none was found, although the user may have
/// logged in: GitHub gives a container that is an action a home of its own.
pub fn unseen_login(run: &Run, variables: &Variables) -> Option<&'static str> {
    const WORDS: &str = "container actions cannot see docker/login-action's login: use the input \
        registry-auth, or set DOCKER_CONFIG to a directory in the workspace before you log in; \
        docs/ci.md has both";
    let is_unseen = variables.get("HOME") == Some(CONTAINER_HOME);
    let lacking = |judged: Judged<'_>| judged.verdict.failure().is_some_and(lacks_credential);
    (is_unseen && run.verdicts().any(lacking)).then_some(WORDS)
}

/// A login that is used where nothing else is configured for its registry.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The registry, as in references.
    pub registry: String,
    /// The user.
    pub username: String,
    /// The secret.
    pub password: String,
    /// Where it is from: completes the phrase "from …".
    pub from: &'static str,
}

/// Without the secret.
impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("registry", &self.registry).finish_non_exhaustive()
    }
}

/// The registry of GitHub itself. Servers of one's own have others, and no token for this one.
const GITHUB_REGISTRY: &str = "ghcr.io";
const GITHUB_SERVER: &str = "https://github.com";
/// The user where GitHub does not say who started the run: with a token, any is good.
const GITHUB_USER: &str = "x-access-token";

/// The logins that a CI hands out with every run: for its own registry and for no other.
pub fn ambient_logins(detected: &Detected, variables: &Variables, github_token: Option<&str>) -> Vec<Login> {
    match detected.ci {
        // Nobody else's token goes there, whoever calls himself GitHub.
        Some(Ci::GitHub) if variables.get("GITHUB_SERVER_URL") == Some(GITHUB_SERVER) => {
            let login = |token: &str| Login {
                registry: GITHUB_REGISTRY.to_owned(),
                username: variables.get("GITHUB_ACTOR").unwrap_or(GITHUB_USER).to_owned(),
                password: token.to_owned(),
                from: "the input github-token",
            };
            github_token.map(login).into_iter().collect()
        }
        Some(Ci::GitLab) => {
            let names = ["CI_REGISTRY", "CI_REGISTRY_USER", "CI_REGISTRY_PASSWORD"];
            match names.map(|name| variables.get(name).map(str::to_owned)) {
                [Some(registry), Some(username), Some(password)] => {
                    vec![Login { registry, username, password, from: "$CI_REGISTRY_PASSWORD" }]
                }
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ci::detect;

    fn logins(variables: &[(&str, &str)]) -> Vec<String> {
        let variables = Variables::made_up(variables);
        let logins = ambient_logins(&detect(&variables), &variables, Some("token"));
        logins.iter().map(|login| format!("{}@{}", login.username, login.registry)).collect()
    }

    #[test]
    fn a_github_token_goes_to_github_alone() {
        let github = ("GITHUB_ACTIONS", "true");
        let server = ("GITHUB_SERVER_URL", "https://github.com");
        assert_eq!(logins(&[github, server]), ["x-access-token@ghcr.io"]);
        assert_eq!(logins(&[github, server, ("GITHUB_ACTOR", "bob")]), ["bob@ghcr.io"]);
        for elsewhere in [
            [github, ("GITHUB_SERVER_URL", "https://git.corp.test")].as_slice(),
            &[github],
            &[github, server, ("GITEA_ACTIONS", "true")],
            &[github, server, ("FORGEJO_ACTIONS", "true")],
            &[("GITLAB_CI", "true"), server],
            &[server],
        ] {
            assert_eq!(logins(elsewhere), [""; 0], "{elsewhere:?}");
        }
    }

    #[test]
    fn gitlab_has_a_registry_of_its_own() {
        let all = [
            ("GITLAB_CI", "true"),
            ("CI_REGISTRY", "registry.gitlab.test:5050"),
            ("CI_REGISTRY_USER", "gitlab-ci-token"),
            ("CI_REGISTRY_PASSWORD", "secret"),
        ];
        assert_eq!(logins(&all), ["gitlab-ci-token@registry.gitlab.test:5050"]);
        assert_eq!(logins(&all[..3]), [""; 0]);
        assert_eq!(logins(&all[1..]), [""; 0]);
    }
}
