//! What a spec says about filters. Plain values: no filter is fetched or run here.

use super::Place;
use crate::oci::{Digest, Reference};
use std::fmt;
use std::path::PathBuf;
use url::Url;

/// A filter that rules can name.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterDeclaration {
    /// Where the component is.
    pub wasm: FilterSource,
    /// The digest that its bytes must have; none only for a path, or where the source is a digest.
    pub sha256: Option<Digest>,
    /// What it is configured with; an empty object where nothing is said.
    pub config: serde_json::Value,
    /// How much it may use.
    pub limits: FilterLimits,
    /// Where its name stands in the spec.
    pub place: Place,
}

/// How much one call of a filter may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilterLimits {
    /// Memory in MiB, from 16 to 1024.
    pub memory_mib: u32,
    /// Fuel for each image, beside what every call has, from 100,000 to 1,000,000,000.
    pub fuel_per_image: u32,
}

/// Least memory: no interpreter starts with less.
pub const MEMORY_MIB_MIN: u32 = 16;
/// Most memory: what small runners can spare.
pub const MEMORY_MIB_MAX: u32 = 1024;
/// Least fuel for an image: ten times what a plain rule in Rust takes.
pub const FUEL_PER_IMAGE_MIN: u32 = 100_000;
/// Most fuel for an image: about half a second.
pub const FUEL_PER_IMAGE_MAX: u32 = 1_000_000_000;

impl Default for FilterLimits {
    /// 256 MiB, and 5 million: five times what the slowest interpreter took that was measured.
    fn default() -> Self {
        Self { memory_mib: 256, fuel_per_image: 5_000_000 }
    }
}

/// Where the component of a filter is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterSource {
    /// A file, as written, relative to the working directory.
    Path(PathBuf),
    /// An `https://` URL.
    Https(Url),
    /// An artifact in a registry.
    Oci(Reference),
}

/// As it is written, but a URL without its query and fragment: those can hold secrets.
impl fmt::Display for FilterSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Https(url) => {
                let end = url.as_str().find(['?', '#']).unwrap_or(url.as_str().len());
                f.write_str(&url.as_str()[..end])
            }
            Self::Oci(reference) => write!(f, "oci://{reference}"),
        }
    }
}
