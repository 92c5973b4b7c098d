//! References: which repository, in which store, at which tag or digest.

use super::{Digest, NameError, Place, PlaceKind, RepositoryPath, Tag};
use std::fmt;
use std::str::FromStr;

/// A registry: host name or address and optional port, lower case. The names of Docker Hub are one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Registry(Box<str>);

/// A repository, wherever it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Repository {
    /// In a registry: `docker.io/library/alpine`.
    Registry {
        /// The registry.
        registry: Registry,
        /// The path of the repository in it.
        path: RepositoryPath,
    },
    /// On this disk: `oci:DIRECTORY` (its tags stand in the layout bare, as other tools write them) or
    /// `oci:DIRECTORY//NAME` (one repository of several), and likewise for other kinds of places.
    Local {
        /// The directory or file.
        place: Place,
        /// The name of the repository in it, such as `docker.io/library/alpine`.
        name: Option<LayoutName>,
    },
}

/// The name of a repository inside a place on this disk: a repository path, after an optional registry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayoutName(Box<str>);

/// The store that a repository lies in: blobs are shared inside it, and counted against it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoreKey {
    /// A registry.
    Registry(Registry),
    /// A directory or file.
    Local(Place),
}

/// A repository with the tag, the digest, or both, that name one image in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// Where.
    pub repository: Repository,
    /// The tag, if one was given.
    pub tag: Option<Tag>,
    /// The digest, if one was given; with a tag, the digest wins when content is fetched.
    pub digest: Option<Digest>,
}

/// What a manifest is asked for by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum At {
    /// The name that can move.
    Tag(Tag),
    /// The content itself.
    Digest(Digest),
}

/// Why a text is not a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReferenceError {
    /// The text before the first `/` is not a host with an optional port.
    Registry(String),
    /// The repository is not one.
    Repository(NameError),
    /// The tag is not one.
    Tag(NameError),
    /// The digest is not one.
    Digest(super::DigestError),
    /// Something is there that does not belong: a scheme, a space, a tag where none may be.
    Unexpected(&'static str),
}

const DOCKER_HUB: &str = "docker.io";
const DOCKER_HUB_NAMES: [&str; 4] =
    ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];

impl Registry {
    /// Docker Hub.
    pub fn docker_hub() -> Self {
        Self(DOCKER_HUB.into())
    }

    /// Whether this is Docker Hub, by any of its names.
    pub fn is_docker_hub(&self) -> bool {
        &*self.0 == DOCKER_HUB
    }

    /// Host and port, as written in references.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Registry {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let lower = text.to_ascii_lowercase();
        if DOCKER_HUB_NAMES.contains(&lower.as_str()) {
            return Ok(Self::docker_hub());
        }
        let refuse = || ReferenceError::Registry(text.to_owned());
        // Through a URL, so that what reqwest will contact is exactly what was written.
        let url = url::Url::parse(&format!("https://{lower}/")).map_err(|_| refuse())?;
        let plain = url.username().is_empty() && url.password().is_none() && url.path() == "/";
        let host = url.host_str().ok_or_else(refuse)?;
        let port = lower.strip_prefix(host).ok_or_else(refuse)?;
        let port_ok =
            port.is_empty() || port.strip_prefix(':').is_some_and(|p| p.parse::<u16>().is_ok_and(|p| p > 0));
        if plain && port_ok && url.query().is_none() && url.fragment().is_none() {
            Ok(Self(lower.into()))
        } else {
            Err(refuse())
        }
    }
}

impl Repository {
    /// The store that it lies in.
    pub fn store(&self) -> StoreKey {
        match self {
            Self::Registry { registry, .. } => StoreKey::Registry(registry.clone()),
            Self::Local { place, .. } => StoreKey::Local(place.clone()),
        }
    }

    /// The image `tag` in this repository.
    pub fn at(&self, tag: Tag) -> Reference {
        Reference { repository: self.clone(), tag: Some(tag), digest: None }
    }
}

impl LayoutName {
    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LayoutName {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let path = match text.split_once('/') {
            Some((host, rest)) if looks_like_host(host) => {
                host.parse::<Registry>()?;
                rest
            }
            _ => text,
        };
        path.parse::<RepositoryPath>().map_err(ReferenceError::Repository)?;
        Ok(Self(text.into()))
    }
}

/// Docker's rule: the first part is a host when it has a dot or a colon, or is `localhost`.
fn looks_like_host(part: &str) -> bool {
    part.contains(['.', ':']) || part == "localhost" || part.chars().any(|c| c.is_ascii_uppercase())
}

impl FromStr for Repository {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let reference: Reference = text.parse()?;
        if reference.tag.is_some() || reference.digest.is_some() {
            return Err(ReferenceError::Unexpected("a tag or digest does not belong here"));
        }
        Ok(reference.repository)
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    /// Docker's short names mean what docker means: `alpine` is `docker.io/library/alpine`.
    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        if text.contains("://") {
            return Err(ReferenceError::Unexpected("a reference has no scheme such as `https://`"));
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(ReferenceError::Unexpected("a reference has no spaces or control characters"));
        }
        let (text, digest) = match text.split_once('@') {
            Some((before, digest)) => (before, Some(digest.parse().map_err(ReferenceError::Digest)?)),
            None => (text, None),
        };
        let (repository, tag) = match Place::meant(text) {
            Some((kind, rest)) => parse_local(kind, rest)?,
            None => parse_registry(text)?,
        };
        Ok(Self { repository, tag, digest })
    }
}

fn parse_registry(text: &str) -> Result<(Repository, Option<Tag>), ReferenceError> {
    let (host, rest) = match text.split_once('/') {
        Some((host, rest)) if looks_like_host(host) => (parse_host(host)?, rest),
        _ => (Registry::docker_hub(), text),
    };
    let (path, tag) = split_tag(rest)?;
    let path = match host.is_docker_hub() && !path.is_empty() && !path.contains('/') {
        true => format!("library/{path}"),
        false => path.to_owned(),
    };
    let path = path.parse().map_err(ReferenceError::Repository)?;
    let repository = Repository::Registry { registry: host, path };
    Ok((repository, tag))
}

/// The registry of a reference. Docker takes `GHCR/a` for a host, too; as it is printed, in lower case, it
/// would be a repository at Docker Hub.
fn parse_host(host: &str) -> Result<Registry, ReferenceError> {
    let registry: Registry = host.parse()?;
    match looks_like_host(registry.as_str()) {
        true => Ok(registry),
        false => Err(ReferenceError::Registry(host.to_owned())),
    }
}

fn parse_local(kind: PlaceKind, text: &str) -> Result<(Repository, Option<Tag>), ReferenceError> {
    // `//` cannot be part of a useful path, so it parts that from the name.
    let (path, name, tag) = match text.split_once("//") {
        Some((path, rest)) => {
            let (name, tag) = split_tag(rest)?;
            (path, Some(name.parse()?), tag)
        }
        None => {
            let (path, tag) = split_tag(text)?;
            (path, None, tag)
        }
    };
    Ok((Repository::Local { place: Place::new(kind, path)?, name }, tag))
}

/// Parts `name:tag`; a colon before the last `/` belongs to a port.
fn split_tag(text: &str) -> Result<(&str, Option<Tag>), ReferenceError> {
    match text.rsplit_once(':') {
        Some((before, tag)) if !tag.contains('/') => {
            let tag = tag.parse().map_err(ReferenceError::Tag)?;
            Ok((before, Some(tag)))
        }
        _ => Ok((text, None)),
    }
}

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry(registry) => registry.fmt(f),
            Self::Local(place) => place.fmt(f),
        }
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry { registry, path } => write!(f, "{registry}/{path}"),
            Self::Local { place: Place { kind, path }, name: None } => {
                let path = path.display().to_string();
                // A colon in its last part would begin a tag.
                let end =
                    if path.rsplit('/').next().is_some_and(|last| last.contains(':')) { "/" } else { "" };
                write!(f, "{}:{path}{end}", kind.word())
            }
            Self::Local { place: Place { kind, path }, name: Some(name) } => {
                let path = path.display().to_string();
                // What parts it from the name shall not be a part of `:///` or `://`.
                let end = match path.chars().next_back() {
                    Some('/') => ".",
                    Some(':') => "/.",
                    _ => "",
                };
                write!(f, "{}:{path}{end}//{}", kind.word(), name.0)
            }
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.repository.fmt(f)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(f, "@{digest}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => tag.fmt(f),
            Self::Digest(digest) => digest.fmt(f),
        }
    }
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry(text) => write!(f, "{text:?} is not a registry (host or host:port)"),
            Self::Repository(why) => write!(f, "not a repository: {why}"),
            Self::Tag(why) => write!(f, "not a tag: {why}"),
            Self::Digest(why) => write!(f, "not a digest: {why}"),
            Self::Unexpected(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for ReferenceError {}

serde_as_text!(Registry);
serde_as_text!(Repository);
serde_as_text!(Reference);

#[cfg(test)]
mod tests;
