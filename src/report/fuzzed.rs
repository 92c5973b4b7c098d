//! What holds for foreign text in reports, whatever the bytes are.

use super::escape::{CHARS_MAX, foreign, json, lines};
use super::{Command, Detail, Format, Run, sample};
use crate::colour::Colour;
use serde_json::Value;

/// Foreign text: pieces of it with zero bytes between them. Escaped, or in a report of any format, it stays
/// in its place, and no reader of that format or of a log takes it for a command.
pub fn escapers(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let texts: Vec<String> = text.split('\0').map(str::to_owned).collect();
    let shown: Vec<String> = texts.iter().map(foreign).collect();
    for shown in &shown {
        assert!(!shown.contains(is_active), "{shown:?}");
        assert_eq!(commands(shown), Vec::<String>::new());
        // Each character is shown by ten at most: `\u{10ffff}`.
        assert!(shown.chars().count() <= CHARS_MAX * 10 + 1);
    }
    for log in [lines(&text), lines(&shown.concat())] {
        assert_eq!(commands(&log), Vec::<String>::new());
        assert_eq!(lines(&log), log);
    }
    let value = Value::from(texts.clone());
    let document = json(&value.to_string());
    assert!(!document.contains(is_active) && commands(&document).is_empty(), "{document}");
    assert_eq!(serde_json::from_str::<Value>(&document).expect("JSON"), value);
    // The same run with words in the place of the texts: one for each that is another.
    let word = |text: &String| {
        let first = texts.iter().position(|other| other == text).unwrap_or_default();
        if text.trim().is_empty() { text.clone() } else { format!("word {first}") }
    };
    let words: Vec<String> = texts.iter().map(word).collect();
    let plain = sample::with_texts(sample::full_run(Command::Sync), &words);
    let run = sample::with_texts(sample::full_run(Command::Sync), &texts);
    Format::ALL.iter().for_each(|format| keeps_its_shape(*format, &plain, &run));
    for colour in [Colour::Never, Colour::Always] {
        let text = super::text::render(&run, &[], Detail::All, colour);
        assert_eq!(commands(&lines(&text)), Vec::<String>::new());
    }
    shown.concat() == text
}

/// A report has the shape that it has with harmless text, in what its readers mind.
fn keeps_its_shape(format: Format, plain: &Run, run: &Run) {
    let (expected, text) = (format.render(plain), format.render(run));
    let name = format.name();
    assert!(!text.contains(|c: char| is_active(c) && c != '\n'), "{name}: {text:?}");
    let shape = |text: &str| match format {
        // Each line is a record.
        Format::Jsonl | Format::OpenMetrics | Format::Prometheus | Format::Dotenv => text.lines().count(),
        // Each of these begins an element, a comment or a section.
        Format::Junit => text.matches('<').count(),
        // Nothing in a code span is HTML; but it ends with its cell.
        Format::Markdown | Format::Comment => {
            let outside: String = text.split('`').step_by(2).collect();
            text.matches(['|', '`']).count() + outside.matches('<').count()
        }
        Format::Json | Format::Sarif | Format::CodeQuality => elements(&read(text)),
    };
    assert_eq!(shape(&text), shape(&expected), "{name}: {text}");
    assert_eq!(commands(&text), commands(&expected), "{name}");
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// How many values there are in a document.
fn elements(value: &Value) -> usize {
    1 + match value {
        Value::Array(list) => list.iter().map(elements).sum::<usize>(),
        Value::Object(map) => map.values().map(elements).sum(),
        _ => 0,
    }
}

/// What does something to a terminal or to the order of the text, by its Unicode categories: a second
/// opinion, written without the escaper.
fn is_active(c: char) -> bool {
    c.is_control()
        || ('\u{200b}'..='\u{200f}').contains(&c)
        || ('\u{2028}'..='\u{202e}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c)
        || c == '\u{feff}'
}

/// The lines of a log that a runner takes for a command, as those who make them read logs: a second opinion,
/// written without the escaper.
pub(crate) fn commands(log: &str) -> Vec<String> {
    log.split(['\n', '\r']).filter(|line| is_command(line)).map(str::to_owned).collect()
}

fn is_command(line: &str) -> bool {
    let bare = without_colours(line);
    let start = bare.trim_start();
    // GitHub, and the groups of Buildkite.
    ["::", "---", "+++", "~~~"].iter().any(|lead| start.starts_with(lead))
        // GitLab.
        || ["section_start:", "section_end:"].iter().any(|marker| line.contains(marker))
        // GitHub's first version, Azure and TeamCity.
        || line.match_indices("##").any(|(at, _)| {
            line[at + 2..].trim_start_matches(|c: char| c.is_ascii_alphanumeric()).starts_with('[')
        })
}

/// The line without `ESC [ 1 ; 31 m`.
fn without_colours(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let mut bare = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let after = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        match after.chars().next() {
            Some(end) if end.is_ascii_alphabetic() => bare.push_str(&after[1..]),
            _ => bare.extend(["\u{1b}[", part]),
        }
    }
    bare
}
