//! What a spec can say about registries beside plain values: the bounds of numbers, and the words for
//! kinds.

use super::shape::Choice;
use crate::oci::RegistryKind;

/// The least that `bytes_per_second` may be. What is slower lets bodies stand still for so long that
/// registries take them for dead.
pub const BYTES_PER_SECOND_MIN: u32 = 64 * 1024;
/// The most that `ranges_per_blob` may be: more connections for one blob are an attack.
pub const RANGES_PER_BLOB_MAX: u32 = 16;

impl Choice for RegistryKind {
    const CHOICES: &'static [(&'static str, Self)] = Self::ALL;
    const OTHER_WORDS: &'static [(&'static str, &'static str)] = &[
        ("docker", "docker-hub"),
        ("docker-registry", "distribution"),
        ("docker.io", "docker-hub"),
        ("gcr", "gar"),
        ("github", "ghcr"),
        ("jfrog", "artifactory"),
        ("registry", "distribution"),
        ("sonatype", "nexus"),
    ];
}
