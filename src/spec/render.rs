//! Prints problems with the lines that they are about. The only file that knows how they look.

use super::mask::mask;
use super::source::floor_char_boundary;
use super::{Place, Problem, Problems, Severity, Span};
use crate::colour::Colour;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet, normalize_untrusted_str};

/// Furthest apart, in lines, that two places are shown in one piece of text.
const WINDOW_LINES_MAX: u32 = 200;
/// Widest piece of a line that is printed, in columns.
const WIDTH_COLUMNS: usize = 120;

impl Problems {
    /// The problems as text for people, with the file name, the line, the offending text underlined,
    /// and what to write instead. Secrets on those lines are replaced by `*`.
    pub fn render(&self, colour: Colour) -> String {
        let text = visible_only(&mask(&self.text, &self.secrets));
        let renderer = match colour {
            Colour::Never => Renderer::plain(),
            Colour::Always => Renderer::styled(),
        };
        let renderer = renderer.term_width(WIDTH_COLUMNS);
        let rendered = self.iter().map(|problem| renderer.render(&[self.group(problem, &text)]));
        let mut output: String = rendered.collect::<Vec<_>>().join("\n\n");
        if !output.is_empty() {
            output.push('\n');
        }
        output
    }

    fn group<'a>(&'a self, problem: &'a Problem, text: &'a str) -> Group<'a> {
        let Problem { code, severity, message, place, label, help, related } = problem;
        let level = match severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let (window, line_start, offset) = self.window(problem, text);
        let local = |place: &Place| {
            let span = visible(text, place.span);
            span.start - offset..span.end - offset
        };
        let primary = AnnotationKind::Primary.span(local(place)).label(label.as_deref());
        let mut snippet =
            Snippet::source(window).path(self.file_name.as_str()).line_start(line_start).annotation(primary);
        if let Some(related) = related.as_ref().filter(|related| near(place, &related.place)) {
            snippet = snippet.annotation(
                AnnotationKind::Context.span(local(&related.place)).label(related.label.as_str()),
            );
        }
        let mut group = level.primary_title(message.as_str()).id(code.as_str()).element(snippet);
        if let Some(related) = related.as_ref().filter(|related| !near(place, &related.place)) {
            let Place { line, column, .. } = related.place;
            let note = format!("{} at {}:{line}:{column}", related.label, self.file_name);
            group = group.element(Level::NOTE.message(normalize_untrusted_str(&note)));
        }
        if let Some(help) = help {
            group = group.element(Level::HELP.message(normalize_untrusted_str(help)));
        }
        group
    }

    /// The lines around a problem, the number of the first, and where it starts: only these are given
    /// to the renderer, which reads all that it is given.
    fn window<'a>(&self, problem: &Problem, text: &'a str) -> (&'a str, usize, usize) {
        let mut places = vec![problem.place];
        places.extend(problem.related.as_ref().map(|r| r.place).filter(|place| near(&problem.place, place)));
        let line = places.iter().map(|place| place.line).min().unwrap_or(1);
        let first = places.iter().map(|place| place.span.start).min().unwrap_or(0).min(text.len());
        let last = places.iter().map(|place| place.span.end).max().unwrap_or(0).min(text.len());
        let start = text[..first].rfind('\n').map_or(0, |at| at + 1);
        let end = text[last..].find('\n').map_or(text.len(), |at| last + at);
        (&text[start..end], usize::try_from(line).unwrap_or(1), start)
    }
}

/// The text with a sign of the same length for each control character of two bytes: terminals take some of
/// them for the beginning of a command, and the renderer shows them as they are.
fn visible_only(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '\u{80}'..='\u{9f}') { '·' } else { c }).collect()
}

fn near(one: &Place, other: &Place) -> bool {
    one.line.abs_diff(other.line) <= WINDOW_LINES_MAX
}

/// What is underlined of a place: its first line, without the spaces at its end.
fn visible(text: &str, span: Span) -> Span {
    let start = floor_char_boundary(text, span.start);
    let slice = &text[start..floor_char_boundary(text, span.end).max(start)];
    let first_line = slice.split('\n').next().unwrap_or_default().trim_end();
    Span { start, end: start + first_line.len() }
}
