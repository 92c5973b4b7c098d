//! Real images, built from seeds: the same seed gives the same bytes on every machine.

pub mod artifacts;
mod blob;
mod image;
mod layout;
mod presets;
mod recipe;
mod synthetic;
mod whole;

pub use blob::{Blob, BlobBytes, Layer};
pub use image::{Image, Manifest};
pub use presets::{artifact, attestation, index, one_platform, two_platforms};
pub use recipe::{Format, Recipe};
pub use whole::{Found, Referrer, Whole};
