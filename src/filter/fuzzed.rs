//! What holds for the answers of filters, whatever they are. What a component is made of, and that it can
//! be compiled, is wasmtime's to see to.

use super::bindings::crossdock::filter::types;
use super::checked::checked;
use super::limits::{DESTINATIONS_MAX, REASON_BYTES_MAX};
use super::{Decision, Destination, Named};
use crate::oci::RepositoryPath;
use std::collections::BTreeSet;

/// Longest sentence about an answer that cannot be, in bytes: two quotes, escaped, and words.
const MESSAGE_BYTES_MAX: usize = 2_000;

/// Answers, as text: the path of the target, then a line for each decision: `keep`, `drop REASON`, or
/// `rename` and pairs of a path (`-` is none) and a tag, with tabs between them. A last line `+N` or `-N`
/// says that there are so many images more or fewer.
///
/// What passes names only the target and what is below it, each name once, each by the grammar, and is no
/// longer than its limits; what does not is told in a line of bounded length.
pub fn filter(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut lines: Vec<&str> = text.split('\n').collect();
    let target = Named { registry: "r.test".to_owned(), path: lines.remove(0).to_owned() };
    if !target.path.is_empty() && target.path.parse::<RepositoryPath>().is_err() {
        return false;
    }
    let difference =
        lines.last().filter(|last| last.starts_with(['+', '-'])).and_then(|last| last.parse().ok());
    if difference.is_some() {
        lines.pop();
    }
    let decisions: Vec<types::Decision> = lines.iter().map(|line| decision(line)).collect();
    let count = decisions.len();
    let images = count.saturating_add_signed(difference.unwrap_or_default());
    match checked(decisions, images, &target) {
        Ok(decided) => {
            assert_eq!((decided.len(), count), (images, images));
            let said = lines.iter().map(|line| decision(line));
            decided
                .iter()
                .zip(said)
                .for_each(|(decided, said)| is_what_was_said(decided, &said, &target.path));
            true
        }
        Err((wrong, index)) => {
            assert_eq!(index.is_none(), count != images, "{}", wrong.message);
            assert!(index.is_none_or(|index| index < images));
            let (message, hint) = (&wrong.message, wrong.hint.as_ref().expect("it says what to do"));
            assert!(message.len() <= MESSAGE_BYTES_MAX && !message.contains(char::is_control), "{message:?}");
            assert!(!hint.is_empty());
            false
        }
    }
}

fn decision(line: &str) -> types::Decision {
    let mut words = line.split('\t');
    match words.next() {
        Some("drop") => types::Decision::Drop(words.next().map(str::to_owned)),
        Some("rename") => {
            let words: Vec<&str> = words.collect();
            let name = |pair: &[&str]| types::Destination {
                path: pair.first().filter(|path| **path != "-").map(|path| (*path).to_owned()),
                tag: pair.get(1).map_or_else(String::new, |tag| (*tag).to_owned()),
            };
            types::Decision::Rename(words.chunks(2).map(name).collect())
        }
        _ => types::Decision::Keep,
    }
}

/// What passed is what the filter said, within the limits and within the target.
fn is_what_was_said(decided: &Decision, said: &types::Decision, target: &str) {
    match (decided, said) {
        (Decision::Keep, types::Decision::Keep) | (Decision::Drop(None), types::Decision::Drop(None)) => {}
        (Decision::Drop(Some(reason)), types::Decision::Drop(Some(said))) => {
            assert!(reason.len() <= REASON_BYTES_MAX + " [cut]".len());
            assert!(reason == said || said.starts_with(reason.trim_end_matches(" [cut]")));
        }
        (Decision::Rename(names), types::Decision::Rename(said)) => {
            assert!((1..=DESTINATIONS_MAX).contains(&names.len()) && names.len() == said.len());
            let unique: BTreeSet<&Destination> = names.iter().collect();
            assert_eq!(unique.len(), names.len(), "{names:?}");
            for (Destination { below, tag }, said) in names.iter().zip(said) {
                assert_eq!(tag.as_str(), said.tag);
                let path = match below {
                    Some(below) => format!("{target}/{}", below.as_str()),
                    None => target.to_owned(),
                };
                assert_eq!(said.path.as_ref().unwrap_or(&path), &path);
                assert!(below.is_none() || path.parse::<RepositoryPath>().is_ok(), "{path}");
            }
        }
        (decided, said) => panic!("{decided:?} is not {said:?}"),
    }
}
