//! The plan: which manifest goes where, and what is there now. Plain values, no I/O.

mod drift;
mod entry;

pub use drift::{Drift, RefusalReason};
pub use entry::{Entry, Pin, Rename, RenamedBy, TargetEntry, Unresolved};
