//! JSON as people write it: with comments and tabs. YAML reads JSON, also with a comma after the last
//! entry; what it does not know becomes blanks here, so that every line and column stays.

use std::borrow::Cow;

/// Longest key that YAML takes as one, in bytes, with room for blanks; a longer one is told of by a `?`.
/// Lists of tags are keys.
const KEY_BYTES_MAX: usize = 900;

/// The text without `//` and `/* */` comments and without tabs, where it is JSON; else the text itself.
pub fn as_yaml(text: &str) -> Cow<'_, str> {
    let start = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    match start.starts_with(['{', '[']) || start.starts_with("//") || start.starts_with("/*") {
        true => Cow::Owned(blanked(text)),
        false => Cow::Borrowed(text),
    }
}

/// What a character belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Nothing,
    Text,
    /// After a backslash in a text.
    Escape,
    Line,
    Block,
}

fn blanked(text: &str) -> String {
    let mut output = String::with_capacity(text.len());
    let mut within = Within::Nothing;
    // The text that was read last.
    let mut last = 0..0;
    let mut characters = text.chars().peekable();
    while let Some(next) = characters.next() {
        let follows = characters.peek().copied();
        match (within, next, follows) {
            (Within::Nothing, '/', Some('/')) => within = Within::Line,
            (Within::Nothing, '/', Some('*')) => {
                // The star of `/*` does not end it as well.
                characters.next();
                output.push_str("  ");
                within = Within::Block;
                continue;
            }
            (Within::Block, '*', Some('/')) => {
                characters.next();
                output.push_str("  ");
                within = Within::Nothing;
                continue;
            }
            (Within::Line, '\n', _) => within = Within::Nothing,
            _ => {}
        }
        let kept = match within {
            Within::Nothing if next == '\t' => ' ',
            Within::Line | Within::Block if next != '\n' && next != '\r' => ' ',
            _ => next,
        };
        match (within, next) {
            (Within::Nothing, '"') => last.start = output.len(),
            (Within::Text, '"') => last.end = output.len() + 1,
            (Within::Nothing, ':') if last.len() > KEY_BYTES_MAX && output[last.end..].trim().is_empty() => {
                output.insert_str(last.start, "? ");
            }
            _ => {}
        }
        output.push(kept);
        within = match (within, next) {
            (Within::Nothing, '"') | (Within::Escape, _) => Within::Text,
            (Within::Text, '"') => Within::Nothing,
            (Within::Text, '\\') => Within::Escape,
            _ => within,
        };
    }
    output
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Tree;

    #[test]
    fn comments_and_tabs_become_blanks_and_texts_stay() {
        let text = "// ä\n{\t\"a//\\\"/*\": 1, /* b\n * c */\"d\":\"e\\\\\", // f\n}";
        assert_eq!(as_yaml(text), "    \n{ \"a//\\\"/*\": 1,     \n       \"d\":\"e\\\\\",     \n}");
        assert_eq!(as_yaml("a: b # // c\n"), "a: b # // c\n");
        assert_eq!(as_yaml("{\"a\": /*/ b */ 1}"), "{\"a\":          1}");
    }

    #[test]
    fn what_people_write_as_json_is_read() {
        let long = format!("repo:{}", "1.2.3,".repeat(1000));
        let text = format!("{{\n\t\"a\\u00e4\\/\":[\"x\",\n\t\t\"y\",],\n\t\"{long}\":\"\",\n}}\n");
        let json = as_yaml(&text);
        let tree = Tree::read(&json).unwrap_or_else(|problems| panic!("{problems:?}"));
        let entries = tree.root().entries();
        let keys: Vec<&str> = entries.iter().map(|entry| entry.key).collect();
        assert_eq!(keys, ["aä/", &long]);
        assert_eq!(entries[0].value.items()[1].place().line, 3);
        assert_eq!(entries[1].value.text(), Some(""));
    }
}
