//! What a spec says about filters. Plain values: no filter is fetched or run here.

use super::Place;
use crate::oci::{Digest, Reference};
use std::path::PathBuf;
use url::Url;

/// A filter that rules can name.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterDeclaration {
    /// Where the component is.
    pub wasm: FilterSource,
    /// The digest that its bytes must have; none only for a path, or where the source is a digest.
    pub sha256: Option<Digest>,
    /// What it is configured with.
    pub config: serde_json::Value,
    /// Where its name stands in the spec.
    pub place: Place,
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
