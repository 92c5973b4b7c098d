//! Golden cases: what a filter is asked and what it shall answer, as JSON that its author keeps beside
//! it. Reads them, runs them, compares, and writes what was answered. Pure: text in, results out; files
//! are the caller's.

mod bless;
mod error;
mod expect;
mod image;
mod layout;
mod read;
mod reading;
mod record;
mod repeat;
mod request;
mod shape;
#[cfg(test)]
mod tests;
mod times;
mod trial;

pub use bless::{Blessing, Unblessed};
pub use error::CaseError;
pub use expect::{shown, written};
pub use record::recorded;
pub use repeat::{Repeated, repeat};
pub use request::Lack;
pub use shape::schema;
pub use trial::{Difference, Mismatch, Trial, trial};

use crate::filter::{Decision, Named};
use crate::oci::{Digest, MediaType, Platform, Tag};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::Range;

/// Largest case file that is read, in bytes: 50,000 fully described images are about half of it.
/// Check it before reading the file.
pub const BYTES_MAX: u64 = 64 << 20;

/// The cases of one file, with its text, which blessing changes.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseFile {
    file: String,
    text: String,
    /// The cases, in their order; at least one.
    pub cases: Vec<Case>,
}

/// What a filter is asked, and what it shall answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// What it is called, if it is called anything.
    pub name: Option<String>,
    /// The configuration; `{}` where there is none.
    pub config: Value,
    /// The source repository.
    pub source: Named,
    /// The target repository.
    pub target: Named,
    /// The time of the run, in seconds since 1970-01-01T00:00:00Z.
    pub now: Option<i64>,
    /// Sorted bytewise by tag, no tag twice.
    pub images: Vec<Told>,
    /// What the filter shall answer.
    pub expected: Expected,
    spot: Spot,
}

/// An image as a case tells of it. What is none is not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its tag.
    pub tag: Tag,
    /// The digest of its manifest or index.
    pub digest: Option<Digest>,
    /// What that is.
    pub media_type: Option<MediaType>,
    /// Sorted, each once.
    pub platforms: Option<Vec<Platform>>,
    /// Of the manifest or index.
    pub annotations: Option<BTreeMap<String, String>>,
    /// In the config of the first platform.
    pub labels: Option<BTreeMap<String, String>>,
    /// In seconds since 1970-01-01T00:00:00Z.
    pub created: Option<i64>,
}

/// What a filter shall answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// These decisions, in the order of the file.
    Decisions(Vec<(Tag, Decision)>),
    /// An error whose message contains this text.
    Error(String),
    /// The case does not say yet: blessing will.
    Nothing,
}

/// Where in the text the answer stands, or would.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Spot {
    /// The member `expect` or `expect_error`, from its key to the end of its value.
    Member(Range<usize>),
    /// There is none: it goes behind the member that ends here.
    Behind(usize),
}

impl CaseFile {
    /// Reads a case file. `file` is what errors call it.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the text.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<CaseError>> {
        read::parse(file, text)
    }

    /// What the file is called.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The file with the answers of `trials`, one for each case in their order, where it expected
    /// others. Nothing else of the text changes.
    pub fn bless(&self, trials: &[Trial]) -> Blessing {
        bless::bless(self, trials)
    }
}
