//! Writing pins into the text of a spec, so that everything else of it stays as it is. Pure: takes
//! and gives texts.

mod site;

#[cfg(test)]
mod tests;

pub(super) use site::Site;

use super::{FilterDeclaration, FilterSource, Spec, load_to_pin};
use crate::oci::{Digest, Reference};
use site::Edit;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The digests that pin a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The SHA-256 of the component.
    pub sha256: Digest,
    /// The digest of the manifest that its reference names; none where it is in no registry.
    pub manifest: Option<Digest>,
}

/// A spec whose filters need not be pinned yet, and where in its text the pins belong.
#[derive(Debug)]
pub struct Pinnable {
    /// What it says.
    pub spec: Spec,
    sites: BTreeMap<String, Site>,
}

/// Why a pin cannot be written into a text: it has to be written by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotInPlace {
    /// The name of the filter.
    pub filter: String,
    /// Why.
    pub why: &'static str,
    /// What to write.
    pub sha256: Digest,
}

/// A text with pins in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// The text.
    pub text: String,
    /// The filters whose pins are new or others than before.
    pub changed: BTreeSet<String>,
}

impl Pinnable {
    pub(super) fn new(spec: Spec, sites: BTreeMap<String, Site>) -> Self {
        Self { spec, sites }
    }

    /// The text with these pins in it. `text` is what this was read from, with the same `env`.
    ///
    /// # Errors
    /// A pin that cannot be written in its place: it comes from a variable, an alias or a merge.
    pub fn write(
        &self,
        text: &str,
        pins: &BTreeMap<String, Pin>,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Pinned, NotInPlace> {
        let (mark, body) = match text.strip_prefix('\u{feff}') {
            Some(body) => ("\u{feff}", body),
            None => ("", text),
        };
        let mut edits: Vec<Edit> = Vec::new();
        let mut changed = BTreeSet::new();
        for (name, pin) in pins {
            let by_hand = |why| NotInPlace { filter: name.clone(), why, sha256: pin.sha256.clone() };
            let (Some(site), Some(declaration)) = (self.sites.get(name), self.spec.filters.get(name)) else {
                return Err(by_hand("the spec does not declare it"));
            };
            let needed = site.edits(body, declaration, pin).map_err(by_hand)?;
            if !needed.is_empty() {
                changed.insert(name.clone());
            }
            for edit in needed {
                // Filters can be one and the same by an alias.
                if !edits.contains(&edit) {
                    edits.push(edit);
                }
            }
        }
        // Stable: where two stand at one place, the reference comes before the key after it.
        edits.sort_by_key(|edit| edit.span);
        let text = format!("{mark}{}", apply(body, &edits));
        self.check(&text, pins, env)?;
        Ok(Pinned { text, changed })
    }

    /// That the text now says what it said, with these pins.
    fn check(
        &self,
        written: &str,
        pins: &BTreeMap<String, Pin>,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), NotInPlace> {
        let found = load_to_pin("", written, env).map(|found| found.spec.filters).unwrap_or_default();
        for (name, before) in &self.spec.filters {
            let after = found.get(name).filter(|after| same(before, after));
            let (blamed, pin, why) = match pins.get(name) {
                Some(pin) if after.is_some_and(|after| after.sha256.as_ref() == Some(&pin.sha256)) => {
                    continue;
                }
                Some(pin) => (name, pin, "its place in the text is not one that can be written to"),
                None if after
                    .is_some_and(|after| (&after.wasm, &after.sha256) == (&before.wasm, &before.sha256)) =>
                {
                    continue;
                }
                None => match pins.first_key_value() {
                    Some((first, pin)) => {
                        (first, pin, "another filter shares its text, and has to be pinned with it")
                    }
                    None => continue,
                },
            };
            return Err(NotInPlace { filter: blamed.clone(), why, sha256: pin.sha256.clone() });
        }
        Ok(())
    }
}

/// Whether two declarations differ in nothing but their pins and places.
fn same(before: &FilterDeclaration, after: &FilterDeclaration) -> bool {
    let bare = |declaration: &FilterDeclaration| match &declaration.wasm {
        FilterSource::Oci(reference) => FilterSource::Oci(Reference { digest: None, ..reference.clone() }),
        other => other.clone(),
    };
    bare(before) == bare(after) && before.config == after.config && before.limits == after.limits
}

/// The text with the edits, which are sorted and do not overlap.
fn apply(text: &str, edits: &[Edit]) -> String {
    let mut written = String::with_capacity(text.len() + 128 * edits.len());
    let mut at = 0;
    for Edit { span, text: new } in edits {
        // What overlaps is left out; the check that follows notices.
        if let Some(kept) = text.get(at..span.start) {
            written.push_str(kept);
            written.push_str(new);
            at = span.end;
        }
    }
    written.push_str(text.get(at..).unwrap_or_default());
    written
}

impl fmt::Display for NotInPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { filter, why, sha256 } = self;
        write!(
            f,
            "the pin of the filter `{filter}` cannot be written: {why}; write `sha256: {}` yourself",
            sha256.hex()
        )
    }
}

impl std::error::Error for NotInPlace {}
