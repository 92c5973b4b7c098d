//! How repositories are made that a registry does not have.

use std::collections::BTreeMap;

/// What a repository, or the project that it lies in, is like on its first day. Each kind of registry has some of
/// this.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Creation {
    /// Whether it is made at all.
    pub making: Making,
    /// Everybody may pull (Harbor, Quay, Alibaba).
    pub public: bool,
    /// What is pushed is scanned (Harbor, ECR).
    pub scan: bool,
    /// Tags cannot be moved (ECR, Google, Alibaba).
    pub immutable: bool,
    /// The key that encrypts it (ECR, Google).
    pub kms_key: Option<String>,
    /// Labels of the repository, which ECR calls tags (ECR, Google).
    pub labels: BTreeMap<String, String>,
    /// The lifecycle policy, in JSON (ECR).
    pub lifecycle: Option<String>,
    /// Who may do what with it, in JSON (ECR).
    pub policy: Option<String>,
    /// What the public gallery shows of it, in JSON (ECR Public).
    pub catalog: Option<String>,
}

impl Creation {
    /// Has nothing made any more.
    pub fn suspend(&mut self) {
        self.making = Making::Never;
    }
}

/// Whether what is missing is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Making {
    /// It is.
    #[default]
    WhenMissing,
    /// It is not: only whether it is missing is found out.
    Never,
}
