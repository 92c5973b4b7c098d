//! An OCI image layout directory as a store. Never deletes a blob, never follows a link.
//!
//! Every file is written aside, brought to the disk and renamed; `index.json` comes last. Killed at
//! any instant, a layout has the old `index.json` or the new one, and whatever that names is whole.

mod check;
mod directory;
mod entry;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod index;
mod lock;
mod open;
mod paths;
mod reader;
mod tagging;
mod writer;

pub use open::{ReadLayout, WriteLayout};

#[cfg(test)]
mod tests;
