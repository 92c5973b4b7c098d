//! How registries are spoken to, and as whom: what a spec says of it, and what the client keeps to.
//! Plain values, no references to the environment left.

mod cloud_keys;
mod creation;
mod identity;

pub use cloud_keys::CloudKeys;
pub use creation::{Creation, Making};
pub use identity::{IdToken, Identity};

use crate::oci::{Registry, RegistryKind, RepositoryPath};
use secrecy::SecretString;
use std::collections::BTreeSet;
use std::fmt;
use std::num::NonZeroU32;
use std::path::PathBuf;

/// Which part of a registry settings are for: the longest match wins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// The registry.
    pub registry: Registry,
    /// The repositories below this path; none means all.
    pub prefix: Option<RepositoryPath>,
}

/// How one registry, or one part of it, is spoken to.
#[derive(Debug, Clone, Default)]
pub struct RegistrySettings {
    /// Speak HTTP without TLS. Never tried on its own account: a registry without this setting is
    /// never spoken to in the clear.
    pub plain_http: bool,
    /// Certificates.
    pub tls: Tls,
    /// Who we are; none means to look where docker and podman keep credentials, and then around.
    pub credentials: Option<Credentials>,
    /// Keys of the account of a cloud that it belongs to; none means those of the environment.
    pub cloud_keys: Option<CloudKeys>,
    /// What kind of registry it is; none means that its name tells.
    pub profile: Option<RegistryKind>,
    /// Hosts of token servers that may be shown the credential of the registry, wherever they are: names
    /// or addresses, without a port, as URLs have them.
    pub realm_hosts: BTreeSet<String>,
    /// Hosts that the registry may redirect to although they lie further inside than itself, in the same
    /// form. They never see a credential.
    pub redirect_hosts: BTreeSet<String>,
    /// What is made when the registry says that it is not there; none means nothing.
    pub create: Option<Creation>,
    /// How hard the registry may be driven.
    pub limits: Limits,
}

/// Files with certificates and keys, PEM; as written, relative to the working directory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Tls {
    /// Certificate authorities that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Our certificate, and its key.
    pub client: Option<ClientCertificate>,
    /// Whether the certificate of the registry is looked at.
    pub verification: Verification,
}

/// Whether the certificate of a registry is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Verification {
    /// It is from an authority that is trusted, for the name of the registry.
    #[default]
    Full,
    /// It is not: whoever answers is believed to be the registry.
    None,
}

/// Our certificate and its key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClientCertificate {
    /// The file with the certificate.
    pub cert: PathBuf,
    /// The file with its key.
    pub key: PathBuf,
}

/// Who we are to a registry.
#[derive(Debug, Clone)]
pub enum Credentials {
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
    /// Who the surroundings of the run say that we are: a cloud's machine, a CI system.
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
    /// Bytes of bodies that may pass in a second, in both directions together; none means no limit.
    pub bytes_per_second: Option<NonZeroU32>,
    /// Parts of one large blob that may be fetched at once; none means one, the whole.
    pub ranges_per_blob: Option<NonZeroU32>,
    /// GETs of manifests that are left for others, where a registry counts them in hours; none means
    /// that all may be used.
    pub quota_reserve: Option<NonZeroU32>,
}

impl Scope {
    /// Whether the repository `path` of `registry` is in it.
    pub fn holds(&self, registry: &Registry, path: &str) -> bool {
        self.registry == *registry
            && self.prefix.as_ref().is_none_or(|prefix| {
                let rest = path.strip_prefix(prefix.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    }

    /// How long its path is, in bytes: the longest that holds a repository is the one that is for it.
    pub fn length(&self) -> usize {
        self.prefix.as_ref().map_or(0, |prefix| prefix.as_str().len())
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.registry.fmt(f)?;
        match &self.prefix {
            Some(prefix) => write!(f, "/{prefix}"),
            None => Ok(()),
        }
    }
}
