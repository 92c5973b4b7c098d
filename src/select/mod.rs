//! Which tags of a source a rule takes, and under which names. Pure: never lists tags itself.
//!
//! The order is always: `include`, `exclude`, `semver`, `newest`, `last_pushed`, plus `always`, plus aliases, then `rename`.

mod aliases;
mod last_pushed;
#[cfg(test)]
mod laws;
mod newest;
mod pattern;
mod range;
mod rename;
mod repositories;
mod verdict;
mod version;

#[cfg(test)]
mod tests;

pub use last_pushed::LastPushed;
pub use newest::{Newest, Per};
pub use pattern::{PATTERN_BYTES_MAX, Pattern, PatternError, PatternSet};
pub use range::{Range, RangeError};
pub use rename::{Rename, RenameError, TEMPLATE_BYTES_MAX};
pub use repositories::{NamePattern, NameSelection};
pub use verdict::{Decision, Stage, Verdict};
pub use version::Version;

use crate::oci::{Digest, Tag, is_of_referrers};
use std::collections::{BTreeMap, BTreeSet};
use verdict::{dropped, taken};

/// What a rule says about tags. The default takes every tag under its own name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// Patterns of which one must match; none at all means every tag.
    pub include: PatternSet,
    /// Patterns of which none may match.
    pub exclude: PatternSet,
    /// The range that versions must be in; tags that are no version are dropped.
    pub semver: Option<Range>,
    /// What happens to pre-releases where versions are compared.
    pub prerelease: Prerelease,
    /// How many versions are kept of what is left.
    pub newest: Option<Newest>,
    /// How many tags are kept of what is left, by when they were pushed.
    pub last_pushed: Option<LastPushed>,
    /// Patterns of tags that are taken whatever the rest says.
    pub always: PatternSet,
    /// What some of the tags that are spelled out must name to be mirrored.
    pub pins: BTreeMap<Tag, Digest>,
    /// How tags are renamed: the first that matches.
    pub rename: Vec<Rename>,
}

/// What happens to pre-releases where versions are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Prerelease {
    /// They are dropped.
    #[default]
    Dropped,
    /// They count as versions, below their release.
    Admitted,
}

impl Selection {
    /// The tags that can be taken, when they are all named: then the answer of
    /// [`Selection::choose`] for these is the whole answer, and no list of tags is needed.
    ///
    /// None when a pattern of `include` or `always` is not a literal, or `include` is empty.
    pub fn literals(&self) -> Option<Vec<Tag>> {
        let patterns = self.include.iter().chain(self.always.iter());
        let tags: Option<BTreeSet<Tag>> = patterns.map(|pattern| pattern.literal().cloned()).collect();
        tags.filter(|_| !self.include.is_empty()).map(|tags| tags.into_iter().collect())
    }

    /// The tags that `include` and `always` name and `listed` does not have: nothing is taken for
    /// them, and `explain` says so. Sorted bytewise.
    pub fn missing(&self, listed: &[Tag]) -> Vec<Tag> {
        let listed: BTreeSet<&Tag> = listed.iter().collect();
        let named: BTreeSet<&Tag> =
            self.include.iter().chain(self.always.iter()).filter_map(Pattern::literal).collect();
        named.difference(&listed).map(|tag| (*tag).clone()).collect()
    }

    /// One verdict for each different tag, sorted bytewise by tag, whatever the order of `tags`.
    pub fn choose(&self, tags: &[Tag]) -> Vec<Verdict> {
        let mut verdicts = self.take(tags);
        self.rename_all(&mut verdicts);
        verdicts
    }

    /// The same before aliases and renames. Without an order in which tags were pushed, nothing is decided by it.
    pub fn take(&self, tags: &[Tag]) -> Vec<Verdict> {
        self.take_by(tags, None)
    }

    /// The same where it is known in which order tags were pushed: `pushed` has the last first.
    pub fn take_pushed(&self, tags: &[Tag], pushed: &[Tag]) -> Vec<Verdict> {
        self.take_by(tags, Some(pushed))
    }

    fn take_by(&self, tags: &[Tag], pushed: Option<&[Tag]>) -> Vec<Verdict> {
        let distinct: BTreeSet<&Tag> = tags.iter().collect();
        let mut verdicts: Vec<Verdict> = distinct.into_iter().map(|tag| self.by_pattern(tag)).collect();
        if let Some(newest) = &self.newest {
            newest.drop_older(&mut verdicts, self.prerelease);
        }
        if let (Some(last), Some(pushed)) = (self.last_pushed, pushed) {
            last.drop_earlier(&mut verdicts, pushed);
        }
        for verdict in &mut verdicts {
            self.add_always(verdict);
        }
        verdicts
    }

    /// Gives what is taken its names at the target.
    pub fn rename_all(&self, verdicts: &mut [Verdict]) {
        verdicts.iter_mut().for_each(|verdict| self.rename(verdict));
    }

    /// The stages that look at one tag alone: include, exclude, semver.
    fn by_pattern(&self, tag: &Tag) -> Verdict {
        let by = match self.include.matching(tag) {
            _ if self.include.is_empty() => None,
            Some(pattern) => Some(pattern),
            None => return dropped(tag, Stage::Include, "no pattern of `include` matches"),
        };
        if is_of_referrers(tag) && !self.include.spells_out(tag) {
            return dropped(tag, Stage::Include, verdict::IS_OF_REFERRERS);
        }
        if let Some(pattern) = self.exclude.matching(tag) {
            return dropped(tag, Stage::Exclude, format!("`{pattern}` in `exclude` matches"));
        }
        if let Some(range) = &self.semver {
            match Version::of(tag.as_str()) {
                None => return dropped(tag, Stage::Semver, "it is not a version"),
                Some(version) if version.is_prerelease() && self.prerelease == Prerelease::Dropped => {
                    return dropped(tag, Stage::Semver, verdict::IS_PRERELEASE);
                }
                Some(version) if !range.matches(&version) => {
                    return dropped(tag, Stage::Semver, format!("it is not in `{}`", range.as_str()));
                }
                Some(_) => {}
            }
        }
        taken(tag, by)
    }

    fn add_always(&self, verdict: &mut Verdict) {
        let Decision::Dropped { .. } = verdict.decision else { return };
        if is_of_referrers(&verdict.tag) && !self.always.spells_out(&verdict.tag) {
            return;
        }
        if let Some(pattern) = self.always.matching(&verdict.tag) {
            let because = format!("`{pattern}` in `always` matches");
            let target = verdict.tag.clone();
            verdict.decision = Decision::Taken { target, because, renamed_by: None };
        }
    }

    fn rename(&self, verdict: &mut Verdict) {
        let Decision::Taken { target, renamed_by, .. } = &mut verdict.decision else { return };
        let renamed = self.rename.iter().find_map(|rename| Some((rename.apply(target)?, rename)));
        let Some((name, rename)) = renamed else { return };
        match name.parse() {
            Ok(tag) => {
                *target = tag;
                *renamed_by = Some(rename.as_str().to_owned());
            }
            Err(why) => {
                let why =
                    format!("`{}` in `rename` makes it something that is not a tag: {why}", rename.as_str());
                verdict.decision = Decision::Invalid { would_be: name, why };
            }
        }
    }
}
