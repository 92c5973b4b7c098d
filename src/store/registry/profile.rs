//! What is documented of registries that differ from the specification, as data. Decides nothing at
//! run time: what a registry shows in a run goes before.

use crate::oci::Registry;

/// How a registry is asked whether it has a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Probe {
    /// By the POST that begins an upload and asks for a mount: one request tells, and begins.
    Mount,
    /// By a HEAD first: its POST begins an upload also where the blob is there.
    Head,
}

/// Ends of host names whose registries begin an upload where a mount was asked for, although they
/// have the blob. Without a HEAD, every layer of a tag that moved would be sent again.
///
/// Amazon ECR mounts only where the account has switched that on; Google Artifact Registry was never
/// seen to.
const HEAD_FIRST: [&str; 6] =
    [".amazonaws.com", ".amazonaws.com.cn", "public.ecr.aws", ".pkg.dev", ".gcr.io", "gcr.io"];

/// How `registry` is asked for blobs, as far as is documented.
pub(super) fn probe(registry: &Registry) -> Probe {
    let host = registry.as_str().split(':').next().unwrap_or_default();
    let known = |end: &&str| match end.starts_with('.') {
        true => host.ends_with(*end),
        false => host == *end,
    };
    match HEAD_FIRST.iter().any(known) {
        true => Probe::Head,
        false => Probe::Mount,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_known_by_their_ends_and_not_by_what_looks_like_them() {
        let of = |text: &str| probe(&text.parse().expect("a registry"));
        for host in
            ["1.dkr.ecr.eu-central-1.amazonaws.com", "europe-docker.pkg.dev", "eu.gcr.io", "gcr.io:443"]
        {
            assert_eq!(of(host), Probe::Head, "{host}");
        }
        for host in ["ghcr.io", "notgcr.io", "amazonaws.com.evil.test", "docker.io", "localhost:5000"] {
            assert_eq!(of(host), Probe::Mount, "{host}");
        }
    }
}
