//! Registries whose names are one slip away from a well-known one.

use crate::oci::Registry;
use crate::spec::shape::Reading;
use crate::spec::{Code, Problem, Span};

const WELL_KNOWN: [&str; 15] = [
    "cgr.dev",
    "docker.elastic.co",
    "docker.io",
    "gcr.io",
    "ghcr.io",
    "icr.io",
    "k8s.gcr.io",
    "lscr.io",
    "mcr.microsoft.com",
    "nvcr.io",
    "public.ecr.aws",
    "quay.io",
    "registry.access.redhat.com",
    "registry.gitlab.com",
    "registry.k8s.io",
];

/// Warns where `registry` may be the work of somebody who waits for slips.
pub(super) fn check(registry: &Registry, span: Span, reading: &mut Reading<'_>) {
    if let Some(known) = lookalike(registry.as_str()) {
        let message = format!("`{registry}` looks like `{known}`, and is another registry");
        let problem = Problem::new(Code::LookalikeRegistry, reading.source.place(span), message).warning();
        reading.problems.push(problem.help(format!("did you mean `{known}`?")));
    }
}

fn lookalike(registry: &str) -> Option<&'static str> {
    if WELL_KNOWN.contains(&registry) {
        return None;
    }
    let may_be = |known: &&str| known.len().abs_diff(registry.len()) <= 1;
    WELL_KNOWN.into_iter().filter(may_be).find(|known| strsim::osa_distance(registry, known) == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_noticed_and_real_names_are_not() {
        assert_eq!(lookalike("ghrc.io"), Some("ghcr.io"));
        assert_eq!(lookalike("quai.io"), Some("quay.io"));
        assert_eq!(lookalike("docker.oi"), Some("docker.io"));
        for fine in ["ghcr.io", "gcr.io", "eu.gcr.io", "registry.example.com", "localhost:5000"] {
            assert_eq!(lookalike(fine), None, "{fine}");
        }
    }
}
