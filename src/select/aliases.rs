//! Aliases: other tags of an image that is taken. Pure: who asks for the digests is somebody else.

use super::{Decision, Selection, Verdict};
use crate::oci::{Digest, Tag, is_of_referrers};
use std::collections::BTreeMap;

impl Selection {
    /// The tags whose digests tell which are aliases: what is taken, and what could be an alias of it. None
    /// where nothing is taken.
    pub fn asked_for_aliases(&self, taken: &[Verdict]) -> Vec<Tag> {
        if taken.iter().all(|verdict| verdict.target().is_none()) {
            return Vec::new();
        }
        let asked = taken.iter().filter(|one| one.target().is_some() || self.may_be_alias(&one.tag));
        asked.map(|verdict| verdict.tag.clone()).collect()
    }

    /// Takes every tag that names the same image as a taken one. What is excluded stays out; so do the tags
    /// of referrers. A tag that does not name what it is pinned to brings none in.
    pub fn take_aliases(&self, verdicts: &mut [Verdict], digests: &BTreeMap<Tag, Digest>) {
        let mut images: BTreeMap<&Digest, Tag> = BTreeMap::new();
        for verdict in verdicts.iter().filter(|verdict| verdict.target().is_some()) {
            if let Some(digest) = digests.get(&verdict.tag)
                && self.pins.get(&verdict.tag).is_none_or(|pinned| pinned == digest)
            {
                images.entry(digest).or_insert_with(|| verdict.tag.clone());
            }
        }
        for verdict in verdicts {
            let Decision::Dropped { .. } = verdict.decision else { continue };
            let known = digests.get(&verdict.tag).and_then(|digest| images.get(digest));
            if let Some(first) = known.filter(|_| self.may_be_alias(&verdict.tag)) {
                let because = format!("it names the same image as `{first}`");
                let target = verdict.tag.clone();
                verdict.decision = Decision::Taken { target, because, renamed_by: None };
            }
        }
    }

    fn may_be_alias(&self, tag: &Tag) -> bool {
        !self.exclude.is_match(tag) && !is_of_referrers(tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::select::{Pattern, Range};

    fn tag(text: &str) -> Tag {
        text.parse().expect("a tag")
    }

    fn patterns(texts: &[&str]) -> super::super::PatternSet {
        texts.iter().map(|text| Pattern::parse(text).expect("a pattern")).collect()
    }

    /// What becomes of each tag, by the image that it names.
    fn told(selection: &Selection, images: &[(&str, &str)]) -> Vec<String> {
        let tags: Vec<Tag> = images.iter().map(|(name, _)| tag(name)).collect();
        let digests = images.iter().map(|(name, seed)| (tag(name), Digest::of(seed.as_bytes()))).collect();
        let mut verdicts = selection.take(&tags);
        selection.take_aliases(&mut verdicts, &digests);
        selection.rename_all(&mut verdicts);
        verdicts.iter().filter(|one| one.target().is_some()).map(ToString::to_string).collect()
    }

    #[test]
    fn aliases_are_taken_and_what_is_excluded_or_of_referrers_stays_out() {
        let referrers = format!("sha256-{}.sig", "ab".repeat(32));
        let selection = Selection {
            semver: Some(Range::parse(">=1.2").expect("a range")),
            exclude: patterns(&["*-rc*"]),
            ..Selection::default()
        };
        let images = [
            ("1.1", "a"),
            ("1.2", "b"),
            ("1.2-rc1", "b"),
            ("latest", "b"),
            ("stable", "a"),
            ("1.3-beta", "b"),
            (referrers.as_str(), "b"),
        ];
        assert_eq!(
            told(&selection, &images),
            [
                "1.2: taken, every tag is included",
                "1.3-beta: taken, it names the same image as `1.2`",
                "latest: taken, it names the same image as `1.2`",
            ]
        );
    }

    #[test]
    fn an_excluded_tag_that_is_not_included_either_stays_out() {
        let selection =
            Selection { include: patterns(&["1.2"]), exclude: patterns(&["latest"]), ..Selection::default() };
        let images = [("1.2", "a"), ("latest", "a"), ("1", "a")];
        assert_eq!(
            told(&selection, &images),
            ["1: taken, it names the same image as `1.2`", "1.2: taken, `1.2` in `include` matches"]
        );
    }

    #[test]
    fn aliases_are_renamed_like_any_other_tag() {
        let rename = super::super::Rename::parse("^v", "").expect("a rename");
        let selection =
            Selection { include: patterns(&["1.2"]), rename: vec![rename], ..Selection::default() };
        let told = told(&selection, &[("1.2", "a"), ("v1", "a")]);
        assert_eq!(told[1], "v1: taken, it names the same image as `1.2`; renamed to 1 by `^v`");
    }

    #[test]
    fn a_tag_that_is_not_what_it_is_pinned_to_brings_none_in() {
        let pinned = |seed: &str| Selection {
            include: patterns(&["1.2"]),
            pins: BTreeMap::from([(tag("1.2"), Digest::of(seed.as_bytes()))]),
            ..Selection::default()
        };
        let images = [("1.2", "now"), ("latest", "now")];
        assert_eq!(told(&pinned("now"), &images).len(), 2);
        assert_eq!(told(&pinned("then"), &images).len(), 1);
    }

    #[test]
    fn only_what_could_matter_is_asked_for() {
        let selection = Selection {
            include: patterns(&["1.*", "3"]),
            exclude: patterns(&["*-rc"]),
            always: patterns(&["2-rc"]),
            ..Selection::default()
        };
        let asked = |tags: &[&str]| -> Vec<String> {
            let tags: Vec<Tag> = tags.iter().map(|name| tag(name)).collect();
            selection.asked_for_aliases(&selection.take(&tags)).iter().map(ToString::to_string).collect()
        };
        let referrers = format!("sha256-{}", "ab".repeat(32));
        assert_eq!(asked(&["1.1", "1.2-rc", "2-rc", "latest", &referrers]), ["1.1", "2-rc", "latest"]);
        assert_eq!(asked(&["latest", "4"]), [""; 0], "where nothing is taken, nothing has an alias");
    }
}
