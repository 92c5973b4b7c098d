//! Where all images of a bundle go: a registry, or a repository that they lie below.

use crate::oci::{PlaceKind, Reference, Registry, Repository, RepositoryPath};
use std::fmt;
use std::str::FromStr;

/// What stands before the path of each repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prefix {
    /// `harbor.corp`: repositories keep their paths.
    Registry(Registry),
    /// `harbor.corp/mirror`: they lie below this one.
    Below(Repository),
}

impl Prefix {
    /// Where a source goes: what follows its registry, behind the prefix.
    ///
    /// # Errors
    /// The source has no name, or the name would be none of a repository.
    pub fn target(&self, source: &Repository) -> Result<Repository, String> {
        let path =
            path_of(source).ok_or_else(|| format!("{source} has no name that could stand behind it"))?;
        match self {
            Self::Registry(registry) => Ok(Repository::Registry { registry: registry.clone(), path }),
            Self::Below(above) => above.below(&path).map_err(|why| why.to_string()),
        }
    }
}

/// The path of a repository, without its registry.
fn path_of(source: &Repository) -> Option<RepositoryPath> {
    match source {
        Repository::Registry { path, .. } => Some(path.clone()),
        Repository::Local { name: None, .. } => None,
        Repository::Local { name: Some(name), .. } => match name.as_str().parse::<Reference>() {
            Ok(Reference { repository: Repository::Registry { path, .. }, .. })
                if name.as_str().ends_with(path.to_string().as_str()) =>
            {
                Some(path)
            }
            _ => name.as_str().parse().ok(),
        },
    }
}

impl FromStr for Prefix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.strip_suffix('/').filter(|rest| !rest.ends_with('/')).unwrap_or(text);
        let is_place = PlaceKind::ALL.iter().any(|(word, ..)| text.starts_with(&format!("{word}:")));
        match text.contains('/') || is_place {
            true => text.parse().map(Self::Below).map_err(|why| format!("{why}")),
            false => text.parse().map(Self::Registry).map_err(|why| format!("{why}")),
        }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry(registry) => registry.fmt(f),
            Self::Below(above) => above.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_registry_stands_behind_the_prefix() {
        let target = |prefix: &str, source: &str| {
            let prefix: Prefix = prefix.parse()?;
            prefix.target(&source.parse().expect("a repository")).map(|target| target.to_string())
        };
        let rows = [
            ("harbor.corp/mirror", "nginx", "harbor.corp/mirror/library/nginx"),
            ("harbor.corp/mirror/", "quay.io/a/b", "harbor.corp/mirror/a/b"),
            ("harbor.corp", "quay.io/a/b", "harbor.corp/a/b"),
            ("localhost:5000", "nginx", "localhost:5000/library/nginx"),
            ("oci:out//all", "quay.io/a", "oci:out//all/a"),
            ("r.test/m", "oci:in//quay.io/a/b", "r.test/m/a/b"),
            ("r.test/m", "oci:in//a/b", "r.test/m/a/b"),
        ];
        for (prefix, source, expected) in rows {
            assert_eq!(target(prefix, source).as_deref(), Ok(expected), "{prefix} {source}");
        }
        assert!(target("r.test/m", "oci:in").is_err());
        assert!("https://r.test".parse::<Prefix>().is_err() && "".parse::<Prefix>().is_err());
    }
}
