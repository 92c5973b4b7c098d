//! What every parser of foreign bytes must keep to, whatever the bytes are: one function for each, which
//! panics where a property breaks. `cargo fuzz` calls them, and the tests do with the corpus.
//!
//! The functions stand beside the code that they are about. In the program there is none of them.

#[cfg(test)]
mod tests;

pub use crate::bundle::fuzzed::bundle;
pub use crate::filter::fuzzed::filter;
pub use crate::oci::fuzzed::{digest, manifest, reference};
pub use crate::plan::file::fuzzed::plan;
pub use crate::report::fuzzed::escapers;
pub use crate::spec::fuzzed::spec;
pub use crate::store::archive::fuzzed::archive;
pub use crate::store::archive::saved::fuzzed::docker_archive;
pub use crate::store::layout::fuzzed::layout;
pub use crate::store::registry::auth::fuzzed::challenge;
pub use crate::store::registry::credentials::fuzzed::docker_config;
pub use crate::store::registry::fuzzed::{link, retry_after};
pub use crate::store::registry_data::fuzzed::registry_link;

/// A property: it takes bytes of any kind, panics where they break it, and says whether they were what they
/// should be, and not refused.
pub type Property = fn(&[u8]) -> bool;

/// Every property, by the name of its target and of its folder in `fuzz/corpus`.
pub const TARGETS: &[(&str, Property)] = &[
    ("archive", archive),
    ("bundle", bundle),
    ("challenge", challenge),
    ("digest", digest),
    ("docker_archive", docker_archive),
    ("docker_config", docker_config),
    ("escapers", escapers),
    ("filter", filter),
    ("layout", layout),
    ("link", link),
    ("manifest", manifest),
    ("plan", plan),
    ("reference", reference),
    ("registry_link", registry_link),
    ("retry_after", retry_after),
    ("spec", spec),
];
