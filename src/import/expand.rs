//! Variables in files of other tools, as Go's `os.Expand` reads them: `$NAME`, `${NAME}`, and `$` with one
//! of the characters that are variables of a shell.

/// A piece of a text with variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Variable(String),
}

/// The pieces of `text`, none of them empty. A `$` that no name follows is a text; `${}` and a `${` that
/// is never closed are nothing at all.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, after) = (&rest[..at], &rest[at + 1..]);
        plain.push_str(before);
        let (name, length) = name(after);
        match name {
            Some(name) => {
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Variable(name.to_owned()));
            }
            None if length == 0 => plain.push('$'),
            None => {}
        }
        rest = &after[length..];
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    pieces
}

/// The only variable of a text that is nothing else.
pub(super) fn only_variable(text: &str) -> Option<String> {
    match &pieces(text)[..] {
        [Piece::Variable(name)] => Some(name.clone()),
        _ => None,
    }
}

/// Whether a spec can name the variable: `${NAME}`.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The text with its variables put in; what is unset is empty.
pub(super) fn expanded(text: &str, env: &dyn Fn(&str) -> Option<String>) -> String {
    let value = |piece| match piece {
        Piece::Text(text) => text,
        Piece::Variable(name) => env(&name).unwrap_or_default(),
    };
    pieces(text).into_iter().map(value).collect()
}

/// The name after a `$`, and how many bytes it takes there.
fn name(after: &str) -> (Option<&str>, usize) {
    let is_special = |c: char| "*#$@!?-".contains(c) || c.is_ascii_digit();
    if let Some(inner) = after.strip_prefix('{') {
        if let Some(special) = inner.chars().next().filter(|c| is_special(*c))
            && inner[special.len_utf8()..].starts_with('}')
        {
            return (Some(&inner[..special.len_utf8()]), 3);
        }
        return match inner.find('}') {
            Some(0) => (None, 2),
            Some(end) => (Some(&inner[..end]), end + 2),
            None => (None, 1),
        };
    }
    if after.starts_with(is_special) {
        return (Some(&after[..1]), 1);
    }
    let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
    ((end > 0).then_some(&after[..end]), end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_read_as_go_reads_them() {
        let shown = |text: &str| {
            let one = |piece| match piece {
                Piece::Text(text) => text,
                Piece::Variable(name) => format!("<{name}>"),
            };
            pieces(text).into_iter().map(one).collect::<String>()
        };
        let table = [
            ("$USER", "<USER>"),
            ("${USER}x", "<USER>x"),
            ("a$b-c", "a<b>-c"),
            ("pa$$word", "pa<$>word"),
            ("$", "$"),
            ("a$ b", "a$ b"),
            ("a${}b", "ab"),
            ("a${b", "ab"),
            ("${1}$1x", "<1><1>x"),
            ("$ä", "$ä"),
            ("${a b}", "<a b>"),
        ];
        for (text, pieces) in table {
            assert_eq!(shown(text), pieces, "{text}");
        }
        assert_eq!(only_variable("${A}"), Some("A".to_owned()));
        assert_eq!((only_variable("${A}b"), only_variable("a")), (None, None));
    }
}
