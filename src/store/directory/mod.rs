//! The directory of one image, as skopeo's `dir:` reads and writes it, as a store. Never deletes anything,
//! never follows a link.
//!
//! It has no tags: whatever tag is asked for, the image is meant; listed is `latest`. Every file is written
//! aside, brought to the disk and renamed, and `manifest.json` comes last. Killed at any instant, the
//! directory holds the image that it did or the one that it shall.

mod image;
mod open;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub use open::{ReadDirectory, WriteDirectory};
