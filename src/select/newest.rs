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
        let mut candidates: Vec<(usize, Version)> = Vec::new();
        for (at, verdict) in verdicts.iter_mut().enumerate() {
            let Decision::Taken { .. } = verdict.decision else { continue };
            match Version::of(verdict.tag.as_str()) {
                None => *verdict = dropped(&verdict.tag, Stage::Newest, "it is not a version"),
                Some(version) if version.is_prerelease() && prerelease == Prerelease::Dropped => {
                    *verdict = dropped(&verdict.tag, Stage::Newest, IS_PRERELEASE);
                }
                Some(version) => candidates.push((at, version)),
            }
        }
        let mut groups: BTreeMap<Vec<u64>, BTreeSet<&Version>> = BTreeMap::new();
        for (_, version) in &candidates {
            groups.entry(self.per.group(version)).or_default().insert(version);
        }
        let nth = usize::try_from(self.count.get() - 1).unwrap_or(usize::MAX);
        let oldest_kept: BTreeMap<&Vec<u64>, &Version> = groups
            .iter()
            .filter_map(|(group, versions)| Some((group, *versions.iter().rev().nth(nth)?)))
            .collect();
        for (at, version) in &candidates {
            let group = self.per.group(version);
            if oldest_kept.get(&group).is_some_and(|oldest| version < oldest) {
                let verdict = &mut verdicts[*at];
                *verdict = dropped(&verdict.tag, Stage::Newest, self.reason(&group));
            }
        }
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
