//! Variables in compose files and Dockerfiles: `$NAME`, `${NAME}`, `${NAME:-default}` and the like. What is
//! not known is told, and nothing is put in its place.

/// How deep defaults may stand in each other: nobody needs three.
const DEPTH_MAX: u32 = 16;

/// How a `$` is written that begins no variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// `$$`, in compose files.
    Doubled,
    /// With this character before it, in Dockerfiles.
    Character(char),
}

/// Why a text cannot be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Missing {
    /// The variable has no value and no default.
    Value(String),
    /// What stands there is no variable that is understood.
    Syntax,
}

impl Missing {
    /// In words that follow a colon.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Value(name) => format!("the variable `{name}` has no value"),
            Self::Syntax => "it has a variable that cannot be read".to_owned(),
        }
    }
}

/// The text with the values of its variables.
pub(super) fn interpolate(
    text: &str,
    escape: Escape,
    value: &dyn Fn(&str) -> Option<String>,
) -> Result<String, Missing> {
    within(text, escape, value, 0)
}

fn within(
    text: &str,
    escape: Escape,
    value: &dyn Fn(&str) -> Option<String>,
    depth: u32,
) -> Result<String, Missing> {
    if depth > DEPTH_MAX {
        return Err(Missing::Syntax);
    }
    let mut output = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let after = &rest[next.len_utf8()..];
        if escape == Escape::Character(next) {
            let escaped = after.chars().next();
            // Before anything but a `$` it is a character like others.
            output.push(if escaped == Some('$') { '$' } else { next });
            rest = if escaped == Some('$') { &after[1..] } else { after };
        } else if next != '$' {
            output.push(next);
            rest = after;
        } else if escape == Escape::Doubled && after.starts_with('$') {
            output.push('$');
            rest = &after[1..];
        } else {
            let (known, length) = variable(after, escape, value, depth)?;
            output.push_str(&known);
            rest = &after[length..];
        }
    }
    Ok(output)
}

/// The value of the variable after a `$`, and how many bytes it takes there.
fn variable(
    after: &str,
    escape: Escape,
    value: &dyn Fn(&str) -> Option<String>,
    depth: u32,
) -> Result<(String, usize), Missing> {
    let Some(inner) = after.strip_prefix('{') else {
        let length = name_length(after);
        let name = after.get(..length).filter(|name| !name.is_empty()).ok_or(Missing::Syntax)?;
        return Ok((value(name).ok_or_else(|| Missing::Value(name.to_owned()))?, length));
    };
    let end = closing(inner).ok_or(Missing::Syntax)?;
    let (name, rest) = inner[..end].split_at(name_length(&inner[..end]));
    if name.is_empty() {
        return Err(Missing::Syntax);
    }
    let known = value(name);
    let full = known.clone().filter(|text| !text.is_empty());
    let other = |word: &str| within(word, escape, value, depth + 1);
    let missing = || Missing::Value(name.to_owned());
    let (operator, word) = match rest {
        _ if rest.starts_with(':') && rest.len() > 1 && rest.is_char_boundary(2) => rest.split_at(2),
        _ if rest.starts_with(['-', '+', '?']) => rest.split_at(1),
        "" => ("", ""),
        _ => return Err(Missing::Syntax),
    };
    let text = match operator {
        "" => known.ok_or_else(missing)?,
        ":-" => full.map_or_else(|| other(word), Ok)?,
        "-" => known.map_or_else(|| other(word), Ok)?,
        ":?" => full.ok_or_else(missing)?,
        "?" => known.ok_or_else(missing)?,
        ":+" => full.map_or(Ok(String::new()), |_| other(word))?,
        "+" => known.map_or(Ok(String::new()), |_| other(word))?,
        _ => return Err(Missing::Syntax),
    };
    Ok((text, end + 2))
}

/// How long the name is that a text begins with, in bytes.
fn name_length(text: &str) -> usize {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    if starts { end } else { 0 }
}

/// Where the brace is closed in which a text stands.
fn closing(inner: &str) -> Option<usize> {
    let mut depth = 0_u32;
    for (at, next) in inner.char_indices() {
        match next {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, escape: Escape) -> String {
        let value = |name: &str| match name {
            "A" => Some("a".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        interpolate(text, escape, &value).unwrap_or_else(|missing| format!("! {}", missing.words()))
    }

    #[test]
    fn variables_are_put_in_as_the_shell_does() {
        let table = [
            ("x:$A", "x:a"),
            ("${A}b", "ab"),
            ("${EMPTY}b", "b"),
            ("${A:-b}${A-b}", "aa"),
            ("${EMPTY:-b}${EMPTY-c}", "b"),
            ("${NO:-b}${NO-c}", "bc"),
            ("${NO:-${NO:-${A}}}", "a"),
            ("${A:+b}${EMPTY:+c}${EMPTY+d}${NO+e}", "bd"),
            ("${NO:-}", ""),
            ("${A:?why}${A?why}", "aa"),
            ("$NO", "! the variable `NO` has no value"),
            ("${NO}", "! the variable `NO` has no value"),
            ("${EMPTY:?set it}", "! the variable `EMPTY` has no value"),
            ("${NO:-$NO}", "! the variable `NO` has no value"),
        ];
        for (text, expected) in table {
            assert_eq!(said(text, Escape::Doubled), expected, "{text}");
        }
        for text in ["$", "${", "${}", "${A", "$1", "${A#x}", "${A:}", "${A:ä}", "${1}"] {
            assert_eq!(
                said(text, Escape::Character('\\')),
                "! it has a variable that cannot be read",
                "{text}"
            );
        }
        let deep = format!("{}{}", "${NO:-".repeat(40), "}".repeat(40));
        assert_eq!(said(&deep, Escape::Character('\\')), "! it has a variable that cannot be read");
    }

    #[test]
    fn a_dollar_can_be_written() {
        assert_eq!(said("a$$A", Escape::Doubled), "a$A");
        assert_eq!(said("a\\$A\\b", Escape::Character('\\')), "a$A\\b");
        assert_eq!(said("a`$A", Escape::Character('`')), "a$A");
    }
}
