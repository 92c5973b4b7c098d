//! Texts as YAML has them: quoted where they need it, and comments that stay comments. Reads nothing.

/// A text as the written spec has it: `${NAME}` in it is a variable, and nothing else is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Written(String);

impl Written {
    /// A text that means itself.
    pub(super) fn literal(text: &str) -> Self {
        Self(text.replace("${", "$${"))
    }

    /// The value of a variable, which must be set.
    pub(super) fn variable(name: &str) -> Self {
        Self(format!("${{{name}}}"))
    }

    /// The value of a variable, or nothing.
    pub(super) fn variable_or_nothing(name: &str) -> Self {
        Self(format!("${{{name}:-}}"))
    }

    /// The one after the other.
    pub(super) fn then(self, other: &Self) -> Self {
        Self(self.0 + &other.0)
    }

    /// As a value in YAML.
    pub(super) fn yaml(&self) -> String {
        scalar(&self.0)
    }
}

/// A text that means itself, as a value in YAML.
pub(super) fn literal(text: &str) -> String {
    Written::literal(text).yaml()
}

/// A list on one line.
pub(super) fn list(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| literal(text)).collect();
    format!("[{}]", texts.join(", "))
}

/// A key, or a text that is taken as it is.
pub(super) fn scalar(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "._/:-".contains(c);
    let words = ["true", "false", "null"];
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic());
    if starts
        && text.chars().all(is_word)
        && !text.ends_with(':')
        && !words.contains(&text.to_ascii_lowercase().as_str())
    {
        return text.to_owned();
    }
    if text.contains('\\') && !text.contains('\'') && !text.chars().any(is_hidden) {
        return format!("'{text}'");
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if is_hidden(c) && u32::from(c) <= 0xffff => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(c)))
            }
            c if is_hidden(c) => quoted.push_str(&format!("\\U{:08x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A text in which no character ends a line or hides another.
pub(super) fn shown(text: &str) -> String {
    text.chars().flat_map(|c| if is_hidden(c) { c.escape_unicode().collect() } else { vec![c] }).collect()
}

/// What YAML, or whoever reads it, could take for something else than a character of a text.
fn is_hidden(c: char) -> bool {
    let breaks = ['\u{2028}', '\u{2029}', '\u{feff}'];
    let directions = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || directions || breaks.contains(&c) || matches!(c, '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Tree;

    #[test]
    fn texts_are_quoted_where_yaml_would_read_something_else() {
        assert_eq!(scalar("quay.io/a:1"), "quay.io/a:1");
        assert_eq!(scalar("1.10"), "\"1.10\"");
        assert_eq!(scalar("True"), "\"True\"");
        assert_eq!(scalar("/^\\d+$/"), "'/^\\d+$/'");
        assert_eq!(scalar("a\nb\u{2028}\\"), "\"a\\u000ab\\u2028\\\\\"");
        assert_eq!(literal("${HOME}"), "\"$${HOME}\"");
    }

    #[test]
    fn what_is_written_is_read_again() {
        for text in [
            "",
            " a",
            "a: b",
            "a #b",
            "- a",
            "ä\u{7f}\t'\"\\",
            "*a",
            "&a",
            "!a",
            "{",
            "0x1",
            "~",
            "a:",
            "\u{1f600}",
        ] {
            let (plain, in_list) = (format!("k: {}\n", scalar(text)), list(&[text.to_owned()]));
            let read =
                |yaml: &str| Tree::read(yaml).map(|tree| tree.root().get("k").text().map(str::to_owned));
            assert_eq!(read(&plain), Ok(Some(text.to_owned())), "{plain}");
            let tree = Tree::read(&in_list).expect("YAML");
            assert_eq!(tree.root().items()[0].text(), Some(text), "{in_list}");
        }
        assert_eq!(shown("a\nb\u{85}c\u{2028}d"), "a\\u{a}b\\u{85}c\\u{2028}d");
    }
}
