//! The client for hosts that a registry leads to: redirects and token servers. It shows them no
//! certificate of ours, and connects to nothing that lies further inside than the registry itself.

use super::names::Names;
use crate::failure::{Code, Failure, Fallible};
use crate::store::registry::answer::Asked;
use crate::store::registry::auth::Zone;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::collections::{BTreeSet, HashSet};
use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use url::Host;

/// What goes to hosts that one registry leads to.
#[derive(Debug)]
pub(in crate::store::registry) struct Elsewhere {
    client: reqwest::Client,
    led: Arc<Led>,
}

/// Which names a registry led us to. Other names that are looked up are those of proxies, which whoever
/// runs us has chosen.
#[derive(Debug)]
pub(super) struct Led {
    names: Names,
    registry: Option<Host<String>>,
    /// Hosts that the spec allows wherever they lie.
    allowed: BTreeSet<String>,
    to: Mutex<HashSet<String>>,
}

/// A host lies further inside than who led us there. It was not connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store::registry) struct FurtherInside {
    host: String,
}

/// What can be done about it, where it is meant.
const FURTHER_INSIDE_HINT: &str = "this is a mistake of whoever runs the registry, or an attack; where it is meant, name the host under \
     `redirect_hosts` of the registry in the spec, or under `realm_hosts` if it is its token server";

impl Elsewhere {
    pub(super) fn new(client: reqwest::Client, led: Arc<Led>) -> Self {
        Self { client, led }
    }

    /// The client for a URL that the registry leads to.
    ///
    /// # Errors
    /// The URL names an address that lies further inside than the registry. What a name is the address
    /// of is seen when it is connected to.
    pub(in crate::store::registry) fn client(&self, asked: &Asked, url: &Url) -> Fallible<&reqwest::Client> {
        match self.led.note(url) {
            Ok(()) => Ok(&self.client),
            Err(inside) => Err(inside.failure(asked)),
        }
    }
}

impl Led {
    pub(super) fn new(names: Names, registry: Option<Host<&str>>, allowed: BTreeSet<String>) -> Self {
        let registry = registry.map(|host| host.to_owned());
        Self { names, registry, allowed, to: Mutex::default() }
    }

    fn note(&self, url: &Url) -> Result<(), FurtherInside> {
        let zone = match url.host() {
            Some(Host::Ipv4(address)) => Zone::of(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Zone::of(IpAddr::V6(address)),
            Some(Host::Domain(name)) => {
                self.to.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
                return Ok(());
            }
            None => return Ok(()),
        };
        let host = url.host_str().unwrap_or_default();
        match self.allowed.contains(host) || self.zone().may_lead_to(zone) {
            true => Ok(()),
            false => Err(FurtherInside { host: host.to_owned() }),
        }
    }

    /// Where the registry lies.
    fn zone(&self) -> Zone {
        let host = match &self.registry {
            Some(Host::Domain(name)) => Host::Domain(name.as_str()),
            Some(Host::Ipv4(address)) => Host::Ipv4(*address),
            Some(Host::Ipv6(address)) => Host::Ipv6(*address),
            None => return Zone::Public,
        };
        self.names.zone(&host)
    }

    fn is_judged(&self, name: &str) -> bool {
        let to = self.to.lock().unwrap_or_else(PoisonError::into_inner);
        to.contains(name) && !self.allowed.contains(name)
    }
}

/// The addresses that are judged are those that are connected to, each time anew: a name that has
/// others the next time gains nothing.
impl Resolve for Led {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, zone, judged) = (self.names.clone(), self.zone(), self.is_judged(name.as_str()));
        Box::pin(async move {
            let mut addresses = names.addresses(name.as_str()).await?;
            let found = addresses.len();
            addresses.retain(|address| !judged || zone.may_lead_to(Zone::of(address.ip())));
            if addresses.is_empty() && found > 0 {
                return Err(Box::new(FurtherInside { host: name.as_str().to_owned() }) as _);
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

impl FurtherInside {
    /// What it means for the request that was to be made.
    pub(in crate::store::registry) fn failure(&self, asked: &Asked) -> Box<Failure> {
        asked.failure(Code::Protocol, self.to_string()).hint(FURTHER_INSIDE_HINT)
    }

    /// Whether this is why a request was not made.
    pub(in crate::store::registry) fn of<'error>(
        error: &'error (dyn Error + 'static),
    ) -> Option<&'error Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(inside) = error.downcast_ref() {
                return Some(inside);
            }
            next = error.source();
        }
        None
    }
}

impl fmt::Display for FurtherInside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the registry leads to {}, which lies further inside than the registry; not contacted",
            self.host
        )
    }
}

impl Error for FurtherInside {}

#[cfg(test)]
mod tests {
    use super::super::names::tests::{looked_up, told};
    use super::*;

    fn led(names: &Names, registry: &str, allowed: &[&str]) -> Led {
        let registry = Host::parse(registry).expect("a host");
        let registry = match &registry {
            Host::Domain(name) => Host::Domain(name.as_str()),
            Host::Ipv4(address) => Host::Ipv4(*address),
            Host::Ipv6(address) => Host::Ipv6(*address),
        };
        Led::new(names.clone(), Some(registry), allowed.iter().map(|host| (*host).to_owned()).collect())
    }

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    #[tokio::test]
    async fn a_public_registry_leads_to_no_name_that_is_an_address_inside() {
        let names = told(&[
            ("registry.test", &[&["1.1.1.1"]]),
            ("metadata.test", &[&["169.254.169.254"]]),
            ("inside.test", &[&["10.0.0.1", "fc00::1"]]),
            ("machine.test", &[&["127.0.0.1"]]),
            ("cdn.test", &[&["1.1.1.2"]]),
            ("mixed.test", &[&["10.0.0.1", "1.1.1.2"]]),
        ]);
        looked_up(&names, "registry.test").await.expect("addresses");
        let led = led(&names, "registry.test", &[]);
        for (name, found) in [("cdn.test", vec!["1.1.1.2"]), ("mixed.test", vec!["1.1.1.2"])] {
            led.note(&url(&format!("https://{name}/"))).expect("a name is seen when it is looked up");
            assert_eq!(looked_up(&led, name).await.expect("addresses"), found);
        }
        for name in ["metadata.test", "inside.test", "machine.test"] {
            led.note(&url(&format!("https://{name}/"))).expect("a name is seen when it is looked up");
            let why = looked_up(&led, name).await.expect_err("refused");
            assert!(why.contains(name) && why.contains("not contacted"), "{why}");
        }
        for address in
            ["https://169.254.169.254/", "https://10.0.0.1/", "https://[::1]/", "https://2130706433/"]
        {
            led.note(&url(address)).expect_err(address);
        }
        led.note(&url("https://1.1.1.2/")).expect("as public as the registry");
    }

    #[tokio::test]
    async fn a_name_that_has_another_address_the_next_time_gains_nothing() {
        let names = told(&[("rebound.test", &[&["1.1.1.1"], &["127.0.0.1"]])]);
        let led = led(&names, "registry.test", &[]);
        led.note(&url("https://rebound.test/")).expect("a name is seen when it is looked up");
        assert_eq!(looked_up(&led, "rebound.test").await.expect("addresses"), ["1.1.1.1"]);
        looked_up(&led, "rebound.test").await.expect_err("refused");
    }

    #[tokio::test]
    async fn a_registry_inside_leads_no_further_in_and_what_the_spec_allows_is_allowed() {
        let names = told(&[
            ("registry.corp", &[&["10.0.0.1"]]),
            ("minio.corp", &[&["10.0.0.2"]]),
            ("machine.corp", &[&["127.0.0.1"]]),
        ]);
        looked_up(&names, "registry.corp").await.expect("addresses");
        let inside = led(&names, "registry.corp", &["169.254.1.1"]);
        for (name, allowed) in [("minio.corp", true), ("machine.corp", false)] {
            inside.note(&url(&format!("https://{name}/"))).expect("a name is seen when it is looked up");
            assert_eq!(looked_up(&inside, name).await.is_ok(), allowed, "{name}");
        }
        inside.note(&url("https://10.9.9.9/")).expect("the same network");
        inside.note(&url("https://169.254.169.254/")).expect_err("metadata");
        inside.note(&url("https://169.254.1.1/")).expect("the spec allows it");
        let outside = led(&names, "never-looked-up.test", &["minio.corp"]);
        outside.note(&url("https://minio.corp/")).expect("a name is seen when it is looked up");
        looked_up(&outside, "minio.corp").await.expect("the spec allows it");
    }

    #[tokio::test]
    async fn proxies_lie_where_they_like() {
        let names = told(&[("proxy.corp", &[&["10.0.0.3"]])]);
        let led = led(&names, "registry.test", &[]);
        assert_eq!(looked_up(&led, "proxy.corp").await.expect("nobody led us there"), ["10.0.0.3"]);
    }
}
