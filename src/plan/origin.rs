//! What a plan or a report was made from. Names and digests, never content or values of variables.

use crate::oci::Digest;

/// The spec that a run was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecFacts {
    /// Its path as the user gave it.
    pub path: String,
    /// The SHA-256 of the file, before variables were put in.
    pub digest: Digest,
    /// The filters that it uses, by name.
    pub filters: Vec<FilterFacts>,
}

/// A filter that a spec uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterFacts {
    /// Its name in the spec.
    pub name: String,
    /// The SHA-256 of the module.
    pub digest: Digest,
}
