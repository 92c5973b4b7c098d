//! What is documented of registries that differ from the specification, as data. Decides nothing at
//! run time: what a registry shows in a run goes before.

use super::throttle::Lane;
use crate::oci::{Registry, RegistryKind};

/// One kind of registry.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Profile {
    kind: RegistryKind,
    /// Host names that are known to be of this kind: whole, or their ends where they begin with a dot.
    hosts: &'static [&'static str],
    pub(super) probe: Probe,
    pub(super) uploads: Uploads,
    pub(super) listing: Listing,
    /// What a list of tags has that looks like a tag, and is none.
    pub(super) strays: &'static [&'static str],
    pub(super) tags: Tags,
    pub(super) quota: Quota,
    pub(super) referrers: Referrers,
    /// What it is documented to take before it refuses.
    pub(super) ceilings: &'static [Ceiling],
}

impl Profile {
    /// Whose software it is.
    pub(super) fn kind(&self) -> RegistryKind {
        self.kind
    }
}

/// How a registry is asked whether it has a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Probe {
    /// By the POST that begins an upload and asks for a mount: one request tells, and begins.
    Mount,
    /// By a HEAD first: its POST begins an upload also where the blob is there. Without the HEAD, every
    /// layer of a tag that moved would be sent again.
    Head,
}

/// How the bytes of a blob go into a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Uploads {
    /// One PUT with all of them and their length.
    Put,
    /// Larger blobs in PATCHes with length and range, then an empty PUT.
    Chunks {
        /// Up to this many bytes, one PUT.
        above_bytes: u64,
        /// Most bytes of one PATCH.
        chunk_bytes: u64,
    },
    /// One PATCH with all of them, then an empty PUT.
    Stream,
}

/// What a list of tags holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listing {
    /// Names.
    Names,
    /// Beside the names, every manifest by its digest with the tags that name it.
    Digests,
}

/// Whether several tags of one manifest go into one PUT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tags {
    /// No.
    OneByOne,
    /// It is not known: what it shows in a run tells.
    Untold,
    /// At least in some of its versions.
    Together,
}

/// What a registry counts against a quota that is spent for hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quota {
    /// Nothing that is known.
    None,
    /// GETs of manifests; HEADs and blobs are free.
    ManifestGets,
}

/// Whether a registry lists the referrers of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Referrers {
    /// It is asked once.
    Unknown,
    /// It does not.
    Unlisted,
}

/// So many requests in so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ceiling {
    /// Which requests; none means all together.
    pub(super) lane: Option<Lane>,
    pub(super) requests: u32,
    pub(super) seconds: u32,
}

const fn ceiling(lane: Lane, requests: u32) -> Ceiling {
    Ceiling { lane: Some(lane), requests, seconds: 1 }
}

/// A registry of which nothing is known: as the specification says.
const PLAIN: Profile = Profile {
    kind: RegistryKind::Distribution,
    hosts: &[],
    probe: Probe::Mount,
    uploads: Uploads::Put,
    listing: Listing::Names,
    strays: &[],
    tags: Tags::Untold,
    quota: Quota::None,
    referrers: Referrers::Unknown,
    ceilings: &[],
};

/// A registry of a known kind, where nothing else is said.
const KNOWN: Profile = Profile { tags: Tags::OneByOne, ..PLAIN };

const MIB: u64 = 1 << 20;

/// Every kind that differs. The first that has a host's name is the one. What a row leaves out is as
/// the specification says; `tests/it/kinds` shows each of them against a registry that does the same.
static PROFILES: &[Profile] = &[
    // A free account fetches so many manifests in some hours, and its limit is told in each answer.
    Profile { kind: RegistryKind::DockerHub, hosts: &["docker.io"], quota: Quota::ManifestGets, ..KNOWN },
    // Its 429 names what is allowed: 44,000 reads a minute, and 2,000 writes. It has taken chunks one
    // over the other, so it gets one PUT. Referrers have tags there.
    Profile {
        kind: RegistryKind::Ghcr,
        hosts: &["ghcr.io"],
        referrers: Referrers::Unlisted,
        ceilings: &[
            Ceiling { lane: None, requests: 44_000, seconds: 60 },
            Ceiling { lane: Some(Lane::Begin), requests: 2000, seconds: 60 },
            Ceiling { lane: Some(Lane::Upload), requests: 2000, seconds: 60 },
            Ceiling { lane: Some(Lane::Write), requests: 2000, seconds: 60 },
        ],
        ..KNOWN
    },
    // The quotas of its documentation. It never mounts.
    Profile {
        kind: RegistryKind::EcrPublic,
        hosts: &["public.ecr.aws", "ecr-public.aws.com"],
        probe: Probe::Head,
        ceilings: &[ceiling(Lane::Look, 10), ceiling(Lane::Begin, 10), ceiling(Lane::Write, 10)],
        ..KNOWN
    },
    // The quotas of its documentation. It mounts only where the account has switched that on, and what
    // it tells of the progress of chunks is not true, so it gets one PUT.
    Profile {
        kind: RegistryKind::Ecr,
        hosts: &[".amazonaws.com", ".amazonaws.com.cn"],
        probe: Probe::Head,
        ceilings: &[ceiling(Lane::Begin, 100), ceiling(Lane::Upload, 100), ceiling(Lane::Write, 10)],
        ..KNOWN
    },
    // It was never seen to mount, and takes no chunks. Its lists of tags have the digests too.
    Profile {
        kind: RegistryKind::Gar,
        hosts: &[".pkg.dev", ".gcr.io", "gcr.io"],
        probe: Probe::Head,
        listing: Listing::Digests,
        ceilings: &[Ceiling { lane: None, requests: 60_000, seconds: 60 }],
        ..KNOWN
    },
    // It refuses one PUT of more than about 20 MB.
    Profile {
        kind: RegistryKind::Acr,
        hosts: &[".azurecr.io", ".azurecr.cn", ".azurecr.us"],
        uploads: Uploads::Chunks { above_bytes: 16 * MIB, chunk_bytes: 16 * MIB },
        ..KNOWN
    },
    // Lists of tags are asked for without a length: more than 100 would be refused.
    Profile { kind: RegistryKind::Quay, hosts: &["quay.io"], ..KNOWN },
    // Only its refusals are its own.
    Profile { kind: RegistryKind::Harbor, ..KNOWN },
    // Referrers have tags there.
    Profile {
        kind: RegistryKind::GitLab,
        hosts: &["registry.gitlab.com"],
        referrers: Referrers::Unlisted,
        ..KNOWN
    },
    // Its lists of tags show the directory in which it keeps uploads that are under way.
    Profile { kind: RegistryKind::Artifactory, hosts: &[".jfrog.io"], strays: &["_uploads"], ..KNOWN },
    // Only its refusals are its own.
    Profile { kind: RegistryKind::Nexus, ..KNOWN },
    // It takes no OCI manifests, which nothing here can change.
    Profile { kind: RegistryKind::Swr, hosts: &[".myhuaweicloud.com", ".myhuaweicloud.eu"], ..KNOWN },
    // Only its refusals are its own. Those of the Personal Edition have other names, and no API.
    Profile { kind: RegistryKind::Aliyun, hosts: &[".cr.aliyuncs.com"], ..KNOWN },
    // Only its API is its own.
    Profile { kind: RegistryKind::Ccr, hosts: &[".ccs.tencentyun.com"], ..KNOWN },
    // Only its API is its own.
    Profile { kind: RegistryKind::Tcr, hosts: &[".tencentcloudcr.com"], ..KNOWN },
    // It takes no Docker manifests, unless it is told to. Newer ones take several tags at once.
    Profile { kind: RegistryKind::Zot, tags: Tags::Together, ..KNOWN },
];

/// The profile of `registry`: the one that its name is known by, or the plain one.
pub(super) fn of(registry: &Registry) -> &'static Profile {
    let host = registry.as_str().split(':').next().unwrap_or_default();
    let known = |end: &&str| match end.starts_with('.') {
        true => host.ends_with(*end),
        false => host == *end,
    };
    PROFILES.iter().find(|profile| profile.hosts.iter().any(known)).unwrap_or(&PLAIN)
}

/// The profile of a kind.
pub(super) fn named(kind: RegistryKind) -> &'static Profile {
    PROFILES.iter().find(|profile| profile.kind == kind).unwrap_or(&PLAIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_known_by_their_ends_and_not_by_what_looks_like_them() {
        let probe = |text: &str| of(&text.parse().expect("a registry")).probe;
        for host in
            ["1.dkr.ecr.eu-central-1.amazonaws.com", "europe-docker.pkg.dev", "eu.gcr.io", "gcr.io:443"]
        {
            assert_eq!(probe(host), Probe::Head, "{host}");
        }
        for host in ["ghcr.io", "notgcr.io", "amazonaws.com.evil.test", "docker.io", "localhost:5000"] {
            assert_eq!(probe(host), Probe::Mount, "{host}");
        }
    }

    #[test]
    fn every_kind_has_one_profile() {
        for (word, kind) in RegistryKind::ALL {
            assert_eq!(named(*kind).kind, *kind, "{word}");
        }
        let registry = "registry.example.com".parse().expect("a registry");
        assert_eq!(of(&registry).kind, RegistryKind::Distribution);
    }
}
