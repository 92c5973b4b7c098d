//! The OCI distribution client.

mod settings;

pub use settings::{CredentialSettings, Limits, Scope, Settings, TlsSettings};
