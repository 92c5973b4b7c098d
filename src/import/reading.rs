//! Opens the files of an import: JSON or YAML becomes a tree, and what is wrong with it a fault.

use super::draft::Draft;
use super::said::Site;
use super::{File, json};
use crate::spec::{Part, PartKind, Place, Tree};
use std::rc::Rc;

/// A file that is being read.
pub(super) struct Sheet {
    file: Rc<str>,
}

impl Sheet {
    /// Where something stands in it.
    pub(super) fn site(&self, place: Place) -> Site {
        Site { file: Rc::clone(&self.file), line: place.line, column: place.column }
    }

    /// Where a value stands in it.
    pub(super) fn at(&self, part: Part<'_>) -> Site {
        self.site(part.place())
    }
}

/// Opens a file and hands on what is in it.
pub(super) fn open<'d>(
    file: &File,
    draft: &mut Draft<'d>,
    read: impl FnOnce(&Sheet, Part<'_>, &mut Draft<'d>),
) {
    let sheet = Sheet { file: file.name.as_str().into() };
    let text = json::as_yaml(&file.text);
    match Tree::read(&text) {
        Ok(tree) => read(&sheet, tree.root(), draft),
        Err(problems) => {
            for problem in problems {
                let help = problem.help.unwrap_or_default();
                draft.fault(sheet.site(problem.place), problem.message, &help);
            }
        }
    }
}

/// The text of a value that shall be one; anything else but nothing is a fault.
pub(super) fn text<'a>(what: &str, part: Part<'a>, sheet: &Sheet, draft: &mut Draft<'_>) -> Option<&'a str> {
    match part.kind() {
        PartKind::Nothing => None,
        PartKind::Text => part.text(),
        PartKind::List | PartKind::Mapping => {
            draft.fault(sheet.at(part), format!("`{what}` is {}, and a text belongs here", part.what()), "");
            None
        }
    }
}

/// The switch that a value is; nothing is off.
pub(super) fn flag(what: &str, part: Part<'_>, sheet: &Sheet, draft: &mut Draft<'_>) -> bool {
    let flag = part.flag();
    if flag.is_none() && part.kind() != PartKind::Nothing {
        draft.fault(sheet.at(part), format!("`{what}` is neither `true` nor `false`"), "write one of them");
    }
    flag.unwrap_or(false)
}

/// The texts of a list, or the only one.
pub(super) fn texts<'a>(
    what: &str,
    part: Part<'a>,
    sheet: &Sheet,
    draft: &mut Draft<'_>,
) -> Vec<(&'a str, Site)> {
    let parts = match part.kind() {
        PartKind::List => part.items(),
        PartKind::Nothing => Vec::new(),
        PartKind::Text | PartKind::Mapping => vec![part],
    };
    let mut texts = Vec::new();
    for part in parts {
        if let Some(text) = text(what, part, sheet, draft) {
            texts.push((text, sheet.at(part)));
        }
    }
    texts
}

/// Whether a value is a mapping; what is none is a fault.
pub(super) fn mapping(sheet: &Sheet, part: Part<'_>, what: &str, draft: &mut Draft<'_>) -> bool {
    match part.kind() {
        PartKind::Mapping => true,
        PartKind::Nothing => {
            draft.fault(sheet.at(part), format!("{what} is empty"), "");
            false
        }
        PartKind::Text | PartKind::List => {
            draft.fault(sheet.at(part), format!("{what} is {}, and not a mapping", part.what()), "");
            false
        }
    }
}

/// Says of each key that is not `known` that it is left out.
pub(super) fn each_unknown(sheet: &Sheet, part: Part<'_>, known: &[&str], draft: &mut Draft<'_>) {
    for entry in part.entries().iter().filter(|entry| !known.contains(&entry.key)) {
        draft.left_out(sheet.site(entry.place), format!("the key `{}` has no counterpart", entry.key));
    }
}

/// The number that a value is, from 1; nothing is none.
pub(super) fn count(what: &str, part: Part<'_>, sheet: &Sheet, draft: &mut Draft<'_>) -> Option<u32> {
    let text = text(what, part, sheet, draft)?;
    let count = text.parse().ok().filter(|count| *count > 0);
    if count.is_none() {
        draft.fault(sheet.at(part), format!("`{what}` is no number from 1"), "");
    }
    count
}
