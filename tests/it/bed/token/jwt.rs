//! Signs tokens: JSON Web Tokens with ES256 (RFC 7515, RFC 7518 §3.4) and their certificate.

use super::{ISSUER, SERVICE};
use crate::bed::grants::Access;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, SigningKey as _};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long ago an outdated token expired: beyond any leeway.
const OUTDATED_BY: Duration = Duration::from_secs(3600);

/// Bytes of each half of a signature with P-256.
const HALF_BYTES: usize = 32;

/// A key, and the certificate by which a registry knows it.
pub(super) struct Signer {
    key: KeyPair,
    certificate_pem: String,
    certificate_der: Vec<u8>,
    ever: AtomicU64,
}

impl Signer {
    pub(super) fn new() -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key can be made");
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, ISSUER);
        let certificate = params.self_signed(&key).expect("a key signs its certificate");
        let (certificate_pem, certificate_der) = (certificate.pem(), certificate.der().to_vec());
        Self { key, certificate_pem, certificate_der, ever: AtomicU64::new(0) }
    }

    pub(super) fn certificate(&self) -> &str {
        &self.certificate_pem
    }

    /// A token that lasts this long from now on.
    pub(super) fn sign(&self, user: Option<&str>, access: &[Access], lasts_s: u64) -> String {
        self.token(user, access, SystemTime::now(), Duration::from_secs(lasts_s))
    }

    /// A token that expired long ago.
    pub(super) fn outdated(&self, user: Option<&str>, access: &[Access]) -> String {
        self.token(user, access, SystemTime::now() - OUTDATED_BY, Duration::from_secs(60))
    }

    fn token(&self, user: Option<&str>, access: &[Access], begins: SystemTime, lasts: Duration) -> String {
        let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs();
        let access: Vec<Value> = access
            .iter()
            .map(|access| {
                json!({ "type": "repository", "name": access.repository, "actions": access.actions })
            })
            .collect();
        let header = json!({ "typ": "JWT", "alg": "ES256", "x5c": [STANDARD.encode(&self.certificate_der)] });
        let claims = json!({
            "iss": ISSUER, "sub": user.unwrap_or_default(), "aud": SERVICE,
            "iat": seconds(begins), "nbf": seconds(begins) - 10, "exp": seconds(begins + lasts),
            "jti": format!("token-{}", self.ever.fetch_add(1, Ordering::SeqCst)),
            "access": access,
        });
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let signature = self.key.sign(signed.as_bytes()).expect("a key signs");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(halves(&signature)))
    }
}

/// The two numbers of a signature side by side: what ES256 wants, from the DER that the key gives
/// (`SEQUENCE { INTEGER, INTEGER }`, RFC 3279 §2.2.3).
fn halves(der: &[u8]) -> Vec<u8> {
    let mut rest = &der[2..];
    let mut joined = Vec::with_capacity(2 * HALF_BYTES);
    for _ in 0..2 {
        let length = usize::from(rest[1]);
        let number = &rest[2..2 + length];
        let number = &number[number.len().saturating_sub(HALF_BYTES)..];
        joined.extend(std::iter::repeat_n(0, HALF_BYTES - number.len()));
        joined.extend_from_slice(number);
        rest = &rest[2 + length..];
    }
    joined
}
