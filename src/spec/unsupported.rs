//! What a spec can ask for and this program does not do yet. Refused rather than ignored.

use super::{Code, Format, IndexMode, OnExisting, Place, Platforms, Problem, Referrers, Rule, Spec};
use std::collections::BTreeMap;

/// One problem for each value, wherever it stands, that asks for something that does not exist yet.
///
/// A value in `defaults` is one problem for all the rules that have it.
pub fn unsupported(spec: &Spec) -> Vec<Problem> {
    let mut found: BTreeMap<(Place, &'static str), (Vec<&str>, &'static str)> = BTreeMap::new();
    for rule in &spec.mirrors {
        for (key, today) in asked(rule) {
            if let Some(place) = rule.places.get(key) {
                let (rules, _) = found.entry((*place, key)).or_insert_with(|| (Vec::new(), today));
                rules.push(&rule.name);
            }
        }
    }
    let problems = found.into_iter().map(|((place, key), (rules, today))| {
        let more = match rules.len() {
            0 | 1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        let message = format!("`{key}` in the rule `{}`{more} asks for what does not exist yet", rules[0]);
        Problem::new(Code::NotYet, place, message).help(today)
    });
    problems.collect()
}

/// The keys of a rule that ask for more than there is, and what can be had today.
fn asked(rule: &Rule) -> Vec<(&'static str, &'static str)> {
    let Rule {
        name: _,
        line: _,
        source: _,
        targets: _,
        selection: _,
        aliases: _,
        immutable: _,
        on_existing: OnExisting::Overwrite | OnExisting::Keep | OnExisting::Fail,
        filter: _,
        platforms: Platforms::All | Platforms::Only(_),
        index: IndexMode::Rewrite | IndexMode::Sparse | IndexMode::Single,
        referrers,
        require,
        gates: _,
        format: Format::Keep | Format::Docker | Format::Oci,
        places: _,
    } = rule;
    let mut asked = Vec::new();
    match referrers {
        Referrers::All | Referrers::None => {}
        Referrers::Types(_) => asked.push(("referrers", "today no referrers are copied; write `none`")),
    }
    if !require.is_empty() {
        asked.push(("require", "today referrers are not looked at; leave `require` out"));
    }
    asked
}
