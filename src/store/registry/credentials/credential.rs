//! A credential and where it was found. Its secret leaves only through `ExposeSecret`.

use super::ambient::Minted;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// Who we are to a registry.
#[derive(Debug, Clone)]
pub struct Credential {
    kind: CredentialKind,
    source: String,
}

/// The kinds of credentials that docker knows, and one that it does not.
#[derive(Debug, Clone)]
pub enum CredentialKind {
    /// A user name and a password or access token.
    Password {
        /// The user name.
        username: String,
        /// The secret.
        password: SecretString,
    },
    /// An OAuth 2 refresh token.
    IdentityToken(SecretString),
    /// A token that the registry takes as it is.
    RegistryToken(SecretString),
    /// A user name, and a password that is made when it is needed.
    Minted(Minted),
}

/// The user name that docker gives to an identity token where there is only room for a password.
pub(in crate::store::registry) const TOKEN_USERNAME: &str = "<token>";

impl Credential {
    /// A credential that was found at `source`, which completes the phrase "from …".
    ///
    /// A password of the user `<token>` is an identity token, as docker writes it.
    pub fn new(kind: CredentialKind, source: impl Into<String>) -> Self {
        let kind = match kind {
            CredentialKind::Password { username, password } if username == TOKEN_USERNAME => {
                CredentialKind::IdentityToken(password)
            }
            other => other,
        };
        Self { kind, source: source.into() }
    }

    /// What it is.
    pub fn kind(&self) -> &CredentialKind {
        &self.kind
    }

    /// Where it was found: completes the phrase "from …".
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The user name, where there is one.
    pub fn username(&self) -> Option<&str> {
        match &self.kind {
            CredentialKind::Password { username, .. } => Some(username),
            CredentialKind::Minted(minted) => Some(minted.username()),
            CredentialKind::IdentityToken(_) | CredentialKind::RegistryToken(_) => None,
        }
    }

    /// The secret part of it; of one that is made when it is needed, what is at hand.
    pub(in crate::store::registry) fn secret(&self) -> Option<SecretString> {
        match &self.kind {
            CredentialKind::Password { password, .. } => Some(password.clone()),
            CredentialKind::IdentityToken(token) | CredentialKind::RegistryToken(token) => {
                Some(token.clone())
            }
            CredentialKind::Minted(minted) => minted.peek(),
        }
    }
}

/// Two credentials are equal when they say the same to a registry, wherever they were found.
impl PartialEq for Credential {
    fn eq(&self, other: &Self) -> bool {
        use CredentialKind::{IdentityToken, Minted, Password, RegistryToken};
        let same = |one: &SecretString, other: &SecretString| one.expose_secret() == other.expose_secret();
        match (&self.kind, &other.kind) {
            (Password { username: one, password }, Password { username: other, password: others }) => {
                one == other && same(password, others)
            }
            (IdentityToken(one), IdentityToken(other)) | (RegistryToken(one), RegistryToken(other)) => {
                same(one, other)
            }
            (Minted(one), Minted(other)) => one == other,
            _ => false,
        }
    }
}

impl Eq for Credential {}

/// In words and without its secret: `user bob, from the spec`.
impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            CredentialKind::Password { username, .. } => write!(f, "user {}", username.escape_debug())?,
            CredentialKind::Minted(minted) => write!(f, "user {}", minted.username())?,
            CredentialKind::IdentityToken(_) => f.write_str("an identity token")?,
            CredentialKind::RegistryToken(_) => f.write_str("a registry token")?,
        }
        write!(f, ", from {}", self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(username: &str, password: &str, source: &str) -> Credential {
        let kind = CredentialKind::Password { username: username.into(), password: password.into() };
        Credential::new(kind, source)
    }

    #[test]
    fn a_credential_is_described_without_its_secret() {
        let credential = password("bob\n\u{1b}[31m", "CANARY", "the spec");
        assert_eq!(credential.to_string(), "user bob\\n\\u{1b}[31m, from the spec");
        assert!(!format!("{credential:?} {credential:#?}").contains("CANARY"));
    }

    #[test]
    fn the_user_token_has_an_identity_token() {
        let credential = password("<token>", "x", "a file");
        assert!(matches!(credential.kind(), CredentialKind::IdentityToken(_)));
        assert_eq!(credential.to_string(), "an identity token, from a file");
    }

    #[test]
    fn where_a_credential_was_found_does_not_make_it_another() {
        assert_eq!(password("a", "b", "here"), password("a", "b", "there"));
        assert_ne!(password("a", "b", "here"), password("a", "c", "here"));
        assert_ne!(password("a", "b", "here"), password("c", "b", "here"));
        let token = Credential::new(CredentialKind::RegistryToken("b".into()), "here");
        assert_ne!(token, Credential::new(CredentialKind::IdentityToken("b".into()), "here"));
    }
}
