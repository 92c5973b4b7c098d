//! The directory in which a registry of CNCF distribution keeps its data, as a store: read and written
//! without the registry. Never deletes anything, never follows a link.
//!
//! Every file is written aside, brought to the disk and renamed; blobs come before what links to them,
//! and what a tag names now comes last. Killed at any instant, each tag names what it did or what it
//! shall, and all of that is there.

mod folder;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod link;
mod names;
mod open;
mod paths;
mod reader;
mod storing;
mod writer;

pub use open::{ReadRegistryData, WriteRegistryData};

#[cfg(test)]
mod tests;
