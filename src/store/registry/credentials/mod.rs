//! Where credentials come from. Never sends them anywhere.

mod auth_file;
mod credential;
mod environment;
mod helper;
mod key;
mod keychain;
mod logins;
mod source;

#[cfg(test)]
mod tests;

pub(in crate::store::registry) use credential::TOKEN_USERNAME;
pub use credential::{Credential, CredentialKind};
pub use environment::Environment;
pub use keychain::Keychain;
