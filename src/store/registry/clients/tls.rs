//! One set-up of TLS for all clients that share TLS settings: whom we trust, who we are, and the
//! sessions that can be taken up again.

use super::trust::Trust;
use super::unusable_tls;
use crate::access::{self, ClientCertificate};
use crate::failure::{Code, Failure, Fallible, Operation};
use rustls::ClientConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;

/// TLS for the hosts of one setting.
pub(super) struct Tls {
    /// For the registry itself.
    pub(super) home: Setup,
    /// For hosts that it redirects to, which never see our certificate; none where we have none to
    /// show, and `home` is as good.
    pub(super) elsewhere: Option<Setup>,
}

/// What connections are made with. Whoever speaks with it shares trust, identity and sessions.
pub(super) struct Setup(ClientConfig);

/// What is offered to a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocols {
    /// HTTP/2, and HTTP/1.1 where it is unknown.
    Any,
    /// HTTP/1.1.
    Http1,
}

impl Tls {
    /// Reads the files that `settings` names; those of the system are read when a host first shows
    /// its certificate.
    pub(super) fn new(settings: &access::Tls) -> Fallible<Self> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let own = match &settings.ca_file {
            None => Vec::new(),
            Some(file) => certificates(file, "ca_file")?,
        };
        let trust = Trust::new(own, provider.clone(), settings.verification).map_err(|error| {
            let file = settings.ca_file.as_deref().unwrap_or(Path::new(""));
            unusable(file, "ca_file", &error.to_string())
        })?;
        let trust = Arc::new(trust);
        let anonymous = Setup::new(provider.clone(), trust.clone(), None)?;
        let Some(ClientCertificate { cert, key }) = &settings.client else {
            return Ok(Self { home: anonymous, elsewhere: None });
        };
        let home = Setup::new(provider, trust, Some(Identity::read(cert, key)?))?;
        Ok(Self { home, elsewhere: Some(anonymous) })
    }
}

impl Setup {
    fn new(provider: Arc<CryptoProvider>, trust: Arc<Trust>, identity: Option<Identity>) -> Fallible<Self> {
        let trusting = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable_tls(&error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(trust);
        match identity {
            None => Ok(Self(trusting.with_no_client_auth())),
            Some(Identity { chain, key }) => trusting
                .with_client_auth_cert(chain, key)
                .map(Self)
                .map_err(|error| unusable_tls(&error.to_string())),
        }
    }

    /// The same for a client that offers `protocols`: a session that one of them began, the others
    /// take up.
    pub(super) fn speaking(&self, protocols: Protocols) -> ClientConfig {
        let offered: &[&[u8]] = match protocols {
            Protocols::Any => &[b"h2", b"http/1.1"],
            Protocols::Http1 => &[b"http/1.1"],
        };
        let mut config = self.0.clone();
        config.alpn_protocols = offered.iter().map(|name| name.to_vec()).collect();
        config
    }
}

/// Our certificate, with those that lead to it, and its key.
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    fn read(cert: &Path, key: &Path) -> Fallible<Self> {
        let chain = pem_certificates(&read(cert, "client_cert")?);
        let secret = PrivateKeyDer::from_pem_slice(&read(key, "client_key")?);
        match (chain, secret) {
            (Some(chain), Ok(key)) => Ok(Self { chain, key }),
            _ => {
                let why = "it and client_key are not a PEM certificate and its key";
                Err(unusable(cert, "client_cert", why))
            }
        }
    }
}

fn certificates(file: &Path, key: &str) -> Fallible<Vec<CertificateDer<'static>>> {
    pem_certificates(&read(file, key)?).ok_or_else(|| unusable(file, key, "it has no PEM certificate"))
}

/// The certificates of a file, at least one.
fn pem_certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    found.ok().filter(|found| !found.is_empty())
}

fn read(file: &Path, key: &str) -> Fallible<Vec<u8>> {
    std::fs::read(file).map_err(|error| unusable(file, key, &error.to_string()))
}

fn unusable(file: &Path, key: &str, why: &str) -> Box<Failure> {
    let message = format!("tls.{key} cannot be used: {why}");
    Failure::new(Code::Tls, file.display(), Operation::Open, message)
        .hint("name a PEM file that this user can read; the path is relative to the spec")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_of_one_setup_share_sessions_and_differ_in_what_they_offer() {
        let tls = Tls::new(&access::Tls::default()).expect("nothing to read");
        assert!(tls.elsewhere.is_none(), "without a certificate of ours, one set-up is enough");
        let (any, one) = (tls.home.speaking(Protocols::Any), tls.home.speaking(Protocols::Http1));
        assert_eq!(any.alpn_protocols, [b"h2".to_vec(), b"http/1.1".to_vec()]);
        assert_eq!(one.alpn_protocols, [b"http/1.1".to_vec()]);
        assert!(Arc::ptr_eq(&any.client_auth_cert_resolver, &one.client_auth_cert_resolver));
    }

    #[test]
    fn a_certificate_of_ours_is_for_the_registry_only() {
        let directory = tempfile::tempdir().expect("a directory");
        let signed = rcgen::generate_simple_self_signed(["me.test".to_owned()]).expect("a certificate");
        let (cert, key) = (directory.path().join("me.pem"), directory.path().join("me.key"));
        std::fs::write(&cert, signed.cert.pem()).expect("a file");
        std::fs::write(&key, signed.signing_key.serialize_pem()).expect("a file");
        let settings = access::Tls { client: Some(ClientCertificate { cert, key }), ..Default::default() };
        let tls = Tls::new(&settings).expect("a certificate and its key");
        let shown = |setup: &Setup| setup.0.client_auth_cert_resolver.has_certs();
        assert!(shown(&tls.home));
        assert!(!shown(tls.elsewhere.as_ref().expect("another one for other hosts")));
    }
}
