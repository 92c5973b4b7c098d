//! Images as other tools name them: short names, lists of tags, expressions and digests behind a name.

use crate::oci::{NameError, Reference, ReferenceError, Repository};

/// How a tool reads a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// As docker: what has a dot or a colon before the first `/` is a registry.
    Docker,
    /// Registry, namespace and the rest; with two parts, the first is a registry when it has a dot.
    ThreeParts,
}

/// What stands behind a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending<'t> {
    /// Nothing: every tag.
    All,
    /// Tags with commas between them; at least one.
    Tags(&'t str),
    /// An expression that tags match.
    Expression(&'t str),
    /// A digest, after a tag or not.
    Digest { tag: Option<&'t str>, digest: &'t str },
}

/// A name in two: what it names, and what is behind it.
pub(super) fn split(text: &str) -> (&str, Ending<'_>) {
    if let Some((name, rest)) = text.split_once(":/")
        && let Some(expression) = rest.strip_suffix('/')
    {
        return (name, Ending::Expression(expression));
    }
    let last = text.rfind('/').map_or(0, |at| at + 1);
    let tagged = |text: &'_ str| text[last..].find(':').map(|at| at + last);
    if let Some(at) = text[last..].find('@').map(|at| at + last) {
        let digest = &text[at + 1..];
        return match tagged(&text[..at]) {
            Some(colon) => (&text[..colon], Ending::Digest { tag: Some(&text[colon + 1..at]), digest }),
            None => (&text[..at], Ending::Digest { tag: None, digest }),
        };
    }
    match tagged(text) {
        Some(colon) => (&text[..colon], Ending::Tags(&text[colon + 1..])),
        None => (text, Ending::All),
    }
}

/// A repository, and how it came to be called so where that needs to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) repository: Repository,
    /// The registry, and the path in it.
    pub(super) host: String,
    pub(super) path: String,
    /// The host that had neither a dot nor a port.
    pub(super) bare_host: Option<String>,
}

/// Reads the name of a repository.
///
/// # Errors
/// It is none; why, in words that follow a colon.
pub(super) fn named(name: &str, naming: Naming) -> Result<Named, String> {
    if name.contains("://") {
        return Err("a name has no scheme such as `https://`".to_owned());
    }
    let mut bare_host = None;
    let full = match naming {
        Naming::Docker => name.to_owned(),
        Naming::ThreeParts => {
            let parts: Vec<&str> = name.splitn(3, '/').collect();
            match parts[..] {
                [host, _, _] if host.contains(['.', ':']) || host == "localhost" => name.to_owned(),
                [host, namespace, rest] => {
                    bare_host = Some(host.to_owned());
                    format!("{host}:443/{namespace}/{rest}")
                }
                [host, _] if host.contains('.') => name.to_owned(),
                _ => format!("docker.io/{name}"),
            }
        }
    };
    if full.starts_with("oci:") {
        return Err("`oci` is no registry with a port".to_owned());
    }
    let reference: Reference = full.parse().map_err(|why| words(&why))?;
    let repository = reference.repository;
    let Repository::Registry { registry, path } = &repository else {
        return Err("it names no registry".to_owned());
    };
    let (host, path) = (registry.to_string(), path.to_string());
    Ok(Named { repository, host, path, bare_host })
}

/// The reason without what the message has said before it.
fn words(why: &ReferenceError) -> String {
    match why {
        ReferenceError::Repository(NameError::UpperCase) => "it has letters in upper case".to_owned(),
        ReferenceError::Repository(why) => why.to_string(),
        other => other.to_string(),
    }
}

impl Named {
    /// The first part of the path, and what is below it; a path of one part has nothing above it.
    pub(super) fn namespace(&self) -> (Option<&str>, &str) {
        match self.path.split_once('/') {
            Some((namespace, rest)) => (Some(namespace), rest),
            None => (None, &self.path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_behind_a_name_is_told_from_its_port() {
        let digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(split("host:5000/a/b"), ("host:5000/a/b", Ending::All));
        assert_eq!(split("a/b:1,2,3"), ("a/b", Ending::Tags("1,2,3")));
        assert_eq!(split("h:5000/a/b:/v1/.+/"), ("h:5000/a/b", Ending::Expression("v1/.+")));
        let (text, tagged) = (format!("a/b@{digest}"), format!("h:1/a/b:1@{digest}"));
        assert_eq!(split(&text), ("a/b", Ending::Digest { tag: None, digest }));
        assert_eq!(split(&tagged), ("h:1/a/b", Ending::Digest { tag: Some("1"), digest }));
    }

    #[test]
    fn each_tool_has_its_own_short_names() {
        let table = [
            ("nginx", "docker.io/library/nginx", "docker.io/library/nginx"),
            ("grafana/grafana", "docker.io/grafana/grafana", "docker.io/grafana/grafana"),
            ("quay.io/etcd", "quay.io/etcd", "quay.io/etcd"),
            ("registry.hub.docker.com/library/nginx", "docker.io/library/nginx", "docker.io/library/nginx"),
            ("quay.io/a/b/c", "quay.io/a/b/c", "quay.io/a/b/c"),
            ("host:5000/ns/app", "host:5000/ns/app", "host:5000/ns/app"),
            ("harbor/team/app", "docker.io/harbor/team/app", "harbor:443/team/app"),
        ];
        for (text, docker, three) in table {
            let of = |naming| named(text, naming).map(|named| named.repository.to_string());
            assert_eq!(of(Naming::Docker), Ok(docker.to_owned()), "{text}");
            assert_eq!(of(Naming::ThreeParts), Ok(three.to_owned()), "{text}");
        }
        assert!(named("host:5000/app", Naming::ThreeParts).is_err(), "two parts without a dot");
        for text in ["", "https://quay.io/a", "quay.io/A/b", "oci:1/a", "quay.io/a b", "a//b"] {
            assert!(named(text, Naming::Docker).is_err(), "{text}");
        }
    }
}
