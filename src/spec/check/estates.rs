//! Rules with a wildcard: whether source, targets and the choice of repositories fit together.

use super::options::Options;
use super::rules::{combine, name};
use crate::oci::{Area, AreaError, PLACEHOLDER, Repository, Template, TemplateError};
use crate::select::{NamePattern, NameSelection, PatternError};
use crate::spec::shape::{Field, Many, Reading, RepositoriesShape, RuleShape, Text};
use crate::spec::substitute::Origin;
use crate::spec::{Code, Estate, Problem, Span};
use std::collections::HashMap;

/// Whether a rule is about many repositories.
pub(super) fn is_meant(shape: &RuleShape) -> bool {
    shape.source.value().is_some_and(|text| Area::is_meant(&text.value))
}

/// What a rule about one repository must not have.
pub(super) fn check_alone(shape: &RuleShape, reading: &mut Reading<'_>) {
    if let Some(given) = shape.repositories.given() {
        let message = "`repositories` chooses among many, and this rule is about one";
        let help = match shape.source.value().filter(|text| text.origin == Origin::Literal) {
            Some(text) => {
                format!("write `source: {}/**` for all below it, or leave `repositories` out", text.value)
            }
            None => "let `source` end with `/**`, or leave `repositories` out".to_owned(),
        };
        reading.problem(Code::BadWildcard, given.key, message, Some(help));
    }
    let targets = shape.target.value().map(|list| &list.items[..]).unwrap_or_default();
    for text in targets.iter().filter(|text| Template::is_meant(&text.value)) {
        let at = text.value.find(PLACEHOLDER).unwrap_or_default();
        let message = format!("`{PLACEHOLDER}` has no meaning here: the source is one repository");
        let help = match shape.source.value().filter(|text| text.origin == Origin::Literal) {
            Some(text) => {
                format!("write `source: {}/**` for all below it, or name the target in full", text.value)
            }
            None => "let `source` end with `/**`, or name the target in full".to_owned(),
        };
        reading.problem(Code::BadWildcard, text.part(at..at + PLACEHOLDER.len()), message, Some(help));
    }
}

/// The estate that a rule with a wildcard is; none when it is none.
pub(super) fn check(
    shape: &RuleShape,
    span: Span,
    (own, defaults): (&Options, &Options),
    reading: &mut Reading<'_>,
) -> Option<Estate> {
    let area = shape.source.check(|text| area(text, reading));
    let targets = targets(&shape.target, reading);
    let repositories = shape.repositories.check(|shape| selection(shape, reading));
    let area = area.given()?;
    let repositories = match repositories {
        Field::Absent => NameSelection::default(),
        Field::Given(given) => given.value,
        Field::Wrong => return None,
    };
    let renames = !own.rename.or(&defaults.rename).is_absent();
    for (span, target) in &targets {
        check_circle((&area.value, area.span), (target, *span), &repositories, renames, reading);
    }
    if targets.is_empty() {
        return None;
    }
    let mut model = combine(own, defaults, area.value.stand_in(), reading);
    model.name = name(shape).map(|text| text.value.clone()).unwrap_or_default();
    model.line = reading.source.place(span).line;
    let targets = targets.into_iter().map(|(_, target)| target).collect();
    Some(Estate { name: model.name.clone(), area: area.value.clone(), targets, repositories, model })
}

fn area(text: &Text, reading: &mut Reading<'_>) -> Option<Area> {
    let why = match text.value.parse() {
        Ok(area) => return Some(area),
        Err(why) => why,
    };
    if may_be_secret(text, "source", reading) {
        return None;
    }
    let help = match &why {
        AreaError::Wildcard => {
            "write `registry/path/**` for all below a path, or `/*` for what is directly below; to choose among \
             them, there is `repositories: { include: [...] }`"
        }
        AreaError::WholeHub => "name a namespace, such as `docker.io/grafana/**`",
        AreaError::Reference(_) => "write `registry/path/**`, such as `harbor.corp/team/**`",
    };
    let message = format!("{} is not a source{}", text.shown(), text.because(&why));
    reading.problem(Code::BadWildcard, text.span, message, Some(help));
    None
}

/// Whether a text that is no `role` may be `user:password@registry`: then it is told without being shown.
fn may_be_secret(text: &Text, role: &str, reading: &mut Reading<'_>) -> bool {
    if !text.value.contains('@') {
        return false;
    }
    reading.secrets.push(text.span);
    let help = format!("a {role} has no `@`; credentials belong under `registries`");
    reading.problem(Code::BadReference, text.span, format!("this is not a {role}"), Some(help));
    true
}

/// Each target with its place, once.
fn targets(list: &Field<Many<Text>>, reading: &mut Reading<'_>) -> Vec<(Span, Template)> {
    let mut targets: Vec<(Span, Template)> = Vec::new();
    let mut seen: HashMap<Template, Span> = HashMap::new();
    for text in list.value().map(|list| &list.items[..]).unwrap_or_default() {
        let Some(target) = target(text, reading) else { continue };
        if let Some(first) = seen.insert(target.clone(), text.span) {
            let message = format!("{} is a target of this rule already", text.shown());
            let problem = Problem::new(Code::DuplicateTarget, reading.source.place(text.span), message)
                .help("remove one of the two")
                .related(reading.source.place(first), "first time");
            reading.problems.push(problem);
            continue;
        }
        targets.push((text.span, target));
    }
    targets
}

fn target(text: &Text, reading: &mut Reading<'_>) -> Option<Template> {
    let why = match text.value.parse() {
        Ok(template) => return Some(template),
        Err(why) => why,
    };
    if may_be_secret(text, "target", reading) {
        return None;
    }
    let (message, help) = match &why {
        TemplateError::Fixed => {
            let message = "many repositories would be written to one: the source has a wildcard".to_owned();
            let help = match text.origin {
                Origin::Literal => {
                    // The name of a layout begins after two slashes.
                    let parting = match text.value.strip_prefix("oci:") {
                        Some(rest) if !rest.contains("//") => "//",
                        _ => "/",
                    };
                    format!("write `{}{parting}{PLACEHOLDER}`", text.value.trim_end_matches('/'))
                }
                Origin::Environment => format!("put `{PLACEHOLDER}` where the name of each shall stand"),
            };
            (message, help)
        }
        TemplateError::Store => (
            format!("{} is not a target{}", text.shown(), text.because(&why)),
            format!("write `registry/path/{PLACEHOLDER}`, or `oci:DIRECTORY//{PLACEHOLDER}`"),
        ),
        TemplateError::Tag => (
            format!("{} is not a target{}", text.shown(), text.because(&why)),
            "leave it out: tags keep their names, unless `rename` changes them".to_owned(),
        ),
        TemplateError::Reference(_) => (
            format!("{} is not a target{}", text.shown(), text.because(&why)),
            format!("write `registry/path/{PLACEHOLDER}`, such as `registry.corp/mirror/{PLACEHOLDER}`"),
        ),
    };
    reading.problem(Code::BadWildcard, text.span, message, Some(help));
    None
}

fn selection(shape: &RepositoriesShape, reading: &mut Reading<'_>) -> Option<NameSelection> {
    let RepositoriesShape { include, exclude } = shape;
    let include = include.check(|list| patterns(list, reading));
    let exclude = exclude.check(|list| patterns(list, reading));
    let taken = |field: Field<Vec<NamePattern>>| match field {
        Field::Absent => Some(Vec::new()),
        Field::Given(given) => Some(given.value),
        Field::Wrong => None,
    };
    Some(NameSelection { include: taken(include)?, exclude: taken(exclude)? })
}

fn patterns(list: &Many<Text>, reading: &mut Reading<'_>) -> Option<Vec<NamePattern>> {
    let parse = |text: &Text| {
        let parsed = NamePattern::parse(&text.value);
        parsed.map_err(|why| {
            let help = match &why {
                PatternError::Empty => "to match every repository, write `**`",
                PatternError::Unclosed => "a regular expression is written `/…/`; a name begins with no `/`",
                PatternError::TooLong | PatternError::TooCostly => "use several shorter patterns",
                PatternError::Literal(_) | PatternError::Foreign(_) => {
                    "a pattern is compared with what the wildcard stands for: no registry, no tag, lower case"
                }
                PatternError::Glob(_) | PatternError::Expression(_) => {
                    "`*`, `**`, `?`, `[a-z]` and `{a,b}` have a meaning; `/…/` is a regular expression"
                }
            };
            let message = match &why {
                PatternError::Foreign(c) => {
                    format!(
                        "{} is not a pattern{}",
                        text.shown(),
                        text.because(format!("it has {c:?}, which no name has"))
                    )
                }
                why => format!("{} is not a pattern{}", text.shown(), text.because(why)),
            };
            reading.problem(Code::BadPattern, text.span, message, Some(help));
        })
    };
    let patterns: Vec<Result<NamePattern, ()>> = list.items.iter().map(parse).collect();
    patterns.into_iter().collect::<Result<_, _>>().ok()
}

/// A target in its own area: each run would mirror what the last one has written.
fn check_circle(
    (area, source): (&Area, Span),
    (target, span): (&Template, Span),
    repositories: &NameSelection,
    renames: bool,
    reading: &mut Reading<'_>,
) {
    let Ok(sample) = target.sample() else { return };
    let path = match &sample {
        Repository::Registry { path, .. } => path.as_str(),
        Repository::Local { name, .. } => name.as_ref().map_or("", |name| name.as_str()),
    };
    let Some(below) = area.below(path).filter(|_| sample.store() == *area.store()) else { return };
    let stays = area.repository(path).ok().and_then(|_| target.at(below).ok()) == Some(sample.clone());
    if !repositories.takes(below) || (stays && renames) {
        return;
    }
    let (message, help) = match stays {
        true => (
            "the targets are the sources",
            "name another place, or give the tags other names with `rename`".to_owned(),
        ),
        false => {
            let at = below.rsplit_once('/').map_or("", |(above, _)| above);
            let help = match at.is_empty() {
                true => "write to another place".to_owned(),
                false => format!(
                    "write to another place, or leave it out: `repositories: {{ exclude: [\"{at}/**\"] }}`"
                ),
            };
            ("the target lies in the source: each run would mirror what the last one has written", help)
        }
    };
    let problem = Problem::new(Code::SourceIsTarget, reading.source.place(span), message)
        .help(help)
        .related(reading.source.place(source), "the source");
    reading.problems.push(problem);
}
