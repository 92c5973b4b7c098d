//! Crossdock: a declarative mirror for container images.

pub mod cli;
pub mod failure;
pub mod meter;
pub mod oci;
pub mod outcome;
pub mod observe;
pub mod plan;
pub mod resolve;
pub mod report;
pub mod select;
pub mod spec;
pub mod store;
pub mod stores;
pub mod transfer;
pub mod walk;
pub mod weigh;
