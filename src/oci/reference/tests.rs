//! What texts mean as references, and that they are printed as what they mean.

use super::*;

fn parsed(text: &str) -> String {
    text.parse::<Reference>().map_or_else(|e| format!("error: {e}"), |r| r.to_string())
}

#[test]
fn short_names_mean_what_docker_means() {
    assert_eq!(parsed("alpine"), "docker.io/library/alpine");
    assert_eq!(parsed("grafana/grafana:1.10"), "docker.io/grafana/grafana:1.10");
    assert_eq!(parsed("index.docker.io/alpine"), "docker.io/library/alpine");
    assert_eq!(parsed("registry-1.docker.io/library/alpine"), "docker.io/library/alpine");
    assert_eq!(parsed("localhost/x"), "localhost/x");
    assert_eq!(parsed("localhost:5000/x/y:1"), "localhost:5000/x/y:1");
    assert_eq!(parsed("[::1]:5000/x:1"), "[::1]:5000/x:1");
    assert_eq!(parsed("GHCR.io/a/b"), "ghcr.io/a/b");
}

#[test]
fn a_layout_may_name_one_of_its_repositories() {
    assert_eq!(parsed("oci:./offline/grafana"), "oci:offline/grafana");
    assert_eq!(parsed("oci:offline/grafana/:1.0"), "oci:offline/grafana:1.0");
    assert_eq!(
        parsed("oci:/srv/mirror//docker.io/library/alpine:3.20"),
        "oci:/srv/mirror//docker.io/library/alpine:3.20"
    );
    assert_eq!(parsed("oci:x//localhost:5000/a"), "oci:x//localhost:5000/a");
}

#[test]
fn what_is_printed_is_read_as_the_same() {
    assert_eq!(parsed("oci:/.//a:1"), "oci:/.//a:1");
    assert_eq!(parsed("oci:/././/a:1"), "oci:/.//a:1");
    assert_eq!(parsed("oci:x:/.//a:1"), "oci:x:/.//a:1");
    assert_eq!(parsed("oci:x:/"), "oci:x:/");
    assert_eq!(parsed("oci:./x:5/."), "oci:x:5/");
    assert_eq!(parsed("oci:x:5/:1"), "oci:x:5/:1");
    assert_eq!(parsed("GHCR/a/b"), r#"error: "GHCR" is not a registry (host or host:port)"#);
    assert_eq!(parsed("LOCALHOST/a"), "localhost/a");
}

#[test]
fn what_is_not_a_reference_says_why() {
    insta::assert_snapshot!(
        ["https://ghcr.io/a", "a b", "ghcr.io/A/b", "ghcr.io/a:-x", "ghcr.io/a@sha256:1", "oci:", "ghcr.io:x/a", "u:p@ghcr.io/a", ""]
            .map(|text| format!("{text:20} {}", parsed(text)))
            .join("\n"),
        @r###"
    https://ghcr.io/a    error: a reference has no scheme such as `https://`
    a b                  error: a reference has no spaces or control characters
    ghcr.io/A/b          error: not a repository: a repository is written in lower case
    ghcr.io/a:-x         error: not a tag: it has '-', which is not allowed there
    ghcr.io/a@sha256:1   error: not a digest: the digest must have exactly 64 lower-case hexadecimal digits
    oci:                 error: `oci:` is followed by a directory
    ghcr.io:x/a          error: "ghcr.io:x" is not a registry (host or host:port)
    u:p@ghcr.io/a        error: not a digest: a digest starts with `sha256:` or `sha512:`
                         error: not a repository: it is empty
    "###
    );
}

#[test]
fn two_names_of_one_hub_are_one_store() {
    let store = |text: &str| text.parse::<Repository>().expect("valid").store();
    assert_eq!(store("alpine"), store("registry.hub.docker.com/grafana/grafana"));
    assert_ne!(store("alpine"), store("ghcr.io/alpine"));
}
