//! Judges the token server that a registry names. Never contacts it.

use super::{Origin, is_internal, kin};
use std::fmt;
use std::net::IpAddr;
use url::{Host, Url};

/// A token server that may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Realm {
    url: Url,
    trust: Trust,
}

/// What a token server may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// The registry's credential.
    Credential,
    /// Nothing: it is not known to belong to the registry, and is asked for anonymous tokens only.
    Nothing,
}

/// Why a token server is not asked at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RealmError {
    /// Not an absolute http or https URL with a host.
    NotAUrl,
    /// It has a user name or a password in it.
    UserInfo,
    /// It is plain http, and the registry is not.
    Plain,
    /// It is an address inside our own network, and the registry does not have that address.
    Internal(String),
}

impl Realm {
    /// Judges the realm of a challenge that came from `origin`.
    pub(super) fn judge(text: &str, origin: &Origin) -> Result<Self, RealmError> {
        let mut url = Url::parse(text).map_err(|_| RealmError::NotAUrl)?;
        let plain = match url.scheme() {
            "https" => false,
            "http" => true,
            _ => return Err(RealmError::NotAUrl),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(RealmError::UserInfo);
        }
        if plain && !origin.is_plain() {
            return Err(RealmError::Plain);
        }
        url.set_fragment(None);
        let (Some(realm), Some(registry)) = (url.host(), origin.host()) else {
            return Err(RealmError::NotAUrl);
        };
        let same = same_machine(&realm, &registry);
        let named = origin.has_realm_at(&realm.to_string());
        if !same && !named && is_inside(&realm) {
            return Err(RealmError::Internal(realm.to_string()));
        }
        let belongs = match (&realm, &registry) {
            (Host::Domain(realm), Host::Domain(registry)) => kin::belongs(realm, registry),
            _ => false,
        };
        let trust = if same || belongs || named { Trust::Credential } else { Trust::Nothing };
        Ok(Self { url, trust })
    }

    /// Where tokens are asked for.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// What it may be told.
    pub(super) fn trust(&self) -> Trust {
        self.trust
    }

    /// Its host, for people.
    pub(super) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

/// The same host, or two names for this machine. The port does not matter: a registry and its token
/// server are two programs on one host more often than not.
fn same_machine(one: &Host<&str>, other: &Host<&str>) -> bool {
    one == other || (is_loopback(one) && is_loopback(other))
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => is_localhost(name),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// RFC 6761, section 6.3.
fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

fn is_inside(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => is_localhost(name),
        Host::Ipv4(address) => is_internal(IpAddr::V4(*address)),
        Host::Ipv6(address) => is_internal(IpAddr::V6(*address)),
    }
}

impl fmt::Display for RealmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAUrl => f.write_str("that is not an http or https URL"),
            Self::UserInfo => f.write_str("whose URL has a user name in it"),
            Self::Plain => f.write_str("without TLS, although the registry itself uses TLS"),
            Self::Internal(host) => write!(f, "at {host}, an address inside this network"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::RegistrySettings;

    fn judged(registry: &str, realm: &str) -> String {
        let (plain_http, name) = match registry.strip_prefix("http://") {
            Some(name) => (true, name),
            None => (false, registry),
        };
        let (name, realm_hosts) = match name.split_once(" + ") {
            Some((name, host)) => (name, [host.to_owned()].into()),
            None => (name, Default::default()),
        };
        let settings = RegistrySettings { plain_http, realm_hosts, ..RegistrySettings::default() };
        let origin = Origin::of(&name.parse().expect("valid"), &settings).expect("a URL");
        match Realm::judge(realm, &origin) {
            Ok(realm) => format!("{:?}", realm.trust()),
            Err(why) => format!("refused: a token server {why}"),
        }
    }

    #[test]
    fn a_realm_gets_the_credential_nothing_or_no_request() {
        let table = [
            ("docker.io", "https://auth.docker.io/token"),
            ("ghcr.io", "https://ghcr.io/token"),
            ("ghcr.io", "https://GHCR.IO:8443/token"),
            ("ghcr.io", "https://evil.test/token"),
            ("ghcr.io", "https://ghcr.io.evil.test/token"),
            ("ghcr.io", "https://ghcr.io@evil.test/token"),
            ("ghcr.io", "https://user:pass@ghcr.io/token"),
            ("ghcr.io", "http://ghcr.io/token"),
            ("ghcr.io", "//ghcr.io/token"),
            ("ghcr.io", "/token"),
            ("ghcr.io", "file:///etc/passwd"),
            ("ghcr.io", "ftp://ghcr.io/"),
            ("ghcr.io", "https:///token"),
            ("ghcr.io", "https://169.254.169.254/latest"),
            ("ghcr.io", "https://2852039166/latest"),
            ("ghcr.io", "https://0xa9fea9fe/latest"),
            ("ghcr.io", "https://[::ffff:169.254.169.254]/"),
            ("ghcr.io", "https://[fd00:ec2::254]/"),
            ("ghcr.io", "https://127.0.0.1/"),
            ("ghcr.io", "https://127.1/"),
            ("ghcr.io", "https://10.0.0.1/"),
            ("ghcr.io", "https://0.0.0.0/"),
            ("ghcr.io", "https://localhost/"),
            ("ghcr.io", "https://localhost./"),
            ("ghcr.io", "https://x.localhost/"),
            ("ghcr.io", "https://8.8.8.8/"),
            ("http://127.0.0.1:5001", "http://127.0.0.1:5002/token"),
            ("http://localhost:5001", "http://127.0.0.1:5002/token"),
            ("http://127.0.0.1:5001", "http://[::1]:5002/token"),
            ("http://127.0.0.1:5001", "http://10.0.0.1/token"),
            ("http://127.0.0.1:5001", "http://169.254.169.254/token"),
            ("http://127.0.0.1:5001", "http://evil.test/token"),
            ("http://localhost:5001", "https://ghcr.io/token"),
            ("10.0.0.1:5000", "https://10.0.0.1/token"),
            ("10.0.0.1:5000", "https://10.0.0.2/token"),
            ("10.0.0.1:5000", "https://127.0.0.1/token"),
            ("ghcr.io + sso.corp", "https://sso.corp/token"),
            ("ghcr.io + sso.corp", "https://SSO.corp:8443/token"),
            ("ghcr.io + sso.corp", "https://sso.corp.evil.test/token"),
            ("ghcr.io + sso.corp", "https://evil.sso.corp/token"),
            ("ghcr.io + sso.corp", "http://sso.corp/token"),
            ("ghcr.io + 10.0.0.1", "https://10.0.0.1/token"),
            ("ghcr.io + 10.0.0.1", "https://10.0.0.2/token"),
        ];
        let lines =
            table.map(|(registry, realm)| format!("{registry:22} {realm:36} {}", judged(registry, realm)));
        insta::assert_snapshot!(lines.join("\n"));
    }
}
