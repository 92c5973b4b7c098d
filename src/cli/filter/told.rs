//! How people are told what is wrong with a filter, and what it said: escaped, and never at the start
//! of a line.

use crate::cli::setting::Setting;
use crate::filter::{FilterError, Level, Line};
use crate::report::Detail;
use crate::report::escape::foreign;
use serde_json::{Value, json};

/// How many lines of a log are shown, unless everything is asked for: the last ones are nearest to
/// what went wrong.
const LOG_LINES_SHOWN_MAX: usize = 20;

/// Says on stderr what is wrong with a filter.
pub(super) fn say(setting: &Setting, error: &FilterError) {
    for line in error_lines(error, setting.detail()) {
        setting.screen.line(&line);
    }
}

/// What is wrong with a filter: the cause, where it has more lines those, what it logged before, and
/// what can be done.
pub(super) fn error_lines(error: &FilterError, detail: Detail) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (number, line) in error.to_string().lines().enumerate() {
        let start = if number == 0 { "error: " } else { "  | " };
        lines.push(format!("{start}{}", foreign(line)));
    }
    lines.extend(log_lines(&error.log, detail));
    lines.extend(error.hint.as_ref().map(|hint| format!("  what to do: {}", foreign(hint))));
    lines
}

/// What a filter logged, one line for each of its lines.
pub(super) fn log_lines(log: &[Line], detail: Detail) -> Vec<String> {
    let line = |Line { level, message }: &Line| {
        let word = word(*level);
        let split: Vec<&str> = if message.is_empty() { vec![""] } else { message.lines().collect() };
        split.into_iter().map(|text| format!("  log {word}: {}", foreign(text))).collect::<Vec<_>>()
    };
    let mut lines: Vec<String> = log.iter().flat_map(line).collect();
    if detail == Detail::Changes && lines.len() > LOG_LINES_SHOWN_MAX {
        let left_out = lines.len() - LOG_LINES_SHOWN_MAX;
        lines.drain(..left_out);
        lines.insert(0, format!("  log: {left_out} lines before these; -v shows them"));
    }
    lines
}

/// The same for programs.
pub(super) fn error_json(error: &FilterError) -> Value {
    let FilterError { filter: _, fault, message, hint, blamed, log } = error;
    let blamed = blamed.as_ref().map(|image| {
        json!({ "repository": image.repository, "tag": image.tag, "position": image.position, "of": image.of })
    });
    json!({
        "fault": format!("{fault:?}").to_lowercase(),
        "message": message,
        "hint": hint,
        "image": blamed,
        "log": log_json(log),
    })
}

/// What a filter logged, for programs.
pub(super) fn log_json(log: &[Line]) -> Value {
    log.iter().map(|Line { level, message }| json!({ "level": word(*level), "message": message })).collect()
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{Blamed, Fault};

    #[test]
    fn an_error_tells_where_why_what_was_said_and_what_to_do() {
        let line = |level, message: &str| Line { level, message: message.to_owned() };
        let error = FilterError {
            filter: "minors.wasm".to_owned(),
            fault: Fault::Crash,
            message: "it panicked\nTraceback:\n::error::owned \u{1b}[31m ##[error]".to_owned(),
            hint: Some("look at the log".to_owned()),
            blamed: Some(Blamed {
                repository: "docker.io/library/nginx".to_owned(),
                tag: "1.13.37".parse().expect("a tag"),
                position: 688,
                of: 1000,
            }),
            log: vec![line(Level::Info, "one\n::set-output name=a::b"), line(Level::Warn, "")],
        };
        insta::assert_snapshot!(error_lines(&error, Detail::Changes).join("\n"));
        let json = error_json(&error);
        assert_eq!((&json["fault"], &json["image"]["position"]), (&json!("crash"), &json!(688)));
    }

    #[test]
    fn of_a_long_log_the_end_is_shown() {
        let log: Vec<Line> =
            (0..100).map(|n| Line { level: Level::Debug, message: format!("line {n}") }).collect();
        let shown = log_lines(&log, Detail::Changes);
        assert_eq!(shown.len(), LOG_LINES_SHOWN_MAX + 1);
        assert_eq!(shown[0], "  log: 80 lines before these; -v shows them");
        assert_eq!(shown[20], "  log debug: line 99");
        assert_eq!(log_lines(&log, Detail::All).len(), 100);
    }
}
