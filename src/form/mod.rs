//! Forms: how much of an image is mirrored, and in which format its manifests are written. Pure: the
//! same manifests give the same bytes, so that what a target will have can be told beforehand.

mod convert;
mod entries;
mod error;
mod fields;
mod platforms;
#[cfg(test)]
mod tests;

pub use convert::{convert, is_image};
pub use entries::{Entries, Listed};
pub use error::FormError;
pub use platforms::Platforms;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much of an image is mirrored, and as what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Form {
    /// The platforms that are mirrored.
    pub platforms: Platforms,
    /// What becomes of an index when platforms are left out.
    pub index: IndexMode,
    /// The format of manifests at the target.
    pub format: Format,
}

/// What becomes of an index when `platforms` leaves some of it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IndexMode {
    /// A new index lists what is mirrored; it has another digest.
    #[default]
    Rewrite,
    /// The index stays as it is, and lists manifests that are not there.
    Sparse,
    /// The one manifest takes the place of the index.
    Single,
}

/// The format of manifests at the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// As at the source; digests stay.
    #[default]
    Keep,
    /// Docker's schema 2.
    Docker,
    /// OCI.
    Oci,
}

impl Form {
    /// Whether images are mirrored byte for byte and whole.
    pub fn keeps_everything(&self) -> bool {
        self.platforms == Platforms::All && self.format == Format::Keep
    }
}
