//! Whose manners a memory registry has. What each of them does is a row of the table.

mod refusal;
mod table;
mod traits;

pub use refusal::Refusal;
pub use traits::{
    Appends, BlobsAt, Children, Creates, DigestTags, Heads, Lengths, Listed, Locations, Login, Mounts,
    Offsets, Paging, Quota, Ranges, Referrers, SameDigest, Tagging, Traits,
};

use super::Canned;

/// A registry that people use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Personality {
    DockerHub,
    Ghcr,
    EcrPublic,
    Ecr,
    Gar,
    Acr,
    Quay,
    Harbor,
    GitLab,
    Artifactory,
    Nexus,
    Swr,
    Aliyun,
    Zot,
    Distribution2,
    Distribution3,
}

impl Personality {
    /// Each with the word that a spec has for it.
    pub const ALL: [(Self, &str); 16] = [
        (Self::DockerHub, "docker-hub"),
        (Self::Ghcr, "ghcr"),
        (Self::EcrPublic, "ecr-public"),
        (Self::Ecr, "ecr"),
        (Self::Gar, "gar"),
        (Self::Acr, "acr"),
        (Self::Quay, "quay"),
        (Self::Harbor, "harbor"),
        (Self::GitLab, "gitlab"),
        (Self::Artifactory, "artifactory"),
        (Self::Nexus, "nexus"),
        (Self::Swr, "swr"),
        (Self::Aliyun, "aliyun"),
        (Self::Zot, "zot"),
        (Self::Distribution2, "distribution"),
        (Self::Distribution3, "distribution"),
    ];

    /// What a spec calls it.
    pub fn profile(self) -> &'static str {
        let word = Self::ALL.iter().find_map(|(one, word)| (*one == self).then_some(*word));
        word.expect("every personality is in the list")
    }

    /// What it does.
    pub fn traits(self) -> Traits {
        table::traits(self)
    }

    /// How it lets people in.
    pub fn login(self) -> Login {
        self.traits().login
    }

    /// What it answers to whoever asks too often.
    pub fn throttled(self) -> Canned {
        self.traits().throttled.canned()
    }
}
