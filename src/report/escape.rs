//! The one escaper: foreign text on its way to a terminal or a log line. Never alters what it means
//! to a reader, only what it could do to a terminal or to the CI that reads the log.
//!
//! What is foreign: whatever a registry, a file or another program said. Control characters could
//! drive the terminal, line ends could fake lines, bidirectional overrides could turn lines around,
//! and `::name::` at the start of a line, or `##[name]` and `##vso[name]` anywhere, are commands to
//! the runners of GitHub and Azure.

use std::fmt::{self, Display, Write};

/// Longest text that is shown, in characters; GitHub cuts its annotations at 4096.
pub const CHARS_MAX: usize = 2_000;

/// Shows `T` escaped and cut to [`CHARS_MAX`].
#[derive(Debug, Clone, Copy)]
pub struct Foreign<T>(pub T);

impl<T: Display> Display for Foreign<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut escaper = Escaper { out: f, written: 0, recent: Recent::Start };
        match write!(escaper, "{}", self.0) {
            Err(_) if escaper.written > CHARS_MAX => Ok(()),
            other => other,
        }
    }
}

/// `T` escaped, as text.
pub fn foreign(text: impl Display) -> String {
    Foreign(text).to_string()
}

/// JSON for a terminal or a log: still the same JSON, but nothing in it can drive either.
///
/// serde_json leaves everything but ASCII control characters as it is.
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut recent = Recent::Middle;
    for c in text.chars() {
        let harmless = c == '\n' || !(is_invisible(c) || recent.makes_command(c));
        recent = recent.after(c);
        if harmless {
            out.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                write!(out, "\\u{unit:04x}").expect("a String takes everything");
            }
        }
    }
    out
}

/// What was just written, as far as it could begin a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recent {
    /// Nothing but spaces.
    Start,
    /// One `:`, with nothing but spaces before it.
    Colon,
    /// Text that begins no command.
    Middle,
    /// One `#`.
    Hash,
    /// `##`, perhaps with a word after it.
    Hashes,
}

impl Recent {
    fn makes_command(self, c: char) -> bool {
        matches!((self, c), (Self::Colon, ':') | (Self::Hashes, '['))
    }

    fn after(self, c: char) -> Self {
        match (self, c) {
            (Self::Start, ' ') => Self::Start,
            (Self::Start, ':') => Self::Colon,
            (Self::Hash | Self::Hashes, '#') => Self::Hashes,
            (_, '#') => Self::Hash,
            (Self::Hashes, c) if c.is_ascii_alphanumeric() => Self::Hashes,
            _ => Self::Middle,
        }
    }
}

struct Escaper<'a, 'f> {
    out: &'a mut fmt::Formatter<'f>,
    written: usize,
    recent: Recent,
}

impl Write for Escaper<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            self.written += 1;
            if self.written > CHARS_MAX {
                self.out.write_char('…')?;
                return Err(fmt::Error);
            }
            let makes_command = self.recent.makes_command(c);
            self.recent = self.recent.after(c);
            match c {
                c if makes_command => write!(self.out, "\\{c}")?,
                '\n' => self.out.write_str("\\n")?,
                '\r' => self.out.write_str("\\r")?,
                '\t' => self.out.write_str("\\t")?,
                c if is_invisible(c) => write!(self.out, "{}", c.escape_unicode())?,
                c => self.out.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// What does something to a terminal, or to the order of the text, but is not seen itself.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' // soft hyphen, Arabic and Mongolian marks, BOM
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' // zero width, marks, lines, overrides
            | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' // joiners, isolates, annotations
            | '\u{fffe}' | '\u{ffff}' // no characters; XML cannot hold them
            | '\u{e0000}'..='\u{e007f}') // tags
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_that_could_do_something_is_shown_instead() {
        let shown = [
            "no such tag",
            "\u{1b}[31mred\u{7}",
            "one\r\n::set-env name=X::y",
            "::error::x",
            "  ::warning file=a::x",
            "a ##[group]b ##vso[task.setvariable]c #[d]",
            "###[x] ##a#[y]",
            "\u{202e}gnp.exe \u{2066}\u{feff}",
            "C:\\temp and 50 % of ::1",
            "naïve 日本語 🦀",
        ]
        .map(foreign);
        insta::assert_snapshot!(shown.join("\n"));
    }

    #[test]
    fn long_text_is_cut_with_a_mark() {
        assert_eq!(foreign("x".repeat(CHARS_MAX)).chars().count(), CHARS_MAX);
        let cut = foreign("x".repeat(CHARS_MAX + 1));
        assert!(cut.ends_with("x…") && cut.chars().count() == CHARS_MAX + 1);
    }

    /// Text made of what is dangerous, in any mixture.
    pub(crate) fn hostile() -> impl Strategy<Value = String> {
        let pieces =
            ["::", ":", "##", "#", "[", "##[", "vso[", " ", "\n", "\r\n", "\u{1b}[2J", "\u{202e}", "x"];
        let piece = prop_oneof![
            3 => prop::sample::select(pieces.to_vec()).prop_map(str::to_owned),
            1 => any::<char>().prop_map(String::from),
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn escaped_text_is_one_line_that_commands_nothing(text in hostile()) {
            let shown = foreign(&text);
            prop_assert!(!shown.chars().any(is_invisible), "{shown:?}");
            prop_assert!(!shown.trim_start().starts_with("::"), "{shown:?}");
            prop_assert!(!shown.contains("##[") && !shown.contains("##vso["), "{shown:?}");
        }

        #[test]
        fn escaped_json_says_the_same(text in hostile()) {
            let value = serde_json::json!({ &text: [&text, text.len()] });
            let shown = json(&value.to_string());
            prop_assert!(!shown.chars().any(is_invisible), "{shown:?}");
            prop_assert!(!shown.contains("##[") && !shown.contains("##vso["), "{shown:?}");
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).expect("JSON"), value);
        }
    }
}
