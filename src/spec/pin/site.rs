//! Where the pin of one filter stands in the text of a spec, or would stand.

use super::Pin;
use crate::oci::{Digest, Reference};
use crate::spec::shape::{FilterShape, Given, Text};
use crate::spec::{FilterDeclaration, FilterSource, Span};

/// Where the keys of a filter stand.
#[derive(Debug, Clone)]
pub(in crate::spec) struct Site {
    /// The mapping that declares the filter.
    mapping: Span,
    wasm: Written,
    sha256: Option<Written>,
}

/// A key and its value.
#[derive(Debug, Clone)]
struct Written {
    key: Span,
    value: Span,
    /// The value byte for byte, within its quotes.
    verbatim: Option<Span>,
}

/// A piece of text in the place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) span: Span,
    pub(super) text: String,
}

impl Site {
    /// The site of a filter that has a `wasm`.
    pub(in crate::spec) fn of(mapping: Span, shape: &FilterShape) -> Option<Self> {
        let written = |given: &Given<Text>| Written {
            key: given.key,
            value: given.span,
            verbatim: given.value.verbatim(),
        };
        let wasm = shape.wasm.given().map(written)?;
        Some(Self { mapping, wasm, sha256: shape.sha256.given().map(written) })
    }

    /// What has to be changed in `text` for `declaration` to have `pin`.
    ///
    /// # Errors
    /// Why it has to be done by hand.
    pub(super) fn edits(
        &self,
        text: &str,
        declaration: &FilterDeclaration,
        pin: &Pin,
    ) -> Result<Vec<Edit>, &'static str> {
        let mut edits = Vec::new();
        edits.extend(self.reference(text, declaration, pin)?);
        if declaration.sha256.as_ref() != Some(&pin.sha256) {
            edits.push(match &self.sha256 {
                Some(written) => self.replaced(text, written, &pin.sha256)?,
                None => self.inserted(text, &pin.sha256)?,
            });
        }
        Ok(edits)
    }

    /// The digest of the manifest behind the tag. Without it, `sha256` pins as well; so it is left out
    /// where the reference is not written here.
    fn reference(
        &self,
        text: &str,
        declaration: &FilterDeclaration,
        Pin { manifest, .. }: &Pin,
    ) -> Result<Option<Edit>, &'static str> {
        let (FilterSource::Oci(Reference { digest, .. }), Some(manifest)) = (&declaration.wasm, manifest)
        else {
            return Ok(None);
        };
        if digest.as_ref() == Some(manifest) {
            return Ok(None);
        }
        let verbatim = self.wasm.verbatim.filter(|_| self.owns(&self.wasm));
        match (verbatim, digest) {
            (Some(span), _) => {
                let value = text.get(span.start..span.end).unwrap_or_default();
                let start = span.start + value.find('@').unwrap_or(value.len());
                let span = Span { start, end: span.end };
                Ok(Some(Edit { span, text: format!("@{manifest}") }))
            }
            (None, Some(_)) => Err("its reference has a digest, and comes from a variable or another place"),
            (None, None) => Ok(None),
        }
    }

    fn replaced(&self, text: &str, written: &Written, sha256: &Digest) -> Result<Edit, &'static str> {
        let span = match written.verbatim {
            Some(span) if self.owns(written) => span,
            Some(_) => return Err("its `sha256` stands in another place, behind an alias or a merge"),
            None => return Err("its `sha256` comes from a variable"),
        };
        let prefixed = text.get(span.start..span.end).is_some_and(|value| value.starts_with("sha256:"));
        let new = if prefixed { sha256.as_str() } else { sha256.hex() };
        Ok(Edit { span, text: new.to_owned() })
    }

    /// A new key after `wasm`, in the style of its neighbour.
    fn inserted(&self, text: &str, sha256: &Digest) -> Result<Edit, &'static str> {
        let Written { key, value, .. } = &self.wasm;
        if !self.owns(&self.wasm) {
            return Err("its `wasm` stands in another place, behind an alias or a merge");
        }
        let quote = match text.get(key.start..).and_then(|rest| rest.chars().next()) {
            Some(quote @ ('"' | '\'')) => quote.to_string(),
            _ => String::new(),
        };
        let pair = format!("{quote}sha256{quote}: {quote}{}{quote}", sha256.hex());
        let at = |at: usize| Span { start: at, end: at };
        if text.get(self.mapping.start..).is_some_and(|rest| rest.starts_with('{')) {
            return Ok(Edit { span: at(value.end), text: format!(", {pair}") });
        }
        let line = text.get(..key.start).map_or(0, |before| before.rfind('\n').map_or(0, |found| found + 1));
        let indent = text.get(line..key.start).unwrap_or_default();
        if !indent.chars().all(|next| next == ' ') {
            return Err("its `wasm` does not begin its line");
        }
        let rest = text.get(value.end..).unwrap_or_default();
        let (end, line_break) = match rest.find('\n') {
            Some(found) if rest[..found].ends_with('\r') => (found - 1, "\r\n"),
            Some(found) => (found, "\n"),
            None => (rest.len(), "\n"),
        };
        Ok(Edit { span: at(value.end + end), text: format!("{line_break}{indent}{pair}") })
    }

    /// Whether a key and its value stand in the mapping itself.
    fn owns(&self, Written { key, value, .. }: &Written) -> bool {
        self.mapping.start <= key.start && key.end <= value.start && value.end <= self.mapping.end
    }
}
