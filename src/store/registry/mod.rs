//! The OCI distribution client.

mod account;
mod answer;
pub mod auth;
mod body;
mod budget;
pub(crate) mod catalog;
mod clients;
mod contact;
mod counters;
mod creation;
pub mod credentials;
mod download;
mod exchange;
mod floor;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod identity_calls;
mod named;
mod pace;
mod paging;
mod pause;
mod pool;
mod profile;
mod pushed;
mod quota;
mod ratelimit;
mod redirect;
mod referrers;
mod renewed;
mod repository;
mod strays;
mod tags;
#[cfg(test)]
mod tests;
mod throttle;
mod times;
mod token_calls;
mod upload;

pub use counters::{Counts, RateLimit};
pub use credentials::Environment;
pub use credentials::ambient::{ForgeLogin, forge_logins};
pub use pool::{Registries, Usage};
