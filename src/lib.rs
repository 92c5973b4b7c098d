//! Crossdock: a declarative mirror for container images.

pub mod failure;
pub mod meter;
pub mod oci;
pub mod outcome;
pub mod plan;
pub mod report;
pub mod select;
pub mod spec;
pub mod store;
pub mod transfer;
