//! An OCI image layout in a tar as a store, for reading: one file, or the parts of one. Nothing is unpacked:
//! the headers are read once, and blobs where they lie.
//!
//! What is in a tar may mean different things to different readers. What could is refused as a whole.

mod contents;
mod cursor;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod growing;
mod look;
mod members;
mod opened;
mod pax;
mod referring;
mod runs;
pub(crate) mod saved;

pub use cursor::Part;
pub use growing::WriteArchive;
pub use members::{Member, MemberKind};
pub use opened::ReadArchive;
pub use runs::runs;
pub use saved::ReadDockerArchive;

#[cfg(test)]
mod tests;
