//! Whom we trust: the system's certificate authorities, and those of a spec. The system's are read
//! once in a run, when a host first shows a certificate that needs them.

use crate::access::Verification;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;
use std::sync::{Arc, OnceLock};

/// Accepts what one of two would accept: the authorities of a spec, or the system's.
#[derive(Debug)]
pub(super) struct Trust {
    provider: Arc<CryptoProvider>,
    /// Those of the spec, which are asked first.
    own: Option<Arc<WebPkiServerVerifier>>,
    verification: Verification,
}

/// The system's verifier, read once. `SSL_CERT_FILE` and `SSL_CERT_DIR` say where, where they are set.
fn system(provider: &Arc<CryptoProvider>) -> Result<&'static Verifier, Error> {
    static SYSTEM: OnceLock<Result<Verifier, Error>> = OnceLock::new();
    SYSTEM.get_or_init(|| Verifier::new(provider.clone())).as_ref().map_err(Clone::clone)
}

impl Trust {
    /// Trusts `own` beside the system's, or whoever answers.
    ///
    /// # Errors
    /// One of `own` is not a certificate.
    pub(super) fn new(
        own: Vec<CertificateDer<'static>>,
        provider: Arc<CryptoProvider>,
        verification: Verification,
    ) -> Result<Self, Error> {
        let mut roots = RootCertStore::empty();
        for certificate in own {
            roots.add(certificate)?;
        }
        let own = match roots.is_empty() {
            true => None,
            false => {
                let verifier =
                    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build();
                Some(verifier.map_err(|error| Error::Other(OtherError(Arc::new(error))))?)
            }
        };
        Ok(Self { provider, own, verification })
    }
}

/// Of two refusals, the one that says more: who does not know the issuer has not looked any further.
fn clearer(own: Error, system: Error) -> Error {
    match system {
        // Words without a code: the system has no authorities at all.
        Error::InvalidCertificate(CertificateError::UnknownIssuer) | Error::General(_) => own,
        system => system,
    }
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.verification == Verification::None {
            return Ok(ServerCertVerified::assertion());
        }
        let asked = |verifier: &dyn ServerCertVerifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        let Some(own) = &self.own else {
            return asked(system(&self.provider)?);
        };
        let refused = match asked(own.as_ref()) {
            Ok(verified) => return Ok(verified),
            Err(refused) => refused,
        };
        let system = system(&self.provider).and_then(|system| asked(system));
        system.map_err(|error| clearer(refused, error))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
