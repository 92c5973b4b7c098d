//! Keys of an account of a cloud: they sign what its API is asked about a registry.

use secrecy::SecretString;

/// A pair of keys. The secret half signs requests, and is never sent.
#[derive(Debug, Clone)]
pub struct CloudKeys {
    /// The public half.
    pub id: String,
    /// The secret half.
    pub secret: SecretString,
    /// What goes with keys that end.
    pub token: Option<SecretString>,
    /// The region whose API is asked; none means that what is asked about tells.
    pub region: Option<String>,
}
