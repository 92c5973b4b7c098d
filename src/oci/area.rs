//! Areas: all repositories of a store, or those below a path of it, as `registry/path/**` names them.

use super::{LayoutName, Place, ReferenceError, Repository, RepositoryPath, StoreKey};
use std::fmt;

/// All repositories of a store below a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Area {
    store: StoreKey,
    /// What stands before the wildcard, without the store; empty is the whole store.
    path: Box<str>,
    levels: Levels,
}

/// How far below the path a repository may lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Levels {
    /// `*`: one component.
    One,
    /// `**`: one component or more.
    All,
}

/// Why a text with a wildcard is not an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AreaError {
    /// The wildcard is not a whole component at the end.
    Wildcard,
    /// Docker Hub tells nobody all that it has.
    WholeHub,
    /// What stands before the wildcard cannot be.
    Reference(ReferenceError),
}

impl Area {
    /// Whether a text is meant as one: no name of a repository has a `*`.
    pub fn is_meant(text: &str) -> bool {
        text.contains('*')
    }

    /// The store that it lies in.
    pub fn store(&self) -> &StoreKey {
        &self.store
    }

    /// What stands before the wildcard, without the store; empty for the whole store.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The part of a name that lies below the path; none where the name is not in the area.
    pub fn below<'a>(&self, name: &'a str) -> Option<&'a str> {
        let below = match self.path.is_empty() {
            true => name,
            false => name.strip_prefix(&*self.path)?.strip_prefix('/')?,
        };
        let is_near = match self.levels {
            Levels::One => !below.contains('/'),
            Levels::All => true,
        };
        (is_near && !below.is_empty()).then_some(below)
    }

    /// The repository of this name in the store.
    ///
    /// # Errors
    /// The name breaks the grammar.
    pub fn repository(&self, name: &str) -> Result<Repository, ReferenceError> {
        match &self.store {
            StoreKey::Registry(registry) => {
                let path = name.parse().map_err(ReferenceError::Repository)?;
                Ok(Repository::Registry { registry: registry.clone(), path })
            }
            StoreKey::Local(place) => {
                Ok(Repository::Local { place: place.clone(), name: Some(name.parse()?) })
            }
        }
    }

    /// A repository that stands for the whole area, where only a repository can be named: that of the path,
    /// and one called `catalog` for all of a registry.
    pub fn stand_in(&self) -> Repository {
        let path: Option<RepositoryPath> = self.path.parse().ok().or_else(|| "catalog".parse().ok());
        match (&self.store, path) {
            (StoreKey::Registry(registry), Some(path)) => {
                Repository::Registry { registry: registry.clone(), path }
            }
            (StoreKey::Registry(registry), None) => {
                Repository::Local { place: Place::layout(registry.as_str()), name: None }
            }
            (StoreKey::Local(place), _) => {
                Repository::Local { place: place.clone(), name: self.path.parse().ok() }
            }
        }
    }
}

impl std::str::FromStr for Area {
    type Err = AreaError;

    fn from_str(text: &str) -> Result<Self, AreaError> {
        let (fixed, levels) = match text.strip_suffix("**") {
            Some(fixed) => (fixed, Levels::All),
            None => (text.strip_suffix('*').ok_or(AreaError::Wildcard)?, Levels::One),
        };
        if fixed.contains('*') || !fixed.ends_with('/') {
            return Err(AreaError::Wildcard);
        }
        // A place is parted from its names by `//`, of which `oci:images/**` has only one.
        if Place::meant(fixed).is_some() && !fixed.contains("//") {
            return Err(AreaError::Wildcard);
        }
        // With a name in the place of the wildcard, the rest is read as everywhere else.
        const SAMPLE: &str = "a";
        let sample: Repository = format!("{fixed}{SAMPLE}").parse().map_err(AreaError::Reference)?;
        let whole = match &sample {
            Repository::Registry { path, .. } => path.as_str().to_owned(),
            Repository::Local { name, .. } => name.as_ref().map_or("", LayoutName::as_str).to_owned(),
        };
        let path = whole.strip_suffix(SAMPLE).unwrap_or_default().trim_end_matches('/');
        let store = sample.store();
        // Of `docker.io/a`, docker makes `docker.io/library/a`: what nobody wrote is not meant.
        let is_hub = matches!(&store, StoreKey::Registry(registry) if registry.is_docker_hub());
        if is_hub && !fixed.trim_end_matches('/').ends_with(path) {
            return Err(AreaError::WholeHub);
        }
        Ok(Self { store, path: path.into(), levels })
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wildcard = match self.levels {
            Levels::One => "*",
            Levels::All => "**",
        };
        let parting = match &self.store {
            StoreKey::Registry(_) => "/",
            StoreKey::Local(_) => "//",
        };
        match self.path.is_empty() {
            true => write!(f, "{}{parting}{wildcard}", self.store),
            false => write!(f, "{}{parting}{}/{wildcard}", self.store, self.path),
        }
    }
}

impl fmt::Display for AreaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wildcard => f.write_str("a wildcard is the last part of a source, and all of that part"),
            Self::WholeHub => f.write_str("Docker Hub has no list of all its repositories"),
            Self::Reference(why) => why.fmt(f),
        }
    }
}

impl std::error::Error for AreaError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(text: &str) -> Result<Area, AreaError> {
        text.parse()
    }

    #[test]
    fn an_area_is_what_stands_before_its_wildcard() {
        for (text, path, shown) in [
            ("harbor.corp/team/**", "team", "harbor.corp/team/**"),
            ("harbor.corp/team/sub/*", "team/sub", "harbor.corp/team/sub/*"),
            ("harbor.corp/**", "", "harbor.corp/**"),
            ("localhost:5000/**", "", "localhost:5000/**"),
            ("grafana/**", "grafana", "docker.io/grafana/**"),
            ("docker.io/library/*", "library", "docker.io/library/*"),
            ("index.docker.io/a/**", "a", "docker.io/a/**"),
            ("oci:images//**", "", "oci:images//**"),
            ("oci:./images//docker.io/library/*", "docker.io/library", "oci:images//docker.io/library/*"),
        ] {
            let area = area(text).expect(text);
            assert_eq!((area.path(), area.to_string().as_str()), (path, shown), "{text}");
            assert_eq!(shown.parse(), Ok(area), "{text} is printed as what it is");
        }
    }

    #[test]
    fn what_is_no_area_is_told_apart() {
        for text in [
            "harbor.corp/team*",
            "harbor.corp/*/web",
            "harbor.corp/**/web",
            "**",
            "*",
            "oci:images/**",
            "a.b/***",
        ] {
            assert_eq!(area(text), Err(AreaError::Wildcard), "{text}");
        }
        for text in ["docker.io/**", "docker.io/*", "index.docker.io/**"] {
            assert_eq!(area(text), Err(AreaError::WholeHub), "{text}");
        }
        for text in
            ["https://harbor.corp/**", "harbor.corp/Team/**", "harbor.corp//**", "user@harbor.corp/**"]
        {
            assert!(matches!(area(text), Err(AreaError::Reference(_))), "{text}");
        }
    }

    #[test]
    fn what_lies_in_an_area_is_below_its_path_and_not_the_path_itself() {
        let below = |text: &str, name: &str| area(text).expect(text).below(name).map(str::to_owned);
        assert_eq!(below("h.corp/team/**", "team/web/api").as_deref(), Some("web/api"));
        assert_eq!(below("h.corp/**", "team/web").as_deref(), Some("team/web"));
        assert_eq!(below("h.corp/team/*", "team/web").as_deref(), Some("web"));
        for (text, name) in [
            ("h.corp/team/**", "team"),
            ("h.corp/team/**", "teams/web"),
            ("h.corp/team/**", "other/team/web"),
            ("h.corp/team/*", "team/web/api"),
            ("h.corp/*", "team/web"),
            ("h.corp/**", ""),
        ] {
            assert_eq!(below(text, name), None, "{name} in {text}");
        }
    }
}
