//! The files with which a filter begins, by language. They are part of the program, so that it needs
//! nothing else; a test sees to it that none is forgotten.

use super::flags::Language;

/// A file of a template: where it goes, and what is in it.
pub(super) type Piece = (&'static str, &'static str);

/// The files of one language.
pub(super) fn pieces(language: Language) -> &'static [Piece] {
    match language {
        Language::Rust | Language::Js | Language::Python | Language::C => &[],
    }
}
