//! What a path asks for. distribution-spec, "Endpoints". Decides by text only; nothing is looked up.

use super::answer::Refusal;
use crate::oci::{At, Digest, RepositoryPath};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// Whether this is a registry, and whether we are let in.
    Base,
    /// The repositories.
    Catalog,
    /// The tags of a repository.
    Tags(RepositoryPath),
    /// A manifest.
    Manifest(RepositoryPath, At),
    /// A blob.
    Blob(RepositoryPath, Digest),
    /// Who speaks about a manifest.
    Referrers(RepositoryPath, Digest),
}

/// Reads a path as it was sent.
///
/// # Errors
/// There is no such endpoint, or what stands in it breaks the grammar.
pub(super) fn route(path: &str) -> Result<Asked, Refusal> {
    let path = plain(path)?;
    let Some(rest) = path.strip_prefix("/v2").filter(|rest| rest.is_empty() || rest.starts_with('/')) else {
        return Err(Refusal::no_endpoint());
    };
    match rest.trim_start_matches('/') {
        "" => return Ok(Asked::Base),
        "_catalog" => return Ok(Asked::Catalog),
        _ => {}
    }
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    if let Some(name) = rest.strip_suffix("/tags/list") {
        return Ok(Asked::Tags(repository(name)?));
    }
    let Some((before, last)) = rest.rsplit_once('/') else { return Err(Refusal::no_endpoint()) };
    let Some((name, kind)) = before.rsplit_once('/') else { return Err(Refusal::no_endpoint()) };
    match kind {
        "manifests" => Ok(Asked::Manifest(repository(name)?, reference(last)?)),
        "blobs" => Ok(Asked::Blob(repository(name)?, digest(last)?)),
        "referrers" => Ok(Asked::Referrers(repository(name)?, digest(last)?)),
        _ => Err(Refusal::no_endpoint()),
    }
}

/// Nothing in a path needs to be escaped. Some clients escape the colon of a digest; whoever escapes more
/// wants something that no grammar allows.
fn plain(path: &str) -> Result<String, Refusal> {
    let path = path.replace("%3A", ":").replace("%3a", ":");
    match path.contains('%') {
        true => Err(Refusal::name_invalid("nothing in a path of a registry is escaped but a colon")),
        false => Ok(path),
    }
}

fn repository(name: &str) -> Result<RepositoryPath, Refusal> {
    name.parse().map_err(|why| Refusal::name_invalid(format!("the name of the repository: {why}")))
}

fn reference(text: &str) -> Result<At, Refusal> {
    if text.contains(':') {
        return digest(text).map(At::Digest);
    }
    // What is no tag names nothing, and nothing is what is found.
    text.parse().map(At::Tag).map_err(|why| Refusal::manifest_unknown(format!("that is no tag: {why}")))
}

fn digest(text: &str) -> Result<Digest, Refusal> {
    text.parse().map_err(|why| Refusal::digest_invalid(format!("{why}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn told(path: &str) -> String {
        match route(path) {
            Ok(asked) => format!("{asked:?}"),
            Err(refusal) => format!("{} {}", refusal.status.as_u16(), refusal.code),
        }
    }

    #[test]
    fn each_endpoint_is_known_by_its_path() {
        assert_eq!((told("/v2/"), told("/v2")), ("Base".to_owned(), "Base".to_owned()));
        assert_eq!(told("/v2/_catalog"), "Catalog");
        assert_eq!(told("/v2/a/b/tags/list"), r#"Tags(RepositoryPath("a/b"))"#);
        assert_eq!(
            told("/v2/docker.io/library/a/manifests/1.0"),
            r#"Manifest(RepositoryPath("docker.io/library/a"), Tag(Tag("1.0")))"#
        );
        let by_digest = format!(r#"Manifest(RepositoryPath("a"), Digest({DIGEST}))"#);
        assert_eq!(told(&format!("/v2/a/manifests/{DIGEST}")), by_digest);
        assert_eq!(told(&format!("/v2/a/manifests/{}", DIGEST.replace(':', "%3A"))), by_digest);
        assert_eq!(
            told(&format!("/v2/a/blobs/{DIGEST}")),
            by_digest.replace("Manifest", "Blob").replace("Digest(", "").replace("))", ")")
        );
        assert!(told(&format!("/v2/a/referrers/{DIGEST}")).starts_with("Referrers"));
        // A repository may be called like an endpoint.
        assert_eq!(told("/v2/manifests/tags/list"), r#"Tags(RepositoryPath("manifests"))"#);
        assert_eq!(told("/v2/tags/manifests/list"), r#"Manifest(RepositoryPath("tags"), Tag(Tag("list")))"#);
    }

    #[test]
    fn what_breaks_the_grammar_is_refused_before_anything_is_looked_up() {
        for path in ["/v2/../etc/manifests/x", "/v2/a/../b/tags/list", "/v2/A/tags/list", "/v2//a/tags/list"]
        {
            assert_eq!(told(path), "400 NAME_INVALID", "{path}");
        }
        for path in ["/v2/%2e%2e/etc/manifests/x", "/v2/a%2fb/tags/list", "/v2/a/manifests/x%00", "/%76%32/"]
        {
            assert_eq!(told(path), "400 NAME_INVALID", "{path}");
        }
        for path in ["/v2/a/blobs/sha256:..", "/v2/a/blobs/../../x", "/v2/a/manifests/md5:00", "/v2/a/blobs/"]
        {
            assert!(
                told(path).starts_with("400 ") || told(path).starts_with("404 "),
                "{path}: {}",
                told(path)
            );
        }
        assert_eq!(told("/v2/a/manifests/.x"), "404 MANIFEST_UNKNOWN");
        assert_eq!(told(&format!("/v2/a/manifests/{}", "x".repeat(129))), "404 MANIFEST_UNKNOWN");
        assert_eq!(told(&format!("/v2/{}/tags/list", "x".repeat(256))), "400 NAME_INVALID");
        for path in
            ["", "/", "/v1/", "/v20", "/v2/a", "/v2/tags/list", "/v2/a/uploads/x", "/v2/a/blobs/uploads/"]
        {
            assert!(
                told(path).starts_with("404 ") || told(path).starts_with("400 "),
                "{path}: {}",
                told(path)
            );
        }
    }
}
