//! What filters left out, and what it cost to let them decide. Plain values.

use crate::oci::Reference;
use std::cmp::Ordering;
use std::ops::AddAssign;

/// A source tag that a filter left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The name of the rule.
    pub mirror: String,
    /// The line of the rule in the spec, from 1.
    pub spec_line: Option<u32>,
    /// The source tag.
    pub source: Reference,
    /// The name of the filter.
    pub filter: String,
    /// Why, in its own words: foreign text.
    pub reason: Option<String>,
}

impl Dropped {
    /// The order of plans and reports: by line in the spec, rule, source.
    pub fn in_spec_order(&self, other: &Self) -> Ordering {
        (self.spec_line, &self.mirror, &self.source).cmp(&(other.spec_line, &other.mirror, &other.source))
    }
}

/// What sources were asked so that filters could decide, retries not included. What two rules ask
/// alike is counted twice, and may be asked once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FilterRequests {
    /// Tags whose digest was asked for.
    pub heads: u64,
    /// Manifests and indexes that were read.
    pub manifests: u64,
    /// Configs that were read.
    pub configs: u64,
}

impl FilterRequests {
    /// All of them.
    pub fn total(self) -> u64 {
        self.heads + self.manifests + self.configs
    }
}

impl AddAssign for FilterRequests {
    fn add_assign(&mut self, Self { heads, manifests, configs }: Self) {
        self.heads += heads;
        self.manifests += manifests;
        self.configs += configs;
    }
}
