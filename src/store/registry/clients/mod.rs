//! The HTTP clients: TLS, proxies, connections. Never follows a redirect by itself.

mod elsewhere;
mod exceptions;
mod names;
#[cfg(test)]
mod tests;
mod tls;
mod trust;

pub(super) use elsewhere::{Elsewhere, FurtherInside};
pub(super) use exceptions::Way;
pub(super) use names::Names;

use super::times::{self, CONNECT, PING, PING_EVERY};
use crate::access;
use crate::failure::{Code, Failure, Fallible, Operation};
use elsewhere::Led;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tls::{Protocols, Tls};
use url::Host;

/// Idle connections are closed after this long, before most registries do.
const IDLE_SECONDS_MAX: u64 = 55;
/// Most idle connections to one host that are kept: as many as may be in use at once, so that nobody
/// who comes back finds the door shut.
const IDLE_CONNECTIONS_MAX: usize = 64;
/// Most bytes of the headers of an answer over HTTP/2: a challenge may have 64 KiB, and nothing else has
/// a kilobyte. Over HTTP/1.1 the client takes 100 headers and some 400 KiB.
const HEADER_BYTES_MAX: u32 = 128 * 1024;

/// The clients for hosts that share TLS settings.
#[derive(Clone)]
pub(super) struct Clients {
    /// Small requests: HTTP/2 where the host speaks it.
    pub(super) api: reqwest::Client,
    /// Bodies of blobs: HTTP/1.1, where one slow body cannot hold up the others of a connection.
    pub(super) data: reqwest::Client,
    tls: Arc<Tls>,
    names: Names,
}

impl Clients {
    /// Builds the clients for hosts that are reached by `way`; reads the files that `tls` names.
    pub(super) fn new(tls: &access::Tls, way: Way, names: &Names) -> Fallible<Self> {
        let tls = Arc::new(Tls::new(tls)?);
        let at_home = || {
            let base = base().dns_resolver(names.clone());
            match way {
                Way::Usual => base,
                Way::Direct => base.no_proxy(),
            }
        };
        let api = at_home().http2_keep_alive_interval(PING_EVERY).http2_keep_alive_timeout(PING);
        let api = build(api.tls_backend_preconfigured(tls.home.speaking(Protocols::Any)))?;
        let data = at_home().http1_only().tls_backend_preconfigured(tls.home.speaking(Protocols::Http1));
        Ok(Self { api, data: build(data)?, tls, names: names.clone() })
    }

    /// What goes to hosts that the registry at `registry` leads to; those that are `allowed` may lie
    /// anywhere. Each registry has its own, so that none spoils another one's.
    pub(super) fn elsewhere(
        &self,
        registry: Option<Host<&str>>,
        allowed: BTreeSet<String>,
    ) -> Fallible<Elsewhere> {
        let led = Arc::new(Led::new(self.names.clone(), registry, allowed));
        let tls = self.tls.elsewhere.as_ref().unwrap_or(&self.tls.home).speaking(Protocols::Http1);
        let client = base().http1_only().tls_backend_preconfigured(tls).dns_resolver(Arc::clone(&led));
        Ok(Elsewhere::new(build(client)?, led))
    }

    /// A client for services of this machine and of the cloud that it runs in: by no proxy, which
    /// would ask its own.
    pub(super) fn machine() -> Fallible<reqwest::Client> {
        let Tls { home, elsewhere: _ } = Tls::new(&access::Tls::default())?;
        let tls = home.speaking(Protocols::Http1);
        build(base().http1_only().no_proxy().tls_backend_preconfigured(tls))
    }
}

fn base() -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder();
    // Its own is shorter, and would cut an upload off that a registry lets wait for a moment.
    #[cfg(target_os = "linux")]
    let builder = builder.tcp_user_timeout(times::IDLE);
    builder
        .user_agent(concat!("crossdock/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT)
        .pool_idle_timeout(Duration::from_secs(IDLE_SECONDS_MAX))
        .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
        .http2_max_header_list_size(HEADER_BYTES_MAX)
        .tcp_nodelay(true)
}

fn build(builder: reqwest::ClientBuilder) -> Fallible<reqwest::Client> {
    builder.build().map_err(|error| unusable_tls(&super::answer::causes(&error)))
}

/// TLS as a whole cannot be had.
fn unusable_tls(why: &str) -> Box<Failure> {
    let message = format!("TLS cannot be set up: {why}");
    Failure::new(Code::Tls, "registry", Operation::Open, message)
        .hint("check ca_file, client_cert and client_key, and SSL_CERT_FILE or SSL_CERT_DIR")
}

impl std::fmt::Debug for Clients {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clients").finish_non_exhaustive()
    }
}
