//! Takes from a text what differs between two runs, so that it can be compared with a snapshot.

use regex::{Captures, Regex};
use std::path::Path;

/// What to replace by what, in this order.
pub struct Normal {
    replacements: Vec<(Regex, Replacement)>,
}

enum Replacement {
    With(String),
    /// `[NAME-1]`, `[NAME-2]`, …: the same text gets the same number.
    Numbered(&'static str),
}

impl Normal {
    pub(super) fn new(folder: &Path) -> Self {
        Self { replacements: Vec::new() }
            .text(&folder.join("work").display().to_string(), "[DIR]")
            .text(&folder.join("home").display().to_string(), "[HOME]")
            .text(&folder.join("tmp").display().to_string(), "[TMP]")
    }

    /// Replaces a text, such as the host of a registry.
    pub fn text(self, text: &str, by: &str) -> Self {
        self.pattern(&regex::escape(text), by)
    }

    /// Replaces a pattern; `$1` in `by` is its first group.
    pub fn pattern(mut self, pattern: &str, by: &str) -> Self {
        let pattern = Regex::new(pattern).expect("the test gives a valid pattern");
        self.replacements.push((pattern, Replacement::With(by.to_owned())));
        self
    }

    /// Replaces each digest by a number; the first 12 digits alone, as people are shown them, too.
    pub fn digests(mut self) -> Self {
        let pattern = Regex::new(r"\b(?:sha256:)?([0-9a-f]{64}|[0-9a-f]{12})\b").expect("a valid pattern");
        self.replacements.push((pattern, Replacement::Numbered("DIGEST")));
        self
    }

    /// The text without ports, folders, times, durations and run ids, and with lines that end
    /// nowhere but at their end.
    pub fn of(&self, text: &str) -> String {
        // Before digests are looked for: the end of such an id looks like a short one.
        let id = Regex::new(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b").expect("a valid pattern");
        let mut text = id.replace_all(&text.replace("\r\n", "\n"), "[ID]").into_owned();
        for (pattern, replacement) in &self.replacements {
            text = match replacement {
                Replacement::With(by) => pattern.replace_all(&text, by.as_str()).into_owned(),
                Replacement::Numbered(name) => numbered(pattern, name, &text),
            };
        }
        let common = [
            (r"127\.0\.0\.1:\d{4,5}\b", "127.0.0.1:[PORT]"),
            (r"localhost:\d{4,5}\b", "localhost:[PORT]"),
            (r"\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?", "[TIME]"),
            (r#"("[A-Za-z]*[dD]urationMs":\s*)\d+"#, "$1\"[DURATION]\""),
            (r#"("id":\s*")[0-9a-z]{16,32}""#, "$1[ID]\""),
            (r"\b\d+(\.\d+)? ?(ns|µs|us|ms|s|m)\b", "[DURATION]"),
        ];
        for (pattern, by) in common {
            let pattern = Regex::new(pattern).expect("a valid pattern");
            text = pattern.replace_all(&text, by).into_owned();
        }
        text
    }
}

fn numbered(pattern: &Regex, name: &str, text: &str) -> String {
    let mut seen: Vec<String> = Vec::new();
    let replaced = pattern.replace_all(text, |found: &Captures<'_>| {
        let found = &found[1][..12];
        let position = seen.iter().position(|known| known == found).unwrap_or_else(|| {
            seen.push(found.to_owned());
            seen.len() - 1
        });
        format!("[{name}-{}]", position + 1)
    });
    replaced.into_owned()
}
