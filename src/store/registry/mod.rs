//! The OCI distribution client.

mod account;
mod answer;
pub mod auth;
mod clients;
mod contact;
mod counters;
pub mod credentials;
mod download;
mod exchange;
mod identity_calls;
mod pause;
mod pool;
mod profile;
mod quota;
mod ratelimit;
mod redirect;
mod renewed;
mod repository;
mod settings;
mod tags;
mod throttle;
mod token_calls;
mod upload;

pub use counters::{Counts, RateLimit};
pub use credentials::Environment;
pub use credentials::ambient::{IdToken, Identity};
pub use pool::{Registries, Usage};
pub use settings::{CredentialSettings, Limits, Scope, Settings, TlsSettings};
