//! An archive that is written: it appears whole when the run ends, or not at all.
//!
//! All goes into a file beside it, `NAME.crossdock-partial`, each blob once and at the place that it keeps.
//! What an archive of that name holds already is taken along. When the run ends the file gets its name, so
//! killed at any instant there is the archive that was, or the one that shall be.

mod contents;
mod docker;
mod open;
mod partial;
mod regions;
mod upload;
mod writer;

pub use open::WriteArchive;

#[cfg(test)]
mod tests;
