//! The OCI distribution client.

mod account;
mod answer;
mod auth;
mod clients;
mod counters;
mod exchange;
mod pause;
mod redirect;
mod repository;
mod settings;
mod tags;
mod throttle;
mod upload;

pub use counters::{Counts, RateLimit};
pub use settings::{CredentialSettings, Limits, Scope, Settings, TlsSettings};
