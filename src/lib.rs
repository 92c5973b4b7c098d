//! Crossdock: a declarative mirror for container images.

// Pure rooms: no clock, environment, files, network or processes. `clippy.toml` has the list.
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod access;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod bundle;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod cases;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod ci;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod colour;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod failure;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod form;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod import;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod meter;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod oci;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod outcome;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod plan;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod report;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod select;
#[deny(clippy::disallowed_methods, clippy::disallowed_types)]
pub mod spec;

// Rooms that touch the world.
pub mod cli;
pub mod components;
pub mod delivery;
pub mod doctor;
pub mod estate;
pub mod examine;
pub mod facts;
pub mod filter;
#[cfg(any(test, fuzzing))]
pub mod fuzzed;
pub mod inventory;
#[cfg(test)]
mod laws;
pub mod observe;
pub mod pack;
pub mod referrers;
pub mod resolve;
pub mod store;
pub mod stores;
pub mod transfer;
pub mod walk;
pub mod weigh;
