//! The keys of a rule that `defaults` has as well: checked once where they stand, then combined.

use super::filters::Declared;
use super::{gates, patterns, platforms, tags};
use crate::oci::MediaType;
use crate::select::{PatternSet, Rename, Selection};
use crate::spec::gates::{Age, Size};
use crate::spec::shape::{Field, Many, OptionsShape, Reading, Text};
use crate::spec::{Aliases, Code, Denied, Format, IndexMode, OnExisting, Place, Platforms, Referrers};
use std::collections::BTreeMap;

/// Checked keys: a field is `Wrong` when a problem was reported for it.
pub(super) struct Options {
    pub tags: Field<Selection>,
    pub aliases: Field<Aliases>,
    pub rename: Field<Vec<Rename>>,
    pub filter: Field<String>,
    pub immutable: Field<PatternSet>,
    pub on_existing: Field<OnExisting>,
    pub platforms: Field<Platforms>,
    pub index: Field<IndexMode>,
    pub referrers: Field<Referrers>,
    pub require: Field<Vec<MediaType>>,
    pub max_size: Field<Size>,
    pub min_age: Field<Age>,
    pub deny: Field<Denied>,
    pub format: Field<Format>,
}

impl Options {
    pub const NONE: Self = Self {
        tags: Field::Absent,
        aliases: Field::Absent,
        rename: Field::Absent,
        filter: Field::Absent,
        immutable: Field::Absent,
        on_existing: Field::Absent,
        platforms: Field::Absent,
        index: Field::Absent,
        referrers: Field::Absent,
        require: Field::Absent,
        max_size: Field::Absent,
        min_age: Field::Absent,
        deny: Field::Absent,
        format: Field::Absent,
    };

    pub fn check(shape: &OptionsShape, filters: &Declared, reading: &mut Reading<'_>) -> Self {
        let OptionsShape {
            tags,
            aliases,
            rename,
            filter,
            immutable,
            on_existing,
            platforms,
            index,
            referrers,
            require,
            max_size,
            min_age,
            deny,
            format,
        } = shape;
        Self {
            tags: tags.check(|tags| tags::selection(tags, reading)),
            aliases: aliases.check(|flag| Some(if flag.value { Aliases::Taken } else { Aliases::Alone })),
            rename: rename.check(|list| patterns::renames(list, reading)),
            filter: filter.check(|text| filters.named(text, reading)),
            immutable: immutable.check(|list| patterns::set(list, reading)),
            on_existing: on_existing.check(|chosen| Some(chosen.value)),
            platforms: platforms.check(|list| platforms::check(list, reading)),
            index: index.check(|chosen| Some(chosen.value)),
            referrers: referrers.check(|list| check_referrers(list, reading)),
            require: require.check(|list| artifact_types(list, reading)),
            max_size: max_size.check(|text| gates::size(text, reading)),
            min_age: min_age.check(|text| gates::age(text, reading)),
            deny: deny.check(|list| gates::denied(list, reading)),
            format: format.check(|chosen| Some(chosen.value)),
        }
    }

    /// Where the values stand of the keys that are given.
    pub fn places(&self, reading: &Reading<'_>) -> BTreeMap<&'static str, Place> {
        let Self {
            tags,
            aliases,
            rename,
            filter,
            immutable,
            on_existing,
            platforms,
            index,
            referrers,
            require,
            max_size,
            min_age,
            deny,
            format,
        } = self;
        let spans = [
            ("tags", tags.given().map(|given| given.span)),
            ("aliases", aliases.given().map(|given| given.span)),
            ("rename", rename.given().map(|given| given.span)),
            ("filter", filter.given().map(|given| given.span)),
            ("immutable", immutable.given().map(|given| given.span)),
            ("on_existing", on_existing.given().map(|given| given.span)),
            ("platforms", platforms.given().map(|given| given.span)),
            ("index", index.given().map(|given| given.span)),
            ("referrers", referrers.given().map(|given| given.span)),
            ("require", require.given().map(|given| given.span)),
            ("max_size", max_size.given().map(|given| given.span)),
            ("min_age", min_age.given().map(|given| given.span)),
            ("deny", deny.given().map(|given| given.span)),
            ("format", format.given().map(|given| given.span)),
        ];
        spans.into_iter().filter_map(|(key, span)| Some((key, reading.source.place(span?)))).collect()
    }
}

fn check_referrers(list: &Many<Text>, reading: &mut Reading<'_>) -> Option<Referrers> {
    match &list.items[..] {
        [only] if only.value == "all" => Some(Referrers::All),
        [only] if only.value == "none" => Some(Referrers::None),
        _ => artifact_types(list, reading).map(Referrers::Types),
    }
}

fn artifact_types(list: &Many<Text>, reading: &mut Reading<'_>) -> Option<Vec<MediaType>> {
    let parse = |text: &Text| {
        let parsed: Result<MediaType, String> = text.value.parse();
        if parsed.is_err() {
            let message = format!("{} is not an artifact type", text.shown());
            let help = "an artifact type is a media type, such as `application/spdx+json`";
            reading.problem(Code::BadArtifactType, text.span, message, Some(help));
        }
        parsed.ok()
    };
    let types: Vec<Option<MediaType>> = list.items.iter().map(parse).collect();
    types.into_iter().collect()
}
