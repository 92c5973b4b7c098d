//! Pins: tags with the digest that they must name, and whether two pins contradict each other.

use super::gates;
use super::rules::Sited;
use crate::oci::{Digest, Reference, Tag};
use crate::select::Pattern;
use crate::spec::shape::{Reading, Text};
use crate::spec::substitute::Origin;
use crate::spec::{Code, Place, Problem};
use std::collections::{BTreeMap, HashMap};

/// Pins that were read, each with its place.
pub(super) type Pins = BTreeMap<Tag, (Digest, Place)>;

/// Whether a text of `include` or `always` has a pin: neither a tag nor a glob has an `@`.
pub(super) fn is_pinned(text: &Text) -> bool {
    !text.value.starts_with('/') && text.value.contains('@')
}

/// The tag of `TAG@DIGEST`, whose digest is added to `pins`.
pub(super) fn pinned(text: &Text, pins: &mut Pins, reading: &mut Reading<'_>) -> Option<Pattern> {
    let (before, digest) = text.value.split_once('@')?;
    let digest = gates::digest(text, digest, reading);
    let pattern = match Pattern::parse(before) {
        Ok(pattern) if pattern.literal().is_some() => Some(pattern),
        parsed => {
            let message = match (parsed.is_ok(), text.origin) {
                (_, Origin::Environment) => "what stands before the `@` of this is not a tag".to_owned(),
                (_, Origin::Literal) if before.is_empty() => "a tag is missing before the digest".to_owned(),
                (true, Origin::Literal) => format!("the pattern `{before}` cannot be pinned to a digest"),
                (false, Origin::Literal) => format!("`{before}` is not a tag, and nothing else has a digest"),
            };
            let help = "a pin is about one tag: write each tag with its digest, as in `1.2@sha256:…`";
            reading.problem(Code::BadPin, text.part(0..before.len()), message, Some(help));
            None
        }
    };
    let (pattern, digest) = (pattern?, digest?);
    let place = reading.source.place(text.span);
    if let Some(tag) = pattern.literal() {
        match pins.get(tag) {
            Some((other, at)) if *other != digest => {
                let problem = contradiction(&format!("`{tag}`"), place, *at);
                reading.problems.push(problem);
                return None;
            }
            _ => drop(pins.insert(tag.clone(), (digest, place))),
        }
    }
    Some(pattern)
}

fn contradiction(tag: &str, place: Place, other: Place) -> Problem {
    let message = format!("{tag} is pinned to two digests, and names one at most");
    Problem::new(Code::BadPin, place, message)
        .help("keep the pin that is right")
        .related(other, "the other pin")
}

/// Looks for pins of one tag in several rules that contradict each other.
pub(super) fn check(rules: &[Sited], reading: &mut Reading<'_>) {
    let mut pinned: HashMap<Reference, (&Digest, Place)> = HashMap::new();
    for Sited { rule, .. } in rules {
        let Some(place) = rule.places.get("tags") else { continue };
        for (tag, digest) in &rule.selection.pins {
            let source = rule.source.at(tag.clone());
            match pinned.get(&source) {
                Some((other, at)) if *other != digest => {
                    reading.problems.push(contradiction(&format!("`{source}`"), *place, *at));
                }
                _ => drop(pinned.insert(source, (digest, *place))),
            }
        }
    }
}
