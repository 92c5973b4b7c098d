//! The kinds of registries that are known to differ. What they differ in is said elsewhere.

use std::fmt;

/// Whose software a registry is, as far as that makes a difference to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegistryKind {
    /// Docker Hub.
    DockerHub,
    /// GitHub's registry.
    Ghcr,
    /// Amazon's public gallery.
    EcrPublic,
    /// Amazon ECR, the private registry of an account.
    Ecr,
    /// Google Artifact Registry.
    Gar,
    /// Azure Container Registry.
    Acr,
    /// Quay, hosted and installed.
    Quay,
    /// Harbor.
    Harbor,
    /// The registry of GitLab, hosted and installed.
    GitLab,
    /// JFrog Artifactory.
    Artifactory,
    /// Sonatype Nexus.
    Nexus,
    /// Huawei Cloud's SWR.
    Swr,
    /// Alibaba Cloud's registry, Enterprise Edition.
    Aliyun,
    /// The personal edition of Tencent Cloud's registry.
    Ccr,
    /// The enterprise edition of Tencent Cloud's registry.
    Tcr,
    /// zot.
    Zot,
    /// CNCF distribution, and whatever does as the specification says.
    Distribution,
}

impl RegistryKind {
    /// Each with the word for it.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("docker-hub", Self::DockerHub),
        ("ghcr", Self::Ghcr),
        ("ecr-public", Self::EcrPublic),
        ("ecr", Self::Ecr),
        ("gar", Self::Gar),
        ("acr", Self::Acr),
        ("quay", Self::Quay),
        ("harbor", Self::Harbor),
        ("gitlab", Self::GitLab),
        ("artifactory", Self::Artifactory),
        ("nexus", Self::Nexus),
        ("swr", Self::Swr),
        ("aliyun", Self::Aliyun),
        ("ccr", Self::Ccr),
        ("tcr", Self::Tcr),
        ("zot", Self::Zot),
        ("distribution", Self::Distribution),
    ];
}

impl fmt::Display for RegistryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Self::ALL.iter().find_map(|(word, kind)| (kind == self).then_some(*word));
        f.write_str(word.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        for (at, (word, kind)) in RegistryKind::ALL.iter().enumerate() {
            assert_eq!(kind.to_string(), *word);
            assert_eq!(*kind as usize, at, "{word}: the list has every kind, in the order of their names");
        }
        assert_eq!(RegistryKind::Distribution as usize + 1, RegistryKind::ALL.len());
    }
}
