//! Where those who know us may be, where the environment or a file names them. Contacts nobody.

use crate::store::registry::auth::is_internal;
use std::net::IpAddr;
use url::{Host, Url};

/// Reads the URL of an endpoint: TLS, or a place inside this machine or its network. The error
/// completes the phrase "WHAT …".
pub(super) fn endpoint(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "is not a URL")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("has a user in it");
    }
    match url.scheme() {
        "https" if url.has_host() => Ok(url),
        "http" if is_inside(&url) => Ok(url),
        "http" => Err("is without TLS, and neither on this machine nor an address inside its network"),
        _ => Err("is not an https URL"),
    }
}

/// Whether a URL leads to this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn is_inside(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => is_internal(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => is_internal(IpAddr::V6(address)),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_has_tls_or_lies_inside() {
        for good in [
            "https://sts.amazonaws.com",
            "https://proxy.corp:8443/sts",
            "http://127.0.0.1:4566",
            "http://localhost:4566/",
            "http://169.254.169.254/",
            "http://[fd00:ec2::254]/",
            "http://10.0.0.1/",
        ] {
            assert!(endpoint(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "sts.amazonaws.com",
            "http://sts.amazonaws.com",
            "http://8.8.8.8/",
            "http://localhost.evil.test/",
            "https://user:pass@sts.amazonaws.com",
            "file:///etc/passwd",
            "ftp://127.0.0.1/",
        ] {
            assert!(endpoint(bad).is_err(), "{bad}");
        }
    }
}
