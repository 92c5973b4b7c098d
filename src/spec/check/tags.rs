//! `tags` in a spec becomes a selection.

use super::patterns;
use super::pins::{self, Pins};
use crate::oci::{Digest, Tag};
use crate::select::{LastPushed, Newest, Pattern, PatternSet, Per, Prerelease, Range, Selection};
use crate::spec::Code;
use crate::spec::shape::{Field, Many, Reading, TagsMapShape, TagsShape, Text};
use std::collections::BTreeMap;

/// What `tags` selects, without renames; none when something in it was wrong.
pub(super) fn selection(shape: &TagsShape, reading: &mut Reading<'_>) -> Option<Selection> {
    match shape {
        TagsShape::Short(list) => {
            let mut pins = Pins::new();
            let include = tags_and_patterns(list, &mut pins, reading)?;
            Some(Selection { include, pins: digests(pins), ..Selection::default() })
        }
        TagsShape::Full(map) => full(map, reading),
    }
}

fn full(map: &TagsMapShape, reading: &mut Reading<'_>) -> Option<Selection> {
    let TagsMapShape { include, exclude, semver, prerelease, newest, per, last_pushed, always } = map;
    let mut pins = Pins::new();
    let include = set(include, |list| tags_and_patterns(list, &mut pins, reading));
    let exclude = set(exclude, |list| patterns::set(list, reading));
    let always = set(always, |list| tags_and_patterns(list, &mut pins, reading));
    let range = semver.check(|text| range(text, reading));
    if let (Some(per), true) = (per.given(), newest.is_absent()) {
        let help = "add `newest:` with how many versions are kept of each";
        reading.problem(Code::PerWithoutNewest, per.key, "`per` does nothing without `newest`", Some(help));
    }
    if let (Some(prerelease), true) = (prerelease.given(), newest.is_absent() && semver.is_absent()) {
        let message = "`prerelease` does nothing without `semver` or `newest`";
        let help = "without them no versions are compared, and pre-releases are tags like any other";
        reading.problem(Code::PrereleaseWithoutVersions, prerelease.key, message, Some(help));
    }
    if let (Some(last), false) = (last_pushed.given(), newest.is_absent()) {
        let help = "keep `newest` to count versions, or `last_pushed` to go by time";
        let message = "`last_pushed` and `newest` do not go together";
        reading.problem(Code::TwoOrders, last.key, message, Some(help));
    }
    let per = per.value().map_or(Per::default(), |chosen| chosen.value.into());
    let admitted = prerelease.value().is_some_and(|flag| flag.value);
    Some(Selection {
        include: include?,
        exclude: exclude?,
        semver: match range {
            Field::Absent => None,
            Field::Wrong => return None,
            Field::Given(given) => Some(given.value),
        },
        prerelease: match admitted {
            true => Prerelease::Admitted,
            false => Prerelease::Dropped,
        },
        newest: newest.value().map(|count| Newest { count: count.value, per }),
        last_pushed: last_pushed.value().map(|count| LastPushed(count.value)),
        always: always?,
        pins: digests(pins),
        rename: Vec::new(),
    })
}

/// The patterns of a key: empty when it is absent, none when it is wrong.
fn set(
    field: &Field<Many<Text>>,
    check: impl FnOnce(&Many<Text>) -> Option<PatternSet>,
) -> Option<PatternSet> {
    match field.check(check) {
        Field::Absent => Some(PatternSet::default()),
        Field::Wrong => None,
        Field::Given(given) => Some(given.value),
    }
}

/// Every pattern of a list in which tags may have digests.
fn tags_and_patterns(list: &Many<Text>, pins: &mut Pins, reading: &mut Reading<'_>) -> Option<PatternSet> {
    let one = |text: &Text| match pins::is_pinned(text) {
        true => pins::pinned(text, pins, reading),
        false => patterns::pattern(text, reading),
    };
    // All of them are looked at, so that all problems come at once.
    let patterns: Vec<Option<Pattern>> = list.items.iter().map(one).collect();
    patterns.into_iter().collect()
}

fn digests(pins: Pins) -> BTreeMap<Tag, Digest> {
    pins.into_iter().map(|(tag, (digest, _))| (tag, digest)).collect()
}

fn range(text: &Text, reading: &mut Reading<'_>) -> Option<Range> {
    match Range::parse(&text.value) {
        Ok(range) => Some(range),
        Err(why) => {
            let message = format!("{} is not a range of versions{}", text.shown(), text.because(&why));
            reading.problem(Code::BadRange, text.span, message, Some(why.help()));
            None
        }
    }
}
