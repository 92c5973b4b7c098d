//! What a spec can say about one registry, ready for use: no references to the environment left.

use super::credentials::ambient::Identity;
use crate::oci::{Registry, RepositoryPath};
use secrecy::SecretString;
use std::num::NonZeroU32;
use std::path::PathBuf;

/// How one registry, or one part of it, is spoken to.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Speak HTTP without TLS. Never tried on its own account: a registry without this setting is
    /// never spoken to in the clear.
    pub plain_http: bool,
    /// Certificates.
    pub tls: TlsSettings,
    /// Who we are; none means to look where docker and podman keep credentials, and then around.
    pub credentials: Option<CredentialSettings>,
    /// What kind of registry it is, where its name does not tell.
    pub profile: Option<String>,
    /// How hard the registry may be driven.
    pub limits: Limits,
}

/// Which part of a registry settings are for: the longest match wins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// The registry.
    pub registry: Registry,
    /// The repositories below this path; none means all.
    pub prefix: Option<RepositoryPath>,
}

impl Scope {
    /// Whether the repository `path` of `registry` is in it.
    pub(super) fn holds(&self, registry: &Registry, path: &str) -> bool {
        self.registry == *registry
            && self.prefix.as_ref().is_none_or(|prefix| {
                let rest = path.strip_prefix(prefix.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    }

    /// How long its path is: the longest that holds a repository is the one that is for it.
    pub(super) fn length(&self) -> usize {
        self.prefix.as_ref().map_or(0, |prefix| prefix.as_str().len())
    }
}

/// Files with certificates and keys, PEM.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct TlsSettings {
    /// Certificate authorities that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Our certificate, with `client_key`.
    pub client_cert: Option<PathBuf>,
    /// The key of `client_cert`.
    pub client_key: Option<PathBuf>,
}

/// Who we are to a registry, as the spec says it.
#[derive(Debug, Clone)]
pub enum CredentialSettings {
    /// A user name and a password or access token.
    Password {
        /// The user name.
        username: String,
        /// The secret.
        password: SecretString,
    },
    /// An OAuth 2 refresh token, which docker calls an identity token.
    IdentityToken(SecretString),
    /// The program `docker-credential-NAME`.
    Helper(String),
    /// Who the surroundings of the run say that we are.
    Identity(Identity),
    /// No credentials, also where docker has some.
    Anonymous,
}

/// How hard one registry may be driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Requests that may start in a second; none means no limit of ours.
    pub requests_per_second: Option<NonZeroU32>,
    /// Requests that may be under way at once; none means the default.
    pub concurrent_requests: Option<NonZeroU32>,
    /// How many of the manifests that a registry gives in hours are left for others.
    pub quota_reserve: u64,
}
