//! Any YAML, as JSON: what is handed to a filter. Scalars mean what YAML 1.2's core schema says.

use super::{Reading, Shape, Text};
use crate::spec::Code;
use crate::spec::node::{Kind, Node, Style};
use crate::spec::substitute::Origin;
use serde_json::{Number, Value};

pub(in crate::spec) struct Free {
    pub value: Value,
}

impl Shape for Free {
    fn read_sound(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        value(node, reading).map(|value| Self { value })
    }
}

fn value(node: &Node, reading: &mut Reading<'_>) -> Option<Value> {
    match &node.kind {
        Kind::Broken => None,
        Kind::Scalar(scalar) if scalar.is_null() => Some(Value::Null),
        Kind::Scalar(scalar) => {
            let text = Text::read(node, reading)?;
            // What comes from the environment stays a text, so that it cannot change the structure.
            match scalar.style == Style::Plain && text.origin == Origin::Literal {
                true => plain(text, reading),
                false => Some(Value::String(text.value)),
            }
        }
        Kind::List(nodes) => {
            let values: Vec<Option<Value>> = nodes.iter().map(|node| value(node, reading)).collect();
            values.into_iter().collect::<Option<Vec<Value>>>().map(Value::Array)
        }
        Kind::Mapping(pairs) => {
            let read = |pair: &crate::spec::node::Pair| (pair.key.text.clone(), value(&pair.value, reading));
            let values: Vec<(String, Option<Value>)> = pairs.iter().map(read).collect();
            let values = values.into_iter().map(|(key, value)| Some((key, value?)));
            values.collect::<Option<serde_json::Map<_, _>>>().map(Value::Object)
        }
    }
}

/// YAML 1.2.2 §10.3.2, "Tag Resolution".
fn plain(text: Text, reading: &mut Reading<'_>) -> Option<Value> {
    let written = text.value.as_str();
    let unsigned = written.strip_prefix(['-', '+']).unwrap_or(written);
    match written {
        "true" | "True" | "TRUE" => return Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Some(Value::Bool(false)),
        _ => {}
    }
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(written, ".nan" | ".NaN" | ".NAN") {
        let message = format!("`{written}` has no form in JSON");
        reading.problem(Code::BadConfig, text.span, message, Some("quote it to hand it over as a text"));
        return None;
    }
    let radix =
        |prefix: &str, radix| written.strip_prefix(prefix).and_then(|s| u64::from_str_radix(s, radix).ok());
    if let Some(number) = radix("0x", 16).or_else(|| radix("0o", 8)) {
        return Some(Value::Number(number.into()));
    }
    let starts_like_number = unsigned.trim_start_matches('.').starts_with(|c: char| c.is_ascii_digit());
    if starts_like_number {
        let bare = written.strip_prefix('+').unwrap_or(written);
        if let Ok(number) = bare.parse::<i64>() {
            return Some(Value::Number(number.into()));
        }
        if let Ok(number) = bare.parse::<u64>() {
            return Some(Value::Number(number.into()));
        }
        if let Some(number) = bare.parse::<f64>().ok().and_then(Number::from_f64) {
            return Some(Value::Number(number));
        }
    }
    Some(Value::String(text.value))
}

inline_schema!(Free, |_generator| schemars::json_schema!({
    "type": ["object", "array", "string", "number", "boolean"]
}));
