//! Meaning: what a well-formed spec says, or every reason why it cannot be meant. Reads no text.

mod cloud_keys;
mod collisions;
mod creation;
mod credentials;
mod estates;
mod filters;
mod gates;
mod identity;
mod lookalikes;
mod options;
mod patterns;
mod pins;
mod platforms;
mod references;
mod registries;
mod rules;
mod tags;

use super::pin::Site;
use super::shape::{Reading, SpecShape};
use super::{Estate, FilterDeclaration, RegistrySettings, Rule, Scope};
use std::collections::BTreeMap;

/// What a spec says; complete only when no error was reported.
pub(super) struct Checked {
    pub registries: BTreeMap<Scope, RegistrySettings>,
    pub filters: BTreeMap<String, FilterDeclaration>,
    /// Where the pins of the filters stand, or would.
    pub sites: BTreeMap<String, Site>,
    pub rules: Vec<Rule>,
    pub estates: Vec<Estate>,
}

/// Checks everything, and reports all that is wrong.
pub(super) fn check(shape: &SpecShape, reading: &mut Reading<'_>) -> Checked {
    let registries = shape.registries.value().map(|table| registries::check(table, reading));
    let filters = filters::Declared::check(&shape.filters, reading);
    let (rules, estates) = rules::check(shape, &filters, reading);
    filters.report_unused(reading);
    collisions::check(&rules, reading);
    pins::check(&rules, reading);
    Checked {
        registries: registries.unwrap_or_default(),
        filters: filters.declarations,
        sites: filters.sites,
        rules: rules.into_iter().map(|sited| sited.rule).collect(),
        estates,
    }
}
