//! The keys under which docker and podman file credentials. Never matches another host.

use crate::oci::{Registry, RepositoryPath};
use std::collections::BTreeMap;

/// For whom an entry is.
#[derive(Debug, PartialEq, Eq)]
struct Key<'a> {
    registry: Registry,
    /// The repositories at and below this path; empty means all.
    prefix: &'a str,
}

/// The key of Docker Hub, a relic of the first version of its API.
pub(super) const DOCKER_HUB_KEY: &str = "https://index.docker.io/v1/";

/// The entry for a repository: the one with the longest path, as podman does it. Of several ways
/// to write one key, the one that docker writes counts.
pub(super) fn best<'a, V>(
    entries: impl IntoIterator<Item = (&'a String, &'a V)>,
    registry: &Registry,
    path: &RepositoryPath,
) -> Option<(&'a str, &'a V)> {
    let mut found = BTreeMap::new();
    for (text, value) in entries {
        if let Some(key) = Key::parse(text).filter(|key| key.covers(registry, path)) {
            let written_by_docker = text == helper_key(registry);
            let length = key.prefix.len();
            found
                .entry((length, written_by_docker, text == registry.as_str()))
                .or_insert((text.as_str(), value));
        }
    }
    found.pop_last().map(|(_, entry)| entry)
}

/// What docker calls a registry: in its file, and towards credential programs.
pub(super) fn helper_key(registry: &Registry) -> &str {
    if registry.is_docker_hub() { DOCKER_HUB_KEY } else { registry.as_str() }
}

impl<'a> Key<'a> {
    /// `HOST`, `HOST/PATH`, `HOST/v1/`, and the same after `http://` or `https://`; none when it
    /// is not the name of a registry.
    fn parse(text: &'a str) -> Option<Self> {
        let bare = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let (host, path) = bare.unwrap_or(text).split_once('/').unwrap_or((bare.unwrap_or(text), ""));
        let trimmed = path.trim_end_matches('/');
        // With a scheme or a slash at the end it is the URL of an API, else a repository.
        let is_url = bare.is_some() || trimmed.len() < path.len();
        let prefix = if is_url && matches!(trimmed, "v1" | "v2") { "" } else { trimmed };
        Some(Self { registry: host.parse().ok()?, prefix })
    }

    fn covers(&self, registry: &Registry, path: &RepositoryPath) -> bool {
        let below = |rest: &str| rest.is_empty() || rest.starts_with('/');
        self.registry == *registry
            && (self.prefix.is_empty() || path.as_str().strip_prefix(self.prefix).is_some_and(below))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(keys: &[&str], registry: &str, path: &str) -> Option<String> {
        let entries: BTreeMap<String, ()> = keys.iter().map(|key| ((*key).to_owned(), ())).collect();
        let (registry, path) = (registry.parse().expect("valid"), path.parse().expect("valid"));
        best(&entries, &registry, &path).map(|(key, ())| key.to_owned())
    }

    #[test]
    fn every_way_to_write_a_host_is_understood() {
        for key in [
            "ghcr.io",
            "GHCR.io",
            "ghcr.io/",
            "https://ghcr.io",
            "http://ghcr.io/",
            "https://ghcr.io/v2/",
            "ghcr.io/v1/",
            "https://ghcr.io/v1",
        ] {
            assert_eq!(chosen(&[key], "ghcr.io", "a/b").as_deref(), Some(key));
        }
        for key in [
            DOCKER_HUB_KEY,
            "docker.io",
            "index.docker.io",
            "registry-1.docker.io",
            "https://registry.hub.docker.com/v2/",
        ] {
            assert_eq!(chosen(&[key], "docker.io", "library/alpine").as_deref(), Some(key));
        }
        assert_eq!(chosen(&["localhost:5000"], "localhost:5000", "a").as_deref(), Some("localhost:5000"));
    }

    #[test]
    fn another_host_never_matches() {
        for key in [
            "evil.test",
            "ghcr.io.evil.test",
            "ghcr.io:5000",
            "xghcr.io",
            "io",
            "",
            "/",
            "https://",
            "*",
            "ghcr.io@evil.test",
            "docker.io",
        ] {
            assert_eq!(chosen(&[key], "ghcr.io", "a/b"), None, "{key}");
        }
        assert_eq!(chosen(&["localhost", "localhost:5001"], "localhost:5000", "a"), None);
        assert_eq!(chosen(&["https://index.docker.io/v1/access-token"], "docker.io", "library/alpine"), None);
    }

    #[test]
    fn the_longest_path_wins() {
        let keys = ["ghcr.io", "ghcr.io/a", "ghcr.io/a/b", "https://ghcr.io/v2/", "ghcr.io/ab", "ghcr.io/v2"];
        let chosen = |path| chosen(&keys, "ghcr.io", path).expect("an entry");
        assert_eq!(chosen("a/b/c"), "ghcr.io/a/b");
        assert_eq!(chosen("a/b"), "ghcr.io/a/b");
        assert_eq!(chosen("a/bc"), "ghcr.io/a");
        assert_eq!(chosen("abc"), "ghcr.io");
        assert_eq!(chosen("v2/x"), "ghcr.io/v2");
    }

    #[test]
    fn docker_hub_is_filed_where_docker_files_it() {
        let keys = ["docker.io", "index.docker.io", DOCKER_HUB_KEY, "https://docker.io"];
        assert_eq!(chosen(&keys, "docker.io", "library/alpine").as_deref(), Some(DOCKER_HUB_KEY));
    }
}
