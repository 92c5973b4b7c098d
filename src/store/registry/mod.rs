//! The OCI distribution client.

pub mod auth;
pub mod credentials;
mod settings;

pub use settings::{CredentialSettings, Limits, Scope, Settings, TlsSettings};
