//! What a filter says while it runs: messages, and what it prints. Bounded; never a result.

use super::cut::cut;
use super::limits::{LOG_BYTES_MAX, MESSAGE_BYTES_MAX};
use super::{Level, Line};

/// Beginnings of lines that say nothing of what went wrong: how Rust frames a panic, and what
/// componentize-py says after a traceback.
const EMPTY_WORDS: &[&str] =
    &["note: ", "stack backtrace:", "thread '", "Python function threw an unexpected exception"];

/// The messages of one call.
#[derive(Debug, Default)]
pub(super) struct Log {
    lines: Vec<Line>,
    bytes: usize,
    is_full: bool,
    /// The lines that have not ended yet.
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

/// Where a filter can print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    Stdout,
    Stderr,
}

impl Log {
    /// Takes a message.
    pub(super) fn emit(&mut self, level: Level, message: String) {
        if self.is_full {
            return;
        }
        let message = cut(message, MESSAGE_BYTES_MAX);
        if self.bytes + message.len() > LOG_BYTES_MAX {
            self.is_full = true;
            let message = format!("what follows is left out: more than {} KiB", LOG_BYTES_MAX >> 10);
            self.lines.push(Line { level: Level::Warn, message });
            return;
        }
        self.bytes += message.len();
        self.lines.push(Line { level, message });
    }

    /// Takes what was printed; each line becomes a message.
    pub(super) fn print(&mut self, output: Output, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let partial = self.partial(output);
            let (piece, ends) = match piece.strip_suffix(b"\n") {
                Some(piece) => (piece, true),
                None => (piece, false),
            };
            // One more than fits, so that it shows that it was cut.
            let room = (MESSAGE_BYTES_MAX + 1).saturating_sub(partial.len());
            partial.extend_from_slice(&piece[..piece.len().min(room)]);
            if ends {
                self.end_line(output);
            }
        }
    }

    /// Everything, once the call is over.
    pub(super) fn finish(mut self) -> Vec<Line> {
        for output in [Output::Stdout, Output::Stderr] {
            if !self.partial(output).is_empty() {
                self.end_line(output);
            }
        }
        self.lines
    }

    fn end_line(&mut self, output: Output) {
        let bytes = std::mem::take(self.partial(output));
        let text = String::from_utf8_lossy(&bytes);
        self.emit(Level::Info, text.trim_end_matches('\r').to_owned());
    }

    fn partial(&mut self, output: Output) -> &mut Vec<u8> {
        match output {
            Output::Stdout => &mut self.stdout,
            Output::Stderr => &mut self.stderr,
        }
    }
}

/// The last line that says something: of a panic its text, of a traceback the exception.
pub(super) fn last_words(lines: &[Line]) -> Option<&str> {
    let lines = lines.iter().rev().flat_map(|line| line.message.lines().rev());
    lines.map(str::trim).find(|line| {
        !line.is_empty() && !EMPTY_WORDS.iter().any(|empty| line.starts_with(empty)) && !is_frame(line)
    })
}

/// `at decide (filter.js:3)` and `0: core::panicking::panic`.
fn is_frame(line: &str) -> bool {
    let number = line.split_once(": ").is_some_and(|(number, _)| number.parse::<u32>().is_ok());
    number || line.starts_with("at ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Option<String> {
        let mut log = Log::default();
        log.print(Output::Stderr, text.as_bytes());
        last_words(&log.finish()).map(str::to_owned)
    }

    #[test]
    fn the_last_words_are_those_that_say_what_went_wrong() {
        let rust = "\nthread '<unnamed>' (1) panicked at src/lib.rs:17:120:\nindex out of bounds: the len is 0\nnote: run with `RUST_BACKTRACE=1`\n";
        assert_eq!(words(rust).as_deref(), Some("index out of bounds: the len is 0"));
        let python = "Traceback (most recent call last):\n  File \"/0/app.py\", line 13, in decide\nKeyError: 'x'\n\nthread '<unnamed>' (1) panicked at runtime/src/lib.rs:1293:29:\nPython function threw an unexpected exception\nnote: run with\n";
        assert_eq!(words(python).as_deref(), Some("KeyError: 'x'"));
        let javascript = "TypeError: no such thing\n    at decide (filter.js:3)\n    at <anonymous>\n";
        assert_eq!(words(javascript).as_deref(), Some("TypeError: no such thing"));
        assert_eq!(words("stack backtrace:\n   0: core::panicking::panic\n  12: main\n"), None);
        assert_eq!(words("\n \n"), None);
    }

    #[test]
    fn what_is_printed_is_cut_into_lines_and_long_ones_are_shortened() {
        let mut log = Log::default();
        log.print(Output::Stdout, &[b'a'; MESSAGE_BYTES_MAX]);
        log.print(Output::Stdout, &[b'a'; 9]);
        log.print(Output::Stdout, b"\n\nb");
        let lines = log.finish();
        let messages: Vec<&str> = lines.iter().map(|line| line.message.as_str()).collect();
        assert_eq!(messages, [&*format!("{} [cut]", "a".repeat(MESSAGE_BYTES_MAX)), "", "b"]);
    }
}
