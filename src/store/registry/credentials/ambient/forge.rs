//! What a forge gives its CI jobs for its own registry, and for no other.

use super::super::{Credential, CredentialKind, Environment};
use crate::oci::Registry;

/// The registry of GitHub itself. Servers of one's own have others, and no token for this one.
const GITHUB_REGISTRY: &str = "ghcr.io";
/// Where GitHub itself is. Other forges say other things here, and their tokens are not GitHub's.
const GITHUB: &str = "https://github.com";
/// What the variables start with that the runners of other forges set, which call themselves GitHub for
/// the sake of the workflows that people bring along. Not `GITEA_` alone: a `GITEA_TOKEN` is what
/// somebody on GitHub may mirror to Gitea with.
const IMPOSTORS: [&str; 2] = ["GITEA_ACTIONS", "FORGEJO_ACTIONS"];
/// The user name where the workflow does not say who started it; GitHub looks at the token alone.
const ACTOR: &str = "github-actions";

/// What a job is given for the registry of its forge.
pub struct ForgeLogin {
    /// The one registry that gets to see it.
    pub registry: Registry,
    /// What it gets to see.
    pub credential: Credential,
}

/// What a job with this environment is given.
pub fn forge_logins(environment: &Environment) -> Vec<ForgeLogin> {
    [github(environment), gitlab(environment)].into_iter().flatten().collect()
}

impl ForgeLogin {
    /// The credential, where it is for this registry.
    pub(super) fn at(self, registry: &Registry) -> Option<Credential> {
        (self.registry == *registry).then_some(self.credential)
    }
}

/// The token of a workflow, for `ghcr.io`.
pub(super) fn github(environment: &Environment) -> Option<ForgeLogin> {
    let is_impostor = |name: &str| IMPOSTORS.iter().any(|start| name.starts_with(start));
    let is_github = environment.text("GITHUB_SERVER_URL")?.trim_end_matches('/') == GITHUB
        && !environment.all().any(|(name, _)| name.to_str().is_some_and(is_impostor));
    if !is_github {
        return None;
    }
    let (password, place) = environment.github_token()?;
    let username = environment.text("GITHUB_ACTOR").unwrap_or(ACTOR).to_owned();
    let credential = Credential::new(CredentialKind::Password { username, password }, place);
    Some(ForgeLogin { registry: GITHUB_REGISTRY.parse().ok()?, credential })
}

/// What GitLab gives a job for the registry of its instance.
pub(super) fn gitlab(environment: &Environment) -> Option<ForgeLogin> {
    // What a CI calls its registry may be nothing that we could contact.
    let registry = environment.text("CI_REGISTRY")?.parse::<Registry>().ok()?;
    if !environment.is_true("GITLAB_CI") {
        return None;
    }
    let username = environment.text("CI_REGISTRY_USER")?.to_owned();
    let password = environment.secret("CI_REGISTRY_PASSWORD")?;
    let credential =
        Credential::new(CredentialKind::Password { username, password }, "$CI_REGISTRY_PASSWORD");
    Some(ForgeLogin { registry, credential })
}
