//! From the text of a file to its cases, or to everything that is wrong with it.

use super::error::CaseError;
use super::reading::{Member, Node, Reading, member};
use super::{Case, CaseFile, Expected, Spot, Told, expect, image, times};
use crate::filter::Named;
use serde_json::json;

/// `$schema` is for editors.
const CASE: [&str; 6] = ["name", "config", "request", "expect", "expect_error", "$schema"];
const REQUEST: [&str; 4] = ["source", "target", "now", "images"];

pub(super) fn parse(file: &str, text: &str) -> Result<CaseFile, Vec<CaseError>> {
    let mut reading = Reading::new(file, text);
    let cases = reading.root().and_then(|root| cases(&root, &mut reading)).unwrap_or_default();
    match reading.errors.is_empty() {
        true => Ok(CaseFile { file: file.to_owned(), text: text.to_owned(), cases }),
        false => {
            let mut errors = reading.errors;
            errors.sort_by_key(|error| error.line);
            Err(errors)
        }
    }
}

fn cases(root: &Node<'_>, reading: &mut Reading<'_>) -> Option<Vec<Case>> {
    // Only a file of several has this key: everything else is one case.
    if !root.has("cases") {
        return Some(vec![case(root, reading)?]);
    }
    let members = reading.object(root, &["cases", "$schema"])?;
    let list = member(&members, "cases")?;
    let nodes = reading.list(list)?;
    if nodes.is_empty() {
        reading.wrong(list, "there is no case in it", None);
    }
    let cases: Vec<Option<Case>> = nodes.iter().map(|node| case(node, reading)).collect();
    cases.into_iter().collect()
}

/// What a request says; what is wrong in it is none.
#[derive(Default)]
struct Asked {
    source: Option<Named>,
    target: Option<Named>,
    now: Option<i64>,
    images: Option<Vec<Told>>,
}

fn case(node: &Node<'_>, reading: &mut Reading<'_>) -> Option<Case> {
    let members = reading.object(node, &CASE)?;
    let name = member(&members, "name").and_then(|name| reading.text(name));
    let config = match member(&members, "config") {
        Some(config) => config.plain().or_else(|| {
            reading.wrong(config, "it is too deep, or has a number that is too large", None);
            None
        }),
        None => Some(json!({})),
    };
    let asked = match member(&members, "request") {
        Some(asked) => request(asked, reading),
        None => {
            let hint = "write { \"source\": …, \"target\": …, \"images\": […] }".to_owned();
            reading.wrong(node, "it has no `request`", Some(hint));
            Asked::default()
        }
    };
    let (expected, spot) = expected(&members, asked.target.as_ref(), reading)?;
    let Asked { source, target, now, images } = asked;
    Some(Case {
        name,
        config: config?,
        source: source?,
        target: target?,
        now,
        images: images?,
        expected,
        spot,
    })
}

fn request(node: &Node<'_>, reading: &mut Reading<'_>) -> Asked {
    let Some(members) = reading.object(node, &REQUEST) else { return Asked::default() };
    for key in ["source", "target", "images"] {
        if member(&members, key).is_none() {
            reading.wrong(node, format!("it has no `{key}`"), None);
        }
    }
    Asked {
        source: member(&members, "source").and_then(|node| image::repository(node, reading)),
        target: member(&members, "target").and_then(|node| image::repository(node, reading)),
        now: member(&members, "now").and_then(|node| times::read(node, reading)),
        images: member(&members, "images").and_then(|node| image::images(node, reading)),
    }
}

fn expected(
    members: &[Member<'_>],
    target: Option<&Named>,
    reading: &mut Reading<'_>,
) -> Option<(Expected, Spot)> {
    let find = |key: &str| members.iter().find(|member| member.key == key);
    match (find("expect"), find("expect_error")) {
        (Some(_), Some(error)) => {
            reading.wrong(&error.value, "a case has `expect` or `expect_error`, not both", None);
            None
        }
        (Some(found), None) => {
            let expected = expect::decisions(&found.value, target, reading)?;
            Some((expected, Spot::Member(reading.span(found))))
        }
        (None, Some(found)) => {
            let text = reading.text(&found.value)?;
            if text.is_empty() {
                let hint = "write a part of the message".to_owned();
                reading.wrong(&found.value, "every message contains the empty text", Some(hint));
            }
            Some((Expected::Error(text), Spot::Member(reading.span(found))))
        }
        (None, None) => {
            // An empty case lacks its request, which was told.
            members.last().map(|last| (Expected::Nothing, Spot::Behind(reading.span(last).end)))
        }
    }
}
