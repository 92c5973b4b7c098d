//! The one escaper: foreign text on its way to a terminal or a log line. Never alters what it means
//! to a reader, only what it could do to a terminal or to the CI that reads the log.
//!
//! What is foreign: whatever a registry, a file or another program said. Control characters could
//! drive the terminal, line ends could fake lines, bidirectional overrides could turn lines around.
//!
//! And some texts are commands to who reads the log: `::name::` at the start of a line (GitHub),
//! `##[name]` (GitHub, Azure), `##vso[name]` (Azure) and `##teamcity[name]` anywhere, `---`, `+++` and
//! `~~~` at the start of a line (Buildkite), `section_start:` and `section_end:` (GitLab) anywhere.

use std::fmt::{self, Display, Write};

/// Longest text that is shown, in characters; GitHub cuts its annotations at 4096.
pub const CHARS_MAX: usize = 2_000;

/// Shows `T` escaped and cut to [`CHARS_MAX`].
#[derive(Debug, Clone, Copy)]
pub struct Foreign<T>(pub T);

impl<T: Display> Display for Foreign<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut escaper = Escaper { out: f, written: 0, recent: Recent::default() };
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
    let mut recent = Recent::middle();
    for c in text.chars() {
        let harmless = c == '\n' || !(is_invisible(c) || recent.makes_command(c));
        recent.take(c);
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

/// Lines for a CI: what was composed of our words, our colours and escaped text, with nothing left in
/// it that a runner would take for a command of ours.
///
/// It is the second net: text that is foreign went through [`Foreign`] already, but two harmless
/// pieces may make a command together, and not every line is made by us.
pub fn lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut recent = Recent::default();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        // A colour is not seen by who looks for the start of a line.
        let (seen, after) = rest.split_at(colour_bytes(rest).unwrap_or(c.len_utf8()));
        rest = after;
        match c {
            _ if seen.len() > c.len_utf8() => out.push_str(seen),
            '\n' | '\r' => {
                out.push(c);
                recent = Recent::default();
            }
            c => {
                if recent.makes_command(c) {
                    out.push('\\');
                }
                recent.take(c);
                out.push(c);
            }
        }
    }
    out
}

/// The length of the colour that `text` starts with: `ESC [ 1 ; 31 m`.
fn colour_bytes(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let end = parameters.find(|c: char| !(c.is_ascii_digit() || c == ';'))?;
    parameters[end..].starts_with(|c: char| c.is_ascii_alphabetic()).then_some(2 + end + 1)
}

/// What was just written, as far as it could begin a command.
#[derive(Debug, Clone, Copy)]
struct Recent {
    lead: Lead,
    hashes: Hashes,
    /// The last characters, those that are not ASCII as 0.
    tail: [u8; TAIL],
}

/// The longest of [`MARKERS`].
const TAIL: usize = "section_start".len();
/// What GitLab takes for the start or the end of a section, anywhere, when a `:` follows.
const MARKERS: [&[u8]; 2] = [b"section_start", b"section_end"];

/// How a line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead {
    /// With nothing but blanks: .NET, which reads it at GitHub, has many of them.
    Blank,
    /// After that, so many of one of `:-+~`.
    Run(char, u8),
    /// With text that begins no command.
    Text,
}

/// Whether `##name[` is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hashes {
    None,
    /// One `#`.
    One,
    /// `##`, perhaps with a word after it.
    Two,
}

impl Default for Recent {
    fn default() -> Self {
        Self { lead: Lead::Blank, hashes: Hashes::None, tail: [0; TAIL] }
    }
}

impl Recent {
    /// The middle of a line.
    fn middle() -> Self {
        Self { lead: Lead::Text, ..Self::default() }
    }

    fn makes_command(&self, c: char) -> bool {
        match c {
            ':' if self.lead == Lead::Run(':', 1) => true,
            // Buildkite opens and closes groups so.
            '-' | '+' | '~' => self.lead == Lead::Run(c, 2),
            '[' => self.hashes == Hashes::Two,
            ':' => MARKERS.iter().any(|marker| self.tail.ends_with(marker)),
            _ => false,
        }
    }

    fn take(&mut self, c: char) {
        self.lead = match (self.lead, c) {
            (Lead::Blank, c) if c.is_whitespace() => Lead::Blank,
            (Lead::Blank, ':' | '-' | '+' | '~') => Lead::Run(c, 1),
            (Lead::Run(of, count), c) if c == of => Lead::Run(of, count.saturating_add(1)),
            _ => Lead::Text,
        };
        self.hashes = match (self.hashes, c) {
            (Hashes::One | Hashes::Two, '#') => Hashes::Two,
            (_, '#') => Hashes::One,
            (Hashes::Two, c) if c.is_ascii_alphanumeric() => Hashes::Two,
            _ => Hashes::None,
        };
        self.tail.rotate_left(1);
        self.tail[TAIL - 1] = u8::try_from(c).ok().filter(u8::is_ascii).unwrap_or(0);
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
            self.recent.take(c);
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
pub(crate) mod tests;
