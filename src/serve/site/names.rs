//! By which names repositories are listed and found. Values only.

use super::Listing;
use crate::oci::RepositoryPath;
use std::collections::{BTreeMap, HashMap};

/// What names lead to: the number of a repository.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// The whole names, registry and all.
    full: HashMap<String, usize>,
    /// Names without a registry that more than one repository would have, or one: none leads nowhere.
    short: HashMap<String, Option<usize>>,
}

/// The registry that a name begins with, if it does, and the rest. The rule of references: what has a dot or a
/// colon, or is `localhost`, is a host.
pub(super) fn parted(name: &str) -> (Option<&str>, &str) {
    match name.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (Some(host), path),
        _ => (None, name),
    }
}

impl Names {
    /// Names of repositories, which are told apart by their whole names.
    pub(super) fn of<'a>(full: impl IntoIterator<Item = &'a str>) -> Self {
        let mut names = Self::default();
        for (number, name) in full.into_iter().enumerate() {
            names.full.insert(name.to_owned(), number);
            let short = names.short.entry(parted(name).1.to_owned());
            short.and_modify(|known| *known = None).or_insert(Some(number));
        }
        names
    }

    /// What each repository is listed as, in their order: names that a path can hold, each once.
    ///
    /// # Errors
    /// The two names that would be listed as one, or the one that no path can hold.
    pub(super) fn listed(full: &[&str], listing: Listing) -> Result<Vec<RepositoryPath>, NamesError> {
        let mut taken: BTreeMap<RepositoryPath, &str> = BTreeMap::new();
        let mut all = Vec::new();
        for name in full {
            let short = parted(name).1;
            let whole = match listing {
                Listing::Full => name.parse().ok(),
                Listing::Stripped => None,
            };
            // A registry with a port is no part of a path.
            let listed: Option<RepositoryPath> = whole.or_else(|| short.parse().ok());
            let listed = listed.ok_or_else(|| NamesError::NoPath((*name).to_owned()))?;
            if let Some(other) = taken.insert(listed.clone(), name) {
                return Err(NamesError::Same(other.to_owned(), (*name).to_owned(), listed));
            }
            all.push(listed);
        }
        Ok(all)
    }

    /// The repository that a client means. A mirror is told by containerd in place of which registry it is asked
    /// (`?ns=`): then that registry's is meant, or one that is of no registry in particular.
    pub(super) fn find(&self, name: &str, registry: Option<&str>) -> Option<usize> {
        let whole = |name: &str| self.full.get(name).copied();
        match registry {
            Some(registry) => whole(&format!("{registry}/{name}")).or_else(|| whole(name)),
            None => whole(name).or_else(|| self.short.get(name).copied().flatten()),
        }
    }
}

/// Why repositories cannot be listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NamesError {
    /// A name that no path can hold.
    NoPath(String),
    /// Two that would have the same name.
    Same(String, String, RepositoryPath),
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: [&str; 5] =
        ["app", "docker.io/library/nginx", "localhost:5000/a/b", "quay.io/app", "quay.io/x/y"];

    fn find(name: &str, registry: Option<&str>) -> Option<&'static str> {
        Names::of(FULL).find(name, registry).map(|number| FULL[number])
    }

    #[test]
    fn a_repository_is_found_by_its_whole_name_and_without_its_registry() {
        assert_eq!(find("docker.io/library/nginx", None), Some("docker.io/library/nginx"));
        assert_eq!(find("library/nginx", None), Some("docker.io/library/nginx"));
        assert_eq!(find("a/b", None), Some("localhost:5000/a/b"));
        assert_eq!(find("nginx", None), None);
        // The one that is called so is meant, and not one that could be.
        assert_eq!(find("app", None), Some("app"));
    }

    #[test]
    fn what_two_could_be_called_is_neither() {
        let names = Names::of(["docker.io/library/nginx", "quay.io/library/nginx"]);
        assert_eq!(names.find("library/nginx", None), None);
        assert_eq!(names.find("quay.io/library/nginx", None), Some(1));
        assert_eq!(names.find("library/nginx", Some("docker.io")), Some(0));
    }

    #[test]
    fn a_mirror_answers_only_for_the_registry_that_it_is_asked_for() {
        assert_eq!(find("x/y", Some("quay.io")), Some("quay.io/x/y"));
        assert_eq!(find("a/b", Some("localhost:5000")), Some("localhost:5000/a/b"));
        assert_eq!(find("x/y", Some("docker.io")), None, "that is another image");
        assert_eq!(find("app", Some("gcr.io")), Some("app"), "it is of no registry in particular");
        assert_eq!(find("app", Some("quay.io")), Some("quay.io/app"));
    }

    #[test]
    fn a_repository_is_listed_once() {
        let text = |listing| {
            let listed = Names::listed(&FULL, listing).expect("all have names");
            listed.iter().map(|path| path.to_string()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(text(Listing::Full), "app docker.io/library/nginx a/b quay.io/app quay.io/x/y");
        let clash = Names::listed(&FULL, Listing::Stripped);
        let path = "app".parse().expect("a path");
        assert_eq!(clash, Err(NamesError::Same("app".to_owned(), "quay.io/app".to_owned(), path)));
        let stripped = Names::listed(&FULL[1..], Listing::Stripped).expect("all have names");
        assert_eq!(stripped[0].as_str(), "library/nginx");
    }
}
