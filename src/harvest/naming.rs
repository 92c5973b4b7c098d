//! What images are called at the target: as at their source, without the registry; with it, where two would
//! be called the same.

use crate::oci::{Reference, Repository};
use std::collections::{BTreeMap, BTreeSet};

/// Below what everything goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A registry with or without a path: `registry/namespace`.
    Registry(String),
    /// A layout: `oci:DIRECTORY`.
    Layout(String),
}

impl Target {
    /// Reads what somebody wrote.
    ///
    /// # Errors
    /// It is neither; why, in words that follow a colon.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let base = text.trim_end_matches('/');
        if let Some(directory) = base.strip_prefix("oci:").filter(|directory| !directory.is_empty()) {
            return match directory.contains("//") {
                true => Err("a layout is named by its directory".to_owned()),
                false => Ok(Self::Layout(base.to_owned())),
            };
        }
        let host = base.split('/').next().unwrap_or_default();
        if !host.contains(['.', ':']) && host != "localhost" {
            return Err("it begins with no registry: write `registry/namespace`".to_owned());
        }
        let reference: Reference = format!("{base}/x").parse().map_err(|why| format!("{why}"))?;
        match reference.repository {
            Repository::Registry { registry, path } => {
                let path = path.to_string();
                let path = path.strip_suffix("/x").filter(|_| base.contains('/'));
                Ok(Self::Registry(path.map_or(registry.to_string(), |path| format!("{registry}/{path}"))))
            }
            Repository::Local { .. } => Err("it is no registry".to_owned()),
        }
    }

    /// Whether a repository is there already.
    pub(super) fn holds(&self, repository: &Repository) -> bool {
        match self {
            Self::Registry(base) => repository.to_string().starts_with(&format!("{base}/")),
            Self::Layout(_) => false,
        }
    }

    /// What each of several repositories is called there, and which of them got the name of its registry.
    pub(super) fn names(&self, sources: &BTreeSet<Repository>) -> BTreeMap<Repository, Name> {
        let mut wanted: BTreeMap<String, u32> = BTreeMap::new();
        for source in sources {
            *wanted.entry(self.plain(source)).or_default() += 1;
        }
        let mut taken: BTreeSet<String> =
            wanted.iter().filter(|(_, count)| **count == 1).map(|(name, _)| name.clone()).collect();
        let mut names = BTreeMap::new();
        for source in sources {
            let plain = self.plain(source);
            let name = match wanted.get(&plain) {
                Some(1) => Name { name: plain, is_plain: true },
                _ => {
                    let long = self.long(source);
                    let numbered = (2..).map(|number| format!("{long}-{number}"));
                    let mut free = std::iter::once(long.clone()).chain(numbered);
                    let name = free.find(|name| taken.insert(name.clone())).unwrap_or(long);
                    Name { name, is_plain: false }
                }
            };
            names.insert(source.clone(), name);
        }
        names
    }

    fn plain(&self, source: &Repository) -> String {
        match (self, source) {
            (Self::Registry(base), Repository::Registry { path, .. }) => format!("{base}/{path}"),
            // A layout has names with registries, so none is taken twice.
            (Self::Layout(base), source) => format!("{base}//{source}"),
            (Self::Registry(base), source) => format!("{base}/{source}"),
        }
    }

    /// With the registry in front, in characters that a path may have.
    fn long(&self, source: &Repository) -> String {
        let (Self::Registry(base), Repository::Registry { registry, path }) = (self, source) else {
            return self.plain(source);
        };
        let host = registry.as_str().replace(|c: char| !c.is_ascii_alphanumeric() && c != '.', "-");
        format!("{base}/{}/{path}", host.trim_matches(['-', '.']))
    }
}

/// What a repository is called at the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) name: String,
    /// Without its registry; it was the only one of that name.
    pub(super) is_plain: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(target: &str, sources: &[&str]) -> Vec<String> {
        let sources = sources.iter().map(|source| source.parse().expect("a repository")).collect();
        let target = Target::parse(target).expect("a target");
        target.names(&sources).into_values().map(|name| name.name).collect()
    }

    #[test]
    fn a_name_is_that_of_the_source_unless_two_have_it() {
        assert_eq!(names("t.io/m", &["nginx", "quay.io/a/b"]), ["t.io/m/library/nginx", "t.io/m/a/b"]);
        assert_eq!(
            names("t.io/m/", &["quay.io/a/b", "ghcr.io/a/b", "ghcr.io/c"]),
            ["t.io/m/ghcr.io/a/b", "t.io/m/c", "t.io/m/quay.io/a/b"]
        );
        assert_eq!(
            names("localhost:5000", &["localhost:1/a", "localhost:2/a"]),
            ["localhost:5000/localhost-1/a", "localhost:5000/localhost-2/a"]
        );
        // Whoever has a name that somebody else would get keeps it.
        assert_eq!(
            names("t.io", &["a.io/x", "b.io/x", "c.io/a.io/x"]),
            ["t.io/a.io/x-2", "t.io/b.io/x", "t.io/a.io/x"]
        );
        assert_eq!(
            names("oci:d", &["nginx", "quay.io/library/nginx"]),
            ["oci:d//docker.io/library/nginx", "oci:d//quay.io/library/nginx"]
        );
    }

    #[test]
    fn a_target_names_its_registry() {
        assert_eq!(Target::parse("T.io/m"), Ok(Target::Registry("t.io/m".to_owned())));
        assert_eq!(Target::parse("docker.io/me"), Ok(Target::Registry("docker.io/me".to_owned())));
        assert_eq!(Target::parse("docker.io"), Ok(Target::Registry("docker.io".to_owned())));
        for text in ["", "m", "m/n", "https://t.io/m", "t.io/m:1", "t.io/M", "oci:", "oci:d//n", "t.io/a b"] {
            assert!(Target::parse(text).is_err(), "{text}");
        }
        let target = Target::parse("t.io/m").expect("a target");
        assert!(target.holds(&"t.io/m/a".parse().expect("a repository")));
        assert!(!target.holds(&"t.io/mm/a".parse().expect("a repository")));
    }
}
