//! What a token is for. Never asks for more than pulling and pushing.

use crate::oci::RepositoryPath;
use std::fmt;

/// What a request needs: its own repository first, then those that it mounts from.
///
/// Some token servers look at the first `scope` parameter only, hence the order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scopes {
    first: Scope,
    rest: Vec<Scope>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Scope {
    of: Of,
    actions: Actions,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    Repository(RepositoryPath),
    /// The list of all repositories.
    Catalog,
}

/// What may be done to a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actions {
    /// Reading.
    Pull,
    /// Reading and writing.
    PullPush,
}

/// How many repositories one token is asked for; what a registry wants beyond is left out.
const SCOPES_MAX: usize = 8;

impl Scopes {
    /// The scopes of a request to `path`.
    pub fn new(path: RepositoryPath, actions: Actions) -> Self {
        Self { first: Scope { of: Of::Repository(path), actions }, rest: Vec::new() }
    }

    /// The scope of a request for the names of all repositories.
    pub fn catalog() -> Self {
        Self { first: Scope { of: Of::Catalog, actions: Actions::Pull }, rest: Vec::new() }
    }

    /// Adds reading of another repository, which a mount needs.
    pub fn and_pull(mut self, path: &RepositoryPath) -> Self {
        self.add(path.clone(), Actions::Pull);
        self
    }

    /// The repository of the request; none where it is about all of them.
    pub fn repository(&self) -> Option<&RepositoryPath> {
        match &self.first.of {
            Of::Repository(path) => Some(path),
            Of::Catalog => None,
        }
    }

    /// What the request may do to its repository.
    pub fn actions(&self) -> Actions {
        self.first.actions
    }

    /// The `scope` parameters of a token request, in order.
    pub(super) fn parameters(&self) -> Vec<String> {
        self.iter().map(ToString::to_string).collect()
    }

    /// These scopes and what the `scope` of a challenge asks beyond them; none when that is nothing.
    ///
    /// A registry knows better than we do which repository a request reaches (a mount, an alias),
    /// so it may widen what is asked for. It may not turn a request that reads into one that writes.
    pub(super) fn widened(&self, challenged: &str) -> Option<Self> {
        let mut wider = self.clone();
        for (path, actions) in challenged.split_ascii_whitespace().filter_map(parse) {
            wider.add(path, actions.min(self.first.actions));
        }
        (wider != *self).then_some(wider)
    }

    fn add(&mut self, path: RepositoryPath, actions: Actions) {
        let room = self.rest.len() + 1 < SCOPES_MAX;
        let mut all = std::iter::once(&mut self.first).chain(&mut self.rest);
        match all.find(|scope| scope.of == Of::Repository(path.clone())) {
            Some(scope) => scope.actions = scope.actions.max(actions),
            None if room => self.rest.push(Scope { of: Of::Repository(path), actions }),
            None => tracing::debug!(%path, limit = SCOPES_MAX, "scope left out"),
        }
    }

    fn iter(&self) -> impl Iterator<Item = &Scope> {
        std::iter::once(&self.first).chain(&self.rest)
    }
}

/// Distribution, "Token Scope Documentation": `repository:PATH:ACTION[,ACTION]`.
fn parse(scope: &str) -> Option<(RepositoryPath, Actions)> {
    let (path, actions) = scope.strip_prefix("repository:")?.rsplit_once(':')?;
    let push = actions.split(',').any(|action| action == "push");
    let actions = if push { Actions::PullPush } else { Actions::Pull };
    Some((path.parse().ok()?, actions))
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let actions = match self.actions {
            Actions::Pull => "pull",
            Actions::PullPush => "pull,push",
        };
        match &self.of {
            Of::Repository(path) => write!(f, "repository:{path}:{actions}"),
            // Distribution, "Token Scope Documentation": the one name and the one action that there are.
            Of::Catalog => f.write_str("registry:catalog:*"),
        }
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parameters().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RepositoryPath {
        text.parse().expect("valid")
    }

    #[test]
    fn the_repository_of_the_request_comes_first() {
        let scopes = Scopes::new(path("z"), Actions::PullPush).and_pull(&path("a")).and_pull(&path("z"));
        assert_eq!(scopes.to_string(), "repository:z:pull,push repository:a:pull");
    }

    #[test]
    fn a_catalog_has_a_scope_of_its_own_which_no_challenge_takes_for_more() {
        let catalog = Scopes::catalog();
        assert_eq!((catalog.to_string().as_str(), catalog.repository()), ("registry:catalog:*", None));
        assert_eq!(catalog.widened("registry:catalog:*"), None);
        assert_eq!(catalog.widened("registry:other:*"), None);
    }

    #[test]
    fn a_challenge_widens_but_never_makes_a_reader_a_writer() {
        let widened = |actions, challenge: &str| {
            Scopes::new(path("b"), actions).widened(challenge).map(|scopes| scopes.to_string())
        };
        assert_eq!(widened(Actions::Pull, "repository:b:pull"), None);
        assert_eq!(widened(Actions::Pull, "repository:b:pull,push,delete"), None);
        assert_eq!(widened(Actions::Pull, "registry:catalog:* repository:..:pull repository:b"), None);
        assert_eq!(
            widened(Actions::Pull, "repository:c:*,push").as_deref(),
            Some("repository:b:pull repository:c:pull")
        );
        assert_eq!(
            widened(Actions::PullPush, "repository:b:pull,push repository:a:pull").as_deref(),
            Some("repository:b:pull,push repository:a:pull")
        );
    }

    #[test]
    fn a_challenge_cannot_grow_the_scopes_without_end() {
        let long = (0..1000).map(|n| format!("repository:r{n}:pull ")).collect::<String>();
        let wider = Scopes::new(path("b"), Actions::Pull).widened(&long).expect("wider");
        assert_eq!(wider.parameters().len(), SCOPES_MAX);
    }
}
