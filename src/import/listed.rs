//! A spec of rules that somebody else made up: images that were found where they run, or where they are
//! named.

use super::draft::{Draft, RuleDraft, TagsDraft};
use super::said::{Fault, Note};
use super::written::Written;
use super::{Environment, Imported, Options, checked};

/// A repository whose images are to be mirrored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The repository, or an area.
    pub source: String,
    /// Where its images go.
    pub target: String,
    /// Tags, and tags with their pins; none means all.
    pub tags: Vec<String>,
    /// What is said above the rule.
    pub comments: Vec<String>,
}

/// Makes a spec of rules; `head` is said at its top.
///
/// # Errors
/// What a spec cannot say of them.
pub fn list(
    head: &str,
    rules: &[Listed],
    notes: &[Note],
    env: Environment<'_>,
) -> Result<Imported, Vec<Fault>> {
    let options = Options::default();
    let mut draft = Draft::new(&options, env);
    draft.notes = notes.to_vec();
    draft.rules = rules.iter().cloned().map(rule).collect();
    checked(&[head.to_owned()], draft)
}

fn rule(Listed { source, target, tags, comments }: Listed) -> RuleDraft {
    RuleDraft {
        source,
        targets: vec![Written::literal(&target)],
        tags: TagsDraft::only(tags),
        comments,
        ..RuleDraft::default()
    }
}
