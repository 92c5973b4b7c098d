//! The HTTP clients: TLS, proxies, connections. Never follows a redirect by itself.

mod exceptions;
#[cfg(test)]
mod tests;
mod tls;
mod trust;

pub(super) use exceptions::Way;

use super::times::{self, CONNECT, PING, PING_EVERY};
use crate::access;
use crate::failure::{Code, Failure, Fallible, Operation};
use std::time::Duration;
use tls::{Protocols, Tls};

/// Idle connections are closed after this long, before most registries do.
const IDLE_SECONDS_MAX: u64 = 55;
/// Most idle connections to one host that are kept: as many as may be in use at once, so that nobody
/// who comes back finds the door shut.
const IDLE_CONNECTIONS_MAX: usize = 64;

/// The clients for hosts that share TLS settings.
#[derive(Debug, Clone)]
pub(super) struct Clients {
    /// Small requests: HTTP/2 where the host speaks it.
    pub(super) api: reqwest::Client,
    /// Bodies of blobs: HTTP/1.1, where one slow body cannot hold up the others of a connection.
    pub(super) data: reqwest::Client,
    /// Hosts that a registry redirects to: they never see our certificate.
    pub(super) elsewhere: reqwest::Client,
}

impl Clients {
    /// Builds the clients for hosts that are reached by `way`; reads the files that `tls` names.
    pub(super) fn new(tls: &access::Tls, way: Way) -> Fallible<Self> {
        let Tls { home, elsewhere } = Tls::new(tls)?;
        let at_home = || match way {
            Way::Usual => base(),
            Way::Direct => base().no_proxy(),
        };
        let api = at_home().http2_keep_alive_interval(PING_EVERY).http2_keep_alive_timeout(PING);
        let api = build(api.tls_backend_preconfigured(home.speaking(Protocols::Any)))?;
        let data = build(at_home().http1_only().tls_backend_preconfigured(home.speaking(Protocols::Http1)))?;
        let elsewhere = match elsewhere {
            None if way == Way::Usual => data.clone(),
            None => build(base().http1_only().tls_backend_preconfigured(home.speaking(Protocols::Http1)))?,
            Some(tls) => {
                build(base().http1_only().tls_backend_preconfigured(tls.speaking(Protocols::Http1)))?
            }
        };
        Ok(Self { api, data, elsewhere })
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
