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

/// So many characters of a secret are enough to know it by.
const TELLING_CHARS: usize = 12;
/// What is shorter stands in many texts.
const SECRET_CHARS_MIN: usize = 4;

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

    /// A user name and a password, shown to somebody who did not ask for them; none when they fit no header.
    pub(in crate::store::registry) fn password(username: &str, password: &SecretString) -> Option<Self> {
        let value = basic(username, password)?;
        Some(Self { value, scheme: Scheme::Basic, stage: Stage::Proactive })
    }

    /// A token, shown to somebody who did not ask for it; none when it fits no header.
    pub(in crate::store::registry) fn token(token: &SecretString) -> Option<Self> {
        let value = sensitive(&format!("Bearer {}", token.expose_secret()))?;
        Some(Self { value, scheme: Scheme::RegistryToken, stage: Stage::Proactive })
    }

    /// Whether a text repeats what was shown, or begins to: texts are cut, and tokens are long.
    pub fn is_repeated_in(&self, text: &str) -> bool {
        let shown = self.value.to_str().ok().and_then(|value| value.split_once(' '));
        let Some((_, shown)) = shown else { return false };
        let pair = STANDARD.decode(shown).ok().and_then(|pair| String::from_utf8(pair).ok());
        let password = pair.as_deref().and_then(|pair| pair.split_once(':')).map(|(_, password)| password);
        let begins = |secret: &str| {
            let end = secret.char_indices().nth(TELLING_CHARS).map_or(secret.len(), |(at, _)| at);
            secret.chars().count() >= SECRET_CHARS_MIN && text.contains(&secret[..end])
        };
        begins(shown) || password.is_some_and(begins)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_shown_is_known_again_whole_or_cut() {
        let made = |value: Option<HeaderValue>| Authorization {
            value: value.expect("a header"),
            scheme: Scheme::Basic,
            stage: Stage::Proactive,
        };
        let password = made(basic("bob", &"correct horse battery".into()));
        let token = made(sensitive("Bearer eyJhbGciOiJSUzI1NiJ9.payload.signature"));
        for text in
            ["it is correct horse battery", "cut: correct hors", "Basic Ym9iOmNvcnJlY3QgaG9yc2UgYmF0dGVyeQ=="]
        {
            assert!(password.is_repeated_in(text), "{text}");
        }
        assert!(token.is_repeated_in("bad token eyJhbGciOiJSUzI1NiJ9.pay"));
        for text in ["", "access denied to bob", "correct", "eyJ"] {
            assert!(!password.is_repeated_in(text) && !token.is_repeated_in(text), "{text}");
        }
        let short = made(basic("bob", &"no".into()));
        assert!(!short.is_repeated_in("there is no such image"));
    }
}
