//! What the YAML parser says, in plain words and with what to do about it.

use super::DEPTH_MAX;
use crate::spec::source::Source;
use crate::spec::{Code, Place, Problem, Span};
use serde_yaml::granit_parser::{ErrorKind, ScanError};

/// The problem that a syntax error is.
pub(super) fn problem(source: &Source<'_>, error: &ScanError) -> Problem {
    let at = error.marker().byte_offset().unwrap_or(source.text.len());
    let length = source.text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let place = source.place(Span { start: at, end: at + length });
    if *error.kind() == ErrorKind::RecursionLimitExceeded {
        return too_deep(place);
    }
    let (message, help) = words(error);
    let help = help_from_text(source, at).or(help);
    Problem::new(Code::Syntax, place, message).label("YAML cannot be read from here on").maybe_help(help)
}

/// An alias such as `*name`, or, more likely, a glob that was not quoted.
pub(super) fn unknown_anchor(source: &Source<'_>, span: Span, name: &str) -> Problem {
    let written = source.slice(span);
    let problem = Problem::new(
        Code::UnknownAnchor,
        source.place(span),
        format!("there is no anchor `&{name}` before the alias `{written}`"),
    );
    problem.help(format!(
        "if this is a pattern, quote it: a text that starts with `*` is an alias in YAML (\"{written}\")"
    ))
}

pub(super) fn too_deep(place: Place) -> Problem {
    let message = format!("lists and mappings are nested more than {DEPTH_MAX} levels deep");
    Problem::new(Code::TooDeep, place, message)
}

type Words = (String, Option<&'static str>);

fn words(error: &ScanError) -> Words {
    use ErrorKind as Kind;
    let fixed = |message: &str, help: &'static str| (message.to_owned(), Some(help));
    match error.kind() {
        Kind::TabNotAllowed
        | Kind::TabInBlockIndentation
        | Kind::TabInIndentation
        | Kind::TabAtBlockScalarStart
        | Kind::TabInPlainScalar => fixed("a tab stands where YAML wants spaces", "indent with spaces"),
        Kind::UnclosedQuotedScalar => {
            fixed("a quote is not closed", "end the text with the quote it started with")
        }
        Kind::UnclosedFlowCollection { open } => {
            (format!("`{open}` is not closed"), Some("close it, or quote a text that contains it"))
        }
        Kind::MismatchedFlowCollectionEnd { open, close } => {
            (format!("`{open}` is closed by `{close}`"), Some("close each bracket with its own kind"))
        }
        Kind::UnexpectedEofFlowSequence => {
            fixed("the file ends inside a `[` list", "close the list with `]`")
        }
        Kind::UnexpectedEofFlowMapping | Kind::UnexpectedEofImplicitFlowMapping => {
            fixed("the file ends inside a `{` mapping", "close the mapping with `}`")
        }
        Kind::MappingValueNotAllowed | Kind::InvalidColonPlacement => fixed(
            "a `:` stands where no key can be",
            "quote a text that contains `: `, or check the indentation",
        ),
        Kind::SimpleKeyExpected | Kind::InvalidSimpleKey => {
            fixed("a key has no `:` after it", "write `key: value`, and check the indentation of this line")
        }
        Kind::ExpectedBlockMappingKey | Kind::InvalidIndentation | Kind::ExpectedBlockSequenceEntry => fixed(
            "this line is indented in a way that fits nothing above it",
            "align it with the lines it belongs to",
        ),
        Kind::BlockSequenceEntryNotAllowed => {
            fixed("a list entry `-` cannot stand here", "put `-` on a line of its own, below its key")
        }
        Kind::UnknownQuotedScalarEscape => fixed(
            "an unknown escape in a \"text\" with double quotes",
            "use single quotes, in which a backslash is a backslash",
        ),
        Kind::InvalidQuotedScalarIndent | Kind::DocumentIndicatorInQuotedScalar => {
            fixed("a quoted text goes on to here", "close the quote on a line before this one")
        }
        Kind::ExpectedFlowMappingSeparator => {
            fixed("a `,` or `}` is missing before this", "quote a text that contains one of `,[]{}`")
        }
        Kind::ExpectedFlowSequenceSeparator => {
            fixed("a `,` or `]` is missing before this", "quote a text that contains one of `,[]{}`")
        }
        Kind::UnexpectedCharacter { character } => {
            (format!("`{character}` cannot start a text"), Some("quote the text"))
        }
        Kind::UndeclaredTagHandle | Kind::InvalidTagTerminator => {
            fixed("this is read as a YAML tag", "quote a text that starts with `!`")
        }
        _ => (error.info(), None),
    }
}

/// Mistakes that are told better by the text around them than by the parser.
fn help_from_text(source: &Source<'_>, at: usize) -> Option<&'static str> {
    let (before, after) =
        (source.slice(Span { start: 0, end: at }), source.slice(Span { start: at, end: at + 1 }));
    if before.ends_with('$') && after == "{" {
        return Some("inside `{ }` and `[ ]`, quote substitutions: \"${NAME}\"");
    }
    let line = source.line_of(at);
    let value = line.split_once(": ").map_or(line, |(_, value)| value).trim();
    let value = value.strip_prefix("- ").unwrap_or(value);
    let is_text = |c: char| c.is_alphanumeric() || "-.*".contains(c);
    let goes_on = |open: char, close: char| {
        value.starts_with(open) && value.rsplit_once(close).is_some_and(|(_, rest)| rest.starts_with(is_text))
    };
    (goes_on('{', '}') || goes_on('[', ']')).then_some("quote a text that starts with `{` or `[`")
}
