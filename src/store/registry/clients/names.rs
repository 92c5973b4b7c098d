//! Looks names up for connections, and keeps in mind how far inside what they name lies.

use crate::store::registry::auth::Zone;
use futures::future::{BoxFuture, FutureExt as _};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use url::Host;

/// Asks for the addresses of a name: the system's resolver, or what a test says.
pub(super) type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// The names of registries, with where they were found to lie. Clones share what they know.
#[derive(Clone)]
pub(in crate::store::registry) struct Names {
    lookup: Lookup,
    zones: Arc<Mutex<HashMap<String, Zone>>>,
}

impl Default for Names {
    fn default() -> Self {
        Self::by(Arc::new(|name| {
            async move { Ok(tokio::net::lookup_host((name.as_str(), 0)).await?.collect()) }.boxed()
        }))
    }
}

impl Names {
    pub(super) fn by(lookup: Lookup) -> Self {
        Self { lookup, zones: Arc::default() }
    }

    /// The addresses of a name, as they are connected to.
    pub(super) async fn addresses(&self, name: &str) -> io::Result<Vec<SocketAddr>> {
        (self.lookup)(name.to_owned()).await
    }

    /// Where a host lies. One that was not looked up here, because a proxy does that, counts as public.
    pub(super) fn zone(&self, host: &Host<&str>) -> Zone {
        match host {
            Host::Domain(name) => self.zones().get(*name).copied().unwrap_or(Zone::Public),
            Host::Ipv4(address) => Zone::of(IpAddr::V4(*address)),
            Host::Ipv6(address) => Zone::of(IpAddr::V6(*address)),
        }
    }

    /// Whoever was ever seen outside stays there: nobody moves in by changing addresses.
    fn note(&self, name: &str, addresses: &[SocketAddr]) {
        let Some(found) = addresses.iter().map(|address| Zone::of(address.ip())).min() else { return };
        let mut zones = self.zones();
        let zone = zones.entry(name.to_owned()).or_insert(found);
        *zone = found.min(*zone);
    }

    fn zones(&self) -> std::sync::MutexGuard<'_, HashMap<String, Zone>> {
        self.zones.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let names = self.clone();
        Box::pin(async move {
            let addresses = names.addresses(name.as_str()).await?;
            names.note(name.as_str(), &addresses);
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Names").finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Names with these addresses: one answer after the other, and the last for ever.
    pub(in crate::store::registry::clients) fn told(
        table: &[(&'static str, &'static [&'static [&'static str]])],
    ) -> Names {
        let table: HashMap<&str, &[&[&str]]> = table.iter().copied().collect();
        let asked: Mutex<HashMap<String, usize>> = Mutex::default();
        Names::by(Arc::new(move |name| {
            let answers = table.get(name.as_str()).copied().unwrap_or_default();
            let mut asked = asked.lock().expect("no panic");
            let count = asked.entry(name).or_default();
            let answer = answers.get(*count).or(answers.last()).copied().unwrap_or_default();
            *count += 1;
            let addresses = answer.iter().map(|text| SocketAddr::new(text.parse().expect("an address"), 0));
            let addresses: Vec<SocketAddr> = addresses.collect();
            async move { Ok(addresses) }.boxed()
        }))
    }

    /// Looks a name up, as a client does that connects to it.
    pub(in crate::store::registry::clients) async fn looked_up(
        resolver: &impl Resolve,
        name: &str,
    ) -> Result<Vec<String>, String> {
        let found = resolver.resolve(name.parse().expect("a name")).await.map_err(|why| why.to_string())?;
        Ok(found.map(|address| address.ip().to_string()).collect())
    }

    #[tokio::test]
    async fn whoever_was_seen_outside_stays_outside() {
        let names = told(&[
            ("moves.test", &[&["1.1.1.1"], &["10.0.0.1"]]),
            ("both.test", &[&["10.0.0.1", "1.1.1.1"]]),
            ("inside.test", &[&["10.0.0.1"], &["127.0.0.1"]]),
        ]);
        for _ in 0..2 {
            for name in ["moves.test", "both.test", "inside.test"] {
                looked_up(&names, name).await.expect("addresses");
            }
        }
        assert_eq!(names.zone(&Host::Domain("moves.test")), Zone::Public);
        assert_eq!(names.zone(&Host::Domain("both.test")), Zone::Public);
        assert_eq!(names.zone(&Host::Domain("inside.test")), Zone::Network);
        assert_eq!(names.zone(&Host::Domain("never-looked-up.test")), Zone::Public);
        assert_eq!(names.zone(&Host::Ipv4([127, 0, 0, 1].into())), Zone::Machine);
    }
}
