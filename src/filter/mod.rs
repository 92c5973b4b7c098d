//! Filters: rules about tags that users bring as WASM components. The host of those, and the only
//! home of wasmtime. Bytes and values come in, values go out: nothing is fetched here.

mod componentize;
mod error;
mod limits;
mod value;

pub use componentize::componentize;
pub use error::{Blamed, Fault, FilterError};
pub use limits::Limits;
pub use value::{Decided, Decision, Destination, Image, Level, Line, Measured, Named, Needs, Request};

use crate::oci::Digest;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The contract between a filter and this host, as WIT: `filters/wit/filter.wit`.
pub const WIT: &str = include_str!("../../filters/wit/filter.wit");
/// Largest component that is read, in bytes: compiling is the one thing that no fuel limits.
pub const COMPONENT_BYTES_MAX: u64 = 32 << 20;

/// A compiled component that keeps to the contract. Shared between threads; runs nothing by itself.
#[derive(Clone)]
pub struct Component {
    _inner: Arc<()>,
}

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

/// A directory in which compiled components are kept. See the warning of [`Cache::new`].
#[derive(Debug, Clone)]
pub struct Cache {
    _directory: PathBuf,
}

/// A component with its configuration, ready to decide.
#[derive(Clone)]
pub struct Filter {
    _component: Component,
}

impl Cache {
    /// A cache in `directory`, which is created for its owner alone when it is missing. What lies in
    /// it is native code that is run: whoever can write there can do what this program can do.
    pub fn new(directory: PathBuf) -> Self {
        Self { _directory: directory }
    }
}

impl Component {
    /// Compiles `bytes`, which may take seconds: 20 ms for Rust, ten seconds for Python. `name` is
    /// what errors call it. Blocks; makes a thread of its own.
    ///
    /// # Errors
    /// It is too large, no component, keeps to another contract, imports what no filter gets, or
    /// cannot be compiled.
    pub fn new(_name: &str, _bytes: &[u8], _cache: Option<&Cache>) -> Result<Self, Box<FilterError>> {
        unimplemented!()
    }

    /// What it says about itself.
    pub fn inspection(&self) -> &Inspection {
        unimplemented!()
    }
}

impl Filter {
    /// Lets the component check its configuration and say what it needs. Blocks.
    ///
    /// # Errors
    /// It refuses the configuration, or went wrong.
    pub fn new(
        _component: &Component,
        _config: &serde_json::Value,
        _limits: Limits,
    ) -> Result<Self, Box<FilterError>> {
        unimplemented!()
    }

    /// What it is called in the spec, or its file.
    pub fn name(&self) -> &str {
        unimplemented!()
    }

    /// The SHA-256 of its bytes.
    pub fn digest(&self) -> &Digest {
        unimplemented!()
    }

    /// The facts that it asks for.
    pub fn needs(&self) -> Needs {
        unimplemented!()
    }

    /// What preparing used, and what it logged.
    pub fn prepared(&self) -> (Measured, &[Line]) {
        unimplemented!()
    }

    /// Decides every image of the request, on a fresh instance. Blocks; makes a thread of its own.
    ///
    /// # Errors
    /// It failed, ran out of a limit, or answered what cannot be: then nothing of the request is to
    /// be mirrored. The first image that makes it fail is named where one is to blame.
    pub fn decide(&self, _request: &Request) -> Result<Decided, Box<FilterError>> {
        unimplemented!()
    }
}
