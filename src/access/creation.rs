//! How repositories are made that a registry does not have.

use std::collections::BTreeMap;

/// What a repository, or the project that it lies in, is like on its first day. Each kind of registry has some of
/// this.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Creation {
    /// Everybody may pull (Harbor).
    pub public: bool,
    /// What is pushed is scanned (Harbor, ECR).
    pub scan: bool,
    /// Tags cannot be moved (ECR).
    pub immutable: bool,
    /// The key that encrypts it (ECR).
    pub kms_key: Option<String>,
    /// Labels of the repository, which ECR calls tags.
    pub labels: BTreeMap<String, String>,
    /// The lifecycle policy, in JSON (ECR).
    pub lifecycle: Option<String>,
    /// Who may do what with it, in JSON (ECR).
    pub policy: Option<String>,
}
