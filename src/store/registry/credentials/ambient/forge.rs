//! What a forge gives its CI jobs for its own registry, and for no other.

use super::super::{Credential, CredentialKind, Environment};
use crate::oci::{Home, Registry};

/// Where GitHub itself is. Other forges say other things here, and their tokens are not GitHub's.
const GITHUB: &str = "https://github.com";
/// What the variables of other forges start with, which call themselves GitHub for the sake of the
/// workflows that people bring along.
const IMPOSTORS: [&str; 2] = ["GITEA_", "FORGEJO_"];
/// The user name where the workflow does not say who started it; GitHub looks at the token alone.
const ACTOR: &str = "github-actions";

/// The token of a workflow, for `ghcr.io`.
pub(super) fn github(registry: &Registry, environment: &Environment) -> Option<Credential> {
    let is_impostor = |name: &str| IMPOSTORS.iter().any(|start| name.starts_with(start));
    let is_github = environment.text("GITHUB_SERVER_URL")?.trim_end_matches('/') == GITHUB
        && !environment.all().any(|(name, _)| name.to_str().is_some_and(is_impostor));
    if registry.home() != Some(Home::GitHub) || !is_github {
        return None;
    }
    let password = environment.secret("GITHUB_TOKEN")?;
    let username = environment.text("GITHUB_ACTOR").unwrap_or(ACTOR).to_owned();
    Some(Credential::new(CredentialKind::Password { username, password }, "$GITHUB_TOKEN"))
}

/// What GitLab gives a job for the registry of its instance.
pub(super) fn gitlab(registry: &Registry, environment: &Environment) -> Option<Credential> {
    let named = environment.text("CI_REGISTRY")?.parse::<Registry>().ok()?;
    if !environment.is_true("GITLAB_CI") || named != *registry {
        return None;
    }
    let username = environment.text("CI_REGISTRY_USER")?.to_owned();
    let password = environment.secret("CI_REGISTRY_PASSWORD")?;
    Some(Credential::new(CredentialKind::Password { username, password }, "$CI_REGISTRY_PASSWORD"))
}
