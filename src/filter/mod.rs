//! Filters: rules about tags that users bring as WASM components. The host of those, and the only
//! home of wasmtime. Bytes and values come in, values go out: nothing is fetched here.

mod bindings;
mod blame;
mod cache;
mod call;
mod checked;
mod component;
mod componentize;
mod cut;
mod error;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod kind;
mod limits;
mod log;
mod machine;
mod producers;
mod ready;
mod state;
mod stored;
mod surface;
mod thread;
mod trap;
mod value;
mod wasi;

#[cfg(test)]
mod tests;

pub use cache::Cache;
pub use component::Component;
pub use componentize::componentize;
pub use error::{Blamed, Fault, FilterError};
pub use limits::{FUEL_FOR_A_CALL, FUEL_FOR_AN_IMAGE, Limits, MEMORY_BYTES_CEILING, MEMORY_BYTES_MAX};
pub use ready::Filter;
pub use value::{Decided, Decision, Destination, Image, Level, Line, Measured, Named, Needs, Request};

use crate::oci::Digest;
use std::time::Duration;

/// The contract between a filter and this host, as WIT: `filters/wit/filter.wit`.
pub const WIT: &str = include_str!("../../filters/wit/filter.wit");
/// Largest component that is read, in bytes: compiling is the one thing that no fuel limits.
pub const COMPONENT_BYTES_MAX: u64 = 32 << 20;

/// What a component says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The SHA-256 of its bytes.
    pub digest: Digest,
    /// Its length in bytes.
    pub size_bytes: u64,
    /// The version of the contract that it was built for: `0.1.0`.
    pub contract: String,
    /// The interfaces that it imports, with versions, sorted.
    pub imports: Vec<String>,
    /// The interfaces that it exports, with versions, sorted.
    pub exports: Vec<String>,
    /// Its `producers` section: field (`language`, `processed-by`, `sdk`), name, version; sorted.
    pub producers: Vec<(String, String, String)>,
    /// How long compiling it took; none when it came out of a cache.
    pub compiled_in: Option<Duration>,
}
