//! The HTTP clients: TLS, proxies, connections. Never follows a redirect by itself.

use super::settings::TlsSettings;
use crate::failure::{Code, Failure, Fallible, Operation};
use std::path::Path;
use std::sync::Once;
use std::time::Duration;

/// Longest time for one TCP connection with its TLS handshake.
const CONNECT_SECONDS_MAX: u64 = 10;
/// Idle connections are closed after this long, before most registries do.
const IDLE_SECONDS_MAX: u64 = 55;

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
    /// Builds the clients; reads the files that `tls` names.
    pub(super) fn new(tls: &TlsSettings) -> Fallible<Self> {
        install_provider();
        let trusting = |builder| trust(builder, tls);
        let identified = |builder| identify(trusting(builder)?, tls);
        let api = build(identified(base())?)?;
        let data = build(identified(base().http1_only())?)?;
        // Each client reads the system's certificates, which takes milliseconds: one that would be the
        // same is not built again.
        let elsewhere = match (&tls.client_cert, &tls.client_key) {
            (None, None) => data.clone(),
            _ => build(trusting(base().http1_only())?)?,
        };
        Ok(Self { api, data, elsewhere })
    }

    /// A client for services of this machine and of the cloud that it runs in: by no proxy, which
    /// would ask its own.
    pub(super) fn machine() -> Fallible<reqwest::Client> {
        install_provider();
        build(base().http1_only().no_proxy())
    }
}

fn install_provider() {
    static PROVIDER: Once = Once::new();
    // An error means that a provider is installed already, which is what we want.
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
}

fn base() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("crossdock/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(Duration::from_secs(CONNECT_SECONDS_MAX))
        .pool_idle_timeout(Duration::from_secs(IDLE_SECONDS_MAX))
        .tcp_nodelay(true)
}

fn trust(builder: reqwest::ClientBuilder, tls: &TlsSettings) -> Fallible<reqwest::ClientBuilder> {
    let Some(file) = &tls.ca_file else {
        return Ok(builder);
    };
    let certificates = reqwest::Certificate::from_pem_bundle(&read(file, "ca_file")?)
        .ok()
        .filter(|found| !found.is_empty())
        .ok_or_else(|| unusable(file, "ca_file", "it has no PEM certificate"))?;
    Ok(builder.tls_certs_merge(certificates))
}

fn identify(builder: reqwest::ClientBuilder, tls: &TlsSettings) -> Fallible<reqwest::ClientBuilder> {
    let (Some(cert), Some(key)) = (&tls.client_cert, &tls.client_key) else {
        return Ok(builder);
    };
    let mut pem = read(key, "client_key")?;
    pem.push(b'\n');
    pem.extend(read(cert, "client_cert")?);
    let identity = reqwest::Identity::from_pem(&pem).map_err(|_| {
        unusable(cert, "client_cert", "it and client_key are not a PEM certificate and its key")
    })?;
    Ok(builder.identity(identity))
}

fn build(builder: reqwest::ClientBuilder) -> Fallible<reqwest::Client> {
    builder.build().map_err(|error| {
        let why = format!("TLS cannot be set up: {}", super::answer::causes(&error));
        Failure::new(Code::Tls, "registry", Operation::Open, why)
            .hint("check ca_file, client_cert and client_key, and SSL_CERT_FILE or SSL_CERT_DIR")
    })
}

fn read(file: &Path, key: &str) -> Fallible<Vec<u8>> {
    std::fs::read(file).map_err(|error| unusable(file, key, &error.to_string()))
}

fn unusable(file: &Path, key: &str, why: &str) -> Box<Failure> {
    let message = format!("tls.{key} cannot be used: {why}");
    Failure::new(Code::Tls, file.display(), Operation::Open, message)
        .hint("name a PEM file that this user can read; the path is relative to the spec")
}
