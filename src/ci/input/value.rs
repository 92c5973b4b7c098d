//! The values of inputs: lists, words, times, variables. What is wrong is told with what is allowed.

use serde_json::Value;
use std::time::Duration;

/// A time such as `50m`.
///
/// # Errors
/// What to write instead.
pub fn deadline(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|why| format!("write a time such as 50m or 1h30m: {why}"))
}

/// A variable of the spec: `NAME=VALUE`.
///
/// # Errors
/// What to write instead.
pub fn variable(text: &str) -> Result<(String, String), String> {
    let named = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    match text.split_once('=') {
        Some((name, value)) if named(name) => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE, where NAME has letters, digits and `_`".to_owned()),
    }
}

/// The lines of a text, without empty ones; or the texts of a JSON list, as which Woodpecker hands over
/// lists.
pub(super) fn lines(text: &str) -> Result<Vec<String>, String> {
    if text.trim_start().starts_with('[')
        && let Ok(items) = serde_json::from_str::<Vec<Value>>(text)
    {
        let text = |item: Value| match item {
            Value::String(text) => Ok(text),
            Value::Number(number) => Ok(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                Err("a list of texts belongs here".to_owned())
            }
        };
        return items.into_iter().map(text).collect();
    }
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

/// Lines, of which each may have several texts with commas between them.
pub(super) fn list(text: &str) -> Result<Vec<String>, String> {
    let lines = lines(text)?;
    let texts = lines.iter().flat_map(|line| line.split(',')).map(str::trim);
    Ok(texts.filter(|text| !text.is_empty()).map(str::to_owned).collect())
}

/// One of `words`.
pub(super) fn choice(text: &str, words: &[&str]) -> Result<String, String> {
    let text = text.trim();
    match words.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(format!("there is no {text:?}; there is: {}", words.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_in_many_shapes() {
        let abc = ["a", "b", "c"];
        for text in ["a\nb\nc", "a\r\n\r\n b \nc\n", "[\"a\", \"b\", \"c\"]", "a,b,c", " a ,b\nc,"] {
            assert_eq!(list(text).expect("a list"), abc, "{text:?}");
        }
        assert_eq!(lines("{a,b}\nc").expect("lines"), ["{a,b}", "c"]);
        assert_eq!(lines("[a]*").expect("a glob is no JSON"), ["[a]*"]);
        assert_eq!(list("[1.5, \"b\"]").expect("a list"), ["1.5", "b"]);
        assert!(lines("[[1]]").is_err());
    }

    #[test]
    fn a_word_that_does_not_exist_is_told_with_those_that_do() {
        assert_eq!(choice(" plan ", &["plan", "sync"]).as_deref(), Ok("plan"));
        assert_eq!(
            choice("Plan", &["plan", "sync"]),
            Err("there is no \"Plan\"; there is: plan, sync".to_owned())
        );
    }
}
