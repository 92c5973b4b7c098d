//! TLS for those who ask: TLS 1.2 and later by rustls, HTTP/2 and HTTP/1.1 by ALPN.

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// The name of HTTP/2 in ALPN.
pub(super) const H2: &[u8] = b"h2";

/// Why TLS cannot be spoken: the file, and what is wrong with it.
#[derive(Debug)]
pub struct TlsError {
    file: PathBuf,
    why: String,
}

/// Reads a certificate with its chain, and its key, both PEM.
///
/// # Errors
/// A file cannot be read or holds none, or the key is not that of the certificate.
pub fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, TlsError> {
    let wrong = |file: &Path, why: String| TlsError { file: file.to_owned(), why };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect);
    let chain = chain.map_err(|why| wrong(certificate, why.to_string()))?;
    if chain.is_empty() {
        return Err(wrong(certificate, "there is no certificate in it".to_owned()));
    }
    let own = PrivateKeyDer::from_pem_file(key).map_err(|why| wrong(key, why.to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, own));
    let mut config = config.map_err(|why| wrong(key, why.to_string()))?;
    config.alpn_protocols = vec![H2.to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be used for TLS: {}", self.file.display(), self.why)
    }
}

impl std::error::Error for TlsError {}
