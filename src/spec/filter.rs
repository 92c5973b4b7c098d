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
