//! `MigrationJob` of `imagetransfer.io/v1`: where images come from, where they go, and which workloads name
//! them.

use super::gathering::{Gathered, Sheet};
use super::manifests::labels;
use super::workload::Labels;
use crate::import::Site;
use crate::spec::{Part, PartKind};

/// The group of its kinds.
pub(super) const GROUP: &str = "imagetransfer.io";
/// The version that is understood.
const VERSION: &str = "imagetransfer.io/v1";
/// The keys of its `spec` that are understood.
const KEYS: [&str; 3] = ["source", "target", "selector"];

/// A migration that a file asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Where it stands.
    pub site: Site,
    /// What it is called.
    pub name: String,
    /// The registry that images come from; none means any.
    pub source: Option<String>,
    /// Where they go; none where it does not say so.
    pub target: Option<String>,
    /// The labels of workloads whose images they are; none means any.
    pub labels: Labels,
}

/// Reads one.
pub(super) fn read(part: Part<'_>, version: &str, sheet: &Sheet<'_>, gathered: &mut Gathered) {
    let site = sheet.at(part);
    let kind = part.get("kind").text().unwrap_or_default();
    if version != VERSION || kind != "MigrationJob" {
        return gathered.left_out(site, format!("only `MigrationJob` of `{VERSION}` is understood"));
    }
    let spec = part.get("spec");
    for entry in spec.entries().iter().filter(|entry| !KEYS.contains(&entry.key)) {
        gathered.left_out(sheet.site(entry.place), format!("the key `{}` has no counterpart", entry.key));
    }
    let selector = spec.get("selector");
    for entry in selector.entries().iter().filter(|entry| entry.key != "matchLabels") {
        // Without it, more would be selected than the file does.
        let message = format!("`selector.{}` is not understood", entry.key);
        gathered.fault(sheet.site(entry.place), message, "select by `matchLabels`");
    }
    let wanted = selector.get("matchLabels");
    for entry in wanted.entries().iter().filter(|entry| entry.value.kind() != PartKind::Text) {
        gathered.fault(sheet.site(entry.place), format!("the label `{}` has no value", entry.key), "");
    }
    let text = |part: Part<'_>| part.text().filter(|text| !text.is_empty()).map(str::to_owned);
    gathered.migrations.push(Migration {
        site,
        name: text(part.get("metadata").get("name")).unwrap_or_default(),
        source: text(spec.get("source").get("registry")),
        target: text(spec.get("target").get("oci")),
        labels: labels(wanted),
    });
}
