//! The text of a spec, and which line and column a byte of it is in. Reads no files.

use super::{Place, Span};

/// The text of a spec without its byte order mark.
pub(super) struct Source<'t> {
    pub text: &'t str,
    /// Where each line starts, in bytes.
    lines: Vec<usize>,
}

impl<'t> Source<'t> {
    pub fn new(text: &'t str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let after_breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { text, lines: std::iter::once(0).chain(after_breaks).collect() }
    }

    pub fn place(&self, span: Span) -> Place {
        let span = self.within(span);
        let line = self.lines.partition_point(|start| *start <= span.start).max(1);
        let start = self.lines[line - 1];
        let column = self.text[start..span.start].chars().count() + 1;
        Place { line: saturated(line), column: saturated(column), span }
    }

    pub fn slice(&self, span: Span) -> &'t str {
        let Span { start, end } = self.within(span);
        &self.text[start..end]
    }

    /// The text of the line that a byte is in, without its break.
    pub fn line_of(&self, at: usize) -> &'t str {
        let line = self.lines.partition_point(|start| *start <= at).max(1);
        let end = self.lines.get(line).copied().unwrap_or(self.text.len());
        self.text[self.lines[line - 1]..end].trim_end_matches(['\n', '\r'])
    }

    /// Cut to the text and to whole characters, so that no slice of it can panic.
    fn within(&self, span: Span) -> Span {
        let start = floor_char_boundary(self.text, span.start);
        Span { start, end: floor_char_boundary(self.text, span.end).max(start) }
    }
}

pub(super) fn floor_char_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn saturated(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_start_at_one() {
        let source = Source::new("\u{feff}a: ä\r\nbä: c\n");
        let place = |start, end| source.place(Span { start, end });
        assert_eq!((place(0, 1).line, place(0, 1).column), (1, 1));
        assert_eq!((place(7, 10).line, place(7, 10).column), (2, 1));
        assert_eq!((place(12, 13).line, place(12, 13).column), (2, 5));
        assert_eq!(source.slice(Span { start: 4, end: 5 }), "ä");
        assert_eq!(place(900, 1000).span, Span { start: 14, end: 14 });
        assert_eq!(source.line_of(8), "bä: c");
    }
}
