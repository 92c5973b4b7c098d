//! `tags` in a spec becomes a selection.

use super::patterns;
use crate::select::{Newest, PatternSet, Per, Prerelease, Range, Selection};
use crate::spec::Code;
use crate::spec::shape::{Field, Many, Reading, TagsMapShape, TagsShape, Text};

/// What `tags` selects, without renames; none when something in it was wrong.
pub(super) fn selection(shape: &TagsShape, reading: &mut Reading<'_>) -> Option<Selection> {
    match shape {
        TagsShape::Short(list) => {
            patterns::set(list, reading).map(|include| Selection { include, ..Selection::default() })
        }
        TagsShape::Full(map) => full(map, reading),
    }
}

fn full(map: &TagsMapShape, reading: &mut Reading<'_>) -> Option<Selection> {
    let TagsMapShape { include, exclude, semver, prerelease, newest, per, always } = map;
    let include = set(include, reading);
    let exclude = set(exclude, reading);
    let always = set(always, reading);
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
        always: always?,
        rename: Vec::new(),
    })
}

/// The patterns of a key: empty when it is absent, none when it is wrong.
fn set(field: &Field<Many<Text>>, reading: &mut Reading<'_>) -> Option<PatternSet> {
    match field.check(|list| patterns::set(list, reading)) {
        Field::Absent => Some(PatternSet::default()),
        Field::Wrong => None,
        Field::Given(given) => Some(given.value),
    }
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
