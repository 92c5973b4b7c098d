//! A saved plan becomes a spec: the far side of an air gap has the images, and not the spec that chose them.

use super::draft::{Draft, RuleDraft, TagsDraft};
use super::written::Written;
use super::{Fault, Imported, Options, checked, told};
use crate::oci::{Repository, Tag};
use crate::plan::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// Where from and where to, and for each rule about that the names of tags on both sides.
type Rules = BTreeMap<(Repository, BTreeSet<Repository>), Vec<BTreeMap<Tag, Tag>>>;

/// Makes a spec that takes what `entries` name, by their tags. `name` is what the plan is called.
///
/// # Errors
/// There is nothing that a spec could take.
pub fn planned(name: &str, entries: &[Entry]) -> Result<Imported, Vec<Fault>> {
    let options = Options::default();
    let mut draft = Draft::new(&options, &|_| None);
    let mut rules = Rules::new();
    for entry in entries {
        let Some(tag) = &entry.source.tag else {
            draft.left_out(
                None,
                format!("{} has no tag: `bundle push` knows it without a spec", entry.source),
            );
            continue;
        };
        // Targets that get the same tag are targets of one rule.
        let mut targets: BTreeMap<&Tag, BTreeSet<Repository>> = BTreeMap::new();
        for target in &entry.targets {
            if let Some(tag) = &target.reference.tag {
                targets.entry(tag).or_default().insert(target.reference.repository.clone());
            }
        }
        for (target_tag, repositories) in targets {
            let rules = rules.entry((entry.source.repository.clone(), repositories)).or_default();
            match rules.iter_mut().find(|tags| !tags.contains_key(tag)) {
                Some(tags) => drop(tags.insert(tag.clone(), target_tag.clone())),
                None => rules.push(BTreeMap::from([(tag.clone(), target_tag.clone())])),
            }
        }
    }
    for ((source, targets), all) in &rules {
        draft.rules.extend(all.iter().map(|tags| rule(source, targets, tags)));
    }
    if draft.rules.is_empty() {
        draft.fault(None, "the plan names no image that a spec could take", "export one that does");
        return Err(told(draft.faults));
    }
    checked(
        &[format!("Made by `crossdock import` of {name}: tags and targets, as they were planned.")],
        draft,
    )
}

fn rule(source: &Repository, targets: &BTreeSet<Repository>, tags: &BTreeMap<Tag, Tag>) -> RuleDraft {
    let renamed = tags.iter().filter(|(from, to)| from != to);
    RuleDraft {
        source: source.to_string(),
        targets: targets.iter().map(|target| Written::literal(&target.to_string())).collect(),
        tags: TagsDraft::only(tags.keys().map(ToString::to_string).collect()),
        rename: renamed.map(|(from, to)| (from.to_string(), to.to_string())).collect(),
        ..RuleDraft::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Drift, TargetEntry};
    use crate::spec;

    fn entry(source: &str, targets: &[&str]) -> Entry {
        let target = |text: &&str| TargetEntry {
            reference: text.parse().expect("a reference"),
            drift: Drift::Absent,
            lacks: Vec::new(),
        };
        Entry {
            mirror: "m".to_owned(),
            spec_line: None,
            source: source.parse().expect("a reference"),
            pin: None,
            rename: None,
            referrers: None,
            targets: targets.iter().map(target).collect(),
        }
    }

    #[test]
    fn a_plan_is_told_as_rules_that_take_its_tags() {
        let digest = crate::oci::Digest::of(b"a");
        let entries = [
            entry("a.test/a:1", &["r.test/a:1", "s.test/a:1"]),
            entry("a.test/a:2", &["r.test/a:2", "s.test/a:two"]),
            entry("a.test/b:1", &["r.test/b:1", "r.test/b:one"]),
            entry(&format!("a.test/c@{digest}"), &["r.test/c:1"]),
        ];
        let imported = planned("metadata.json", &entries).expect("there are tags");
        insta::assert_snapshot!(imported.text);
        let spec = spec::load("crossdock.yaml", &imported.text, &|_| None).expect("a spec");
        assert_eq!(spec.mirrors.len(), 5);
        assert_eq!(imported.notes.len(), 1);
        assert!(planned("metadata.json", &entries[3..]).is_err());
    }
}
