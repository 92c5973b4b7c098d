//! Real images, built from seeds: the same seed gives the same bytes on every machine.

mod blob;
mod image;
mod layout;
mod presets;
mod recipe;
mod synthetic;

pub use blob::{Blob, BlobBytes, Layer};
pub use image::{Image, Manifest};
pub use presets::{artifact, attestation, index, one_platform, two_platforms};
pub use recipe::{Format, Recipe};
