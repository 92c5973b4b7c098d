//! The filters of a run: from what a spec declares to filters that are ready to decide. Reads files,
//! asks registries, checks pins; what a component does is the business of `filter`.

mod artifact;
mod error;
mod fetch;
mod file;
mod load;
mod made;
mod pin;
mod pull;

pub use error::LoadError;
pub use fetch::{Fetched, fetch};
pub use load::{Filters, digests, load, pins};
pub use made::{Artifact, Style};
pub use pin::pin;
