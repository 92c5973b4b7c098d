//! Crossdock: a declarative mirror for container images.

pub mod cli;
pub mod colour;
pub mod failure;
pub mod meter;
pub mod observe;
pub mod oci;
pub mod outcome;
pub mod plan;
pub mod report;
pub mod resolve;
pub mod select;
pub mod spec;
pub mod store;
pub mod stores;
pub mod transfer;
pub mod walk;
pub mod weigh;
