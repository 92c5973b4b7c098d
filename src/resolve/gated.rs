//! What mappings have to pass: the gates of their rule, and what their source tags are pinned to.

use super::Mapping;
use crate::plan::{Gate, RefusalReason};
use crate::spec::{Gates, Rule};
use std::sync::Arc;

/// The gates of a rule, and when they are asked.
#[derive(Debug, Clone)]
pub struct Gated {
    /// What they ask for.
    pub gates: Arc<Gates>,
    /// When the run started, in seconds since 1970-01-01T00:00:00Z.
    pub now: i64,
}

/// Tells each mapping of a rule what it has to pass. A tag that is denied is refused here, before anything
/// is asked.
pub(super) fn gate(rule: &Rule, now: i64, mappings: &mut [Mapping]) {
    let gated = (!rule.gates.let_all_through()).then(|| Gated { gates: Arc::new(rule.gates.clone()), now });
    for mapping in mappings {
        mapping.gates = gated.clone();
        let Some(tag) = &mapping.source.tag else { continue };
        mapping.pinned = rule.selection.pins.get(tag).cloned();
        if let Some(pattern) = rule.gates.deny.tag(tag) {
            let why = format!("`{pattern}` matches the source tag `{tag}`");
            for target in &mut mapping.targets {
                target.refusal = Some(RefusalReason::Gate { gate: Gate::Deny, why: why.clone() });
            }
        }
    }
}
