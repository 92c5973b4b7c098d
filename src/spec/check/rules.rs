//! Rules: a shape with its defaults becomes a rule, with where its parts stand.

use super::estates;
use super::filters::Declared;
use super::options::Options;
use super::references::{Role, repository};
use crate::oci::{Repository, Template};
use crate::spec::shape::{Field, Many, Reading, RuleShape, SpecShape, Text};
use crate::spec::substitute::Origin;
use crate::spec::{Code, Estate, Format, Gates, IndexMode, Platforms, Problem, Rule, Span};
use std::collections::HashMap;

/// A rule and where its repositories stand.
pub(super) struct Sited {
    pub rule: Rule,
    pub source: Span,
    /// One for each target.
    pub targets: Vec<Span>,
}

/// Every rule that could be made sense of: those about one repository, and those about many.
pub(super) fn check(
    shape: &SpecShape,
    filters: &Declared,
    reading: &mut Reading<'_>,
) -> (Vec<Sited>, Vec<Estate>) {
    let defaults = shape.defaults.value().map(|options| Options::check(options, filters, reading));
    let defaults = defaults.unwrap_or(Options::NONE);
    let (mut rules, mut estates) = (Vec::new(), Vec::new());
    let mut names = HashMap::new();
    for (span, shape) in shape.mirrors.value().map(|list| &list.items[..]).unwrap_or_default() {
        let own = Options::check(&shape.options, filters, reading);
        check_index(&own, &defaults, reading);
        check_name(shape, &mut names, reading);
        if estates::is_meant(shape) {
            estates.extend(estates::check(shape, *span, (&own, &defaults), reading));
            continue;
        }
        estates::check_alone(shape, reading);
        let source = shape.source.check(|text| repository(text, Role::Source, reading));
        let targets = targets(&shape.target, &source, own.rename.or(&defaults.rename), reading);
        if let (Some(source), false) = (source.given(), targets.is_empty()) {
            let mut rule = combine(&own, &defaults, source.value.clone(), reading);
            rule.name = name(shape).map(|text| text.value.clone()).unwrap_or_default();
            rule.line = reading.source.place(*span).line;
            let (spans, repositories) = targets.into_iter().unzip();
            rule.targets = repositories;
            rules.push(Sited { rule, source: source.span, targets: spans });
        }
    }
    (rules, estates)
}

pub(super) fn name(shape: &RuleShape) -> Option<&Text> {
    match &shape.name {
        Field::Absent => shape.source.value(),
        Field::Wrong => None,
        Field::Given(given) => Some(&given.value),
    }
}

fn check_name(shape: &RuleShape, names: &mut HashMap<String, Span>, reading: &mut Reading<'_>) {
    let Some(text) = name(shape) else { return };
    if text.value.is_empty() || text.value.chars().any(char::is_control) {
        if shape.name.is_absent() {
            // As a source it is refused anyway.
            return;
        }
        let message = "a name is not empty, and has no line breaks or control characters";
        reading.problem(Code::BadName, text.span, message, Some("write one line"));
        return;
    }
    let Some(first) = names.insert(text.value.clone(), text.span) else { return };
    let message = match text.origin {
        Origin::Literal => format!("two rules are called {}", text.shown()),
        Origin::Environment => "two rules have one name".to_owned(),
    };
    let help = match shape.name.is_absent() {
        true => "a rule is called by its source unless it has a `name`: give one of them a `name`",
        false => "give one of them another name",
    };
    let problem = Problem::new(Code::DuplicateName, reading.source.place(text.span), message)
        .help(help)
        .related(reading.source.place(first), "the other one");
    reading.problems.push(problem);
}

/// Each target with its place, once.
fn targets(
    list: &Field<Many<Text>>,
    source: &Field<Repository>,
    rename: &Field<Vec<crate::select::Rename>>,
    reading: &mut Reading<'_>,
) -> Vec<(Span, Repository)> {
    let mut targets: Vec<(Span, Repository)> = Vec::new();
    let mut seen: HashMap<Repository, Span> = HashMap::new();
    // What a placeholder means here was told.
    let is_told = |text: &&Text| Template::is_meant(&text.value);
    for text in
        list.value().map(|list| &list.items[..]).unwrap_or_default().iter().filter(|text| !is_told(text))
    {
        let Some(target) = repository(text, Role::Target, reading) else { continue };
        if let Some(first) = seen.get(&target) {
            let message = format!("{} is a target of this rule already", text.shown());
            let problem = Problem::new(Code::DuplicateTarget, reading.source.place(text.span), message)
                .help("remove one of the two")
                .related(reading.source.place(*first), "first time");
            reading.problems.push(problem);
            continue;
        }
        if let (Some(source), Field::Absent) =
            (source.given().filter(|source| source.value == target), rename)
        {
            let message = "the target is the source";
            let problem = Problem::new(Code::SourceIsTarget, reading.source.place(text.span), message)
                .help("name another repository, or give the tags other names with `rename`")
                .related(reading.source.place(source.span), "the source");
            reading.problems.push(problem);
        }
        seen.insert(target.clone(), text.span);
        targets.push((text.span, target));
    }
    targets
}

/// `index` is about what `platforms` leaves out.
fn check_index(own: &Options, defaults: &Options, reading: &mut Reading<'_>) {
    let Some(index) = own.index.or(&defaults.index).given() else { return };
    let platforms = own.platforms.or(&defaults.platforms);
    match platforms {
        Field::Absent | Field::Given(crate::spec::shape::Given { value: Platforms::All, .. }) => {
            // As a default it is there for the rules that have platforms.
            if own.index.given().is_some() {
                let message = "`index` does nothing while all platforms are mirrored";
                let help = "name some: `platforms: [linux/amd64, linux/arm64]`";
                reading.problem(Code::IndexWithoutPlatforms, index.key, message, Some(help));
            }
        }
        Field::Given(given) => {
            let several = matches!(&given.value, Platforms::Only(list) if list.len() > 1);
            if index.value == IndexMode::Single && several {
                let message = "`index: single` mirrors one platform, and `platforms` names several";
                let problem =
                    Problem::new(Code::IndexWithoutPlatforms, reading.source.place(index.span), message)
                        .help("name one platform, or write `index: rewrite`")
                        .related(reading.source.place(given.span), "the platforms");
                reading.problems.push(problem);
            }
        }
        Field::Wrong => {}
    }
    let format = own.format.or(&defaults.format);
    if let (IndexMode::Sparse, Field::Given(given)) = (index.value, format)
        && given.value != Format::Keep
    {
        let message = "`index: sparse` keeps the index byte for byte, and `format` writes another";
        let problem = Problem::new(Code::IndexWithoutPlatforms, reading.source.place(index.span), message)
            .help("write `index: rewrite`, or leave `format` out")
            .related(reading.source.place(given.span), "the format");
        reading.problems.push(problem);
    }
}

/// The rule without its name, line and targets.
pub(super) fn combine(own: &Options, defaults: &Options, source: Repository, reading: &Reading<'_>) -> Rule {
    let mut places = defaults.places(reading);
    places.extend(own.places(reading));
    let mut selection = own.tags.or(&defaults.tags).value().cloned().unwrap_or_default();
    selection.rename = own.rename.or(&defaults.rename).value().cloned().unwrap_or_default();
    Rule {
        name: String::new(),
        line: 0,
        source,
        targets: Vec::new(),
        selection,
        aliases: own.aliases.or(&defaults.aliases).value().copied().unwrap_or_default(),
        immutable: own.immutable.or(&defaults.immutable).value().cloned().unwrap_or_default(),
        on_existing: own.on_existing.or(&defaults.on_existing).value().copied().unwrap_or_default(),
        filter: own.filter.or(&defaults.filter).value().cloned(),
        platforms: own.platforms.or(&defaults.platforms).value().cloned().unwrap_or_default(),
        index: own.index.or(&defaults.index).value().copied().unwrap_or_default(),
        referrers: own.referrers.or(&defaults.referrers).value().cloned().unwrap_or_default(),
        require: own.require.or(&defaults.require).value().cloned().unwrap_or_default(),
        gates: Gates {
            max_size: own.max_size.or(&defaults.max_size).value().copied(),
            min_age: own.min_age.or(&defaults.min_age).value().copied(),
            deny: own.deny.or(&defaults.deny).value().cloned().unwrap_or_default(),
        },
        format: own.format.or(&defaults.format).value().copied().unwrap_or_default(),
        places,
    }
}
