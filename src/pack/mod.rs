//! Packing: from entries to a bundle. First everything that is in it is found out, then where each byte of
//! it lies, and last the blobs come to their places, in whatever order. Writes one file, and to no store.

mod afar;
mod contents;
mod draft;
mod fault;
mod gather;
mod memory;
mod placing;

pub use afar::Afar;
pub use contents::{Packed, Unpackable, contents, packed};
pub use draft::{Draft, Strangers};
pub use gather::{Gathered, Gatherer};
pub use memory::Memory;
pub use placing::Placer;
