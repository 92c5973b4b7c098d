//! Where credentials come from. Sends none to a registry.

pub mod ambient;
mod auth_file;
mod credential;
mod environment;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod helper;
mod key;
mod keychain;
mod logins;
mod program;
mod source;

#[cfg(test)]
mod tests;

pub(in crate::store::registry) use credential::TOKEN_USERNAME;
pub use credential::{Credential, CredentialKind};
pub use environment::Environment;
pub(in crate::store::registry) use environment::Witness;
pub use keychain::Keychain;
