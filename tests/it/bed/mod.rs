//! The test bed: registries, images and programs for tests and benchmarks.
//!
//! It judges Crossdock, so it shares no code with it: digests, manifests and requests are read here
//! a second time, independently. Everything listens on 127.0.0.1 and nothing outlives its fixture.

pub mod certificates;
pub mod digest;
pub mod distribution;
pub mod grants;
pub mod images;
pub mod listening;
pub mod memory;
pub mod program;
pub mod proxy;
pub mod skopeo;
pub mod token;
pub mod tools;
pub mod wire;
