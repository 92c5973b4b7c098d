//! Bundles: images on their way across an air gap, as an OCI layout in a tar. What is in one, in which order,
//! and what is said about it. Pure: bytes and values only.

mod annotation;
mod index;
mod layout;
mod left_out;
mod parts;
mod sums;
mod tar;

pub use annotation::{BASE, LEFT_OUT_TYPE, REF_NAME, SOURCE, SUBJECT, TARGETS};
pub use index::{BundleIndex, BundledImage, BundledReferrer, layout_name};
pub use layout::{Contents, Layout, LayoutError, Member, MemberName};
pub use left_out::{LeftBlob, LeftOut};
pub use parts::{PARTS_MAX, Parts, PartsError, drafted, part_number, part_path, sums_path};
pub use sums::{read_sums, write_sums};
pub use tar::{BLOCK_BYTES, END_BYTES, header, header_bytes, padding};
