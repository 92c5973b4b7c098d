//! Foreign text in Markdown: shown as it is, and unable to end its cell, to become markup, a link or
//! HTML, or to call somebody. On top of [`crate::report::escape`], which sees to logs.

use crate::report::escape;
use std::fmt::{self, Display, Write as _};

/// A name: a code span. Nothing in one is markup, and nobody is called from one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Code<T>(pub(super) T);

/// A sentence: text, in which nothing is markup.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prose<T>(pub(super) T);

/// A space of no width, which ends what GitHub and GitLab make links of: `@name`, `#1`, `!1`.
const BREAK: &str = "&#8203;";

impl<T: Display> Display for Code<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = escape::foreign(&self.0);
        if text.trim().is_empty() {
            // Two backticks without anything between them are no span.
            return f.write_str("–");
        }
        f.write_char('`')?;
        for c in text.chars() {
            match c {
                // One would end the span, the other the cell, and neither can be escaped everywhere.
                '`' | '|' => write!(f, "{}", c.escape_unicode())?,
                c => f.write_char(c)?,
            }
        }
        f.write_char('`')
    }
}

impl<T: Display> Display for Prose<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = escape::foreign(&self.0);
        let mut word = String::new();
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            let next = rest.peek().copied();
            if c.is_ascii_punctuation() {
                match PLAIN.contains(c) && !begins_link(&word, c, next) {
                    true => f.write_char(c)?,
                    false => write!(f, "&#{};", u32::from(c))?,
                }
                if begins_link(&word, c, next) {
                    f.write_str(BREAK)?;
                }
                word.clear();
            } else {
                f.write_char(c)?;
                match c.is_alphanumeric() {
                    true => word.push(c.to_ascii_lowercase()),
                    false => word.clear(),
                }
            }
        }
        Ok(())
    }
}

/// Punctuation that is never markup inside of a line.
const PLAIN: &str = ".,;:'\"()/=+%-?";

/// Whether `c`, after `word`, begins what sites make links of, for readers or to call somebody.
fn begins_link(word: &str, c: char, next: Option<char>) -> bool {
    match c {
        '@' => true,
        '#' | '!' | '$' | '&' | '%' | '~' => {
            next.is_some_and(|next| next.is_alphanumeric() || "\"_".contains(next))
        }
        ':' => next == Some('/'),
        '.' => word.ends_with("www"),
        '-' => word == "gh",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::escape::tests::hostile;
    use proptest::prelude::*;

    #[test]
    fn names_and_sentences_are_shown_and_do_nothing() {
        let texts = [
            "localhost:5000/mirror/alpine:3.20",
            "`newest` without `semver` | <b>bold</b> & *more* [x](https://evil.test)",
            "@octocat #1 !2 $3 %4 ~5 GH-6 a@b.test www.evil.test https://evil.test",
            "one\r\ntwo ::error::x ##[error]y",
            "50 % of ~ 3 - 4 = -1",
            "",
            " ",
        ];
        let shown: Vec<String> =
            texts.iter().map(|text| format!("{}\n{}\n", Code(text), Prose(text))).collect();
        insta::assert_snapshot!(shown.join("\n"));
    }

    proptest! {
        #[test]
        fn what_is_shown_is_one_cell(text in hostile_markdown()) {
            let (code, prose) = (Code(&text).to_string(), Prose(&text).to_string());
            for shown in [&code, &prose] {
                prop_assert!(!shown.contains(['|', '\n', '\r']), "{shown:?}");
                prop_assert!(!shown.contains("##[") && !shown.trim_start().starts_with("::"), "{shown:?}");
            }
            prop_assert!(code == "–" || code.matches('`').count() == 2, "{code:?}");
            prop_assert!(!prose.contains(['<', '>', '`', '*', '_', '[', ']', '@', '~', '\\']), "{prose:?}");
            prop_assert!(!prose.contains("://") && !prose.contains("www."), "{prose:?}");
        }
    }

    /// Text made of what is dangerous in Markdown, in any mixture.
    fn hostile_markdown() -> impl Strategy<Value = String> {
        let pieces = [
            "|",
            "`",
            "``",
            "\\",
            "\\|",
            "<",
            "<!--",
            "-->",
            "</details>",
            "<b>",
            "&lt;",
            "&#124;",
            "@a",
            "#1",
            "[a](b)",
            "![a](b)",
            "https://a.test",
            "www.a.test",
            "*",
            "_",
            "~~",
            "$x$",
            "\n\n# a",
            "\n|-|\n",
        ];
        let piece = prop_oneof![
            3 => prop::sample::select(pieces.to_vec()).prop_map(str::to_owned),
            1 => hostile(),
        ];
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }
}
