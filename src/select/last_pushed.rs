//! The tags that were pushed last of what is left. Compares what a registry tells, never versions.

use super::verdict::dropped;
use super::{Decision, Stage, Verdict};
use crate::oci::Tag;
use std::collections::BTreeSet;
use std::num::NonZeroU32;

/// How many tags are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastPushed(pub NonZeroU32);

impl LastPushed {
    /// Drops what is taken so far and is not among the first of `pushed`, which has the tag first that was pushed
    /// last. What it does not have is dropped too: nobody knows how old it is.
    pub(super) fn drop_earlier(self, verdicts: &mut [Verdict], pushed: &[Tag]) {
        let count = usize::try_from(self.0.get()).unwrap_or(usize::MAX);
        let is_taken = |verdict: &&Verdict| matches!(verdict.decision, Decision::Taken { .. });
        let taken: BTreeSet<&Tag> = verdicts.iter().filter(is_taken).map(|verdict| &verdict.tag).collect();
        let known: Vec<Tag> = pushed.iter().filter(|tag| taken.contains(tag)).cloned().collect();
        let (kept, known): (BTreeSet<&Tag>, BTreeSet<&Tag>) =
            (known.iter().take(count).collect(), known.iter().collect());
        for verdict in
            verdicts.iter_mut().filter(|verdict| matches!(verdict.decision, Decision::Taken { .. }))
        {
            if !known.contains(&verdict.tag) {
                let reason = "the registry does not tell when it was pushed";
                *verdict = dropped(&verdict.tag, Stage::LastPushed, reason);
            } else if !kept.contains(&verdict.tag) {
                let reason = match self.0.get() {
                    1 => "another tag was pushed after it".to_owned(),
                    count => format!("{count} tags were pushed after it"),
                };
                *verdict = dropped(&verdict.tag, Stage::LastPushed, reason);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Pattern, PatternSet, Selection};
    use super::*;

    fn tags(text: &str) -> Vec<Tag> {
        text.split_whitespace().map(|tag| tag.parse().expect("a tag")).collect()
    }

    fn taken(selection: &Selection, listed: &str, pushed: &str) -> String {
        let verdicts = selection.take_pushed(&tags(listed), &tags(pushed));
        let taken = verdicts.iter().filter_map(Verdict::target).map(ToString::to_string);
        taken.collect::<Vec<_>>().join(" ")
    }

    fn last(count: u32) -> Selection {
        let count = NonZeroU32::new(count).expect("a number from 1");
        Selection { last_pushed: Some(LastPushed(count)), ..Selection::default() }
    }

    #[test]
    fn the_tags_that_were_pushed_last_are_kept_whatever_they_are_called() {
        assert_eq!(taken(&last(2), "1.0 2.0 9.9 latest", "latest 1.0 9.9 2.0"), "1.0 latest");
        assert_eq!(taken(&last(9), "1.0 latest", "latest 1.0"), "1.0 latest");
        // What is gone from the list by now does not count, and what was never told of is not guessed.
        assert_eq!(taken(&last(1), "1.0 2.0", "gone 2.0 1.0"), "2.0");
        assert_eq!(taken(&last(2), "1.0 2.0 new", "2.0 1.0"), "1.0 2.0");
        let verdicts = last(1).take_pushed(&tags("a b new"), &tags("b a"));
        let told: Vec<String> = verdicts.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "a: dropped by last_pushed, another tag was pushed after it",
                "b: taken, every tag is included",
                "new: dropped by last_pushed, the registry does not tell when it was pushed",
            ]
        );
    }

    #[test]
    fn it_counts_what_the_patterns_leave_and_always_goes_beside_it() {
        let set =
            |text: &str| -> PatternSet { [Pattern::parse(text).expect("a pattern")].into_iter().collect() };
        let selection = Selection { exclude: set("*-rc*"), always: set("stable"), ..last(1) };
        assert_eq!(taken(&selection, "1-rc1 1 0 stable", "1-rc1 1 0 stable"), "1 stable");
        // Where no order is known, nothing is decided by it.
        assert_eq!(selection.take(&tags("0 1")).iter().filter_map(Verdict::target).count(), 2);
    }
}
