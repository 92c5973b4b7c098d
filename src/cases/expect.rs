//! Decisions as a case file writes them: `"keep"`, `{ "drop": "why" }`, `[":1.27", "path/below:1.27"]`.

use super::Expected;
use super::reading::{Kind, Node, Reading, member, shortened};
use crate::filter::{Decision, Destination, Named};
use crate::oci::{RepositoryPath, Tag};
use serde_json::{Value, json};

/// What can stand for a decision.
const WANTED: &str = "write \"keep\", { \"drop\": \"why\" } or a list of names such as [\":1.27\"]";

/// The decisions that are expected, by tag. `target` is none when it is wrong itself.
pub(super) fn decisions(
    node: &Node<'_>,
    target: Option<&Named>,
    reading: &mut Reading<'_>,
) -> Option<Expected> {
    let mut expected = Vec::new();
    for found in reading.table(node)? {
        match found.key.parse::<Tag>() {
            Ok(tag) => {
                if let Some(decision) = decision(&found.value, target, reading) {
                    expected.push((tag, decision));
                }
            }
            Err(why) => reading.wrong(&found.value, format!("its key is not a tag: {why}"), None),
        }
    }
    Some(Expected::Decisions(expected))
}

fn decision(node: &Node<'_>, target: Option<&Named>, reading: &mut Reading<'_>) -> Option<Decision> {
    match node.kind() {
        Kind::Text if node.plain::<String>().as_deref() == Some("keep") => Some(Decision::Keep),
        Kind::Object => {
            let members = reading.object(node, &["drop"])?;
            let Some(reason) = member(&members, "drop") else {
                reading.wrong(node, "it says nothing", Some(WANTED.to_owned()));
                return None;
            };
            match reason.kind() {
                Kind::Null => Some(Decision::Drop(None)),
                _ => reading.text(reason).map(|reason| Decision::Drop(Some(reason))),
            }
        }
        Kind::List => {
            let names = reading.list(node)?;
            if names.is_empty() {
                reading.wrong(node, "an image gets one name at least", Some(WANTED.to_owned()));
                return None;
            }
            let names: Vec<_> = names.iter().map(|name| destination(name, target, reading)).collect();
            names.into_iter().collect::<Option<_>>().map(Decision::Rename)
        }
        kind => {
            reading.wrong(node, format!("{kind} stands where a decision belongs"), Some(WANTED.to_owned()));
            None
        }
    }
}

/// `:tag` or `path:tag`, where the path is the target's or below it.
fn destination(node: &Node<'_>, target: Option<&Named>, reading: &mut Reading<'_>) -> Option<Destination> {
    let text = reading.text(node)?;
    let Some((path, tag)) = text.rsplit_once(':') else {
        let hint = format!("write {:?} for a tag in the target repository", format!(":{}", shortened(&text)));
        reading.wrong(node, format!("{:?} has no `:`", shortened(&text)), Some(hint));
        return None;
    };
    let tag: Tag = match tag.parse() {
        Ok(tag) => tag,
        Err(why) => {
            reading.wrong(node, format!("what follows `:` is not a tag: {why}"), None);
            return None;
        }
    };
    let target = target?;
    match below(path, &target.path) {
        Ok(below) => Some(Destination { below, tag }),
        Err(why) => {
            reading.wrong(node, why, None);
            None
        }
    }
}

/// What of `path` follows the target's.
fn below(path: &str, target: &str) -> Result<Option<RepositoryPath>, String> {
    if path.is_empty() || path == target {
        return Ok(None);
    }
    let rest = match target {
        "" => Some(path),
        _ => path.strip_prefix(target).and_then(|rest| rest.strip_prefix('/')),
    };
    let Some(rest) = rest else {
        return Err(format!("{:?} is neither the target {target:?} nor below it", shortened(path)));
    };
    rest.parse().map(Some).map_err(|why| format!("{:?} is not a repository path: {why}", shortened(path)))
}

/// A decision as a case file writes it. `target` is the target repository of the request.
pub fn written(decision: &Decision, target: &Named) -> Value {
    match decision {
        Decision::Keep => json!("keep"),
        Decision::Drop(reason) => json!({ "drop": reason }),
        Decision::Rename(names) => {
            names.iter().map(|name| Value::String(written_name(name, target))).collect()
        }
    }
}

fn written_name(Destination { below, tag }: &Destination, target: &Named) -> String {
    match below {
        None => format!(":{tag}"),
        Some(below) if target.path.is_empty() => format!("{below}:{tag}"),
        Some(below) => format!("{}/{below}:{tag}", target.path),
    }
}

/// A decision as people read it, on one line: as in a case file. It may quote the filter: escape it
/// before it is shown.
pub fn shown(decision: &Decision, target: &Named) -> String {
    match decision {
        Decision::Keep => "keep".to_owned(),
        Decision::Drop(None) => "drop".to_owned(),
        Decision::Drop(Some(reason)) => format!("drop: {reason}"),
        Decision::Rename(names) => {
            let names: Vec<String> = names.iter().map(|name| written_name(name, target)).collect();
            names.join(", ")
        }
    }
}

/// Whether two decisions have the same effect: the order of names has none.
pub(super) fn same(left: &Decision, right: &Decision) -> bool {
    match (left, right) {
        (Decision::Rename(left), Decision::Rename(right)) => {
            let sorted = |names: &[Destination]| {
                let mut names = names.to_vec();
                names.sort();
                names
            };
            sorted(left) == sorted(right)
        }
        _ => left == right,
    }
}
