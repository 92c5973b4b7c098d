//! What a filter asks for, and what that costs.

use crate::filter::Needs;
use serde_json::{Value, json};

/// Each fact that is asked for: its name in the contract, and what it costs at the source.
pub(super) fn facts(needs: Needs) -> Vec<(&'static str, &'static str)> {
    let Needs { digest, platforms, annotations, config, now } = needs;
    let all = [
        (digest, "digest", "one HEAD for each tag"),
        (platforms, "platforms", "one HEAD for each tag, at most two GET for each different manifest"),
        (annotations, "annotations", "one HEAD for each tag, one GET for each different manifest"),
        (config, "config", "one HEAD for each tag, at most three GET for each different manifest"),
        (now, "now", "no request; the answer depends on the day"),
    ];
    all.into_iter().filter(|(is_asked, ..)| *is_asked).map(|(_, name, cost)| (name, cost)).collect()
}

/// The names alone: `digest, now`, or that there are none.
pub(super) fn names(needs: Needs) -> String {
    match facts(needs).as_slice() {
        [] => "nothing but the tags".to_owned(),
        facts => facts.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "),
    }
}

/// For programs.
pub(super) fn json(needs: Needs) -> Value {
    facts(needs).into_iter().map(|(name, _)| json!(name)).collect()
}
