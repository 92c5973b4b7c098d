//! Texts: scalars verbatim, with environment variables put in. `1.10` and `on` are texts here.

use super::{Reading, Shape};
use crate::spec::node::{Kind, Node};
use crate::spec::substitute::{Mistake, MistakeKind, Origin, substitute};
use crate::spec::{Code, Span, suggest};
use std::ops::Range;

/// A text and where it stands.
pub(in crate::spec) struct Text {
    pub value: String,
    pub span: Span,
    pub origin: Origin,
    /// Where the first byte of the value stands, when the text has it byte for byte.
    verbatim_at: Option<usize>,
}

impl Text {
    /// Where a part of the value stands; the whole text when that cannot be told.
    pub fn part(&self, range: Range<usize>) -> Span {
        match self.verbatim() {
            Some(Span { start, .. }) => Span { start: start + range.start, end: start + range.end },
            None => self.span,
        }
    }

    /// Where the value stands, when the text has it byte for byte and no variable is in it.
    pub fn verbatim(&self) -> Option<Span> {
        let at = self.verbatim_at.filter(|_| self.origin == Origin::Literal)?;
        Some(Span { start: at, end: at + self.value.len() })
    }

    /// The value for a message; never one that came from the environment.
    pub fn shown(&self) -> String {
        match self.origin {
            Origin::Literal if self.value.is_empty() => "an empty text".to_owned(),
            Origin::Literal => format!("`{}`", suggest::shortened(&self.value)),
            Origin::Environment => "this, with its variables put in,".to_owned(),
        }
    }

    /// A reason that may quote the value, for the end of a message.
    pub fn because(&self, why: impl std::fmt::Display) -> String {
        match self.origin {
            Origin::Literal => format!(": {why}"),
            Origin::Environment => " (a value from the environment is not shown)".to_owned(),
        }
    }
}

impl Shape for Text {
    fn read_sound(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let Kind::Scalar(scalar) = &node.kind else {
            let message = format!("a single value belongs here, and this is {}", node.what());
            let help = "quote a text that starts with `[` or `{`";
            reading.problem(Code::WrongType, node.span, message, Some(help));
            return None;
        };
        if scalar.is_null() {
            let help = (!scalar.text.is_empty())
                .then(|| format!("quote it if the text is meant: \"{}\"", scalar.text));
            reading.problem(Code::EmptyValue, node.span, "a value is missing here", help);
            return None;
        }
        let verbatim_at = verbatim_at(&scalar.text, node.span, reading);
        match substitute(&scalar.text, reading.env) {
            Ok(done) => Some(Self { value: done.text, span: node.span, origin: done.origin, verbatim_at }),
            Err(mistakes) => {
                for mistake in mistakes {
                    report(mistake, node.span, verbatim_at, reading);
                }
                None
            }
        }
    }
}

/// A text that is hidden wherever lines of the spec are printed.
pub(in crate::spec) struct Secret {
    pub text: Text,
}

impl Shape for Secret {
    fn read_sound(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let text = Text::read(node, reading)?;
        if text.origin == Origin::Literal {
            reading.secrets.push(text.span);
        }
        Some(Self { text })
    }
}

/// What a rename puts in place of a match: `$1` and `$name` are groups, `${NAME}` is a variable.
pub(in crate::spec) struct Template {
    pub text: Text,
}

impl Shape for Template {
    fn read_sound(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let before = reading.problems.len();
        let text = Text::read(node, reading);
        for problem in reading.problems.iter_mut().skip(before) {
            if problem.code == Code::UnsetVariable {
                problem.help = Some("for a group of the expression, write `$name` or `$${name}`".to_owned());
            }
        }
        text.map(|text| Self { text })
    }
}

inline_schema!(Template, |generator| Text::json_schema(generator));
inline_schema!(Secret, |generator| Text::json_schema(generator));
inline_schema!(Text, |_generator| schemars::json_schema!({ "type": ["string", "number", "boolean"] }));

/// Where the value of a scalar begins, if its source is the value, perhaps within quotes.
fn verbatim_at(value: &str, span: Span, reading: &Reading<'_>) -> Option<usize> {
    let written = reading.source.slice(span);
    let quoted = |quote: char| written.strip_prefix(quote)?.strip_suffix(quote);
    if written == value {
        Some(span.start)
    } else if quoted('"').or_else(|| quoted('\'')) == Some(value) {
        Some(span.start + 1)
    } else {
        None
    }
}

fn report(mistake: Mistake, span: Span, verbatim_at: Option<usize>, reading: &mut Reading<'_>) {
    let Mistake { kind, range } = mistake;
    let at = verbatim_at.map_or(span, |at| Span { start: at + range.start, end: at + range.end });
    let (code, message, help) = match kind {
        MistakeKind::Unset { name, why: None } => (
            Code::UnsetVariable,
            format!("the environment variable `{name}` is not set"),
            format!("set it, or give a default: `${{{name}:-default}}`"),
        ),
        MistakeKind::Unset { name, why: Some(why) } => (
            Code::UnsetVariable,
            format!("the environment variable `{name}` is not set: {why}"),
            "set it".to_owned(),
        ),
        MistakeKind::Unclosed => (
            Code::BadSubstitution,
            "`${` is not closed".to_owned(),
            "write `${NAME}`, or `$${` for the two characters themselves".to_owned(),
        ),
        MistakeKind::Malformed => (
            Code::BadSubstitution,
            "this is not a substitution".to_owned(),
            "write `${NAME}`, `${NAME:-default}` or `${NAME:?why}`; `$${` for the two characters themselves"
                .to_owned(),
        ),
        MistakeKind::Nested => (
            Code::BadSubstitution,
            "a substitution cannot stand inside another".to_owned(),
            "a default is taken as it is written: give a plain text".to_owned(),
        ),
    };
    reading.problem(code, at, message, Some(help));
}
