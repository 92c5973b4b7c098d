//! The plan: which manifest goes where, and what is there now. Plain values, no I/O.

mod collision;
mod drift;
mod entry;
pub mod file;
mod filtered;
mod origin;
#[cfg(any(test, fuzzing))]
#[cfg_attr(not(test), expect(dead_code, reason = "fuzzers need the plan, tests need more"))]
pub(crate) mod sample;
mod value;

pub use collision::Collisions;
pub use drift::{Drift, Gate, RefusalReason};
pub use entry::{Entry, Origin, Pin, Rename, RenamedBy, TargetEntry, Unresolved};
pub use filtered::{Dropped, FilterRequests};
pub use origin::{FilterFacts, SpecFacts};
pub use value::{Cost, Counts, Plan};
