//! The header that authorises one request. Never shows its value.

use crate::store::registry::credentials::{Credential, CredentialKind};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

/// What a request is authorised by. Made for one attempt: a repeated request asks for it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    pub(super) value: HeaderValue,
    pub(super) scheme: Scheme,
    pub(super) stage: Stage,
}

/// How the value was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    /// From user name and password.
    Basic,
    /// From a user name and a password that was made for it: the n-th of its account.
    Minted { generation: u64 },
    /// A token that was found among the credentials, and cannot be had anew.
    RegistryToken,
    /// A token from a token server: the n-th of this authority.
    Bearer { generation: u64 },
}

/// When in the life of a request the value was handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Before the registry refused the request.
    Proactive,
    /// In answer to a 401: a second one is final.
    AfterChallenge,
}

impl Authorization {
    /// The value of the `Authorization` header, marked as sensitive.
    pub fn value(&self) -> HeaderValue {
        self.value.clone()
    }

    /// What a credential authorises without a token server; none when it needs one.
    pub(super) fn of(credential: &Credential, stage: Stage) -> Option<Self> {
        let (value, scheme) = match credential.kind() {
            CredentialKind::Password { username, password } => (basic(username, password)?, Scheme::Basic),
            CredentialKind::RegistryToken(token) => {
                (sensitive(&format!("Bearer {}", token.expose_secret()))?, Scheme::RegistryToken)
            }
            CredentialKind::IdentityToken(_) | CredentialKind::Minted(_) => return None,
        };
        Some(Self { value, scheme, stage })
    }
}

/// RFC 7617, section 2, in UTF-8.
pub(super) fn basic(username: &str, password: &SecretString) -> Option<HeaderValue> {
    sensitive(&format!("Basic {}", STANDARD.encode(format!("{username}:{}", password.expose_secret()))))
}

fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
