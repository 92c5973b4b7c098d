//! The test bed: registries, images and programs for tests and benchmarks.
//!
//! It judges Crossdock, so it shares no code with it: digests, manifests and requests are read here
//! a second time, independently. Everything listens on 127.0.0.1 and nothing outlives its fixture.
//!
//! ```ignore
//! let (source, target) = (memory::Registry::start(), memory::Registry::start());
//! let image = images::two_platforms(1, images::Format::Oci);
//! source.seed(&image, "team/app", &["1.0"]);
//! let fault = memory::Rule::on(memory::RequestKind::BlobGet).first(1).answer(503);
//! let tally = source.rule(fault);
//! program::Program::new().run(&["sync"]).expect_code(0);
//! assert_eq!(tally.acted(), 1);
//! assert_eq!(target.missing("mirror/app", "1.0"), [""; 0]);
//! assert!(source.requests().writes().is_empty());
//! ```
//!
//! A benchmark takes it in with `#[path = "../tests/it/bed/mod.rs"] mod bed;` at its root.

pub mod certificates;
pub mod cloud;
pub mod component;
pub mod container;
pub mod digest;
pub mod distribution;
pub mod files;
pub mod filters;
pub mod grants;
pub mod images;
pub mod listening;
pub mod memory;
pub mod program;
pub mod proxy;
pub mod signed;
pub mod signed_aliyun;
pub mod signed_huawei;
pub mod signed_tencent;
pub mod skopeo;
pub mod tally;
pub mod token;
pub mod tools;
pub mod wire;
