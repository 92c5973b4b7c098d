//! JSON as people keep it: what fits on a line is on one line.

use serde_json::Value;
use std::fmt::Write as _;

/// Longest line that holds more than one value, in characters.
const LINE_CHARS_MAX: usize = 100;
/// Spaces for each level.
const INDENT: usize = 2;

/// Whether an object or a list that fits on a line may be on one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    /// Only when it does not fit.
    WhenLong,
    /// Each of its members has a line of its own: changes of one are changes of one line.
    Always,
}

/// `value` laid out. Its first line begins in `column`, the others with `indent` spaces or more.
pub(super) fn laid_out(value: &Value, open: Open, indent: usize, column: usize) -> String {
    let short = one_line(value);
    let is_parted = matches!(value, Value::Array(items) if !items.is_empty())
        || matches!(value, Value::Object(members) if !members.is_empty());
    let fits = column + short.chars().count() < LINE_CHARS_MAX;
    if !is_parted || (fits && open == Open::WhenLong) {
        return short;
    }
    let inner = indent + INDENT;
    let margin = " ".repeat(inner);
    let lines: Vec<String> = match value {
        Value::Array(items) => items
            .iter()
            .map(|item| format!("{margin}{}", laid_out(item, Open::WhenLong, inner, inner)))
            .collect(),
        Value::Object(members) => {
            let line = |(key, value): (&String, &Value)| {
                let key_text = format!("{margin}{}: ", Value::from(key.as_str()));
                let open = if key == "expect" { Open::Always } else { Open::WhenLong };
                let value = laid_out(value, open, inner, key_text.chars().count());
                format!("{key_text}{value}")
            };
            members.iter().map(line).collect()
        }
        _ => Vec::new(),
    };
    let (start, end) = if value.is_array() { ('[', ']') } else { ('{', '}') };
    format!("{start}\n{}\n{}{end}", lines.join(",\n"), " ".repeat(indent))
}

/// `value` on one line, with a space where people put one.
pub(super) fn one_line(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(one_line).collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let mut text = String::from("{ ");
            for (at, (key, value)) in members.iter().enumerate() {
                let comma = if at == 0 { "" } else { ", " };
                write!(text, "{comma}{}: {}", Value::from(key.as_str()), one_line(value))
                    .expect("a String takes everything");
            }
            text + " }"
        }
        scalar => scalar.to_string(),
    }
}
