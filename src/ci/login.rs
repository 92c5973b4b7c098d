//! Logins of a CI that we cannot see.

use super::Variables;
use super::files::CONTAINER_HOME;
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
