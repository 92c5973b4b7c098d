//! The origin of a registry's API: what a credential belongs to. Never guesses a scheme.

use crate::access::RegistrySettings;
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::Registry;
use std::collections::BTreeSet;
use url::{Host, Url};

/// Scheme, host and port of a registry's API.
///
/// A credential goes to this origin, and to the token server that belongs to it, and nowhere else:
/// what follows a redirect or an upload's `Location` asks [`Origin::owns`] first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    url: Url,
    /// Hosts of token servers that the spec trusts with the registry's credential.
    realm_hosts: BTreeSet<String>,
}

/// Where Docker Hub answers; `docker.io` itself is only a name.
const DOCKER_HUB_API: &str = "registry-1.docker.io";

impl Origin {
    /// The origin of `registry` under its settings: https, unless they say plain http.
    ///
    /// # Errors
    /// Only when the name of the registry cannot be part of a URL, which its parser rules out.
    pub fn of(registry: &Registry, settings: &RegistrySettings) -> Fallible<Self> {
        let scheme = if settings.plain_http { "http" } else { "https" };
        let host = if registry.is_docker_hub() { DOCKER_HUB_API } else { registry.as_str() };
        match Url::parse(&format!("{scheme}://{host}/")) {
            Ok(url) if url.has_host() => Ok(Self { url, realm_hosts: settings.realm_hosts.clone() }),
            _ => Err(Failure::new(
                Code::Internal,
                registry,
                Operation::Open,
                "the name of the registry does not make a URL",
            )),
        }
    }

    /// The root of the origin, with the path `/`.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether a URL lies at this origin: same scheme, host and port, and nobody's user name in it.
    pub fn owns(&self, url: &Url) -> bool {
        self.url.origin() == url.origin() && url.username().is_empty() && url.password().is_none()
    }

    /// Whether the registry is spoken to without TLS, which its settings must have asked for.
    pub fn is_plain(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// Whether the spec names a host as that of its token server.
    pub(super) fn has_realm_at(&self, host: &str) -> bool {
        self.realm_hosts.contains(host)
    }

    /// The host without its port.
    pub(super) fn host(&self) -> Option<Host<&str>> {
        self.url.host()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(registry: &str, plain_http: bool) -> Origin {
        let settings = RegistrySettings { plain_http, ..RegistrySettings::default() };
        Origin::of(&registry.parse().expect("valid"), &settings).expect("a URL")
    }

    #[test]
    fn docker_hub_answers_at_its_own_host() {
        assert_eq!(origin("docker.io", false).url().as_str(), "https://registry-1.docker.io/");
        assert_eq!(origin("localhost:5000", true).url().as_str(), "http://localhost:5000/");
        assert_eq!(origin("[::1]:5000", false).url().as_str(), "https://[::1]:5000/");
    }

    #[test]
    fn an_origin_owns_neither_another_scheme_nor_host_nor_port_nor_user() {
        let origin = origin("ghcr.io", false);
        assert!(origin.owns(&Url::parse("https://ghcr.io:443/v2/x?y").expect("valid")));
        for other in
            ["http://ghcr.io/", "https://ghcr.io:444/", "https://ghcr.io.evil.test/", "https://u@ghcr.io/"]
        {
            assert!(!origin.owns(&Url::parse(other).expect("valid")), "{other}");
        }
    }
}
