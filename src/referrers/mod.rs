//! Referrers: who speaks about an image at its source, and which of that a target lacks. Asks; never writes.
//!
//! What is found of a subject is kept for the run: the tags of a repository are listed once, and each
//! manifest is asked about once, however many tags name it.

mod artifact;
mod asking;
mod fallback;
mod finding;
mod image;
mod lacking;
mod place;
mod source_tags;

pub use artifact::missing;
pub use finding::Found;
pub use image::Image;
pub use lacking::{Conflict, Lacking, Policy, Presence};
pub use source_tags::SourceTags;

use place::Places;

/// How far those may go that speak about what speaks about an image: a signature of an SBOM is at 2. One
/// deeper is an error, because what is not looked for would be missed at the target.
pub const DEPTH_MAX: u32 = 8;

/// What was found out about referrers in a run.
#[derive(Debug, Default)]
pub struct Finder {
    sources: Places,
    targets: Places,
}
