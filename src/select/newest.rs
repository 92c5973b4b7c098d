//! The newest versions of what is left. Compares versions, never dates.

use super::verdict::{IS_PRERELEASE, dropped};
use super::{Decision, Prerelease, Stage, Verdict, Version};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

/// How many versions are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Newest {
    /// How many different versions; all variants of one version are kept together.
    pub count: NonZeroU32,
    /// In what each `count` is kept.
    pub per: Per,
}

/// In what a number of versions is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Per {
    /// In all.
    #[default]
    Repository,
    /// In each major version.
    Major,
    /// In each minor version.
    Minor,
}

impl Per {
    /// Versions with the same answer compete with each other.
    fn group(self, version: &Version) -> Vec<u64> {
        match self {
            Self::Repository => Vec::new(),
            Self::Major => vec![version.number(0)],
            Self::Minor => vec![version.number(0), version.number(1)],
        }
    }
}

impl Newest {
    /// Drops what is taken so far and is not among the newest versions of its group.
    pub(super) fn drop_older(&self, verdicts: &mut [Verdict], prerelease: Prerelease) {
        let admitted = |version: &Version| prerelease == Prerelease::Admitted || !version.is_prerelease();
        let oldest_kept = self.oldest_kept(verdicts, admitted);
        for verdict in verdicts {
            let Decision::Taken { .. } = verdict.decision else { continue };
            // Read a second time rather than kept: a repository may have a million tags.
            match Version::of(verdict.tag.as_str()) {
                None => *verdict = dropped(&verdict.tag, Stage::Newest, "it is not a version"),
                Some(version) if !admitted(&version) => {
                    *verdict = dropped(&verdict.tag, Stage::Newest, IS_PRERELEASE);
                }
                Some(version) => {
                    let group = self.per.group(&version);
                    if oldest_kept.get(&group).is_some_and(|oldest| version < *oldest) {
                        *verdict = dropped(&verdict.tag, Stage::Newest, self.reason(&group));
                    }
                }
            }
        }
    }

    /// The oldest version that is kept of each group; none of a group with fewer than `count`, where
    /// nothing is too old. Holds no more versions than are kept.
    fn oldest_kept(
        &self,
        verdicts: &[Verdict],
        admitted: impl Fn(&Version) -> bool,
    ) -> BTreeMap<Vec<u64>, Version> {
        let count = usize::try_from(self.count.get()).unwrap_or(usize::MAX);
        let mut groups: BTreeMap<Vec<u64>, BTreeSet<Version>> = BTreeMap::new();
        let taken = verdicts.iter().filter(|verdict| matches!(verdict.decision, Decision::Taken { .. }));
        for version in taken.filter_map(|verdict| Version::of(verdict.tag.as_str())).filter(admitted) {
            let newest = groups.entry(self.per.group(&version)).or_default();
            newest.insert(version);
            if newest.len() > count {
                newest.pop_first();
            }
        }
        let full = groups.into_iter().filter(|(_, newest)| newest.len() == count);
        full.filter_map(|(group, mut newest)| Some((group, newest.pop_first()?))).collect()
    }

    fn reason(&self, group: &[u64]) -> String {
        let versions = match self.count.get() {
            1 => "version".to_owned(),
            count => format!("{count} versions"),
        };
        let numbers: Vec<String> = group.iter().map(u64::to_string).collect();
        match numbers.is_empty() {
            true => format!("it is older than the newest {versions}"),
            false => format!("it is older than the newest {versions} of {}", numbers.join(".")),
        }
    }
}
