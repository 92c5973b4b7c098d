//! Mappings with known keys: reading them, and their JSON Schema. Unknown keys are told what was meant.

use super::{Reading, Shape};
use crate::spec::node::{Kind, Node, Pair};
use crate::spec::{Code, suggest};
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// A mapping with known keys. Implemented by the macro `shape!` only.
pub(in crate::spec) trait Object: Shape {
    /// What it is, for messages: "a rule".
    const WHAT: &'static str;
    const DESCRIPTION: &'static str;
    const UNKNOWN_KEYS: UnknownKeys;

    fn keys() -> Vec<KeySpec>;

    /// Reads each key; what is wrong is reported.
    fn take(pairs: &[Pair], slips: &[&str], reading: &mut Reading<'_>) -> Self;
}

/// What happens to keys that an object does not have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::spec) enum UnknownKeys {
    Refused,
    /// Those that start with `x-` are let through, for anchors to stand in.
    Extensible,
    /// Refused, and their values hidden: a slip in `password` shows no password.
    Hidden,
}

/// One key of an object.
pub(in crate::spec) struct KeySpec {
    pub key: &'static str,
    pub description: &'static str,
    pub example: fn() -> Value,
    pub required: bool,
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

const EXTENSION_PREFIX: &str = "x-";

pub(super) fn read<T: Object>(node: &Node, reading: &mut Reading<'_>) -> Option<T> {
    let what = T::WHAT;
    let Kind::Mapping(pairs) = &node.kind else {
        let message = format!("{what} is a mapping of keys, and this is {}", node.what());
        let keys: Vec<&str> = T::keys().iter().map(|spec| spec.key).take(3).collect();
        let help = format!("its keys are `{}` and so on; write `key: value`", keys.join("`, `"));
        reading.problem(Code::WrongType, node.span, message, Some(help));
        return None;
    };
    let keys = T::keys();
    let mut slips = Vec::new();
    for Pair { key, value } in pairs {
        let extension = T::UNKNOWN_KEYS == UnknownKeys::Extensible && key.text.starts_with(EXTENSION_PREFIX);
        if !extension && !reading.is_full() && !keys.iter().any(|spec| spec.key == key.text) {
            let known: Vec<&'static str> = keys.iter().map(|spec| spec.key).collect();
            let message = format!("{what} has no key `{}`", suggest::shortened(&key.text));
            let advice = suggest::for_key(&key.text, &known);
            slips.extend(advice.meant);
            if T::UNKNOWN_KEYS == UnknownKeys::Hidden {
                reading.secrets.push(value.span);
            }
            reading.problem(Code::UnknownKey, key.span, message, Some(advice.help));
        }
    }
    for spec in keys.iter().filter(|spec| spec.required) {
        if !slips.contains(&spec.key) && !pairs.iter().any(|pair| pair.key.text == spec.key) {
            let message = format!("{what} needs the key `{}`", spec.key);
            let help = format!("for example `{}: {}`", spec.key, suggest::as_yaml(&(spec.example)()));
            let at = pairs.first().map_or(node.span, |pair| pair.key.span);
            reading.problem(Code::MissingKey, at, message, Some(help));
        }
    }
    Some(T::take(pairs, &slips, reading))
}

pub(super) fn schema<T: Object>(generator: &mut SchemaGenerator) -> Schema {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for KeySpec { key, description, example, required: needed, schema } in T::keys() {
        let mut property = schema(generator);
        property.insert("description".to_owned(), json!(one_line(description)));
        property.insert("examples".to_owned(), json!([example()]));
        properties.insert(key.to_owned(), property.to_value());
        if needed {
            required.push(key);
        }
    }
    let mut schema = schemars::json_schema!({
        "type": "object",
        "description": one_line(T::DESCRIPTION),
        "additionalProperties": false,
        "properties": properties,
    });
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    if T::UNKNOWN_KEYS == UnknownKeys::Extensible {
        schema.insert("patternProperties".to_owned(), json!({ format!("^{EXTENSION_PREFIX}"): {} }));
    }
    schema
}

/// Joins the lines of a doc comment.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
