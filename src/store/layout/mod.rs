//! An OCI image layout directory as a store. Never deletes a blob, never follows a link.
//!
//! Every file is written aside, brought to the disk and renamed; `index.json` comes last. Killed at
//! any instant, a layout has the old `index.json` or the new one, and whatever that names is whole.

pub(in crate::store) mod check;
pub(in crate::store) mod contents;
mod directory;
pub(in crate::store) mod entry;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
pub(in crate::store) mod index;
mod lock;
mod open;
mod paths;
pub(in crate::store) mod reader;
mod tagging;
mod writer;

pub use open::{ReadLayout, WriteLayout};

#[cfg(test)]
mod tests;
