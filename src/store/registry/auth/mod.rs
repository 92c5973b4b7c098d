//! Authorises requests to a registry: challenges, token servers, tokens. Never asks where a
//! credential comes from.

mod account;
mod address;
mod answer;
mod authority;
mod authorization;
pub(in crate::store::registry) mod body;
mod challenge;
mod exchange;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod kin;
mod learnt;
mod origin;
mod realm;
mod scopes;
mod transport;

#[cfg(test)]
mod tests;

pub use super::renewed::Clock;
pub use address::{Zone, is_internal};
pub use authority::{AfterChallenge, Authority};
pub use authorization::Authorization;
pub use origin::Origin;
pub use scopes::{Actions, Scopes};
pub use transport::TokenTransport;
