//! Verifications: what comparing source and target graph by graph found, as a value, as JSON
//! (`verification-1.json`) and as a line for people. The format only grows.

mod build;
mod counts;
mod shape;
#[cfg(test)]
mod tests;

use super::run::Run;
use crate::oci::{Digest, Reference, Referrer};
use crate::outcome::Findings;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What `kind` says in a verification.
pub const KIND: &str = "crossdock.verification";
/// The version of the format.
pub const VERSION: &str = "1.0";

/// What was compared in a run.
#[derive(Debug, Default)]
pub struct Verification {
    images: BTreeMap<Place, Compared>,
    closeness: Closeness,
}

/// A target tag of an entry: the name of its rule, the source, the target.
type Place = (String, Reference, Reference);

/// How closely blobs were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Closeness {
    /// Each was asked for by HEAD.
    Head,
    /// The first byte of each had to come.
    #[default]
    Fetch,
    /// All bytes of each were read and hashed.
    Bytes,
}

/// What was found of one target tag.
#[derive(Debug, Clone)]
pub struct Compared {
    /// What the tag shall name.
    pub root: Digest,
    /// What the tag names; none where it is not there.
    pub named: Option<Digest>,
    /// Everything that the root reaches: each piece whole, missing or damaged.
    pub findings: Arc<Findings>,
    /// What speaks about the image.
    pub referrers: Vec<Beside>,
}

/// A referrer of an image at one target.
#[derive(Debug, Clone)]
pub struct Beside {
    /// As it is at the source.
    pub referrer: Referrer,
    /// How the target tells of it.
    pub standing: Standing,
    /// Everything that it reaches.
    pub findings: Arc<Findings>,
}

/// How a target tells of a referrer to whoever has the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// As the source does.
    Same,
    /// The tag that is made of the digest of the subject names something else.
    Differs,
    /// Not at all.
    Missing,
}

impl Verification {
    /// A verification of which nothing is known yet.
    pub fn new(closeness: Closeness) -> Self {
        Self { images: BTreeMap::new(), closeness }
    }

    /// Takes note of what was found of a target tag.
    pub fn add(&mut self, mirror: &str, source: &Reference, target: &Reference, compared: Compared) {
        self.images.insert((mirror.to_owned(), source.clone(), target.clone()), compared);
    }

    fn find(&self, mirror: &str, source: &Reference, target: &Reference) -> Option<&Compared> {
        self.images.get(&(mirror.to_owned(), source.clone(), target.clone()))
    }

    /// As JSON, with a line feed at the end.
    ///
    /// Safe to print to a terminal or the log of a CI: see [`super::escape::json`].
    pub fn to_json(&self, run: &Run) -> String {
        let mut text = serde_json::to_string_pretty(&build::verification(self, run))
            .expect("text, numbers, lists and maps with text keys always serialise");
        text.push('\n');
        super::escape::json(&text)
    }

    /// What was compared, in one line for people.
    pub fn line(&self) -> String {
        counts::Pieces::of(self).line()
    }
}

/// The JSON Schema (draft-07) of a verification.
pub fn schema() -> serde_json::Value {
    schemars::generate::SchemaSettings::draft07()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<shape::Verification>()
        .to_value()
}
