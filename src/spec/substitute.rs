//! Puts environment variables into scalars, after parsing, so that no value can change the structure.
//! No message here ever holds a value.

use std::ops::Range;

/// A text with its variables put in.
#[derive(PartialEq, Eq)]
pub(super) struct Substituted {
    pub text: String,
    pub origin: Origin,
}

/// Whether a text may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// It stands in the spec.
    Literal,
    /// Some of it came from the environment, so it is never shown.
    Environment,
}

/// Something wrong with one `${…}`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub kind: MistakeKind,
    /// Its bytes in the text.
    pub range: Range<usize>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum MistakeKind {
    /// Not set, or empty, and without a default; with the words after `:?`.
    Unset { name: String, why: Option<String> },
    /// No `}` follows.
    Unclosed,
    /// Between the braces stands no name, or an operator that does not exist.
    Malformed,
    /// A substitution inside a default.
    Nested,
}

/// Replaces `${NAME}`, `${NAME:-default}` and `${NAME:?why}`; `$${` stands for `${`, and `${1}` stays,
/// because no variable is called so and renames need it.
pub(super) fn substitute(
    text: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Substituted, Vec<Mistake>> {
    let mut output = String::with_capacity(text.len());
    let mut origin = Origin::Literal;
    let mut mistakes = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find("${").map(|found| at + found) {
        let inner = found + 2;
        if text[at..found].ends_with('$') {
            output.push_str(&text[at..found - 1]);
            output.push_str("${");
            at = inner;
        } else if text[inner..].starts_with(|c: char| c.is_ascii_digit()) {
            output.push_str(&text[at..inner]);
            at = inner;
        } else {
            output.push_str(&text[at..found]);
            let end = text[inner..].find('}').map(|length| inner + length);
            match resolve(end.map(|end| &text[inner..end]), env) {
                Ok(value) => {
                    output.push_str(&value);
                    origin = Origin::Environment;
                }
                Err(kind) => {
                    let range = found..end.map_or(text.len(), |end| end + 1);
                    mistakes.push(Mistake { kind, range });
                }
            }
            at = end.map_or(text.len(), |end| end + 1);
        }
    }
    output.push_str(&text[at..]);
    match mistakes.is_empty() {
        true => Ok(Substituted { text: output, origin }),
        false => Err(mistakes),
    }
}

/// What stands between the braces becomes a value.
fn resolve(inner: Option<&str>, env: &dyn Fn(&str) -> Option<String>) -> Result<String, MistakeKind> {
    let inner = inner.ok_or(MistakeKind::Unclosed)?;
    if inner.contains("${") {
        return Err(MistakeKind::Nested);
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = inner.find(|c| !is_name(c)).unwrap_or(inner.len());
    let (name, operator) = inner.split_at(end);
    if name.is_empty() {
        return Err(MistakeKind::Malformed);
    }
    // An empty variable is an unset one: CI systems set what they do not have to nothing.
    let value = env(name).filter(|value| !value.is_empty());
    let unset = |why: Option<&str>| MistakeKind::Unset { name: name.to_owned(), why: why.map(str::to_owned) };
    if operator.is_empty() {
        value.ok_or_else(|| unset(None))
    } else if let Some(default) = operator.strip_prefix(":-") {
        Ok(value.unwrap_or_else(|| default.to_owned()))
    } else if let Some(why) = operator.strip_prefix(":?") {
        value.ok_or_else(|| unset(Some(why)))
    } else {
        Err(MistakeKind::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(name: &str) -> Option<String> {
        match name {
            "HOST" => Some("ghcr.io".to_owned()),
            "NESTED" => Some("${HOST}".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        }
    }

    fn text(text: &str) -> String {
        substitute(text, &env).map_or_else(|mistakes| format!("{mistakes:?}"), |done| done.text)
    }

    #[test]
    fn every_form_is_replaced_once() {
        assert_eq!(text("${HOST}/${HOST}"), "ghcr.io/ghcr.io");
        assert_eq!(text("a ${NONE:-b c}${EMPTY:-d}${NONE:-}"), "a b cd");
        assert_eq!(text("$${HOST} $HOST $$ ${1}_$1"), "${HOST} $HOST $$ ${1}_$1");
        assert_eq!(text("${NESTED}"), "${HOST}");
        assert_eq!(text("ä$"), "ä$");
    }

    #[test]
    fn only_a_text_from_the_environment_is_hidden() {
        let origin = |text| substitute(text, &env).map(|done| done.origin).ok();
        assert_eq!(origin("$${HOST} ${1}"), Some(Origin::Literal));
        assert_eq!(origin("${HOST}"), Some(Origin::Environment));
    }

    #[test]
    fn every_mistake_of_a_text_is_found() {
        let kinds = |text| match substitute(text, &env) {
            Ok(_) => Vec::new(),
            Err(mistakes) => mistakes.into_iter().map(|m| (m.range.start, m.kind)).collect(),
        };
        let unset = |name: &str, why: Option<&str>| MistakeKind::Unset {
            name: name.to_owned(),
            why: why.map(str::to_owned),
        };
        assert_eq!(
            kinds("${HOST} ${EMPTY} ${NONE:?ask Bob} ${} ${HOST-x} ${A:-${B}} ${HOST"),
            [
                (8, unset("EMPTY", None)),
                (17, unset("NONE", Some("ask Bob"))),
                (34, MistakeKind::Malformed),
                (38, MistakeKind::Malformed),
                (48, MistakeKind::Nested),
                (59, MistakeKind::Unclosed),
            ]
        );
    }
}
