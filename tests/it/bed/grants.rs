//! Who may do what: users, their passwords, and the repositories that they may pull from or push to.

use std::collections::{BTreeMap, BTreeSet};

/// Users of a registry, and what everybody may do.
#[derive(Debug, Clone, Default)]
pub struct Users {
    passwords: BTreeMap<String, String>,
    grants: Vec<Grant>,
}

#[derive(Debug, Clone)]
struct Grant {
    /// None means everybody, also who does not say who they are.
    user: Option<String>,
    repositories: String,
    actions: BTreeSet<String>,
}

/// What one scope of a token request asks for, and what a token allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The repository.
    pub repository: String,
    /// `pull`, `push`, `delete`.
    pub actions: BTreeSet<String>,
}

impl Users {
    /// Nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a user who may do nothing yet.
    pub fn user(mut self, name: &str, password: &str) -> Self {
        self.passwords.insert(name.to_owned(), password.to_owned());
        self
    }

    /// Lets a user do `actions` (`pull` or `pull,push`) in `repositories`: one name, or a prefix
    /// that ends in `*`.
    pub fn allow(mut self, name: &str, repositories: &str, actions: &str) -> Self {
        assert!(self.passwords.contains_key(name), "`{name}` is not a user");
        let (user, repositories) = (Some(name.to_owned()), repositories.to_owned());
        self.grants.push(Grant { user, repositories, actions: split(actions) });
        self
    }

    /// Lets everybody do `actions` in `repositories`.
    pub fn allow_all(mut self, repositories: &str, actions: &str) -> Self {
        let repositories = repositories.to_owned();
        self.grants.push(Grant { user: None, repositories, actions: split(actions) });
        self
    }

    /// Whether this is the user's password.
    pub fn knows(&self, name: &str, password: &str) -> bool {
        self.passwords.get(name).is_some_and(|known| known == password)
    }

    /// Each user with their password.
    pub fn passwords(&self) -> &BTreeMap<String, String> {
        &self.passwords
    }

    /// The part of `wanted` that `user` may do; none means somebody unknown.
    pub fn permitted(&self, user: Option<&str>, wanted: &Access) -> Access {
        let covers = |grant: &&Grant| {
            let for_user = grant.user.is_none() || grant.user.as_deref() == user;
            for_user && matches_name(&grant.repositories, &wanted.repository)
        };
        let granted: BTreeSet<&String> =
            self.grants.iter().filter(covers).flat_map(|grant| &grant.actions).collect();
        let actions = wanted.actions.iter().filter(|action| granted.contains(action)).cloned().collect();
        Access { repository: wanted.repository.clone(), actions }
    }
}

impl Access {
    /// Access to one repository.
    pub fn new(repository: &str, actions: &str) -> Self {
        Self { repository: repository.to_owned(), actions: split(actions) }
    }

    /// Reads every `scope` parameter of a token request: `repository:NAME:pull,push`, several of
    /// them separated by spaces. What is not about a repository is left out.
    pub fn parse_scopes<'a>(scopes: impl IntoIterator<Item = &'a str>) -> Vec<Self> {
        let parse = |scope: &str| {
            let (name, actions) = scope.strip_prefix("repository:")?.rsplit_once(':')?;
            Some(Self::new(name, actions))
        };
        scopes.into_iter().flat_map(str::split_whitespace).filter_map(parse).collect()
    }
}

fn split(actions: &str) -> BTreeSet<String> {
    actions.split(',').filter(|action| !action.is_empty()).map(str::to_owned).collect()
}

fn matches_name(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => pattern == name,
    }
}
