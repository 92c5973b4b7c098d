//! Two source tags that would be written to one target tag, where the spec alone shows it.

use super::rules::Sited;
use crate::oci::Reference;
use crate::select::Decision;
use crate::spec::shape::Reading;
use crate::spec::{Code, Place, Problem};
use std::collections::HashMap;

/// Looks at the rules that name their tags; the others are looked at when their tags are known.
pub(super) fn check(rules: &[Sited], reading: &mut Reading<'_>) {
    let mut written: HashMap<Reference, (Reference, Place)> = HashMap::new();
    // A filter may drop or rename what would collide.
    for Sited { rule, source, targets } in rules.iter().filter(|sited| sited.rule.filter.is_none()) {
        let renamed_at = rule.places.get("rename").copied().unwrap_or(reading.source.place(*source));
        for verdict in rule.selection.choose(&rule.selection.literals().unwrap_or_default()) {
            let tag = match verdict.decision {
                Decision::Taken { target, .. } => target,
                Decision::Dropped { .. } => continue,
                Decision::Invalid { would_be, .. } => {
                    let message =
                        format!("`{}` would be renamed to `{would_be}`, which is not a tag", verdict.tag);
                    reading.problems.push(Problem::new(Code::BadRename, renamed_at, message));
                    continue;
                }
            };
            let from = rule.source.at(verdict.tag);
            for (span, target) in targets.iter().zip(&rule.targets) {
                let place = reading.source.place(*span);
                let contested = target.at(tag.clone()).contested();
                let is_alone = contested.tag.is_none();
                match written.get(&contested) {
                    Some((other, _)) if *other == from => {}
                    Some((other, at)) => {
                        let message =
                            format!("`{target}:{tag}` would be written from `{other}` and from `{from}`");
                        let problem = match *at == place {
                            _ if is_alone => Problem::new(Code::TargetCollision, place, message)
                                .help("a directory holds one image: take one tag, or write to a layout, `oci:DIRECTORY`"),
                            true => Problem::new(Code::TargetCollision, renamed_at, message)
                                .help("give the tags different names"),
                            false => Problem::new(Code::TargetCollision, place, message)
                                .help("write to another repository, take other tags, or `rename` them")
                                .related(*at, "the other target"),
                        };
                        reading.problems.push(problem);
                    }
                    None => {
                        written.insert(contested, (from.clone(), place));
                    }
                }
            }
        }
    }
}
