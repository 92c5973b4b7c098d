//! Delivery: bundles on the far side of the gap. What is in them, where it goes, what a target has to have
//! for a delta, and whether every byte is what it must be. Never writes.

mod base;
mod goods;
mod mapping;
mod pass;
mod prefix;
mod reach;
mod sound;
mod told;

pub use base::{Base, base};
pub use goods::{Bundle, open};
pub use mapping::{Destination, mappings};
pub use prefix::Prefix;
pub use sound::{Broken, Sound, examine};
pub use told::{List, Verified, list_schema, verified_schema};
