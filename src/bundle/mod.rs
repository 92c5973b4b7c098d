//! Bundles: images on their way across an air gap, as an OCI layout in a tar. What is in one, in which order,
//! and what is said about it. Pure: bytes and values only.

mod annotation;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod index;
mod inventory;
mod layout;
mod left_out;
mod parts;
mod sums;
mod tar;

pub use self::tar::{BLOCK_BYTES, END_BYTES, HEADER_BYTES_MAX, header, header_bytes, own_header, padding};
pub use annotation::{BASE, LEFT_OUT_TYPE, REF_NAME, SOURCE, SUBJECT, SUM, TARGETS};
pub use index::{BundleIndex, BundledImage, BundledReferrer, layout_name};
pub use inventory::{INVENTORY_BYTES_MAX, Inventory, Stock, inventory_schema};
pub use layout::{Contents, Layout, LayoutError, Member, MemberName};
pub use left_out::{LeftBlob, LeftOut};
pub use parts::{PARTS_MAX, Parts, PartsError, drafted, part_number, part_path, sums_path};
pub use sums::{read_sums, write_sums};
